import type { Clock } from '../core/clock.ts'
import type { TaskClocks } from './task-clocks.ts'

/** Time as the operators of a task see it. */
export interface TaskTime {
  readonly clock: Clock
  /** Stream times of the task's operators. */
  readonly clocks: TaskClocks
  /** Highest timestamp that the task has taken up; -1 before the first. */
  streamTimeMs(): number
  /** Every record of the task's inputs that the brokers hold has been processed, as far as the last fetch shows. */
  isInputCaughtUp(): boolean
  /** The clocks of `clocks.idle` were moved by the wall clock; `isEmitted`: something became due by that. */
  noteIdle(advancedMs: number, isEmitted: boolean): void
}

/** The part of its task's commits that an operator may use. */
export interface TaskCommit {
  /** Asks for a commit soon. */
  request(): void
  /** The value that a node kept with the last commit (`keepState`), after a restart or migration; undefined: none. */
  restoredState(key: string): number | undefined
  /** Kept with the next committed offsets, as in Java's ProcessorMetadata. Throws COMMIT_STATE for what is no integer. */
  keepState(key: string, value: number): void
  /** The task's record caches forward the rows that they hold, as they do with a commit. */
  emitPending(): void
}
