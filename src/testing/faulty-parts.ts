import { consequenceOf } from '../core/errors.ts'
import type { MemoryCluster } from '../kafka/memory/cluster.ts'
import { MemoryGroupMember } from '../kafka/memory/group-member.ts'
import type {
  Admin,
  Consumer,
  GroupEvent,
  GroupMember,
  GroupMemberOptions,
  KafkaDriver,
  Producer,
  TransactionalProducer,
} from '../kafka/port.ts'
import type { Sink } from '../sinks/port.ts'
import type { Engine, EngineMap, OpenEngine } from '../stores/engine.ts'
import type { FaultPlan } from './fault-plan.ts'

/**
 * How a call of a port fails.
 * - `rejects`: what it returns does
 * - `throws`: it does at once
 * - `otherwise`: in its own way, below
 * - `never`: it returns what is known, or its contract rules it out
 */
export type CallKind = 'rejects' | 'throws' | 'otherwise' | 'never'

/** Every call of a port: one that is added does not compile before it is decided how it fails. */
export type CallKinds<Port> = { readonly [Call in keyof Port]-?: CallKind }

/** How each call of the ports fails in the simulation. A port that gains a call does not compile until it is here. */
export const driverCalls: CallKinds<KafkaDriver> = {
  consumer: 'throws',
  producer: 'throws',
  transactionalProducer: 'throws',
  admin: 'throws',
  groupProtocol: 'rejects',
  groupMember: 'throws',
  health: 'never',
  close: 'never',
}
export const consumerCalls: CallKinds<Consumer> = {
  assign: 'throws',
  unassign: 'throws',
  assignment: 'never',
  seek: 'throws',
  pause: 'throws',
  resume: 'throws',
  poll: 'rejects',
  wakeup: 'never',
  position: 'never',
  topicId: 'never',
  endOffset: 'never',
  committed: 'rejects',
  commit: 'rejects',
  close: 'rejects',
}
export const producerCalls: CallKinds<Producer> = {
  prepareTopics: 'rejects',
  partitionCount: 'never',
  send: 'otherwise',
  isFull: 'never',
  drained: 'never',
  flush: 'rejects',
  acknowledgedOffset: 'never',
  close: 'rejects',
}
export const transactionalProducerCalls: CallKinds<TransactionalProducer> = {
  ...producerCalls,
  initialize: 'rejects',
  isInTransaction: 'never',
  commit: 'rejects',
  abort: 'rejects',
}
export const adminCalls: CallKinds<Admin> = {
  listTopics: 'rejects',
  describeTopics: 'rejects',
  createTopics: 'rejects',
  createPartitions: 'rejects',
  deleteTopics: 'rejects',
  deleteRecords: 'rejects',
  describeTopicConfigs: 'rejects',
  alterTopicConfigs: 'rejects',
  listOffsets: 'rejects',
  listGroups: 'rejects',
  describeGroup: 'rejects',
  removeMember: 'rejects',
  groupOffsets: 'rejects',
  deleteGroups: 'rejects',
  close: 'rejects',
}
export const memberCalls: CallKinds<GroupMember> = {
  join: 'otherwise',
  poll: 'otherwise',
  acknowledge: 'otherwise',
  isSettled: 'never',
  metadata: 'never',
  waitsFor: 'never',
  failure: 'never',
  requestShutdown: 'otherwise',
  leave: 'otherwise',
}
export const engineCalls: CallKinds<Engine> = {
  map: 'otherwise',
  mapNames: 'never',
  meta: 'throws',
  write: 'rejects',
  queue: 'rejects',
  close: 'rejects',
  wipe: 'rejects',
}
export const engineMapCalls: CallKinds<EngineMap> = {
  get: 'throws',
  read: 'throws',
  readOfKey: 'throws',
  approximateCount: 'never',
}
export const sinkCalls: CallKinds<Sink> = {
  open: 'rejects',
  add: 'throws',
  isFull: 'never',
  pump: 'never',
  flush: 'rejects',
  discard: 'throws',
  close: 'rejects',
  status: 'throws',
}

/** A driver whose calls fail as planned. Operations are named after the client: `app-thread-1-restore poll`. */
export function faultyDriver(driver: KafkaDriver, plan: FaultPlan, cluster: MemoryCluster): KafkaDriver {
  const parts: KafkaDriver = {
    consumer: (options) => faulty(driver.consumer(options), options.clientId, consumerCalls, plan),
    producer: (options) => {
      const { clientId } = options
      return faulty(sending(driver.producer(options), clientId, plan, cluster), clientId, producerCalls, plan)
    },
    transactionalProducer: (options) => {
      const { clientId } = options
      const producer = sending(driver.transactionalProducer(options), clientId, plan, cluster)
      return faulty(producer, clientId, transactionalProducerCalls, plan)
    },
    admin: () => faulty(driver.admin(), 'admin', adminCalls, plan),
    groupProtocol: (request) => driver.groupProtocol(request),
    groupMember: (options) =>
      faulty(new FaultyMember(driver.groupMember(options), options, plan, cluster), 'member', memberCalls, plan),
    health: () => driver.health(),
    close: () => driver.close(),
  }
  return faulty(parts, 'driver', driverCalls, plan)
}

/** The record is taken, and does not arrive. */
function sending<P extends Producer>(producer: P, clientId: string, plan: FaultPlan, cluster: MemoryCluster): P {
  const calls: Pick<Producer, 'send'> = {
    send: (...record) => {
      const fault = plan.next(`${clientId} send`)
      if (fault !== undefined) cluster.faults.failNextSend(fault.error)
      producer.send(...record)
    },
  }
  return changed(producer, calls as Partial<P>)
}

/** It reports `failed`, or is removed from the group: before it looks, or before what it has done is acknowledged. */
class FaultyMember implements GroupMember {
  readonly #member: GroupMember
  readonly #options: GroupMemberOptions
  readonly #plan: FaultPlan
  readonly #cluster: MemoryCluster
  #failure: { readonly error: unknown } | undefined

  constructor(member: GroupMember, options: GroupMemberOptions, plan: FaultPlan, cluster: MemoryCluster) {
    this.#member = member
    this.#options = options
    this.#plan = plan
    this.#cluster = cluster
  }

  join(onEvent: () => void): void {
    this.#meet('member join')
    this.#member.join(onEvent)
  }

  poll(): GroupEvent | undefined {
    this.#meet('member poll')
    return this.#failure === undefined ? this.#member.poll() : { kind: 'failed', error: this.#failure.error }
  }

  acknowledge(): void {
    this.#meet('member acknowledge')
    this.#member.acknowledge()
  }

  /** A fatal fault is reported by the member itself; any other is an expired session. */
  #meet(operation: string): void {
    const fault = this.#plan.next(operation)
    if (fault === undefined) return
    if (consequenceOf(fault.error) === 'fatal') this.#failure = fault
    else this.#cluster.group(this.#options.groupId).fence(this.metadata().memberId)
  }

  get isSettled(): boolean {
    return this.#failure === undefined && this.#member.isSettled
  }

  get failure(): unknown {
    return this.#failure?.error ?? this.#member.failure
  }

  get waitsFor(): string | undefined {
    return this.#member.waitsFor
  }

  metadata() {
    return this.#member.metadata()
  }

  requestShutdown(): void {
    this.#meet('member requestShutdown')
    this.#member.requestShutdown()
  }

  /** Where the group does not hear of it, the member falls silent all the same. */
  async leave(...how: Parameters<GroupMember['leave']>): Promise<void> {
    const fault = this.#plan.next('member leave')
    if (fault === undefined || fault.lost) await this.#member.leave(...how)
    else if (this.#member instanceof MemoryGroupMember) this.#member.end()
    if (fault !== undefined) throw fault.error
  }
}

/** Engines that fail as planned: when they are opened, read and written to. */
export function faultyEngine(openEngine: OpenEngine, plan: FaultPlan): OpenEngine {
  return (directory, logger) => {
    const engine = plan.run('engine open', () => openEngine(directory, logger))
    const map = (name: string) => plan.run('engine map', () => faulty(engine.map(name), 'engine', engineMapCalls, plan))
    return faulty(changed(engine, { map }), 'engine', engineCalls, plan)
  }
}

/** A sink that fails as planned. */
export function faultySink(sink: Sink, plan: FaultPlan): Sink {
  return faulty(sink, 'sink', sinkCalls, plan)
}

/** With other calls in the place of its own. */
function changed<T extends object>(part: T, calls: Partial<T>): T {
  return new Proxy(part, {
    get(target, property) {
      const member: unknown = Reflect.get(property in calls ? calls : target, property)
      return typeof member === 'function' && !(property in calls) ? (member.bind(target) as unknown) : member
    },
  })
}

/** The part, with each of its calls under the plan. The name of an operation is the part and its call: `sink flush`. */
function faulty<T extends object>(part: T, name: string, kinds: CallKinds<T>, plan: FaultPlan): T {
  return new Proxy(part, {
    get(target, property) {
      const member: unknown = Reflect.get(target, property, target)
      if (typeof member !== 'function') return member
      const operation = `${name} ${String(property)}`
      const kind = (kinds as Readonly<Record<PropertyKey, CallKind | undefined>>)[property]
      const call = (args: unknown[]): unknown => member.apply(target, args) as unknown
      if (kind === 'throws') return (...args: unknown[]) => plan.run(operation, () => call(args))
      if (kind === 'rejects')
        return (...args: unknown[]) => plan.runLater(operation, () => call(args) as Promise<unknown>)
      return (...args: unknown[]) => call(args)
    },
  })
}
