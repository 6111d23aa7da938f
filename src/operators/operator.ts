import type { Clock } from '../core/clock.ts'
import type { Headers } from '../core/headers.ts'
import type { Logger } from '../core/logger.ts'
import type { StateStore } from '../stores/port.ts'
import type { RecordContext } from '../stores/task-stores.ts'

/**
 * Takes a record as four arguments, so that passing it on allocates nothing. Runs to completion before it returns: the
 * record and everything it caused downstream are done. Throws to reject the record (the processing handler decides).
 *
 * Between table operators `value` is a `Change`.
 */
export interface Receiver {
  process(key: unknown, value: unknown, timestamp: number, headers: Headers): void
}

/** What a table operator forwards. null: absent. */
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

export interface Cancellable {
  cancel(): void
}

export type PunctuationType = 'stream-time' | 'wall-clock-time'

export interface OperatorContext {
  readonly applicationId: string
  readonly taskId: string
  readonly partition: number
  readonly nodeName: string
  /** All children, in order of connection; a null receiver where there are none. */
  readonly output: Receiver
  /** One child by node name; throws UNKNOWN_CHILD. */
  child(name: string): Receiver
  readonly childNames: readonly string[]
  /** A store connected to this node; throws STORE_NOT_CONNECTED (fatal) naming node and store. */
  store(name: string): StateStore
  /** The record under way; mutable, never kept. */
  readonly recordContext: RecordContext
  /** False outside of a record (in a punctuation before the first record, say). */
  hasRecord(): boolean
  /** Highest timestamp that the task has taken up; -1 before the first. */
  streamTimeMs(): number
  readonly clock: Clock
  readonly logger: Logger
  /** Calls back with the punctuation's time; first call and alignment as in Kafka Streams (`PunctuationSchedule`). */
  schedule(intervalMs: number, type: PunctuationType, callback: (timestampMs: number) => void): Cancellable
  requestCommit(): void
  /** Counts a record dropped by this operator (dropped-records) with a log line that is rate-limited. */
  dropped(reason: string): void
  /** What this node left with the last commit (`commitState`), after restart and migration. */
  restoredState(key: string): number | undefined
  /** Kept with the next committed offsets, as in Java's ProcessorMetadata. */
  commitState(key: string, value: number): void
  readonly settings: OperatorSettings
}

/** Engine settings that operators read; frozen. */
export interface OperatorSettings {
  /** Wall-clock throttle between scans for unmatched rows of left and outer joins (Java: 1000). */
  readonly joinEmitIntervalMs: number
  /** The same for windows that emit on close (Java: 1000). */
  readonly windowEmitIntervalMs: number
}
