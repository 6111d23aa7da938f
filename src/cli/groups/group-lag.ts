import type { Admin, GroupDescription, KafkaDriver, TopicPartition } from '../../kafka/port.ts'
import { partitionKey } from '../../kafka/port.ts'
import { logBounds } from '../../worker/cluster-state.ts'
import { RecordReader } from '../../kafka/record-reader.ts'
import { workerUrls } from './worker-look.ts'

/** How far a group is behind in one partition. Everything comes from the cluster; no worker is asked. */
export interface PartitionLag extends TopicPartition {
  /** The next offset of the group; undefined: it has committed nothing here, though a member reads it. */
  readonly committed: number | undefined
  /** The last stable offset: an open transaction is no lag. */
  readonly end: number
  /** Records that the group has still to read, without those that retention has deleted; undefined: not known. */
  readonly records: number | undefined
  /** How many records were deleted before the group read them. */
  readonly expired: number
  /** Age of the next record to read, from its time; 0 without lag; undefined: not known. */
  readonly seconds: number | undefined
  /** The member that reads it: process id, or client id and host of another library. */
  readonly owner: string | undefined
}

/** One look at a group. */
export interface GroupLag {
  readonly groupId: string
  readonly state: string
  /** How many members it has. */
  readonly members: number
  /** Where their processes answer, as `http://host:port`; fewer than members where one does not say, or has several. */
  readonly workers: readonly string[]
  readonly partitions: readonly PartitionLag[]
}

const silenceMs = 5000

/** Rejects with GROUP_ID_NOT_FOUND for a group that does not exist. */
export async function groupLag(kafka: KafkaDriver, groupId: string, nowMs: number): Promise<GroupLag> {
  const admin = kafka.admin()
  const group = await admin.describeGroup(groupId)
  const committed = new Map(
    (await admin.groupOffsets(groupId)).map((entry) => [partitionKey(entry.topic, entry.partition), entry]),
  )
  const owners = ownersOf(group)
  const places = [
    ...new Map(
      [...committed.values(), ...owners.values()].map((place) => [partitionKey(place.topic, place.partition), place]),
    ).values(),
  ].sort(byPlace)
  const { starts, ends } = await logBounds(admin, await existingOf(admin, places))
  const rows = places.flatMap(({ topic, partition }) => {
    const key = partitionKey(topic, partition)
    const [start, end] = [starts.get(key), ends.get(key)]
    if (start === undefined || end === undefined) return []
    const offset = committed.get(key)?.offset
    const next = offset === undefined ? undefined : Math.min(Math.max(offset, start), end)
    return [
      {
        topic,
        partition,
        committed: offset,
        end,
        next,
        records: next === undefined ? undefined : end - next,
        expired: offset === undefined ? 0 : Math.max(0, start - offset),
        owner: owners.get(key)?.owner,
      },
    ]
  })
  const times = await nextRecordTimes(kafka, rows)
  return {
    groupId,
    state: group.state,
    members: group.members.length,
    workers: workerUrls(undefined, group),
    partitions: rows.map((row) => partitionLag(row, times, nowMs)),
  }
}

/** Which member reads each partition, as the group has assigned them. */
function ownersOf(group: GroupDescription): ReadonlyMap<string, TopicPartition & { readonly owner: string }> {
  return new Map(
    group.members.flatMap(({ processId, clientId, host, partitions }) =>
      partitions.map(({ topic, partition }) => [
        partitionKey(topic, partition),
        { topic, partition, owner: processId ?? `${clientId}@${host}` },
      ]),
    ),
  )
}

/** Topics that were deleted since are left out. */
async function existingOf(admin: Admin, places: readonly TopicPartition[]): Promise<readonly TopicPartition[]> {
  const existing = new Set(
    (await admin.describeTopics([...new Set(places.map(({ topic }) => topic))])).map(({ name }) => name),
  )
  return places.filter(({ topic }) => existing.has(topic))
}

/** The time of the first record that each partition with lag has still to read. */
async function nextRecordTimes(
  kafka: KafkaDriver,
  rows: readonly (TopicPartition & { readonly next: number | undefined; readonly end: number })[],
): Promise<ReadonlyMap<string, number>> {
  const behind = rows.flatMap(({ topic, partition, next, end }) =>
    next === undefined || next >= end ? [] : [{ topic, partition, offset: next, end: next + 1 }],
  )
  const times = new Map<string, number>()
  const reader = new RecordReader(kafka, behind)
  try {
    for await (const batch of reader.batches(silenceMs)) {
      const key = partitionKey(batch.topic, batch.partition)
      if (!times.has(key) && batch.count > 0) times.set(key, batch.timestamp(0))
    }
  } finally {
    await reader.close()
  }
  return times
}

function partitionLag(
  { topic, partition, committed, end, records, expired, owner }: Omit<PartitionLag, 'seconds'>,
  times: ReadonlyMap<string, number>,
  nowMs: number,
): PartitionLag {
  const seconds = secondsBehind({ topic, partition, records }, times, nowMs)
  return { topic, partition, committed, end, records, expired, seconds, owner }
}

/** undefined where the records have no time, or the next one did not arrive. */
function secondsBehind(
  { topic, partition, records }: TopicPartition & { readonly records: number | undefined },
  times: ReadonlyMap<string, number>,
  nowMs: number,
): number | undefined {
  if (records === undefined) return undefined
  if (records === 0) return 0
  const time = times.get(partitionKey(topic, partition))
  return time === undefined || time < 0 ? undefined : Math.max(0, (nowMs - time) / 1000)
}

function byPlace(left: TopicPartition, right: TopicPartition): number {
  if (left.topic === right.topic) return left.partition - right.partition
  return left.topic < right.topic ? -1 : 1
}
