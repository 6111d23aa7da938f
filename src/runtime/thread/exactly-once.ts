import { consequenceOf, errorCode, errorMessage, MillraceError } from '../../core/errors.ts'
import type { Clock } from '../../core/clock.ts'
import type { GroupMember, OffsetAndMetadata, TransactionalProducer } from '../../kafka/port.ts'
import type { CommitMode } from './commit-mode.ts'
import type { OwnedTask } from './owned-task.ts'
import { Patience } from './patience.ts'
import type { Settings } from '../settings.ts'

/** A task may hold the commits of its thread up for this share of the time that the cluster keeps a transaction open. */
const heldShare = 0.25

/**
 * One transaction of all running tasks of the thread: outputs, changelogs and offsets become visible together, or none
 * of them (ADR 28).
 * ```
 * begin ---> (nothing open) --- a task sends ---> open --- commit ---> (nothing open)
 *   ^                                              | \--- undo -----> (nothing open), all tasks at their last commit
 *   +------ fenced, or nobody knows how it ended --+
 * ```
 */
export class ExactlyOnce implements CommitMode {
  readonly outputsFirst = false
  readonly ofUndelivered = 'transaction-aborted'
  readonly #producer: TransactionalProducer
  readonly #member: () => GroupMember
  readonly #heldMs: number
  readonly #taskTimeoutMs: number
  readonly #clock: Clock
  /** Rounds go well while nothing but the commits at their end fails. */
  readonly #patience = new Patience('the thread could not commit')

  constructor(
    producer: TransactionalProducer,
    member: () => GroupMember,
    { transactionTimeoutMs, taskTimeoutMs }: Pick<Settings, 'transactionTimeoutMs' | 'taskTimeoutMs'>,
    clock: Clock,
  ) {
    this.#producer = producer
    this.#member = member
    this.#heldMs = transactionTimeoutMs * heldShare
    this.#taskTimeoutMs = taskTimeoutMs
    this.#clock = clock
  }

  /** Outputs that no record caused would be committed by a member that is none any more. */
  get needsOffsets(): boolean {
    return this.#producer.isInTransaction
  }

  begin(timeoutMs: number): Promise<void> {
    return this.#producer.initialize(timeoutMs)
  }

  /** All that take part. One that is half done has to be undone first, and one that waits is not asked in each round. */
  together(due: readonly OwnedTask[], running: readonly OwnedTask[], nowMs: number): readonly OwnedTask[] {
    if (due.length === 0) return due
    const all = running.filter(({ commitWait }) => !commitWait.isSuspended)
    if (all.some(({ isHalfDone }) => isHalfDone)) return []
    return all.some(({ commitWait }) => commitWait.waitsAt(nowMs)) ? [] : all
  }

  admitted(ready: readonly OwnedTask[], all: readonly OwnedTask[]): readonly OwnedTask[] {
    return ready.length === all.length ? ready : []
  }

  async commit(offsets: readonly OffsetAndMetadata[], timeoutMs: number): Promise<void> {
    await this.#producer.commit(offsets, this.#member().metadata(), timeoutMs)
    this.#patience.renew()
  }

  /** A part of the interval may be in the log: trying the same again would write it twice. Throws TASK_TIMEOUT. */
  failure(error: unknown): unknown {
    const consequence = consequenceOf(error)
    if (consequence === 'retriable' || consequence === 'transaction-aborted')
      this.#patience.spend(error, this.#clock.monotonicMs(), this.#taskTimeoutMs)
    if (consequence !== 'retriable') return error
    return new MillraceError(
      'TRANSACTION_ABORTED',
      'transaction-aborted',
      `the commit failed, so that its transaction is aborted (${errorMessage(error)}): its records are processed again`,
      { cause: error, details: { causeCode: errorCode(error) } },
    )
  }

  holdingUp(running: readonly OwnedTask[], nowMs: number): readonly OwnedTask[] {
    return running.filter(({ commitWait }) => commitWait.heldForMs(nowMs) >= this.#heldMs)
  }

  /** Every task of the thread has outputs in an open transaction, or may have. */
  async undo(
    tasks: readonly OwnedTask[],
    running: readonly OwnedTask[],
    timeoutMs: number,
  ): Promise<readonly OwnedTask[]> {
    if (tasks.length === 0 || !this.#producer.isInTransaction) return tasks
    await this.#producer.abort(timeoutMs)
    return running
  }
}

/** Of one thread: the same after a restart where the process id is kept in a state directory. */
export function transactionalIdOf(applicationId: string, processId: string, threadNumber: number): string {
  return `${applicationId}-${processId}-${threadNumber}`
}
