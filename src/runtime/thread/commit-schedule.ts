import type { Consumer } from '../../kafka/port.ts'
import type { TaskStores } from '../../stores/task-stores.ts'
import type { Settings } from '../settings.ts'
import type { CommitMode } from './commit-mode.ts'
import type { OwnedTask } from './owned-task.ts'

/**
 * When which tasks of a thread commit: at the interval, or earlier where a processor asked or too much is held. The
 * thread asks in each round.
 */
export class CommitSchedule {
  readonly #consumer: Consumer
  readonly #mode: CommitMode
  readonly #commitIntervalMs: number
  readonly #dirtyEntriesMax: number
  #lastMs: number

  constructor(
    consumer: Consumer,
    mode: CommitMode,
    { commitIntervalMs, dirtyEntriesMax }: Pick<Settings, 'commitIntervalMs' | 'dirtyEntriesMax'>,
    nowMs: number,
  ) {
    this.#consumer = consumer
    this.#mode = mode
    this.#commitIntervalMs = commitIntervalMs
    this.#dirtyEntriesMax = dirtyEntriesMax
    this.#lastMs = nowMs
  }

  /** How long until the interval is over; may be negative. */
  leftMs(nowMs: number): number {
    return this.#lastMs + this.#commitIntervalMs - nowMs
  }

  /** The tasks that commit now. The next interval begins where this one is over. */
  take(running: readonly OwnedTask[], nowMs: number): readonly OwnedTask[] {
    const isOver = this.leftMs(nowMs) <= 0
    if (isOver) this.#lastMs = nowMs
    const due = running.filter((owned) => this.#isDue(owned, isOver, nowMs))
    return this.#mode.together(due, running, nowMs)
  }

  #isDue(owned: OwnedTask, isOver: boolean, nowMs: number): boolean {
    const { task, commitWait } = owned
    if (task === undefined || commitWait.isSuspended || commitWait.waitsAt(nowMs)) return false
    if (task.commitRequested || commitWait.notBeforeMs !== undefined) return true
    if (this.holdsTooMuch(task.stores)) return true
    return isOver && (task.needsCommit || owned.hasPassedMarkers(this.#consumer))
  }

  /** So much has changed that a commit must come before more does. */
  holdsTooMuch(stores: TaskStores): boolean {
    return stores.isStuck || stores.dirtyEntries > this.#dirtyEntriesMax
  }
}
