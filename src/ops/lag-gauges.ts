import type { PartitionStatus, TaskStatus } from '../runtime/thread/thread-status.ts'
import type { DefineGauge } from './define-gauge.ts'

/** A label that is there only in a replay, so that `{replay=""}` selects the live applications. */
export interface ReplayLabel {
  readonly replay?: string
}

/** How far each partition is behind. A lag that is not known is absent, never 0 or -1. */
export function followLag(gauge: DefineGauge, mark: ReplayLabel): void {
  gauge(
    'kafka_consumer_lag',
    'Records between the committed offset and the end of the partition',
    ['topic', 'partition', 'replay'],
    (set, { tasks }) => {
      for (const { topic, partition, lagRecords } of partitionsOf(tasks)) {
        if (lagRecords !== undefined) set.set({ topic, partition, ...mark }, lagRecords)
      }
    },
  )
  gauge(
    'kafka_consumer_lag_seconds',
    'Age of the next record to process, by its timestamp',
    ['topic', 'partition', 'replay'],
    (set, { tasks }) => {
      for (const { topic, partition, lagSeconds } of partitionsOf(tasks)) {
        if (lagSeconds !== undefined) set.set({ topic, partition, ...mark }, lagSeconds)
      }
    },
  )
  gauge('millrace_partitions_without_lag', 'Partitions of running tasks whose lag is not known', [], (set, { tasks }) =>
    set.set(partitionsOf(tasks).filter(({ lagRecords }) => lagRecords === undefined).length),
  )
}

/** Those of the tasks that run here. */
export function partitionsOf(tasks: readonly TaskStatus[]): readonly PartitionStatus[] {
  return tasks.flatMap((task) => task.partitions)
}
