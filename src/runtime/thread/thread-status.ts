import type { Consumer } from '../../kafka/port.ts'
import type { MetricValue } from '../../operators/task-metrics.ts'
import type { Sink, SinkStatus } from '../../sinks/port.ts'
import { partitionKey } from '../../kafka/port.ts'
import type { RestoreProgress } from './restoring-changelog.ts'
import type { OwnedTask, TaskState } from './owned-task.ts'
import type { TaskRegistry } from './task-registry.ts'
import type { Task } from '../task/task.ts'
import { type StoreSize, storeSizes } from './store-sizes.ts'

/**
 * ```
 * CREATED -> STARTING <-> RUNNING -> STOPPING -> STOPPED
 *                 \_________________/
 * ```
 * STARTING: joining, rebalancing, restoring, or looking up where inputs begin; RUNNING: every task that the thread owns
 * processes, and what arrives from now on is read, also under `latest`.
 */
export type ThreadState = 'CREATED' | 'STARTING' | 'RUNNING' | 'STOPPING' | 'STOPPED'

/** Where a thread is in its round, or outside of it: what it waits for when it does not complete a round. */
export type ThreadPhase =
  | 'preparing'
  | 'rebalancing'
  | 'polling'
  | 'restoring'
  | 'processing'
  | 'committing'
  | 'recovering'
  | 'closing'

/** How far a task has read one input partition. */
export interface PartitionStatus {
  /** The topic that is read. */
  readonly topic: string
  /** The number of the partition. */
  readonly partition: number
  /** The committed offset; undefined before the first commit. */
  readonly committedOffset: number | undefined
  /** The offset of the next record to process; undefined before the first record. */
  readonly position: number | undefined
  /** The offset after the last record in the partition, as of the last fetch; undefined while it is not known. */
  readonly endOffset: number | undefined
  /**
   * Records between the committed offset and the end of the partition; other tools show the same number as the lag of
   * the group. It includes records that wait for an unreachable sink. It does not include records that were
   * deleted before they were read. Before the first commit it is counted from the first record that was read;
   * undefined while the end is not
   * known.
   */
  readonly lagRecords: number | undefined
  /**
   * Age of the next record by its timestamp; if the next record is not fetched yet, the age of the record that was
   * processed last. 0 without lag; undefined while the lag is not known, and before the first record of the partition.
   */
  readonly lagSeconds: number | undefined
  /** How many records are fetched and not yet processed. */
  readonly bufferedRecords: number
}

/** The state of one task and its counters since it was opened here. */
export interface TaskStatus {
  /** The id of the task, such as `0_3`: subtopology and partition. */
  readonly taskId: string
  /** The name of the thread that runs the task. */
  readonly thread: string
  /** What the task is doing now. */
  readonly state: TaskState
  /** The highest record timestamp processed, in milliseconds since the epoch; -1 before the first. */
  readonly streamTimeMs: number
  /** The input partitions of the task. */
  readonly partitions: readonly PartitionStatus[]
  /** How many input records were processed. */
  readonly processed: number
  /** How many records were dropped, for any reason. */
  readonly dropped: number
  /** How many records were dropped, by reason. */
  readonly droppedByReason: Readonly<Record<string, number>>
  /** Dropped records by the topic that they were read from, then by reason. */
  readonly droppedByTopic: Readonly<Record<string, Readonly<Record<string, number>>>>
  /** How many records were written to dead letter topics. */
  readonly deadLetters: number
  /** How many punctuations were called. */
  readonly punctuated: number
  /** How many records were written to topics, without changelogs. */
  readonly produced: number
  /** How many records were written to changelog topics. */
  readonly changelogged: number
  /** How many changed store entries wait for the next commit. */
  readonly dirtyEntries: number
  /** About how large each of its stores is, where that is known. */
  readonly stores: readonly StoreSize[]
  /** Failures of the task that are being retried, such as a commit while the disk of its state is full. */
  readonly trouble: TaskTrouble | undefined
  /** The sinks that the task writes to. */
  readonly sinks: readonly TaskSinkStatus[]
}

/** A failure of a task that is being retried. */
export interface TaskTrouble {
  /** The error code, as in docs/errors.md. */
  readonly code: string
  /** How long it has been failing, in milliseconds. */
  readonly forMs: number
}

/** The state of one sink of a task. */
export interface TaskSinkStatus extends SinkStatus {
  /** The name of the sink. */
  readonly sink: string
}

/** The state of one thread. */
export interface ThreadStatus {
  /** The name of the thread. */
  readonly name: string
  /** What the thread is doing now. */
  readonly state: ThreadState
  /**
   * How long ago its loop completed a round, or began to run, in milliseconds. It grows while the thread hangs and
   * while each round fails. A commit that waits for Kafka or a sink is part of a round.
   */
  readonly sinceRoundMs: number
  /** The part of the loop that is running: what the thread waits for when `sinceRoundMs` grows. */
  readonly phase: ThreadPhase
  /** The id of its member in the group; empty before it has one. */
  readonly memberId: string
  /** Progress of the stores that are being restored; empty when there are none. */
  readonly restoring: readonly RestoreProgress[]
  /** What the thread waits for before all of its tasks process, in plain words; empty when it runs. */
  readonly waits: readonly string[]
}

/** A gauge of a processor, in one task. */
export interface TaskMetricValue extends MetricValue {
  /** The task that the gauge belongs to. */
  readonly taskId: string
}

/** The thread that a status is about. */
export interface ObservedThread {
  readonly name: string
  readonly consumer: Consumer
  readonly registry: TaskRegistry
}

/** `nowMs`: by the wall clock. */
export function taskStatuses(thread: ObservedThread, nowMs: number, monotonicMs: number): TaskStatus[] {
  return thread.registry.all.map((owned) => taskStatus(owned, thread, nowMs, monotonicMs))
}

/** What the processors of a task report. */
export function gaugesOf(task: Task): TaskMetricValue[] {
  return task.counters.metrics.gauges().map((gauge) => ({ ...gauge, taskId: task.idText }))
}

function taskStatus(owned: OwnedTask, thread: ObservedThread, nowMs: number, monotonicMs: number): TaskStatus {
  const { trouble } = owned
  const counters = owned.task?.counters
  return {
    taskId: owned.idText,
    thread: thread.name,
    state: owned.state,
    streamTimeMs: owned.task?.group.streamTimeMs ?? -1,
    partitions: owned.state === 'RUNNING' ? partitionStatuses(owned, thread.consumer, nowMs) : [],
    processed: counters?.processed ?? 0,
    dropped: counters?.dropped ?? 0,
    droppedByReason: counters?.drops.byReason() ?? {},
    droppedByTopic: counters?.drops.byTopic() ?? {},
    deadLetters: counters?.deadLetters ?? 0,
    punctuated: counters?.punctuated ?? 0,
    produced: counters?.produced ?? 0,
    changelogged: counters?.changelogged ?? 0,
    dirtyEntries: owned.stores.dirtyEntries,
    stores: storeSizes(owned.stores, monotonicMs),
    trouble: trouble && { code: trouble.code, forMs: monotonicMs - trouble.sinceMs },
    sinks: sinkStatuses(owned),
  }
}

function sinkStatuses({ task }: OwnedTask): TaskSinkStatus[] {
  return [...(task?.sinks ?? [])].flatMap(([sink, one]) => {
    const status = toldBy(one)
    return status === undefined ? [] : [{ sink, ...status }]
  })
}

/** Whoever asks how the application is must hear it whatever one sink does. */
function toldBy(sink: Sink): SinkStatus | undefined {
  try {
    return sink.status?.()
  } catch {
    return undefined
  }
}

function partitionStatuses(owned: OwnedTask, consumer: Consumer, nowMs: number): PartitionStatus[] {
  return [...(owned.task?.group.queues ?? [])].map((queue) => {
    const { topic, partition } = queue
    const endOffset = consumer.endOffset(queue)
    const position = queue.position(consumer.position(queue))
    const committedOffset = owned.committed.get(partitionKey(topic, partition))?.offset
    // Records between the committed offset and the first that there was to read have been deleted.
    const start = Math.max(committedOffset ?? -1, queue.firstOffset ?? -1)
    const lagRecords = recordsBetween(start < 0 ? position : start, endOffset)
    const { lastSeenMs } = queue
    const ageSeconds = lastSeenMs < 0 ? undefined : Math.max(0, nowMs - lastSeenMs) / 1000
    return {
      topic,
      partition,
      committedOffset,
      position,
      endOffset,
      lagRecords,
      lagSeconds: lagRecords ? ageSeconds : lagRecords,
      bufferedRecords: queue.size,
    }
  })
}

function recordsBetween(start: number | undefined, end: number | undefined): number | undefined {
  return start === undefined || end === undefined ? undefined : Math.max(0, end - start)
}
