import { MillraceError } from '../core/errors.ts'
import { quoted, told } from '../core/shown.ts'
import { unknownNames } from '../core/unknown-names.ts'
import type { Compression } from '../kafka/port.ts'
import type { TaskPlacement } from '../kafka/task-placement.ts'
import type { OperatorSettings } from '../operators/operator.ts'
import type { ChangelogMode } from '../stores/task-stores.ts'
import { nameFault } from '../topology/names.ts'
import type { TimestampExtractor } from '../topology/node.ts'
import { frozenOffsetReset, type OffsetResetPolicy, offsetResetFault } from '../topology/offset-reset.ts'
import { tagFaults } from './client-tags.ts'
import { type MemoryBudget, memoryBudgetOf } from './memory-budget.ts'
import { logAndContinue, logAndFail } from './errors/handlers.ts'
import type { DeserializationHandler, ProcessingHandler, ProductionHandler } from './errors/handlers.ts'

/** What a crash does to results: repeats some of them, or none. */
export type ProcessingGuarantee = 'at-least-once' | 'exactly-once'

/**
 * What happens to the application when a thread meets a fatal error: another thread takes its place, it ends in this
 * process, or it ends in all processes.
 */
export type UncaughtErrorChoice = 'replace-thread' | 'shut-down' | 'shut-down-application'
export type UncaughtErrorHandler = (error: unknown) => UncaughtErrorChoice

/** Where reading continues when a position is not in its log. */
export type OutOfRangePolicy = 'earliest' | 'latest' | 'fail'

/**
 * All settings of an application. Only `applicationId` is required; the defaults are those of Kafka Streams unless
 * the comment says otherwise.
 */
export interface ApplicationOptions {
  /** The name of the Kafka group, the prefix of internal topics, and the default of `clientId`. */
  readonly applicationId: string
  /** Name of this process in the brokers' logs and quotas. Default: the application id. */
  readonly clientId?: string | undefined
  /**
   * Identifies this process within the application, so that tasks stay with their state, and transactions of a process
   * that died are ended by its next start. No two processes may have the same one. Default: the client id with a random
   * part, which is kept in the state directory.
   */
  readonly processId?: string | undefined
  /**
   * `host:port` where this process answers queries of its state, for others that ask the group who has a key. Nothing
   * listens there because of it. Default: none.
   */
  readonly applicationServer?: string | undefined
  /** The directory of durable stores; undefined: all state is in memory. */
  readonly stateDirectory?: string | undefined
  /** How many stream threads share the tasks. Default 1. */
  readonly threads?: number | undefined
  /**
   * Where threads run. `worker`: each in a worker thread of Node, with a core, heap, connections and stores of its own; the
   * topology has to come from `importTopology`. `event-loop`: all on the event loop of the process, on one core. `auto`,
   * the default: `worker` for more than one thread of an imported topology, otherwise `event-loop`.
   */
  readonly threadKind?: 'auto' | 'worker' | 'event-loop' | undefined
  /**
   * `at-least-once`: what was processed since the last commit is processed again after a crash. `exactly-once`: outputs,
   * changelogs and offsets are committed in one transaction per thread (Java's `exactly_once_v2`), and readers with
   * `read_committed` see each result once; external sinks stay at-least-once. Default `at-least-once`.
   */
  readonly processingGuarantee?: ProcessingGuarantee | undefined
  /** The time between commits, in milliseconds. Default 30000 (30 s), with `exactly-once` 100. */
  readonly commitIntervalMs?: number | undefined
  /**
   * With `exactly-once`: how long the cluster keeps a transaction open before it aborts it, in milliseconds. Default
   * 10000 (10 s).
   */
  readonly transactionTimeoutMs?: number | undefined
  /** How many fetched records an input partition holds before it is paused. Default 1000. */
  readonly bufferedRecordsPerPartition?: number | undefined
  /**
   * How long a task waits, in milliseconds, for new records in an empty partition whose end it has read, so that
   * inputs are merged by time. 0 does not wait; -1 does not even wait for records that the brokers have. Default 0.
   */
  readonly maxTaskIdleMs?: number | undefined
  /**
   * Memory of the process, without the pages of its store files, in MiB: what caches and buffers may take at most
   * follows from it. At least 64. Default 0: the limit of the container, or none where there is none.
   */
  readonly memoryMegabytesMax?: number | undefined
  /**
   * Memory of the record caches of all threads, in bytes; each thread gets an equal part. 0: no caches. Default 10
   * MiB, less where `memoryMegabytesMax` is below 400.
   */
  readonly cacheBytesMax?: number | undefined
  /** The longest wait for new records while there is nothing to do, in milliseconds. Default 100. */
  readonly pollMs?: number | undefined
  /** How long the thread processes records before it does its other work, in milliseconds. */
  readonly processBudgetMs?: number | undefined
  /** With more changed entries than this in its stores, a task commits early. */
  readonly dirtyEntriesMax?: number | undefined
  /** How long a retriable error is retried before it becomes fatal, in milliseconds. */
  readonly taskTimeoutMs?: number | undefined
  /** The deadline of a commit, in milliseconds. Default 60000 (1 min). */
  readonly commitTimeoutMs?: number | undefined
  /** How long `start` waits for source topics that do not exist. */
  readonly missingTopicsTimeoutMs?: number | undefined
  /** How often to check for new matching topics and added partitions; Java's metadata.max.age.ms. */
  readonly topicRefreshIntervalMs?: number | undefined
  /** How long the state of tasks that moved away is kept, in milliseconds. */
  readonly stateCleanupDelayMs?: number | undefined
  /** How many other processes keep a copy of each task's state up to date. Default 0. */
  readonly standbyReplicas?: number | undefined
  /**
   * A task with state moves to another process once that process lacks at most this many records of its state; until
   * then it stays. Default 10000.
   */
  readonly acceptableRecoveryLag?: number | undefined
  /** How many tasks of the group are copied to their new processes concurrently, before they move there. Default 2. */
  readonly maxWarmupReplicas?: number | undefined
  /**
   * How often the group looks whether tasks may move to their new processes, in milliseconds; it also looks when a copy
   * has caught up. Default 600000 (10 min).
   */
  readonly probingRebalanceIntervalMs?: number | undefined
  /** Where this process is, such as `{ zone: 'a', rack: '7' }`. Default: none. */
  readonly clientTags?: Readonly<Record<string, string>> | undefined
  /**
   * Tags of `clientTags` in whose values the copies of a task should differ, the most important first. Default: none.
   */
  readonly rackAwareAssignmentTags?: readonly string[] | undefined
  /** Who assigns tasks: members (`classic`) or brokers (`streams`, KIP-1071). Default `auto`, which looks at the cluster. */
  readonly groupProtocol?: 'auto' | 'streams' | 'classic' | undefined
  /** Makes a static member, which keeps its tasks over a restart shorter than `sessionTimeoutMs`. Default: none. */
  readonly groupInstanceId?: string | undefined
  /**
   * How long a process may be silent, in milliseconds, before the group gives its tasks to others. Default 45000 (45
   * s).
   */
  readonly sessionTimeoutMs?: number | undefined
  /** The time between heartbeats, in milliseconds; must be below `sessionTimeoutMs`. Default 1000 (1 s). */
  readonly heartbeatIntervalMs?: number | undefined
  /**
   * How long a user function may block the event loop, in milliseconds; Java's max.poll.interval.ms. Default 300000
   * (5 min).
   */
  readonly rebalanceTimeoutMs?: number | undefined
  /** Where a group without committed offsets starts; `{ durationMs }`: at the first record that is not older. */
  readonly offsetReset?: OffsetResetPolicy | undefined
  /**
   * Where reading continues when a position is not in its log, or its topic was created again: at the first record that
   * is there (the default, which skips nothing), after the last one, or nowhere (`fail`).
   */
  readonly offsetOutOfRange?: OutOfRangePolicy | undefined
  /** Replication factor of internal topics; -1 is the broker's default. Default -1. */
  readonly replicationFactor?: number | undefined
  /** How often records that were read are deleted from repartition topics, in milliseconds. */
  readonly repartitionPurgeIntervalMs?: number | undefined
  /** Added to the retention of a window store for its changelog topic, in milliseconds. Default 86400000 (1 day). */
  readonly windowStoreAdditionalRetentionMs?: number | undefined
  /**
   * `coalesced` writes the last change of each row in a commit; `each-put` writes every change, as Kafka Streams
   * does. Default `coalesced`.
   */
  readonly changelogMode?: ChangelogMode | undefined
  /**
   * The least time between two emits of unmatched rows of left and outer joins, in milliseconds. Default 1000 (1 s).
   */
  readonly joinEmitIntervalMs?: number | undefined
  /** The least time between two emits of windows that emit on close, in milliseconds. Default 1000 (1 s). */
  readonly windowEmitIntervalMs?: number | undefined
  /**
   * Extension: windows that emit on close are emitted before their rows expire. Default false: Kafka Streams loses
   * them.
   */
  readonly windowEmitBeforeExpiry?: boolean | undefined
  /**
   * Extension: after this time without input, windows, suppress and joins follow the wall clock. 0, the default: never.
   */
  readonly windowIdleMs?: number | undefined
  /**
   * Extension: the stream time of windows, suppress and joins is kept over a restart. Default false, as in
   * Kafka Streams.
   */
  readonly keepStreamTime?: boolean | undefined
  /** Returns the time of records from sources that have no `timestamp` option. Default: the record's own time. */
  readonly defaultTimestampExtractor?: TimestampExtractor | undefined
  /** Decides what happens to records that cannot be read. Default `fail`. */
  readonly deserializationHandler?: 'fail' | 'continue' | DeserializationHandler | undefined
  /** Decides what happens to records whose processing throws. Default `fail`. */
  readonly processingHandler?: 'fail' | 'continue' | ProcessingHandler | undefined
  /** Decides what happens to records that cannot be serialized or written. Default `fail`. */
  readonly productionHandler?: 'fail' | 'continue' | ProductionHandler | undefined
  /** Java's errors.dead.letter.queue.topic.name. */
  readonly deadLetterTopic?: string | undefined
  /**
   * Decides what happens when a thread meets a fatal error: replace the thread, shut down this process, or ask all
   * processes of the application to shut down. Default: shut down this process.
   */
  readonly uncaughtErrorHandler?: UncaughtErrorHandler | undefined
  /**
   * Which brokers must have a record: all in-sync replicas, the leader, or none. The producer is idempotent only with
   * `all`. Default `all`.
   */
  readonly producerAcks?: 'all' | 'leader' | 'none' | undefined
  /** How record batches are compressed: `none`, `gzip`, `snappy`, `lz4` or `zstd`. Default `none`. */
  readonly producerCompression?: Compression | undefined
  /**
   * How long a batch waits for more records at most, in milliseconds. One of 16 KiB does not wait while its broker has
   * nothing else of this producer to answer. Default 100.
   */
  readonly producerLingerMs?: number | undefined
  /**
   * How long a batch waits while its broker has nothing else of this producer to answer, in milliseconds. Longer where
   * that would be more than 1,000 batches per second, but not longer than `producerLingerMs`: set it to the same value for
   * few and large requests. Default 5.
   */
  readonly producerIdleLingerMs?: number | undefined
  /** The size of a batch, in bytes. Default 256 KiB; 16 KiB in Kafka Streams. */
  readonly producerBatchBytes?: number | undefined
  /** How many bytes of unsent records a producer holds before processing pauses. Default 32 MiB. */
  readonly producerBufferedBytesMax?: number | undefined
  /** The largest request of a producer, in bytes. Default 1 MiB. */
  readonly producerMaxRequestBytes?: number | undefined
  /** The time from sending a record to its confirmation, retries included, in milliseconds. Default 120000 (2 min). */
  readonly producerDeliveryTimeoutMs?: number | undefined
  /** A broker answers a fetch when it has this many bytes, or when `fetchMaxWaitMs` has passed. Default 1. */
  readonly fetchMinBytes?: number | undefined
  /** The most bytes in one answer to a fetch. Default 50 MiB. */
  readonly fetchMaxBytes?: number | undefined
  /** The most bytes of one partition in one answer to a fetch. Default 1 MiB. */
  readonly partitionFetchMaxBytes?: number | undefined
  /** How long a broker waits for `fetchMinBytes`, in milliseconds. Default 500. */
  readonly fetchMaxWaitMs?: number | undefined
  /** How many fetched bytes may wait to be processed, in all threads; each thread gets an equal part. Default 8 MiB. */
  readonly fetchBufferedBytesMax?: number | undefined
}

/** The options after the door: frozen, complete, checked. */
export interface Settings extends OperatorSettings, Omit<TaskPlacement, 'taskLags' | 'taskPositions'> {
  readonly applicationId: string
  readonly clientId: string
  readonly processId: string
  readonly applicationServer: string | undefined
  readonly stateDirectory: string | undefined
  readonly threads: number
  readonly threadKind: 'auto' | 'worker' | 'event-loop'
  readonly processingGuarantee: ProcessingGuarantee
  readonly commitIntervalMs: number
  readonly transactionTimeoutMs: number
  readonly bufferedRecordsPerPartition: number
  readonly maxTaskIdleMs: number
  readonly memoryMegabytesMax: number
  readonly cacheBytesMax: number
  readonly pollMs: number
  readonly processBudgetMs: number
  readonly dirtyEntriesMax: number
  readonly taskTimeoutMs: number
  readonly commitTimeoutMs: number
  readonly missingTopicsTimeoutMs: number
  readonly topicRefreshIntervalMs: number
  readonly stateCleanupDelayMs: number
  readonly groupProtocol: 'auto' | 'streams' | 'classic'
  readonly groupInstanceId: string | undefined
  readonly sessionTimeoutMs: number
  readonly heartbeatIntervalMs: number
  readonly rebalanceTimeoutMs: number
  readonly offsetReset: OffsetResetPolicy
  readonly offsetOutOfRange: OutOfRangePolicy
  readonly replicationFactor: number
  readonly repartitionPurgeIntervalMs: number
  readonly windowStoreAdditionalRetentionMs: number
  readonly changelogMode: ChangelogMode
  readonly defaultTimestampExtractor: TimestampExtractor | undefined
  readonly deserializationHandler: DeserializationHandler
  readonly processingHandler: ProcessingHandler
  readonly productionHandler: ProductionHandler
  readonly deadLetterTopic: string | undefined
  readonly uncaughtErrorHandler: UncaughtErrorHandler
  readonly producerAcks: 'all' | 'leader' | 'none'
  readonly producerCompression: Compression
  readonly producerLingerMs: number
  readonly producerIdleLingerMs: number
  readonly producerBatchBytes: number
  readonly producerBufferedBytesMax: number
  readonly producerMaxRequestBytes: number
  readonly producerDeliveryTimeoutMs: number
  readonly fetchMinBytes: number
  readonly fetchMaxBytes: number
  readonly partitionFetchMaxBytes: number
  readonly fetchMaxWaitMs: number
  readonly fetchBufferedBytesMax: number
}

/** Node itself needs most of it. */
const memoryMegabytesLeast = 64

const kib = 1024
const mib = 1024 * kib

/** Records that a partition buffers unless the settings say otherwise. */
export const bufferedRecordsPerPartitionDefault = 1000

/** Greatest values of fields of Kafka's protocol. */
const int16Max = 0x7fff
const int32Max = 0x7fff_ffff

/** Least value and default of every number, and the greatest value where Kafka's protocol has one. */
const numbers = {
  threads: [1, 1],
  commitIntervalMs: [0, 30_000],
  transactionTimeoutMs: [1, 10_000, int32Max],
  bufferedRecordsPerPartition: [1, bufferedRecordsPerPartitionDefault],
  maxTaskIdleMs: [-1, 0],
  memoryMegabytesMax: [0, 0],
  cacheBytesMax: [0, 10 * mib],
  pollMs: [0, 100],
  processBudgetMs: [1, 20],
  dirtyEntriesMax: [1, 50_000],
  taskTimeoutMs: [0, 300_000],
  commitTimeoutMs: [1, 60_000, int32Max],
  missingTopicsTimeoutMs: [0, 30_000],
  topicRefreshIntervalMs: [1, 300_000],
  stateCleanupDelayMs: [1, 600_000],
  standbyReplicas: [0, 0],
  acceptableRecoveryLag: [0, 10_000],
  maxWarmupReplicas: [1, 2],
  probingRebalanceIntervalMs: [1, 600_000],
  sessionTimeoutMs: [1, 45_000, int32Max],
  heartbeatIntervalMs: [1, 1_000, int32Max],
  rebalanceTimeoutMs: [1, 300_000, int32Max],
  replicationFactor: [-1, -1, int16Max],
  repartitionPurgeIntervalMs: [1, 30_000],
  windowStoreAdditionalRetentionMs: [0, 86_400_000],
  joinEmitIntervalMs: [0, 1000],
  windowEmitIntervalMs: [0, 1000],
  windowIdleMs: [0, 0],
  producerLingerMs: [0, 100],
  producerIdleLingerMs: [0, 5],
  producerBatchBytes: [1, 256 * kib],
  producerBufferedBytesMax: [kib, 32 * mib],
  producerMaxRequestBytes: [kib, mib],
  producerDeliveryTimeoutMs: [1, 120_000],
  fetchMinBytes: [1, 1, int32Max],
  fetchMaxBytes: [kib, 50 * mib, int32Max],
  partitionFetchMaxBytes: [kib, mib, int32Max],
  fetchMaxWaitMs: [0, 500, int32Max],
  fetchBufferedBytesMax: [kib, 8 * mib],
} as const satisfies {
  readonly [name in keyof ApplicationOptions]?: readonly [least: number, preset: number, greatest?: number]
}

type NumberName = keyof typeof numbers

/** As in Kafka Streams: readers of committed records wait for each commit. */
const exactlyOnceCommitIntervalMs = 100

function presetOf(name: NumberName, { processingGuarantee }: ApplicationOptions, budget?: MemoryBudget): number {
  if (name === 'commitIntervalMs' && processingGuarantee === 'exactly-once') return exactlyOnceCommitIntervalMs
  return Math.min(numbers[name][1], budget?.[name as keyof MemoryBudget] ?? Number.POSITIVE_INFINITY)
}

/**
 * Checks all options at once and fills in the defaults. Throws INVALID_SETTINGS (fatal) with one sentence for each
 * fault (also in `details.faults`).
 */
export function compileSettings(options: ApplicationOptions, randomPart: string): Settings {
  const faults: string[] = []
  const budget = memoryBudgetOf(options)
  const compiled = {} as Record<NumberName, number>
  for (const name of Object.keys(numbers) as NumberName[]) {
    const [least, , greatest = Number.MAX_SAFE_INTEGER] = numbers[name] as readonly [number, number, number?]
    const value = options[name] ?? presetOf(name, options, budget)
    if (!Number.isSafeInteger(value) || value < least)
      faults.push(`${name} is ${told(value)}: it must be an integer of at least ${least}`)
    else if (value > greatest) faults.push(`${name} is ${value}: it must be an integer of at most ${greatest}`)
    compiled[name] = value
  }
  checkNames(options, faults)
  if (compiled.heartbeatIntervalMs >= compiled.sessionTimeoutMs) {
    faults.push(
      `heartbeatIntervalMs is ${compiled.heartbeatIntervalMs}: it must be below sessionTimeoutMs, which is ${compiled.sessionTimeoutMs}`,
    )
  }
  if (compiled.memoryMegabytesMax > 0 && compiled.memoryMegabytesMax < memoryMegabytesLeast)
    faults.push(
      `memoryMegabytesMax is ${compiled.memoryMegabytesMax}: it must be at least ${memoryMegabytesLeast}, or 0 for the limit of the container`,
    )
  if (compiled.replicationFactor === 0)
    faults.push("replicationFactor is 0: it must be at least 1, or -1 for the broker's default")
  const clientId = options.clientId ?? options.applicationId
  const settings: Settings = {
    ...compiled,
    applicationId: options.applicationId,
    clientId,
    processId: options.processId ?? `${clientId}-${randomPart}`,
    applicationServer: options.applicationServer,
    stateDirectory: options.stateDirectory,
    processingGuarantee: options.processingGuarantee ?? 'at-least-once',
    groupProtocol: options.groupProtocol ?? 'auto',
    threadKind: options.threadKind ?? 'auto',
    groupInstanceId: options.groupInstanceId,
    clientTags: Object.freeze({ ...options.clientTags }),
    rackAwareAssignmentTags: Object.freeze(Array.from(options.rackAwareAssignmentTags ?? [])),
    offsetReset: frozenOffsetReset(options.offsetReset ?? 'earliest'),
    offsetOutOfRange: options.offsetOutOfRange ?? 'earliest',
    changelogMode: options.changelogMode ?? 'coalesced',
    keepStreamTime: options.keepStreamTime ?? false,
    windowEmitBeforeExpiry: options.windowEmitBeforeExpiry ?? false,
    defaultTimestampExtractor: options.defaultTimestampExtractor,
    deserializationHandler: handlerOf(options.deserializationHandler),
    processingHandler: handlerOf(options.processingHandler),
    productionHandler: handlerOf(options.productionHandler),
    deadLetterTopic: options.deadLetterTopic,
    uncaughtErrorHandler: options.uncaughtErrorHandler ?? (() => 'shut-down' as const),
    producerAcks: options.producerAcks ?? 'all',
    producerCompression: options.producerCompression ?? 'none',
  }
  faults.push(...unknownNames(options, Object.keys(settings)))
  if (faults.length > 0) {
    throw new MillraceError('INVALID_SETTINGS', 'fatal', `the settings cannot be used: ${faults.join('; ')}`, {
      details: { faults },
    })
  }
  return Object.freeze(settings)
}

/** Options may come from a file: what the types rule out is checked here as well. */
function checkNames(options: ApplicationOptions, faults: string[]): void {
  const topicNames = { applicationId: options.applicationId, deadLetterTopic: options.deadLetterTopic }
  for (const [name, value] of Object.entries(topicNames)) {
    if (value === undefined && name !== 'applicationId') continue
    if (typeof value === 'string' && nameFault(value) === undefined) continue
    const rule = 'it must be 1 to 249 letters, digits, dots, dashes or underscores, but not just one or two dots'
    faults.push(`${name} is ${quoted(value)}: ${rule}`)
  }
  const choices: readonly [string, unknown, readonly string[]][] = [
    ['processingGuarantee', options.processingGuarantee, ['at-least-once', 'exactly-once']],
    ['threadKind', options.threadKind, ['auto', 'worker', 'event-loop']],
    ['groupProtocol', options.groupProtocol, ['auto', 'streams', 'classic']],
    ['offsetOutOfRange', options.offsetOutOfRange, ['earliest', 'latest', 'fail']],
    ['changelogMode', options.changelogMode, ['each-put', 'coalesced']],
    ['producerAcks', options.producerAcks, ['all', 'leader', 'none']],
    ['producerCompression', options.producerCompression, ['none', 'gzip', 'snappy', 'lz4', 'zstd']],
  ]
  for (const [name, value, allowed] of choices) {
    if (value === undefined || allowed.includes(value as string)) continue
    faults.push(`${name} is ${quoted(value)}: it must be one of ${allowed.join(', ')}`)
  }
  const { commitIntervalMs = 0, transactionTimeoutMs = numbers.transactionTimeoutMs[1] } = options
  if (options.processingGuarantee === 'exactly-once' && commitIntervalMs >= transactionTimeoutMs)
    faults.push(
      `commitIntervalMs is ${commitIntervalMs}: with processingGuarantee 'exactly-once' it must be below transactionTimeoutMs, which is ${transactionTimeoutMs}`,
    )
  if (options.processingGuarantee === 'exactly-once' && (options.producerAcks ?? 'all') !== 'all')
    faults.push(`producerAcks is '${options.producerAcks}': processingGuarantee 'exactly-once' needs 'all'`)
  const { applicationServer } = options
  if (applicationServer !== undefined && !/^\S+:\d{1,5}$/.test(applicationServer))
    faults.push(`applicationServer is ${quoted(applicationServer)}: it must be host:port`)
  faults.push(...tagFaults(options))
  const resetFault = offsetResetFault(options.offsetReset)
  if (resetFault !== undefined) faults.push(resetFault)
  for (const name of ['keepStreamTime', 'windowEmitBeforeExpiry'] as const) {
    const value = options[name]
    if (value !== undefined && typeof value !== 'boolean')
      faults.push(`${name} is ${quoted(value)}: it must be true or false`)
  }
  for (const name of ['clientId', 'processId', 'groupInstanceId', 'stateDirectory'] as const) {
    const value = options[name]
    if (value === undefined || (typeof value === 'string' && value !== '')) continue
    faults.push(`${name} is ${quoted(value)}: it must be a text that is not empty; leave it out to have none`)
  }
  for (const name of ['uncaughtErrorHandler', 'defaultTimestampExtractor'] as const) {
    const value = options[name]
    if (value !== undefined && typeof value !== 'function')
      faults.push(`${name} is ${quoted(value)}: it must be a function`)
  }
  for (const name of ['deserializationHandler', 'processingHandler', 'productionHandler'] as const) {
    const value = options[name]
    if (value === undefined || typeof value === 'function' || value === 'fail' || value === 'continue') continue
    faults.push(`${name} is ${quoted(value)}: it must be 'fail', 'continue' or a function`)
  }
}

/** What each of the threads gets of the bounds that all of them share. Caches are divided where they are made. */
export function threadShare(settings: Settings): Settings {
  const fetchBufferedBytesMax = Math.max(kib, Math.floor(settings.fetchBufferedBytesMax / settings.threads))
  return Object.freeze({ ...settings, fetchBufferedBytesMax })
}

function handlerOf<H>(choice: 'fail' | 'continue' | H | undefined): H | typeof logAndFail {
  if (choice === undefined || choice === 'fail') return logAndFail
  return choice === 'continue' ? logAndContinue : choice
}
