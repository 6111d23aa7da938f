/**
 * What the runtime does next when it meets the error.
 * - `record`: the record goes to its handler (continue, dead letter, fail)
 * - `task-corrupted`: the task's state is deleted and restored from its changelogs
 * - `transaction-aborted`: the transaction is aborted; its tasks begin again at their last commit
 * - `task-migrated`: the group has replaced this member: its tasks are dropped without a commit, and it joins again
 * - `retriable`: the same step is retried after a backoff, until its deadline
 * - `fatal`: the thread stops; a person has to act
 */
export type ErrorConsequence =
  | 'record'
  | 'task-corrupted'
  | 'transaction-aborted'
  | 'task-migrated'
  | 'retriable'
  | 'fatal'

/** One code on the page docs/errors.md, in sentences without capital and full stop. */
export interface ErrorRow {
  /** When it occurs. */
  readonly when: string
  /** What errors with this code may carry. */
  readonly consequence: ErrorConsequence | readonly ErrorConsequence[]
  /** What happens next, where that is not what the consequence says. */
  readonly next?: string
  /** What to do. */
  readonly fix: string
}

export type ErrorRows = Readonly<Record<string, ErrorRow>>

/** What to do about a code that no input and no setting can cause. */
export const reportIt = 'report it with its stack trace: it is a bug in millrace'
