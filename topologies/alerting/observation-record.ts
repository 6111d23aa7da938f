import type { GatheredGroup } from '../../src/alerts/index.ts'
import { json, type Serde, type StreamPartitioner } from '../../src/index.ts'

/** How far a source of logs is. Goes to every partition, so that time continues also where no log of a group comes. */
export interface SourceTick {
  /** Where the logs are from: topic and partition. */
  readonly source: string
  /**
   * Event time of the newest log, and of an idle source the time of the tick, less what its logs were late by; null: nothing
   * is known yet. All logs before the tick are observed in records before it.
   */
  readonly reachedMs: number | null
  /** No log has come for a while, and none waits to be read. */
  readonly isIdle: boolean
}

/** What logs of a source say about one group. Goes to the partition of the group. */
export interface SourceObservations extends GatheredGroup {
  readonly source: string
  /** As of a tick, when the first of these logs may still be missing to others. */
  readonly reachedMs: number
}

/** What log workers write for the alerts worker. */
export type ObservationRecord = SourceObservations | SourceTick

export const observationRecords: Serde<ObservationRecord> = json<ObservationRecord>()

/** The key of rules that do not group. All others have a sign of equality in their keys. */
export const keyWithoutGroup = 'all'

export function isTick(record: ObservationRecord): record is SourceTick {
  return !('rules' in record)
}

/** Rules that do not group belong to the partition 0, whose task expects their logs from the beginning. */
export const observationPartition: StreamPartitioner<string, ObservationRecord> = (_, key, record, partitionCount) => {
  if (isTick(record)) return Array.from({ length: partitionCount }, (_unused, partition) => partition)
  return key === keyWithoutGroup ? 0 : undefined
}
