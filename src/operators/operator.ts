import type { Headers } from '../core/headers.ts'
import type { Logger } from '../core/logger.ts'
import type { DocumentNumbers } from '../sinks/document-numbers.ts'
import type { Sink } from '../sinks/port.ts'
import type { StateStore } from '../stores/port.ts'
import type { KeptRecord, RecordContext } from '../stores/record-context.ts'
import type { ProcessorMetrics } from '../topology/processor-metrics.ts'
import type { TaskCommit, TaskTime } from './task-time.ts'

/**
 * Takes a record as four arguments, so that passing it on allocates nothing. Runs to completion before it returns: the
 * record and everything it caused downstream are done. Throws to reject the record (the processing handler decides).
 *
 * Between table operators `value` is a `Change`.
 */
export interface Receiver {
  process(key: unknown, value: unknown, timestamp: number, headers: Headers): void
}

/** The value that table operators forward to each other. null: absent. */
export interface Change {
  readonly newValue: unknown
  readonly oldValue: unknown
  /** False for an out-of-order update of a versioned table: it must not reach joins and groupings (KIP-914). */
  readonly isLatest: boolean
}

/** A runtime operator: one node of one task. `open` once, then `process` in any number, then `close` once. */
export interface Operator extends Receiver {
  open(context: OperatorContext): void
  close(): void
}

/**
 * An operator that returns before the result of a record is there (async-map-values). `process` itself does not wait.
 * The runtime, for each one of its task (`isAsyncOperator`):
 * - gives the task no further record while `isFull`
 * - calls `pump` in each round of its loop, between records: outcomes run downstream only within this call, with the
 *   record context of their record. It may throw as `process` does; the record context then is that of the record that
 *   failed, and the next call continues with the next result
 * - awaits `drain` as the first step of a commit: offsets of records that are pending must not be committed
 */
export interface AsyncOperator extends Operator {
  readonly isFull: boolean
  /** Records taken whose outcome has not run downstream. */
  pending(): number
  pump(): void
  /**
   * Pumps until nothing is pending. Rejects with ASYNC_NOT_DRAINED (retriable) after `timeoutMs`: what is pending
   * stays, the commit waits. Rejects with what `pump` throws.
   */
  drain(timeoutMs: number): Promise<void>
}

export function isAsyncOperator(operator: Operator): operator is AsyncOperator {
  return 'drain' in operator
}

/**
 * An operator that may hold records back until `beforeCommit`, which the runtime calls as the first step of a commit.
 */
export interface HoldingOperator extends Operator {
  beforeCommit(): void
}

export function isHoldingOperator(operator: Operator): operator is HoldingOperator {
  return 'beforeCommit' in operator
}

/** An operator that may release what a commit has made durable: the runtime calls it after each commit. */
export interface ReleasingOperator extends Operator {
  /** Whether it ever does. */
  readonly releases: boolean
  afterCommit(): void
}

export function isReleasingOperator(operator: Operator): operator is ReleasingOperator {
  return 'afterCommit' in operator && (operator as ReleasingOperator).releases
}

/** A scheduled call; `cancel` may be called more than once. */
export interface Cancellable {
  cancel(): void
}

export type PunctuationType = 'stream-time' | 'wall-clock-time'

/** The node of an operator in its task: what `open` is given, valid until `close`. */
export interface OperatorContext {
  readonly applicationId: string
  readonly taskId: string
  readonly partition: number
  readonly nodeName: string
  /** This and the next two: as `ProcessorContext` says. */
  readonly metrics: ProcessorMetrics
  readonly appConfigs: Readonly<Record<string, unknown>>
  readonly stateDirectory: string | undefined
  /** All children, in order of connection; a null receiver where there are none. */
  readonly output: Receiver
  /** One child by node name; throws UNKNOWN_CHILD. */
  child(name: string): Receiver
  readonly childNames: readonly string[]
  /** A store connected to this node; throws STORE_NOT_CONNECTED (fatal) naming node and store. */
  store(name: string): StateStore
  /** The task's instance of an external sink, open; throws UNKNOWN_SINK (fatal) naming node and sink. */
  sink(name: string): Sink
  /** Those of a sink: the task's nodes share them. */
  documentNumbers(sinkName: string): DocumentNumbers
  /**
   * The current record; mutable, never kept. Operators with stores or user processors set its timestamp and headers
   * to those of their own record before they use them, because a store logs with the context's timestamp and an
   * operator upstream may have changed it. Nobody restores them: a receiver never relies on what the context says of
   * time.
   */
  readonly recordContext: RecordContext
  /** False outside of a record (in a punctuation before the first record, say). */
  hasRecord(): boolean
  readonly time: TaskTime
  readonly commit: TaskCommit
  readonly logger: Logger
  /** Calls back with the punctuation's time; first call and alignment as in Kafka Streams (`PunctuationSchedule`). */
  schedule(
    intervalMs: number,
    type: PunctuationType,
    callback: (timestampMs: number) => void,
    startTimeMs?: number,
  ): Cancellable
  /** Counts a record dropped by this operator (dropped-records) with a log line that is rate-limited. */
  dropped(reason: string): void
  /**
   * A copy of the current record, as it was read, to be given back with `recordContext.kept`; undefined if there is
   * none.
   */
  keepRecord(): KeptRecord | undefined
  readonly settings: OperatorSettings
}

/** Engine settings that operators read; frozen. */
export interface OperatorSettings {
  /** Wall-clock throttle between scans for unmatched rows of left and outer joins (Java: 1000). */
  readonly joinEmitIntervalMs: number
  /** The same for windows that emit on close (Java: 1000). */
  readonly windowEmitIntervalMs: number
  /** Extension: windows that emit on close are emitted before the store hides them, whatever the interval. */
  readonly windowEmitBeforeExpiry: boolean
  /**
   * Extension: after this time without input, stream time of windows, suppress and joins follows the wall clock; 0:
   * never.
   */
  readonly windowIdleMs: number
  /** Extension: the stream time of windows, suppress and joins is kept over a restart. */
  readonly keepStreamTime: boolean
}
