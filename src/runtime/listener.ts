import type { PositionLoss } from '../kafka/port.ts'

/** A commit that went through. */
export interface CommitEvent {
  readonly thread: string
  readonly tasks: number
  readonly latencyMs: number
}

/** What one round of a thread did, folded: told once a round that did something, never per record. */
export interface RoundEvent {
  readonly thread: string
  readonly polledRecords: number
  readonly processedRecords: number
  readonly processMs: number
  /**
   * How old, by the wall clock, the latest timestamp was of the task that processed last; undefined when none processed a
   * record, or the timestamp is in the future.
   */
  readonly latencyMs: number | undefined
}

export interface RestoreEvent {
  readonly thread: string
  readonly taskId: string
  readonly restoredRecords: number
  readonly elapsedMs: number
}

/** Reading continued elsewhere than at its position: see `PositionLoss` of the Kafka port. */
export interface PositionLostEvent extends PositionLoss {
  readonly thread: string
}

/** Called by the runtime when something happens; must return quickly and must not throw. */
export interface RuntimeListener {
  /** The application changed its state. */
  onState?(from: string, to: string): void
  /** A thread changed its state. */
  onThreadState?(thread: string, from: string, to: string): void
  /** A thread finished a round of its loop in which it did something. */
  onRound?(event: RoundEvent): void
  /** A thread committed its tasks. */
  onCommit?(event: CommitEvent): void
  /** The stores of a task are restored; the task starts to process records. */
  onRestored?(event: RestoreEvent): void
  /** Records between `from` and `to` are not read; if `to` is lower than `from`, they are read again. */
  onPositionLost?(event: PositionLostEvent): void
  /** A thread met an error and recovers from it (`consequence`), or stops. */
  onError?(thread: string, error: unknown): void
}
