import { CacheBudget } from '../stores/cache-budget.ts'
import { ManualClock, systemClock } from '../core/clock.ts'
import { MillraceError } from '../core/errors.ts'
import { silentLogger } from '../core/logger.ts'
import type { Logger } from '../core/logger.ts'
import { within } from '../core/within.ts'
import type { TopologyDefinition } from '../dsl/define-topology.ts'
import { globalTaskId } from '../runtime/application/global-task.ts'
import { logAndContinue } from '../runtime/errors/handlers.ts'
import type { AsyncOperator } from '../operators/operator.ts'
import type { MetricValue } from '../operators/task-metrics.ts'
import { compileSettings } from '../runtime/settings.ts'
import type { ApplicationOptions, Settings } from '../runtime/settings.ts'
import { topicNamer } from '../runtime/task/task-draft.ts'
import type { Task } from '../runtime/task/task.ts'
import type { SinkFactory, SinkRecord } from '../sinks/port.ts'
import type {
  KeyValueStore,
  SessionStore,
  StateStore,
  TimestampedKeyValueStore,
  TimestampedWindowStore,
  VersionedKeyValueStore,
  WindowStore,
} from '../stores/port.ts'
import type { OpenTaskStores } from '../stores/task-stores.ts'
import { checkSinks, checkStoreNames } from '../topology/check-start.ts'
import type { Topology } from '../topology/topology.ts'
import { batchOfOne, CaptureProducer, CaptureSink } from './capture.ts'
import type { CapturedRecord } from './capture.ts'
import { DriverTask } from './driver-task.ts'
import { ProducedRecords } from './produced-records.ts'
import { SerdePreparation } from './serde-preparation.ts'
import { PlainKeyValueStore, PlainWindowStore } from './store-facades.ts'
import { TestInputTopic, TestOutputTopic } from './test-topics.ts'
import type { TestInputOptions, TestSerdes } from './test-topics.ts'

/** Settings of the application, all optional (`applicationId` is `app` by default), and those of the driver itself. */
export interface TestDriverOptions extends Partial<ApplicationOptions> {
  /** The time of the wall clock at the start; 0 unless given. */
  readonly startMs?: number | undefined
  /** Default: nothing is logged. */
  readonly logger?: Logger | undefined
  /** The engine of the stores, which must open synchronously; stores in memory unless given. */
  readonly openStores?: OpenTaskStores | undefined
  /**
   * The sinks of the application: a `toSink` that names another sink is refused. Without this option every name is
   * accepted.
   */
  readonly sinks?: readonly SinkFactory[] | undefined
}

/**
 * Runs a topology without Kafka: the production task on a captured producer and a clock that only `advanceWallClock`
 * moves. As in Kafka Streams' driver, the whole topology is one task on partition 0, and stream time is
 * shared. A record is processed to the end, stream-time punctuations that are due fire, and everything is
 * committed. Produced records go to their output topics, and also back into the topology if a source reads the
 * topic.
 *
 * All methods except `prepare`, `settle` and `close` are synchronous. An error of the topology is thrown by the call
 * that caused it; the record that failed is skipped, and the next call continues after it.
 */
export class TopologyTestDriver {
  readonly #topology: Topology
  readonly #settings: Settings
  readonly #clock: ManualClock
  readonly #producer = new CaptureProducer()
  readonly #sinks = new Map<string, CaptureSink>()
  readonly #topicName: (name: string) => string
  readonly #storeNames: readonly string[]
  /** All subtopologies as one task. */
  readonly #local: DriverTask | undefined
  readonly #global: DriverTask | undefined
  readonly #outputs: ProducedRecords
  readonly #preparation = new SerdePreparation()
  #isClosed = false

  constructor(definition: Topology | TopologyDefinition, options: TestDriverOptions = {}) {
    const topology = 'build' in definition ? definition.build() : definition
    this.#topology = topology
    const preset: ApplicationOptions = { applicationId: 'app', changelogMode: 'each-put' }
    const { startMs = 0, logger: _, openStores: __, sinks, ...settings } = options
    this.#settings = compileSettings({ ...preset, ...settings }, 'test')
    checkStoreNames(topology.stores.keys())
    if (sinks !== undefined) checkSinks(topology, sinks)
    this.#clock = new ManualClock(startMs)
    this.#topicName = topicNamer(topology, this.#settings.applicationId)
    this.#outputs = new ProducedRecords(topology, this.#settings, this.#topicName)
    this.#preparation.prepareTopology(topology, this.#settings.applicationId, this.#topicName)
    for (const node of topology.nodes.values()) {
      if (node.kind !== 'processor' || node.operator.kind !== 'external-sink') continue
      this.#sinks.set(node.operator.sink, new CaptureSink())
    }
    const nodes = { global: [] as string[], local: [] as string[] }
    for (const part of topology.subtopologies) nodes[part.global ? 'global' : 'local'].push(...part.nodes)
    const globalStoreNames = [...topology.globalStores.keys()]
    const all = new Set(topology.subtopologies.flatMap(({ stores }) => stores))
    const storeNames = [...all].filter((name) => !topology.globalStores.has(name))
    this.#storeNames = [...storeNames, ...globalStoreNames]
    const shared = {
      topology,
      topicName: this.#topicName,
      cacheBudget: new CacheBudget(this.#settings.cacheBytesMax),
      producer: this.#producer,
      sinks: this.#sinks,
      clock: this.#clock,
      logger: options.logger ?? silentLogger,
      openStores: options.openStores,
    }
    if (nodes.global.length > 0) {
      this.#global = new DriverTask(shared, {
        ...globalTaskId,
        nodes: nodes.global,
        storeNames: globalStoreNames,
        // As Kafka Streams' driver: a global record that cannot be read is skipped, whatever the handler says.
        settings: { ...this.#settings, deserializationHandler: logAndContinue, deadLetterTopic: undefined },
        globalStores: { find: () => undefined },
      })
    }
    if (nodes.local.length > 0) {
      this.#local = new DriverTask(shared, {
        subtopology: 0,
        nodes: nodes.local,
        storeNames,
        settings: this.#settings,
        globalStores: { find: (name) => this.#globalStore(name) },
      })
    }
  }

  /** A topic to write typed records to; the topology must have a source that reads it. */
  createInputTopic<K, V>(name: string, serdes: TestSerdes<K, V>, options: TestInputOptions = {}): TestInputTopic<K, V> {
    this.#preparation.prepareBoth(serdes, name)
    const startMs = options.startMs ?? this.#clock.nowMs()
    return new TestInputTopic(name, serdes, { ...options, startMs }, (record) => this.pipeRaw(record))
  }

  /** A topic to read typed records from; the topology must write to it. */
  createOutputTopic<K, V>(name: string, serdes: TestSerdes<K, V>): TestOutputTopic<K, V> {
    this.#preparation.prepareBoth(serdes, name)
    return new TestOutputTopic(name, serdes, () => this.#outputs.queue(name))
  }

  /**
   * Waits until serdes of the topology and of the test topics made so far have loaded what they need. Only serdes with
   * a registry outside of this process need it, and your own serdes that have `prepare` or `resolve`.
   */
  async prepare(): Promise<void> {
    await this.#preparation.settled()
  }

  /** Pipes bytes as they are. Throws UNKNOWN_TOPIC when no source reads the topic. */
  pipeRaw(record: CapturedRecord): void {
    this.#checkOpen()
    this.#preparation.check()
    const local = this.#local?.reads(record.topic) ? this.#local : undefined
    const global = this.#global?.reads(record.topic) ? this.#global : undefined
    if (global === undefined && local === undefined) {
      throw new MillraceError('UNKNOWN_TOPIC', 'fatal', `no source of the topology reads ${record.topic}`)
    }
    if (local !== undefined) {
      this.#resolve(local, record)
      local.enqueue(record)
      this.#completeWork()
    }
    if (global !== undefined) this.#processGlobal(global, record)
  }

  /** Moves the wall clock; each due punctuation fires once. */
  advanceWallClock(byMs: number): void {
    this.#checkOpen()
    this.#clock.advance(byMs)
    this.#local?.task.punctuateWallClock()
    this.#local?.task.pump()
    this.#local?.commit()
    this.#completeWork()
  }

  /**
   * Waits for the results of asynchronous operators, and for everything that they cause. A result that fails goes to
   * the processing handler. Rejects with the error if the handler does not continue, and with NOT_SETTLED when a result
   * takes longer than `timeoutMs` of real time. The clock of the driver does not move in that time, so the timeouts of
   * the operators do not pass either.
   */
  async settle(timeoutMs = 4_000): Promise<void> {
    this.#checkOpen()
    const local = this.#local
    if (local === undefined) return
    const { task } = local
    const deadlineMs = systemClock.monotonicMs() + timeoutMs
    for (let pending = pendingOf(task); pending.length > 0; pending = pendingOf(task)) {
      for (const operator of pending) {
        const leftMs = Math.max(1, deadlineMs - systemClock.monotonicMs())
        await within(systemClock, task.drain(operator, Infinity), leftMs, () => notSettled(operator, timeoutMs))
      }
      local.commit()
      this.#completeWork()
    }
  }

  /** Topics that records were produced to, including changelog, repartition and dead-letter topics. */
  producedTopicNames(): ReadonlySet<string> {
    return new Set(this.#outputs.inOrder.map(({ topic }) => topic))
  }

  /**
   * All records that were produced since the start, to any topic, in order. Reading output topics does not change this
   * list.
   */
  producedRecords(): readonly CapturedRecord[] {
    return this.#outputs.inOrder
  }

  /** The documents that an external sink received, in order. Throws UNKNOWN_SINK when no `toSink` names it. */
  sinkRecords(name: string): readonly SinkRecord[] {
    const sink = this.#sinks.get(name)
    if (sink !== undefined) return sink.records
    const known = [...this.#sinks.keys()].join(', ') || 'none'
    throw new MillraceError('UNKNOWN_SINK', 'fatal', `the topology writes to no sink ${name}: it writes to ${known}`)
  }

  /** How many records were dropped since the start: late, duplicate, without a key where one is needed, or refused. */
  droppedRecords(): number {
    return (this.#local?.task.counters.dropped ?? 0) + (this.#global?.task.counters.dropped ?? 0)
  }

  /** The metrics that processors reported through `context.metrics`. */
  metrics(): { readonly counters: readonly MetricValue[]; readonly gauges: readonly MetricValue[] } {
    const all = [this.#local, this.#global].flatMap((part) => part?.task.counters.metrics ?? [])
    return { counters: all.flatMap((one) => one.counters()), gauges: all.flatMap((one) => one.gauges()) }
  }

  /** The wall clock of the driver, in milliseconds since the epoch. */
  wallClockMs(): number {
    return this.#clock.nowMs()
  }

  /** Any store, including global stores; throws UNKNOWN_STORE. */
  getStateStore(name: string): StateStore {
    this.#checkOpen()
    const store = this.#globalStore(name) ?? this.#local?.task.findStore(name)
    if (store !== undefined) return store
    throw new MillraceError('UNKNOWN_STORE', 'fatal', `the topology has no store named ${name}`)
  }

  /** All stores of the topology by name, including global stores. */
  getAllStateStores(): ReadonlyMap<string, StateStore> {
    return new Map(this.#storeNames.map((name) => [name, this.getStateStore(name)]))
  }

  /**
   * A key-value store. If the store keeps timestamps, as the stores of tables do, this view has only the values, and
   * rows that you put have the timestamp 0.
   */
  getKeyValueStore<K, V>(name: string): KeyValueStore<K, V> {
    if (this.#isTimestamped(name)) return new PlainKeyValueStore(this.getTimestampedKeyValueStore<K, V>(name))
    return this.#storeOfKind(name, 'key-value', 'lru')
  }

  /**
   * A key-value store whose values carry a timestamp, such as that of a table. Throws UNKNOWN_STORE, and STORE_KIND
   * for a store of another kind.
   */
  getTimestampedKeyValueStore<K, V>(name: string): TimestampedKeyValueStore<K, V> {
    return this.#storeOfKind(name, 'timestamped-key-value', this.#isTimestamped(name) ? 'lru' : '')
  }

  /** A versioned store. Throws UNKNOWN_STORE, and STORE_KIND for a store of another kind. */
  getVersionedKeyValueStore<K, V>(name: string): VersionedKeyValueStore<K, V> {
    return this.#storeOfKind(name, 'versioned')
  }

  /** As `getKeyValueStore`. */
  getWindowStore<K, V>(name: string): WindowStore<K, V> {
    if (this.#topology.stores.get(name)?.kind === 'timestamped-window') {
      return new PlainWindowStore(this.getTimestampedWindowStore<K, V>(name))
    }
    return this.#storeOfKind(name, 'window')
  }

  /**
   * A window store whose values carry a timestamp. Throws UNKNOWN_STORE, and STORE_KIND for a store of another kind.
   */
  getTimestampedWindowStore<K, V>(name: string): TimestampedWindowStore<K, V> {
    return this.#storeOfKind(name, 'timestamped-window')
  }

  /** A session store. Throws UNKNOWN_STORE, and STORE_KIND for a store of another kind. */
  getSessionStore<K, V>(name: string): SessionStore<K, V> {
    return this.#storeOfKind(name, 'session')
  }

  /**
   * Closes processors and stores; later calls throw. Rejects with the first error that a processor threw when it was
   * closed.
   */
  async close(): Promise<void> {
    this.#isClosed = true
    let failure: { readonly error: unknown } | undefined
    for (const part of [this.#local, this.#global]) {
      try {
        await part?.close()
      } catch (error) {
        failure ??= { error }
      }
    }
    if (failure !== undefined) throw failure.error
  }

  #storeOfKind<S extends StateStore>(name: string, ...kinds: string[]): S {
    const store = this.getStateStore(name)
    const kind = this.#topology.stores.get(name)?.kind ?? 'custom'
    if (kinds.includes(kind)) return store as S
    throw new MillraceError('STORE_KIND', 'fatal', `store ${name} is of kind ${kind}, not ${kinds[0]}`)
  }

  #isTimestamped(name: string): boolean {
    const spec = this.#topology.stores.get(name)
    return spec?.kind === 'timestamped-key-value' || (spec?.kind === 'lru' && spec.timestamped)
  }

  #checkOpen(): void {
    if (!this.#isClosed) return
    throw new MillraceError('DRIVER_CLOSED', 'fatal', 'the test driver is closed: create a new one for each test')
  }

  #globalStore(name: string): StateStore | undefined {
    return this.#topology.globalStores.has(name) ? this.#global?.task.findStore(name) : undefined
  }

  /** Lets serdes load what they need to read a record. */
  #resolve({ task }: DriverTask, record: CapturedRecord): void {
    this.#preparation.expect(
      task.resolve(batchOfOne(0, record)),
      `the data that a record of topic ${record.topic} needs`,
    )
    this.#preparation.check()
  }

  #processGlobal(global: DriverTask, record: CapturedRecord): void {
    this.#resolve(global, record)
    global.enqueue(record)
    while (global.process());
    global.commit()
  }

  #completeWork(): void {
    this.#capture()
    while (this.#local?.process()) {
      this.#local.commit()
      this.#capture()
    }
    // Records that were skipped, not processed, may have left dead letters.
    this.#capture()
  }

  #capture(): void {
    for (const record of this.#producer.take()) {
      this.#outputs.add(record)
      if (this.#local?.reads(record.topic)) this.#local.enqueue(record)
      if (this.#global?.reads(record.topic)) this.#processGlobal(this.#global, record)
    }
  }
}

function pendingOf(task: Task): readonly AsyncOperator[] {
  return task.asyncOperators.filter((operator) => operator.pending() > 0)
}

function notSettled(operator: AsyncOperator, timeoutMs: number): MillraceError {
  const message = `${operator.pending()} records of mapValuesAsync have no outcome after ${timeoutMs} ms, because their promises are still pending: settle them in the test, advanceWallClock for timeouts and retries, or pass settle() a longer time`
  return new MillraceError('NOT_SETTLED', 'fatal', message)
}
