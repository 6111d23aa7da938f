import type { Admin, OffsetPlace, TopicPartition } from './port.ts'
import { partitionKey } from './port.ts'
import type { RecordRange } from './record-reader.ts'

/** What a topic holds now; empty for a topic that does not exist. */
export function wholeTopic(admin: Admin, topic: string): Promise<readonly RecordRange[]> {
  return rangesFrom(admin, topic, 'earliest')
}

/** What a topic holds from a place on, up to what is committed now; empty for a topic that does not exist. */
export async function rangesFrom(admin: Admin, topic: string, place: OffsetPlace): Promise<readonly RecordRange[]> {
  const [described] = await admin.describeTopics([topic])
  if (described === undefined) return []
  const at = (where: OffsetPlace) =>
    admin.listOffsets(
      described.partitions.map(({ partition }) => ({ topic, partition, at: where })),
      'read_committed',
    )
  const [starts, ends] = await Promise.all([at(place), at('latest')])
  const endOf = new Map(ends.map((end) => [partitionKey(end.topic, end.partition), end.offset]))
  return starts.map(({ partition, offset }) => ({
    topic,
    partition,
    offset,
    end: endOf.get(partitionKey(topic, partition)) ?? offset,
  }))
}

/** The range of one record; empty where the partition does not hold its offset. */
export async function rangeOfRecord(
  admin: Admin,
  { topic, partition, offset }: TopicPartition & { readonly offset: number },
): Promise<readonly RecordRange[]> {
  const [range] = (await wholeTopic(admin, topic)).filter((one) => one.partition === partition)
  const isHeld = range !== undefined && Number(range.offset) <= offset && offset < (range.end ?? 0)
  return isHeld ? [{ topic, partition, offset, end: offset + 1 }] : []
}
