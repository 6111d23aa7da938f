import { consequenceOf, MillraceError } from '../../../core/errors.ts'
import { type IsolationLevel, type OffsetPlace, partitionKey, type TopicPartition } from '../../port.ts'
import { Backoff } from '../../../core/backoff.ts'
import { Deadline, retryUntil, Tries } from '../connection/retry-until.ts'
import type { Cluster } from '../cluster/cluster.ts'
import { errorCodes, protocolError, protocolErrorKind, unanswered } from '../connection/protocol-errors.ts'
import { deleteRecordsApi } from '../protocol/generated/delete-records.ts'
import { listOffsetsApi } from '../protocol/generated/list-offsets.ts'

/** `offset` -1: there is no record at or after the time. */
interface Answer {
  readonly topic: string
  readonly partition: number
  readonly offset: number
}

/** How a request names a place. */
export function placeTimestamp(place: OffsetPlace): number {
  if (typeof place === 'object') return place.timestampMs
  return place === 'earliest' ? -2 : -1
}

type Ask<Entry> = (nodeId: number, entries: readonly Entry[], timeoutMs: number) => Promise<readonly Answer[]>

/**
 * Offsets at a place, or of the first record at or after a time and the log's end if there is none. Leaders
 * that moved are asked again until the deadline.
 */
export async function listOffsets(
  cluster: Cluster,
  partitions: readonly (TopicPartition & { readonly at: OffsetPlace })[],
  isolationLevel: IsolationLevel,
  timeoutMs: number = cluster.config.requestTimeoutMs,
): Promise<readonly Answer[]> {
  const ask: Ask<TopicPartition & { readonly at: OffsetPlace }> = async (nodeId, entries, remainingMs) => {
    const body = {
      replicaId: -1,
      isolationLevel: isolationLevel === 'read_committed' ? 1 : 0,
      topics: [...grouped(entries, (entry) => entry.topic)].map(([name, list]) => ({
        name,
        partitions: list.map(({ partition, at }) => ({
          partitionIndex: partition,
          currentLeaderEpoch: cluster.leaderOf(name, partition)?.leaderEpoch ?? -1,
          timestamp: placeTimestamp(at),
        })),
      })),
    }
    const response = await cluster.request(nodeId, listOffsetsApi, body, { timeoutMs: remainingMs })
    return response.topics.flatMap((topic) =>
      topic.partitions.map(({ partitionIndex, errorCode, offset }) => {
        checkPartition(errorCode, 'offset lookup', topic.name, partitionIndex)
        return { topic: topic.name, partition: partitionIndex, offset }
      }),
    )
  }
  const deadline = new Deadline(cluster.config.clock, timeoutMs)
  const answers = await onLeaders(cluster, partitions, deadline, 'offset lookup', ask)
  const atTheEnd = partitions.filter((entry) => answers.get(partitionKey(entry.topic, entry.partition))?.offset === -1)
  if (atTheEnd.length > 0) {
    const ends = atTheEnd.map((entry) => ({ ...entry, at: 'latest' as const }))
    for (const [key, answer] of await onLeaders(cluster, ends, deadline, 'offset lookup', ask)) answers.set(key, answer)
  }
  return partitions.flatMap((entry) => answers.get(partitionKey(entry.topic, entry.partition)) ?? [])
}

/**
 * Deletes records before the offsets; resolves when each leader has moved its log start. -1 deletes up to the high
 * watermark.
 */
export async function deleteRecords(
  cluster: Cluster,
  offsets: readonly (TopicPartition & { readonly offset: number })[],
): Promise<void> {
  const ask: Ask<TopicPartition & { readonly offset: number }> = async (nodeId, entries, remainingMs) => {
    const body = {
      topics: [...grouped(entries, (entry) => entry.topic)].map(([name, list]) => ({
        name,
        partitions: list.map(({ partition, offset }) => ({ partitionIndex: partition, offset })),
      })),
      timeoutMs: Math.max(1, Math.round(remainingMs * 0.9)),
    }
    const response = await cluster.request(nodeId, deleteRecordsApi, body, { timeoutMs: remainingMs, lane: 'admin' })
    return response.topics.flatMap((topic) =>
      topic.partitions.map(({ partitionIndex, errorCode, lowWatermark }) => {
        checkPartition(errorCode, 'deletion of records', topic.name, partitionIndex)
        return { topic: topic.name, partition: partitionIndex, offset: lowWatermark }
      }),
    )
  }
  await onLeaders(
    cluster,
    offsets,
    new Deadline(cluster.config.clock, cluster.config.requestTimeoutMs),
    'deletion of records',
    ask,
  )
}

/** Asks each leader about its partitions, again with fresh metadata for those that failed, until the deadline. */
async function onLeaders<Entry extends TopicPartition>(
  cluster: Cluster,
  entries: readonly Entry[],
  deadline: Deadline,
  about: string,
  ask: Ask<Entry>,
): Promise<Map<string, Answer>> {
  const { clock, retryBackoff, requestTimeoutMs } = cluster.config
  const tries = new Tries(deadline, requestTimeoutMs)
  const answers = new Map<string, Answer>()
  const topics = new Set(entries.map((entry) => entry.topic))
  let isFresh = [...topics].every((topic) => cluster.topicMetadata(topic) !== undefined)
  await retryUntil(clock, deadline, new Backoff(retryBackoff), async () => {
    const missing = entries.filter((entry) => !answers.has(partitionKey(entry.topic, entry.partition)))
    if (!isFresh) await cluster.refresh(topics, deadline.remainingMs())
    isFresh = false
    const byLeader = grouped(missing, (entry) => leaderId(cluster, entry, about))
    const tryMs = tries.nextMs()
    const asked = [...byLeader].map(async ([nodeId, list]) => {
      for (const answer of await ask(nodeId, list, tryMs)) {
        answers.set(partitionKey(answer.topic, answer.partition), answer)
      }
    })
    const failures = (await Promise.allSettled(asked)).flatMap((result) =>
      result.status === 'rejected' ? [result.reason] : [],
    )
    if (failures.length > 0) throw failures.find((failure) => consequenceOf(failure) !== 'retriable') ?? failures[0]
    const silent = missing.find((entry) => !answers.has(partitionKey(entry.topic, entry.partition)))
    if (silent === undefined) return
    const { topic, partition } = silent
    throw unanswered(`${about}: ${partitionKey(topic, partition)}`, { topic, partition })
  })
  return answers
}

/** Throws the error of the topic, or that its leader is unknown; both are retried where waiting may mend them. */
function leaderId(cluster: Cluster, { topic, partition }: TopicPartition, about: string): number {
  const leader = cluster.leaderOf(topic, partition)
  if (leader !== undefined) return leader.leaderId
  const kind = protocolErrorKind(cluster.topicError(topic) ?? errorCodes.unknownTopicOrPartition)
  throw new MillraceError(
    kind.name,
    kind.consequence,
    `${about}: ${partitionKey(topic, partition)} has no leader that we know of`,
    {
      details: { topic, partition },
    },
  )
}

/** Throws the error that a partition was answered with. */
function checkPartition(errorCode: number, about: string, topic: string, partition: number): void {
  if (errorCode !== 0)
    throw protocolError(errorCode, `${about} in ${partitionKey(topic, partition)}`, { topic, partition })
}

function grouped<Key, Entry>(entries: readonly Entry[], keyOf: (entry: Entry) => Key): Map<Key, Entry[]> {
  const groups = new Map<Key, Entry[]>()
  for (const entry of entries) {
    const key = keyOf(entry)
    const list = groups.get(key)
    if (list === undefined) groups.set(key, [entry])
    else list.push(entry)
  }
  return groups
}
