import type { Clock } from '../core/clock.ts'
import type { KafkaDriver, TopicPartition } from '../kafka/port.ts'
import { RecordReader } from '../kafka/record-reader.ts'

/** A log in which this many records in a row are not older than a time has left that time behind. */
const lookRecords = 1000
const silentMaxMs = 30_000

/** Where a partition leaves a time, as far as brokers know it. */
export interface TimeEnd extends TopicPartition {
  /** The first record at or after the time. */
  readonly atTime: number
  /** The end of what is looked at. */
  readonly endOffset: number
}

/** What some records of a log say about a time. */
interface Look {
  /** Of the last record that is older. */
  readonly lastOlder: number | undefined
  /** Of the first record behind that one; of the first record at all where none is older. */
  readonly next: number | undefined
}

/**
 * The first record at or after a time that no older records follow; the end where there is none. Brokers know only the
 * first record at or after it, which may come from a clock that is ahead, with months of older records behind it. Reads
 * some records at places of the log that halve what is left, and then in a row. Rejects with READ_TIMEOUT.
 */
export async function orderedEnd(
  driver: KafkaDriver,
  { topic, partition, atTime, endOffset }: TimeEnd,
  timeMs: number,
  clock: Clock,
): Promise<number> {
  const look = (offset: number) => lookAt(driver, { topic, partition, offset, end: endOffset }, timeMs, clock)
  const first = await look(atTime + 1)
  if (first.lastOlder === undefined) return atTime
  let lastOlder: number = first.lastOlder
  let { next } = first
  for (let above = endOffset; above - lastOlder > lookRecords; ) {
    const middle = Math.floor((lastOlder + above) / 2)
    const found = await look(middle)
    if (found.lastOlder === undefined) {
      above = middle
      continue
    }
    lastOlder = found.lastOlder
    next = found.next
  }
  for (;;) {
    const found = await look(lastOlder + 1)
    if (found.lastOlder === undefined) return next ?? found.next ?? endOffset
    lastOlder = found.lastOlder
    next = found.next
  }
}

/** Looks at the first records from an offset on. */
async function lookAt(
  driver: KafkaDriver,
  range: TopicPartition & { readonly offset: number; readonly end: number },
  timeMs: number,
  clock: Clock,
): Promise<Look> {
  const reader = new RecordReader(driver, [range], clock)
  let lastOlder: number | undefined
  let next: number | undefined
  let left = lookRecords
  try {
    for await (const batch of reader.batches(silentMaxMs)) {
      for (let index = 0; index < batch.count && left > 0 && batch.offset(index) < range.end; index++, left--) {
        const isOlder = batch.timestamp(index) < timeMs
        if (isOlder) [lastOlder, next] = [batch.offset(index), undefined]
        else next ??= batch.offset(index)
      }
      if (left === 0) break
    }
  } finally {
    await reader.close()
  }
  return { lastOlder, next }
}
