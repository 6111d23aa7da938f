import { type Clock, systemClock } from '../core/clock.ts'
import { partitionKey } from '../kafka/port.ts'
import type { DefineGauge } from './define-gauge.ts'
import { partitionsOf, type ReplayLabel } from './lag-gauges.ts'

interface Seen {
  readonly committedOffset: number | undefined
  readonly sinceMs: number
}

/**
 * How long the committed offset of a partition with records to read has not moved; 0 while it moves, or without records
 * to read. More pods do not help this partition. The gauge has no timer: each reading is compared with the previous one.
 */
export function followStuck(
  gauge: DefineGauge,
  mark: ReplayLabel,
  clock: Pick<Clock, 'monotonicMs'> = systemClock,
): void {
  let before = new Map<string, Seen>()
  gauge(
    'kafka_consumer_stuck_seconds',
    'How long the committed offset of a partition with records to read has not moved',
    ['topic', 'partition', 'replay'],
    (set, { tasks }) => {
      const now = new Map<string, Seen>()
      const nowMs = clock.monotonicMs()
      for (const { topic, partition, committedOffset, lagRecords } of partitionsOf(tasks)) {
        if (lagRecords === undefined) continue
        const key = partitionKey(topic, partition)
        const last = before.get(key)
        const isStill = lagRecords > 0 && last !== undefined && last.committedOffset === committedOffset
        const seen = isStill ? last : { committedOffset, sinceMs: nowMs }
        now.set(key, seen)
        set.set({ topic, partition, ...mark }, (nowMs - seen.sinceMs) / 1000)
      }
      before = now
    },
  )
}
