import type { PositionLoss, RebalanceCause } from '../kafka/port.ts'

/** A commit that went through. */
export interface CommitEvent {
  /** The name of the thread. */
  readonly thread: string
  /** How many tasks were committed. */
  readonly tasks: number
  /** From the start of the commit until offsets and state were durable, in milliseconds. */
  readonly latencyMs: number
}

/** What one round of a thread did, folded: told once a round that did something, never per record. */
export interface RoundEvent {
  /** The name of the thread. */
  readonly thread: string
  /** How many records arrived in the round. */
  readonly polledRecords: number
  /** How many records it processed. */
  readonly processedRecords: number
  /** How long it processed, in milliseconds. */
  readonly processMs: number
  /**
   * How old, by the wall clock, the latest timestamp was of the task that processed last; undefined when none processed a
   * record, or the timestamp is in the future.
   */
  readonly latencyMs: number | undefined
}

/** The stores of a task are restored. */
export interface RestoreEvent {
  /** The name of the thread. */
  readonly thread: string
  /** The id of the task, such as `0_3`: subtopology and partition. */
  readonly taskId: string
  /** How many records of changelogs were read. */
  readonly restoredRecords: number
  /** How long it took, in milliseconds. */
  readonly elapsedMs: number
}

/** Reading continued elsewhere than at its position: see `PositionLoss` of the Kafka port. */
export interface PositionLostEvent extends PositionLoss {
  /** The name of the thread. */
  readonly thread: string
}

/** The group assigned its tasks again. */
export interface RebalanceEvent {
  /** The name of the thread. */
  readonly thread: string
  /** Why; `RebalanceCause` says what each cause means. */
  readonly cause: RebalanceCause
  /** What is known in addition, such as the members that joined, in plain words; it may be empty. */
  readonly detail: string
}

/** Called by the runtime when something happens; must return quickly and must not throw. */
export interface RuntimeListener {
  /** The application changed its state. */
  onState?(from: string, to: string): void
  /** A thread changed its state. */
  onThreadState?(thread: string, from: string, to: string): void
  /** The group of a thread assigned its tasks again, also where the thread keeps its tasks. */
  onRebalance?(event: RebalanceEvent): void
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
