import type { TopicPartition } from '../kafka/port.ts'
import type { ReplayOutput } from './outputs.ts'

/** Event time from `fromMs` on and before `toMs`; undefined: no bound on that side. */
export interface ReplayRange {
  /** In milliseconds since the epoch; undefined: from the first record on. */
  readonly fromMs: number | undefined
  /** In milliseconds since the epoch; undefined: to the last record. */
  readonly toMs: number | undefined
}

/**
 * Which rule gave the first offset of a partition.
 * - `offset`: it was asked for
 * - `time`: the first record at or after the time
 * - `earliest`: everything was asked for
 * - `retention`: what was asked for begins earlier than the log; `lost` says what is known of it
 */
export type StartRule = 'offset' | 'time' | 'earliest' | 'retention'

/**
 * Which rule gave the end of a partition, which is not read.
 * - `offset`: it was asked for
 * - `time`: the first record at or after the time, which is read: it closes what is due by then
 * - `last-stable`: the end of what was committed when the plan was made
 */
export type EndRule = 'offset' | 'time' | 'last-stable'

/** What is read of one partition: from `startOffset` on and before `endOffset`. */
export interface ReplayPartition extends TopicPartition {
  /** The first offset that is read. */
  readonly startOffset: number
  /** The offset before which reading ends. */
  readonly endOffset: number
  /** What gave the start. */
  readonly startRule: StartRule
  /** What gave the end. */
  readonly endRule: EndRule
  /**
   * Offsets that retention deleted from what was asked for; undefined where it is not known, as for a start by time
   * whose first record is the first of the log.
   */
  readonly lost?: number | undefined
}

/** How fast a replay may be, over all its processes; undefined: no bound. */
export interface ReplayThrottle {
  /** Records of the inputs per second. Default: no bound. */
  readonly recordsPerSecond?: number | undefined
  /** Bytes of the inputs per second. Default: no bound. */
  readonly bytesPerSecond?: number | undefined
  /**
   * From 0 to 1: for how much of the time its sinks may be busy with requests. A slower server is asked for less.
   * Default: no bound.
   */
  readonly sinkShare?: number | undefined
  /**
   * It reads nothing while the live group is behind by more records than this, over all topics that it has committed,
   * internal ones included.
   */
  readonly liveLagMax?: number | undefined
}

/** What a replay will take, told before it starts. */
export interface ReplayEstimate {
  /** Offsets between starts and ends: the records, or more where some were compacted or are markers. */
  readonly records: number
  /** By the mean size of records at the starts; undefined where none was read. */
  readonly bytes: number | undefined
  /** By the throttle; undefined without one: `status` measures it while the replay runs. */
  readonly durationMs: number | undefined
  /** Indices that the outputs will write to, and their primary shards; undefined where a sink does not tell. */
  readonly indices: number | undefined
  /** The primary shards of those indices; undefined where a sink does not tell. */
  readonly shards: number | undefined
}

/** A replay before it runs: frozen, kept in the control topic, and the same after every crash. */
export interface ReplayPlan {
  /** The name of the replay. */
  readonly id: string
  /** The application whose topology and inputs are replayed. Its group is read, never written. */
  readonly applicationId: string
  /** Application id of the replay: its group, internal topics and state. */
  readonly shadowId: string
  /** SHA-256 of the topology that it was planned with. */
  readonly topologyHash: string
  /** When it was planned, in milliseconds since the epoch. */
  readonly createdMs: number
  /** Whose results are written. */
  readonly range: ReplayRange
  /** How much is read before the range, so that stores are filled. */
  readonly warmUpMs: number | 'everything'
  /** How much is read after the range, so that its windows close. */
  readonly runOnMs: number
  /** The most that one partition may be ahead of another, by record time. */
  readonly skewMs: number
  /** What is read, by partition. */
  readonly partitions: readonly ReplayPartition[]
  /** What is written where, by output. */
  readonly outputs: readonly ReplayOutput[]
  /** How fast it may be. */
  readonly throttle: ReplayThrottle
  /** What it will take. */
  readonly estimate: ReplayEstimate
  /** What the results may lack, as sentences. */
  readonly warnings: readonly string[]
}

/** `<application id>-replay-<id>`: group, prefix of internal topics, folder of the state. */
export function shadowIdOf(applicationId: string, id: string): string {
  return `${applicationId}-replay-${id}`
}

/** What of a plan's partitions is to be read, in offsets. */
export function plannedRecords(partitions: readonly ReplayPartition[]): number {
  return partitions.reduce((sum, { startOffset, endOffset }) => sum + endOffset - startOffset, 0)
}

/** The range with an end: without one, it ends when the plan was made, because nothing later is replayed. */
export function closedRange({ range, createdMs }: ReplayPlan): {
  readonly fromMs: number | undefined
  readonly toMs: number
} {
  return { fromMs: range.fromMs, toMs: range.toMs ?? createdMs }
}
