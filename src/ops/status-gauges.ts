import type { TaskStatus } from '../runtime/thread/thread-status.ts'
import type { DefineGauge } from './define-gauge.ts'
import { partitionsOf } from './lag-gauges.ts'
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

/** Gauges of an application's status: buffers, tasks, threads, brokers, sinks. */
export function followStatus(gauge: DefineGauge, bufferedRecordsPerPartition: number): void {
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
    'millrace_restore_remaining_records',
    'Changelog records that a store still has to restore before its tasks process',
    ['store'],
    (set, { threads }) => {
      for (const { restoring } of threads) for (const { store, remaining } of restoring) set.inc({ store }, remaining)
    },
  )
  gauge(
    'millrace_task_trouble_seconds',
    'Longest time that a task has been failing, by error code',
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
  gauge('millrace_produced_records', 'Records produced by the tasks that run here', [], (set, { tasks }) =>
    set.set(sum(tasks, (task) => task.produced)),
  )
}

function followBrokers(gauge: DefineGauge): void {
  gauge('millrace_kafka_connections', 'Brokers that this process is connected to', [], (set, { kafka }) =>
    set.set(kafka.brokers.filter(({ isConnected }) => isConnected).length),
  )
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

function sum(tasks: readonly TaskStatus[], read: (task: TaskStatus) => number): number {
  return tasks.reduce((total, task) => total + read(task), 0)
}
