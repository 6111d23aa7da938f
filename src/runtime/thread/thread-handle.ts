import type { KafkaHealth } from '../../kafka/port.ts'
import type { TaskCounters } from '../counters.ts'
import type { HeldStores, StoreAnswer, StoreRead } from './store-read.ts'
import type { TaskMetricValue, TaskStatus, ThreadState, ThreadStatus } from './thread-status.ts'

/** How a thread ends. */
export interface StopOptions {
  readonly timeoutMs: number
  /** A static member leaves the group at once too, and not when its session is over. */
  readonly leaveGroup: boolean
}

/**
 * A stream thread, as the application sees it. Nobody outside of a thread reads its tasks: what is asked here is answered
 * from the thread itself, or, of a worker thread, from its last report. `stores` is for threads on the event loop only.
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
  /** Throws STORE_IN_WORKER_THREAD (fatal) where the stores are in another thread of Node. */
  stores(name: string): HeldStores
  /** Reads a store where it is. Rejects with STORE_MIGRATED (retriable) when the thread ends before it has answered. */
  read(call: StoreRead): Promise<StoreAnswer>
  /** Of connections that are the thread's own; undefined: it has those of the process. */
  kafkaHealth(): KafkaHealth | undefined
  /** Of the tasks with changelogs: how many records their state is behind; undefined where that is not known. */
  taskLags(): ReadonlyMap<string, number | undefined>
}
