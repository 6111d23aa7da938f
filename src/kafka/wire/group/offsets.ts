import { MillraceError } from '../../../core/errors.ts'
import { type GroupMetadata, type OffsetAndMetadata, partitionKey, type TopicPartition } from '../../port.ts'
import type { Cluster, Lane } from '../cluster/cluster.ts'
import { onCoordinator } from '../cluster/on-coordinator.ts'
import { errorCodes, protocolError, unanswered } from '../connection/protocol-errors.ts'
import {
  offsetCommitApi,
  type OffsetCommitRequestTopic,
  type OffsetCommitResponse,
} from '../protocol/generated/offset-commit.ts'
import { offsetFetchApi, type OffsetFetchRequestTopics } from '../protocol/generated/offset-fetch.ts'

/** Commits have their own lane: neither a fetch nor a join may hold them up. */
export const offsetsLane: Lane = 'offsets'

/** A member's metadata that follows its generation from rebalance to rebalance, until the member is fenced. */
export interface LiveGroupMetadata extends GroupMetadata {
  /** The group is between two generations, so a refusal of the present one proves nothing. */
  readonly isRejoining: boolean
  /** Whether the member has a task that reads the partition; undefined where the group itself checks that. */
  readonly owns?: ((partition: TopicPartition) => boolean) | undefined
}

/**
 * Commits for the group, after a lookup of its coordinator. Retries what is retriable until `timeoutMs`; a commit that
 * meets a rebalance is sent again under the generation that follows, when the metadata is that of a live member.
 * Rejects with GROUP_FENCED (task-migrated) when the member is not current. `epochBefore` returns under which leader
 * epoch the record before an offset was read (KIP-320); -1: unknown.
 */
export async function commitOffsets(
  cluster: Cluster,
  offsets: readonly OffsetAndMetadata[],
  group: GroupMetadata | LiveGroupMetadata,
  timeoutMs: number,
  epochBefore: (offset: OffsetAndMetadata) => number = () => -1,
): Promise<void> {
  if (offsets.length === 0) return
  refuseForeign(offsets, group)
  const topics = committedTopics(offsets, epochBefore)
  // Only the caller knows whether the topic is to come back: nothing is gained by waiting here.
  let missing: MillraceError | undefined
  await onCoordinator(cluster, 'group', group.groupId, timeoutMs, async (coordinator, remainingMs) => {
    const { generation, memberId } = group
    const body = {
      groupId: group.groupId,
      generationIdOrMemberEpoch: generation,
      memberId,
      groupInstanceId: group.instanceId ?? null,
      topics,
    }
    const response = await cluster.request(coordinator, offsetCommitApi, body, {
      timeoutMs: remainingMs,
      lane: offsetsLane,
    })
    missing = checkCommit(response.topics, offsets, group, generation)
  })
  if (missing !== undefined) throw missing
}

/** Offsets as requests carry them. */
export function committedTopics(
  offsets: readonly OffsetAndMetadata[],
  epochBefore: (offset: OffsetAndMetadata) => number = () => -1,
): OffsetCommitRequestTopic[] {
  return [...byTopic(offsets)].map(([name, entries]) => ({
    name,
    partitions: entries.map((entry) => ({
      partitionIndex: entry.partition,
      committedOffset: entry.offset,
      committedLeaderEpoch: epochBefore(entry),
      committedMetadata: entry.metadata,
    })),
  }))
}

/**
 * Throws GROUP_FENCED (task-migrated) for what a group would take and must not: offsets of tasks that the member does not
 * have, which a streams group takes from any member with its present epoch, and those of a member that has not joined
 * yet, whom a transaction makes nobody: the group checks nobody (KIP-447).
 */
export function refuseForeign(offsets: readonly TopicPartition[], group: GroupMetadata | LiveGroupMetadata): void {
  if ('isRejoining' in group && group.generation < 0) {
    const { groupId } = group
    const message = `commit for group ${groupId}: the member has not joined it yet, so that it has no tasks: they are dropped`
    throw new MillraceError('GROUP_FENCED', 'task-migrated', message, { details: { groupId } })
  }
  const owns = 'owns' in group ? group.owns : undefined
  const foreign = owns === undefined ? undefined : offsets.find((offset) => !owns(offset))
  if (foreign === undefined) return
  const { topic, partition } = foreign
  const { groupId } = group
  throw new MillraceError(
    'GROUP_FENCED',
    'task-migrated',
    `commit of ${topic}-${partition} for group ${groupId}: the member does not have its task any more`,
    { details: { topic, partition, groupId } },
  )
}

/** With the leader epoch of the record before it, -1 where nobody told. */
export interface CommittedOffset extends OffsetAndMetadata {
  readonly leaderEpoch: number
}

/**
 * Reads the answer to a commit. Returns what it says about a topic that is not there; all else went through. Throws any
 * other failure.
 */
export function checkCommit(
  topics: OffsetCommitResponse['topics'],
  offsets: readonly TopicPartition[],
  group: GroupMetadata | LiveGroupMetadata,
  sentGeneration: number,
): MillraceError | undefined {
  let missing: MillraceError | undefined
  for (const topic of topics) {
    for (const { partitionIndex, errorCode } of topic.partitions) {
      if (errorCode === 0) continue
      const about = `commit of ${topic.name}-${partitionIndex} for group ${group.groupId}`
      const details = { topic: topic.name, partition: partitionIndex, groupId: group.groupId }
      const error = protocolError(errorCode, about, details)
      if (errorCode === errorCodes.unknownTopicOrPartition) {
        missing = retriable(error)
        continue
      }
      if (isBetweenGenerations(errorCode, group, sentGeneration)) throw retriable(error)
      // A group that was deleted, or never was, has no members: whoever commits as one is fenced.
      const isFenced = error.consequence === 'task-migrated' || errorCode === errorCodes.groupIdNotFound
      if (!isFenced || isOfProducer.has(errorCode)) throw error
      throw new MillraceError('GROUP_FENCED', 'task-migrated', error.message, { cause: error, details })
    }
  }
  checkAnswered(`commit for group ${group.groupId}`, offsets, topics)
  return missing
}

/** In a transaction, the group is not the one that says this. */
const isOfProducer: ReadonlySet<number> = new Set([errorCodes.invalidProducerEpoch, errorCodes.producerFenced])

interface AnsweredTopic {
  readonly name: string
  readonly partitions: readonly { readonly partitionIndex: number }[]
}

/** Silence about a partition says neither that its offset was committed nor that it has none. */
function checkAnswered(about: string, asked: readonly TopicPartition[], topics: readonly AnsweredTopic[]): void {
  const answered = new Set(
    topics.flatMap(({ name, partitions }) => partitions.map((each) => partitionKey(name, each.partitionIndex))),
  )
  for (const { topic, partition } of asked) {
    const key = partitionKey(topic, partition)
    if (!answered.has(key)) throw unanswered(`${about}: ${key}`, { topic, partition })
  }
}

function isBetweenGenerations(
  errorCode: number,
  group: GroupMetadata | LiveGroupMetadata,
  sentGeneration: number,
): boolean {
  if (errorCode === errorCodes.rebalanceInProgress) return true
  if (errorCode !== errorCodes.illegalGeneration || !('isRejoining' in group)) return false
  return group.isRejoining || group.generation !== sentGeneration
}

function retriable(cause: MillraceError): MillraceError {
  return new MillraceError(cause.code, 'retriable', cause.message, { cause, details: cause.details })
}

/**
 * The committed offsets of the group in these partitions; partitions without one are left out. Waits for the offsets of
 * open transactions to be decided. Retries until `timeoutMs`.
 */
export async function fetchCommitted(
  cluster: Cluster,
  groupId: string,
  partitions: readonly TopicPartition[],
  timeoutMs: number,
): Promise<readonly CommittedOffset[]> {
  if (partitions.length === 0) return []
  return fetchOffsets(cluster, groupId, partitions, timeoutMs)
}

/** As `fetchCommitted`, of all partitions, without a wait for open transactions. */
export function fetchAllCommitted(
  cluster: Cluster,
  groupId: string,
  timeoutMs: number,
): Promise<readonly CommittedOffset[]> {
  return fetchOffsets(cluster, groupId, undefined, timeoutMs)
}

/** Of all partitions where none are named. */
async function fetchOffsets(
  cluster: Cluster,
  groupId: string,
  partitions: readonly TopicPartition[] | undefined,
  timeoutMs: number,
): Promise<readonly CommittedOffset[]> {
  const topics = partitions === undefined ? null : requestedTopics(partitions)
  return onCoordinator(cluster, 'group', groupId, timeoutMs, async (coordinator, remainingMs) => {
    const body = { groups: [{ groupId, topics }], requireStable: partitions !== undefined }
    const response = await cluster.request(coordinator, offsetFetchApi, body, {
      timeoutMs: remainingMs,
      lane: offsetsLane,
    })
    const group = response.groups[0]
    const about = `committed offsets of group ${groupId}`
    if (group === undefined || group.errorCode !== 0) throw protocolError(group?.errorCode ?? -1, about, { groupId })
    if (partitions !== undefined) checkAnswered(about, partitions, group.topics)
    return group.topics.flatMap((topic) =>
      topic.partitions.flatMap(({ partitionIndex, committedOffset, committedLeaderEpoch, metadata, errorCode }) => {
        const details = { topic: topic.name, partition: partitionIndex, groupId }
        if (errorCode !== 0) throw protocolError(errorCode, `${about} in ${topic.name}-${partitionIndex}`, details)
        if (committedOffset < 0) return []
        const place = { topic: topic.name, partition: partitionIndex, offset: committedOffset }
        return [{ ...place, metadata: metadata ?? '', leaderEpoch: committedLeaderEpoch }]
      }),
    )
  })
}

function requestedTopics(partitions: readonly TopicPartition[]): OffsetFetchRequestTopics[] {
  return [...byTopic(partitions)].map(([name, entries]) => ({
    name,
    partitionIndexes: entries.map((entry) => entry.partition),
  }))
}

function byTopic<Entry extends TopicPartition>(entries: readonly Entry[]): Map<string, Entry[]> {
  const topics = new Map<string, Entry[]>()
  for (const entry of entries) {
    const list = topics.get(entry.topic)
    if (list === undefined) topics.set(entry.topic, [entry])
    else list.push(entry)
  }
  return topics
}
