import { StreamsBuilder } from '../../../src/dsl/streams-builder.ts'
import { createMemoryDriver } from '../../../src/kafka/memory/driver.ts'
import type { Consumer, GroupMember, KafkaDriver, TransactionalProducer } from '../../../src/kafka/port.ts'
import type { Application } from '../../../src/runtime/application/application.ts'
import type { ApplicationOptions } from '../../../src/runtime/settings.ts'
import { string } from '../../../src/serde/primitives.ts'
import type { SimulatedWorld } from '../../../src/testing/simulator.ts'
import type { Topology } from '../../../src/topology/topology.ts'

export const texts = { key: string(), value: string() }

/** Every update is an output and a changelog record of its own. */
export const everyUpdate: Partial<ApplicationOptions> = { cacheBytesMax: 0 }
export const exactlyOnce: Partial<ApplicationOptions> = {
  ...everyUpdate,
  processingGuarantee: 'exactly-once',
  sessionTimeoutMs: 3000,
  heartbeatIntervalMs: 500,
}

const textOf = (bytes: Uint8Array | null) => Buffer.from(bytes ?? []).toString()

/** The values of a topic's committed records, as texts. */
export function values(world: SimulatedWorld, topic: string): string[] {
  return world.read(topic).map(({ value }) => textOf(value))
}

/** The last value of each key. */
export function latest(world: SimulatedWorld, topic: string): Readonly<Record<string, string>> {
  return Object.fromEntries(world.read(topic).map(({ key, value }) => [textOf(key), textOf(value)]))
}

/** `k0: v0`, `k1: v1` and so on; the timestamps are the numbers. */
export function keyed(count: number): (readonly [string, string, number])[] {
  return Array.from({ length: count }, (_, index) => [`k${index}`, `v${index}`, index] as const)
}

/** From 1 to the number, as texts. */
export function oneTo(last: number): string[] {
  return Array.from({ length: last }, (_, index) => String(index + 1))
}

/** Counts the records of `in` by key; each count goes to `out`. */
export function countingByKey(): Topology {
  const builder = new StreamsBuilder()
  builder.stream('in', texts).groupByKey().count({ store: 'counts' }).toStream().mapValues(String).to('out', texts)
  return builder.build()
}

/** Counts the records of `in` by value, over a repartition topic; each count goes to `out`. */
export function countingByValue(): Topology {
  const builder = new StreamsBuilder()
  builder
    .stream('in', texts)
    .groupBy((_key, value) => value, { name: 'words', ...texts })
    .count({ store: 'counts' })
    .toStream()
    .mapValues(String)
    .to('out', texts)
  return builder.build()
}

/** Starts a process of the application `app` and waits until its tasks run. */
export async function started(
  world: SimulatedWorld,
  topology: Topology,
  options: Partial<ApplicationOptions> = everyUpdate,
  parts: Parameters<SimulatedWorld['application']>[2] = {},
): Promise<Application> {
  const application = world.application(topology, options, parts)
  await world.finish(application.start())
  await world.until(() => application.state === 'RUNNING')
  return application
}

/** Starts several processes, and waits until each has tasks. */
export async function startedTogether(
  world: SimulatedWorld,
  topology: () => Topology,
  processIds: readonly string[],
): Promise<Application[]> {
  const applications: Application[] = []
  for (const processId of processIds) {
    applications.push(await started(world, topology(), { ...everyUpdate, processId }))
  }
  await world.until(() => applications.every((application) => tasksOf(application).length > 0))
  return applications
}

/** The ids of the tasks that run. */
export function tasksOf(application: Application): readonly string[] {
  return application
    .status()
    .tasks.filter(({ state }) => state === 'RUNNING')
    .map(({ taskId }) => taskId)
}

export async function closeAll(world: SimulatedWorld, applications: readonly Application[]): Promise<void> {
  for (const application of applications) await world.finish(application.close())
}

/** Nothing is left to process in the topics. */
export async function processed(world: SimulatedWorld, ...topics: readonly string[]): Promise<void> {
  await world.until(() => topics.every((topic) => world.uncommitted('app', topic) === 0))
}

type Change<Part> = (part: Part) => Partial<Part>

/** A driver some of whose clients do something else. */
export function changedDriver(
  world: SimulatedWorld,
  changes: {
    restore?: Change<Consumer>
    input?: Change<Consumer>
    member?: Change<GroupMember>
    transactions?: Change<TransactionalProducer>
  },
): KafkaDriver {
  const driver = createMemoryDriver(world.cluster)
  return {
    ...driver,
    consumer: (options) => {
      const change = options.clientId.includes('restore') ? changes.restore : changes.input
      return changed(driver.consumer(options), change)
    },
    transactionalProducer: (options) => changed(driver.transactionalProducer(options), changes.transactions),
    groupMember: (options) => changed(driver.groupMember(options), changes.member),
  }
}

function changed<Part extends object>(part: Part, change: Change<Part> | undefined): Part {
  if (change === undefined) return part
  const calls = change(part)
  return new Proxy(part, {
    get(target, property) {
      const member: unknown = Reflect.get(property in calls ? calls : target, property)
      return typeof member === 'function' && !(property in calls) ? (member.bind(target) as unknown) : member
    },
  })
}
