import { rangesFrom, wholeTopic } from '../../src/kafka/record-ranges.ts'
import type { Admin, KafkaDriver, TopicPartition } from '../../src/index.ts'
import { eachRecord } from './each-record.ts'
import { type CheckEvent, eventPlace } from './events.ts'

/** What a killed process has written since its last commit, by id: whoever continues does it again. */
export interface Repeatable {
  /** Events that it wrote to the topic of clean events. */
  readonly written: ReadonlySet<string>
  /** Events that it sent to be counted. */
  readonly counted: ReadonlySet<string>
}

/** Asked while no process works on the replay. */
export async function repeatableOf(
  kafka: KafkaDriver,
  admin: Admin,
  groupId: string,
  { clean, between, events }: { readonly clean: string; readonly between: string; readonly events: string },
): Promise<Repeatable> {
  const committed = await admin.groupOffsets(groupId)
  const committedOf = ({ topic, partition }: TopicPartition) =>
    committed.find((one) => one.topic === topic && one.partition === partition)?.offset ?? 0
  const written = new Set<string>()
  await eachRecord(kafka, await wholeTopic(admin, clean), (_, value) => {
    const { id } = JSON.parse(value) as CheckEvent
    const { partition, offset } = eventPlace(id)
    if (offset >= committedOf({ topic: events, partition })) written.add(id)
  })
  const counted = new Set<string>()
  const sent = (await rangesFrom(admin, between, 'earliest')).map((range) => ({
    ...range,
    offset: Math.max(Number(range.offset), committedOf(range)),
  }))
  await eachRecord(kafka, sent, (_, value) => void counted.add((JSON.parse(value) as CheckEvent).id))
  return { written, counted }
}
