import { MillraceError } from '../../../core/errors.ts'
import type { Admin, KafkaDriver } from '../../../kafka/port.ts'
import { partitionKey } from '../../../kafka/port.ts'
import { rangesFrom } from '../../../kafka/record-ranges.ts'
import type { RecordRange } from '../../../kafka/record-reader.ts'
import type { HistoryLog } from './history-log.ts'
import type { LogReading } from './log-reading.ts'
import { MergedPartitions } from './merged-partitions.ts'

/** As a worker of the fleet takes them: a log from further away has Kafka's time. */
const ageMaxMs = 7 * 86_400_000
/** The same for the time ahead. */
export const aheadMaxMs = 600_000

/** A time of Kafka's records; `toMs` is not read. */
export interface HistoryRange {
  readonly fromMs: number
  readonly toMs: number
}

/** What topics hold of a range, all partitions together by Kafka's time. Rejects with UNKNOWN_TOPIC. */
export async function* topicHistory(
  kafka: KafkaDriver,
  topics: readonly string[],
  range: HistoryRange,
  reading: LogReading,
): AsyncGenerator<HistoryLog> {
  const admin = kafka.admin()
  const ranges = (await Promise.all(topics.map((topic) => rangesBetween(admin, topic, range)))).flat()
  const partitions = new MergedPartitions(kafka, ranges)
  try {
    for await (const { batch, index } of partitions.records()) {
      const value = batch.value(index)
      const reachedMs = batch.timestamp(index)
      if (value === null) continue
      const place = partitionKey(batch.topic, batch.partition)
      const key = batch.key(index)
      const source = key === null ? place : Buffer.from(key).toString()
      for (const event of reading.read(place, value, reachedMs, source)) {
        const { timestamp } = event.fields
        const isUsable =
          typeof timestamp === 'number' && timestamp >= reachedMs - ageMaxMs && timestamp <= reachedMs + aheadMaxMs
        yield { event, timeMs: isUsable ? timestamp : reachedMs, reachedMs }
      }
    }
  } finally {
    await partitions.close()
  }
}

/** The offsets of a range of Kafka's time. Rejects with UNKNOWN_TOPIC. */
export async function rangesBetween(
  admin: Admin,
  topic: string,
  { fromMs, toMs }: HistoryRange,
): Promise<readonly RecordRange[]> {
  const ranges = await rangesFrom(admin, topic, { timestampMs: fromMs })
  if (ranges.length === 0) {
    const text = `topic ${topic} does not exist: name a topic that has logs, such as fastmcp-application-logs`
    throw new MillraceError('UNKNOWN_TOPIC', 'fatal', text)
  }
  const ends = await rangesFrom(admin, topic, { timestampMs: toMs })
  const endOf = new Map(ends.map(({ partition, offset }) => [partition, offset]))
  return ranges.map((range) => {
    const end = endOf.get(range.partition)
    return typeof end === 'number' ? { ...range, end: Math.min(end, range.end ?? end) } : range
  })
}
