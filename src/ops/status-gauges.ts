import type { TaskStatus } from '../runtime/thread/thread-status.ts'
import type { DefineGauge } from './define-gauge.ts'
import { followSinks } from './sink-gauges.ts'

const applicationStates = [
  'CREATED',
  'STARTING',
  'REBALANCING',
  'RUNNING',
  'PENDING_SHUTDOWN',
  'NOT_RUNNING',
  'ERROR',
] as const

/** Gauges of an application's status: partitions, tasks, threads, brokers, sinks. */
export function followStatus(gauge: DefineGauge, bufferedRecordsPerPartition: number): void {
  gauge(
    'kafka_consumer_lag',
    'Records between the committed offset and the end of the partition',
    ['topic', 'partition'],
    (set, { tasks }) => {
      for (const { topic, partition, lagRecords } of partitionsOf(tasks)) {
        if (lagRecords !== undefined) set.set({ topic, partition }, lagRecords)
      }
    },
  )
  gauge('kafka_consumer_lag_seconds', 'Age of the next record to process', ['topic', 'partition'], (set, { tasks }) => {
    for (const { topic, partition, lagSeconds } of partitionsOf(tasks)) {
      if (lagSeconds !== undefined) set.set({ topic, partition }, lagSeconds)
    }
  })
  gauge('millrace_buffer_utilization', 'Share of the record buffers in use', [], (set, { tasks }) => {
    const partitions = partitionsOf(tasks)
    const buffered = partitions.reduce((sum, partition) => sum + partition.bufferedRecords, 0)
    set.set(partitions.length === 0 ? 0 : buffered / (partitions.length * bufferedRecordsPerPartition))
  })
  gauge('millrace_tasks', 'Tasks of this process by state', ['state'], (set, { tasks }) => {
    for (const { state } of tasks) set.inc({ state })
  })
  gauge('millrace_application_state', '1 for the current state', ['state'], (set, { state }) => {
    for (const candidate of applicationStates) set.set({ state: candidate }, candidate === state ? 1 : 0)
  })
  gauge('millrace_dirty_entries', 'Entries of stores that wait for the next commit', [], (set, { tasks }) =>
    set.set(sum(tasks, (task) => task.dirtyEntries)),
  )
  gauge(
    'millrace_dropped_records',
    'Records dropped by the tasks that run here, by the topic they were read from and the reason',
    ['topic', 'reason'],
    (set, { tasks }) => {
      for (const { droppedByTopic } of tasks) {
        for (const [topic, reasons] of Object.entries(droppedByTopic)) {
          for (const [reason, count] of Object.entries(reasons)) set.inc({ topic, reason }, count)
        }
      }
    },
  )
  gauge(
    'millrace_task_trouble_seconds',
    'How long the task that has waited longest has been failing, by error code',
    ['code'],
    (set, { tasks }) => {
      const longest = new Map<string, number>()
      for (const { trouble } of tasks)
        if (trouble) longest.set(trouble.code, Math.max(longest.get(trouble.code) ?? 0, trouble.forMs))
      for (const [code, forMs] of longest) set.set({ code }, forMs / 1000)
    },
  )
  followBrokers(gauge)
  followSinks(gauge)
  gauge(
    'millrace_thread_seconds_since_round',
    'Time since the loop of the thread completed a round',
    ['thread'],
    (set, { threads }) => {
      for (const { name, sinceRoundMs } of threads) set.set({ thread: name }, sinceRoundMs / 1000)
    },
  )
  gauge('millrace_dead_letters', 'Dead letters written by the tasks that run here', [], (set, { tasks }) =>
    set.set(sum(tasks, (task) => task.deadLetters)),
  )
  gauge('millrace_produced_records', 'Records produced by the tasks that run here', [], (set, { tasks }) =>
    set.set(sum(tasks, (task) => task.produced)),
  )
}

function followBrokers(gauge: DefineGauge): void {
  gauge('millrace_broker_up', '1 if the broker answers, 0 if not', ['broker'], (set, { kafka }) => {
    for (const { address, failingForMs } of kafka.brokers)
      set.set({ broker: address }, failingForMs === undefined ? 1 : 0)
  })
  gauge(
    'millrace_broker_failing_seconds',
    'How long every request to the broker has failed',
    ['broker'],
    (set, { kafka }) => {
      for (const { address, failingForMs = 0 } of kafka.brokers) set.set({ broker: address }, failingForMs / 1000)
    },
  )
  gauge('millrace_partitions_without_leader', 'Partitions in use that have no leader', [], (set, { kafka }) =>
    set.set(kafka.leaderless.length),
  )
}

function partitionsOf(tasks: readonly TaskStatus[]): readonly TaskStatus['partitions'][number][] {
  return tasks.flatMap((task) => task.partitions)
}

function sum(tasks: readonly TaskStatus[], read: (task: TaskStatus) => number): number {
  return tasks.reduce((total, task) => total + read(task), 0)
}
