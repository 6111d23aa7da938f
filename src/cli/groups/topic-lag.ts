import type { GroupLag } from './group-lag.ts'
import { drainSeconds, type MovingLag, withRates } from './lag-rates.ts'

/** How far a group is behind in one topic: sums over its partitions. */
export interface TopicLag {
  readonly groupId: string
  readonly state: string
  readonly members: number
  readonly topic: string
  readonly partitions: number
  /** Records to read in partitions whose lag is known. */
  readonly records: number
  /** Partitions without a commit: their lag is not known. */
  readonly unknownPartitions: number
  /** Of the partition that is furthest behind; undefined: not known. */
  readonly seconds: number | undefined
  readonly inPerSecond: number
  readonly outPerSecond: number
  /** Until the lag is gone at these rates; undefined while it does not shrink. */
  readonly drainSeconds: number | undefined
}

/** One row for each topic of a group, from two looks that lie `elapsedMs` apart. */
export function topicLags(before: GroupLag, after: GroupLag, elapsedMs: number): readonly TopicLag[] {
  const byTopic = new Map<string, MovingLag[]>()
  for (const row of withRates(before, after, elapsedMs)) {
    const rows = byTopic.get(row.topic)
    if (rows === undefined) byTopic.set(row.topic, [row])
    else rows.push(row)
  }
  const { groupId, state, members } = after
  return [...byTopic].map(([topic, rows]) => ({ groupId, state, members, topic, ...sums(rows) }))
}

function sums(rows: readonly MovingLag[]): Omit<TopicLag, 'groupId' | 'state' | 'members' | 'topic'> {
  const sum = (of: (row: MovingLag) => number | undefined) => rows.reduce((total, row) => total + (of(row) ?? 0), 0)
  const ages = rows.flatMap(({ seconds }) => (seconds === undefined ? [] : [seconds]))
  const records = sum((row) => row.records)
  const [inPerSecond, outPerSecond] = [sum((row) => row.inPerSecond), sum((row) => row.outPerSecond)]
  return {
    partitions: rows.length,
    records,
    unknownPartitions: rows.filter((row) => row.records === undefined).length,
    seconds: ages.length === 0 ? undefined : Math.max(...ages),
    inPerSecond,
    outPerSecond,
    drainSeconds: drainSeconds(records, inPerSecond, outPerSecond),
  }
}
