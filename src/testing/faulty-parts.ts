import type { Admin, Consumer, KafkaDriver, Producer } from '../kafka/port.ts'
import type { Engine, EngineMap, OpenEngine } from '../stores/engine.ts'
import type { FaultPlan } from './fault-plan.ts'

/** Which methods of a part may fail; all of them return a promise. */
type Waiting<T> = { readonly [K in keyof T]: T[K] extends (...args: never[]) => Promise<unknown> ? K : never }[keyof T]

const consumerCalls: readonly Waiting<Consumer>[] = ['poll', 'committed', 'commit']
const producerCalls: readonly Waiting<Producer>[] = ['prepareTopics', 'flush']
const adminCalls: readonly Waiting<Admin>[] = [
  'listTopics',
  'describeTopics',
  'createTopics',
  'deleteRecords',
  'listOffsets',
]
const engineCalls: readonly Waiting<Engine>[] = ['write']

/** A driver whose calls fail as planned. Operations are named after the client: `app-thread-1-restore poll`. */
export function faultyDriver(
  driver: KafkaDriver,
  plan: FaultPlan,
  failNextSend: (error: unknown) => void,
): KafkaDriver {
  const sending = (producer: Producer, name: string): Producer =>
    new Proxy(producer, {
      get(target, property) {
        const member: unknown = Reflect.get(target, property, target)
        if (typeof member !== 'function') return member
        return (...args: unknown[]) => {
          const fault = property === 'send' ? plan.next(`${name} send`) : undefined
          if (fault !== undefined) failNextSend(fault.error)
          return member.apply(target, args) as unknown
        }
      },
    })
  return {
    consumer: (options) => faulty(driver.consumer(options), options.clientId, consumerCalls, plan),
    producer: (options) =>
      faulty(sending(driver.producer(options), options.clientId), options.clientId, producerCalls, plan),
    admin: () => faulty(driver.admin(), 'admin', adminCalls, plan),
    groupMember: (options) => driver.groupMember(options),
    health: () => driver.health(),
    close: () => driver.close(),
  }
}

/** Engines that fail as planned: when they are opened, and when they are written to. */
export function faultyEngine(openEngine: OpenEngine, plan: FaultPlan): OpenEngine {
  return (directory, logger) => {
    const engine = plan.run('engine open', () => openEngine(directory, logger))
    return faulty(readable(engine, plan), 'engine', engineCalls, plan)
  }
}

/** Its maps fail as planned when they are read. */
function readable(engine: Engine, plan: FaultPlan): Engine {
  const map = (name: string): EngineMap => {
    const real = engine.map(name)
    return {
      get: (key) => plan.run('engine read', () => real.get(key)),
      read: (...range) => plan.run('engine read', () => real.read(...range)),
      readOfKey: (...range) => plan.run('engine read', () => real.readOfKey(...range)),
      get approximateCount() {
        return real.approximateCount
      },
    }
  }
  return {
    map,
    mapNames: engine.mapNames,
    meta: (key) => engine.meta(key),
    write: (batch) => engine.write(batch),
    close: () => engine.close(),
    wipe: () => engine.wipe(),
  }
}

function faulty<T extends object>(part: T, name: string, methods: readonly (keyof T)[], plan: FaultPlan): T {
  return new Proxy(part, {
    get(target, property) {
      const member: unknown = Reflect.get(target, property, target)
      if (typeof member !== 'function') return member
      if (!methods.includes(property as keyof T)) return member.bind(target) as unknown
      return (...args: unknown[]) =>
        plan.runLater(`${name} ${String(property)}`, () => member.apply(target, args) as Promise<unknown>)
    },
  })
}
