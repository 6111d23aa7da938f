import type { StateStore } from '../../stores/port.ts'
import type { TaskCounters } from '../counters.ts'
import type { TaskMetricValue, TaskStatus, ThreadState, ThreadStatus } from './thread-status.ts'

/** A store as the tasks of a thread hold it. */
export interface HeldStores {
  /** By partition: those that can be read. */
  readonly running: readonly (readonly [partition: number, store: StateStore])[]
  /** The task that still restores it; undefined: none. */
  readonly restoringTaskId: string | undefined
}

/** How a thread ends. */
export interface StopOptions {
  readonly timeoutMs: number
  /** A static member leaves the group at once too, and not when its session is over. */
  readonly leaveGroup: boolean
}

/**
 * A stream thread, as the application sees it. Nobody outside of a thread reads its tasks: what is asked here could be
 * answered by a message, except the stores of `stores`, which a worker thread would have to replace.
 */
export interface ThreadHandle {
  readonly name: string
  readonly state: ThreadState
  /** Joins the group and runs. Resolves when the thread has stopped; rejects when it failed. Called once. */
  start(): Promise<void>
  /** Commits, closes the tasks and leaves the group, within the time. Never rejects. */
  stop(options: StopOptions): Promise<void>
  /** After the end: ids of tasks that were closed without a commit. */
  readonly uncommitted: readonly string[]
  status(): ThreadStatus
  taskStatuses(): readonly TaskStatus[]
  /** What processors of the tasks that run report. */
  gauges(): readonly TaskMetricValue[]
  /** Of all its tasks since the start, those that are closed included. */
  counters(): TaskCounters
  stores(name: string): HeldStores
  /** Of the tasks with changelogs: how many records their state is behind; undefined where that is not known. */
  taskLags(): ReadonlyMap<string, number | undefined>
}
