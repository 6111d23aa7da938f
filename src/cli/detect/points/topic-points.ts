import type { Admin, KafkaDriver } from '../../../kafka/port.ts'
import { RecordReader } from '../../../kafka/record-reader.ts'
import { rangesBetween } from '../../alerts/replay/topic-history.ts'
import { isMembers } from './file-points.ts'
import type { PointCollector, PointRange } from './point-collector.ts'

const silenceMs = 10_000
/** A window is written after its end: records are read so much longer than their points are wanted. */
const delayMs = 3_600_000

/** Reads points of a topic of JSON objects. `key`: of which records; undefined: all. Rejects with UNKNOWN_TOPIC. */
export async function topicPoints(
  kafka: KafkaDriver,
  topic: string,
  key: string | undefined,
  range: Pick<PointRange, 'fromMs' | 'toMs'>,
  collector: PointCollector,
): Promise<void> {
  const admin: Admin = kafka.admin()
  const ranges = await rangesBetween(admin, topic, { fromMs: range.fromMs, toMs: range.toMs + delayMs })
  const reader = new RecordReader(kafka, ranges)
  try {
    for await (const batch of reader.batches(silenceMs)) {
      const end = reader.endOf(batch)
      for (let index = 0; index < batch.count && batch.offset(index) < end; index++) {
        const ownKey = batch.key(index)
        if (key !== undefined && (ownKey === null || Buffer.from(ownKey).toString() !== key)) continue
        const value = batch.value(index)
        if (value === null) continue
        const place = `${topic} partition ${batch.partition} offset ${batch.offset(index)}`
        const members = membersOf(Buffer.from(value).toString())
        if (members === undefined)
          collector.unreadable(
            place,
            'the value is no JSON object: name a topic of windows or features, or give --logs',
          )
        else collector.add(place, members, batch.timestamp(index))
      }
    }
  } finally {
    await reader.close()
  }
}

function membersOf(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return isMembers(value) ? value : undefined
  } catch {
    return undefined
  }
}
