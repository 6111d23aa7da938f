import { partitionKey } from '../../kafka/port.ts'
import type { GroupLag, PartitionLag } from './group-lag.ts'

/** A partition's lag with how it moves, from two looks at its group. */
export interface MovingLag extends PartitionLag {
  /** Records that were written per second. */
  readonly inPerSecond: number
  /** Records that the group committed per second; undefined while it has committed nothing. */
  readonly outPerSecond: number | undefined
  /** Seconds until the lag is gone at these rates; undefined while it does not shrink. */
  readonly drainSeconds: number | undefined
}

/** The rates between two looks that lie `elapsedMs` apart. */
export function withRates(before: GroupLag, after: GroupLag, elapsedMs: number): readonly MovingLag[] {
  const earlier = new Map(before.partitions.map((row) => [partitionKey(row.topic, row.partition), row]))
  const perSecond = (records: number) => (records * 1000) / elapsedMs
  return after.partitions.map((row) => {
    const then = earlier.get(partitionKey(row.topic, row.partition)) ?? row
    const inPerSecond = perSecond(row.end - then.end)
    const outPerSecond =
      row.committed === undefined || then.committed === undefined
        ? undefined
        : perSecond(row.committed - then.committed)
    return { ...row, inPerSecond, outPerSecond, drainSeconds: drainSeconds(row.records, inPerSecond, outPerSecond) }
  })
}

/** Of one partition, or of sums over several. */
export function drainSeconds(
  records: number | undefined,
  inPerSecond: number,
  outPerSecond: number | undefined,
): number | undefined {
  if (records === 0) return 0
  if (records === undefined || outPerSecond === undefined || outPerSecond <= inPerSecond) return undefined
  return records / (outPerSecond - inPerSecond)
}
