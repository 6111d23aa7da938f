import { consequenceOf, MillraceError } from '../../../core/errors.ts'
import type {
  Admin,
  GroupDescription,
  GroupProtocol,
  IsolationLevel,
  NewTopic,
  OffsetAndMetadata,
  OffsetPlace,
  TopicDescription,
  TopicPartition,
} from '../../port.ts'
import { alterTopicConfigs, describeTopicConfigs } from './admin-configs.ts'
import { deleteGroups, describeGroup, listGroups, removeMember } from './admin-groups.ts'
import { deleteRecords, listOffsets } from './admin-offsets.ts'
import { Backoff } from '../../../core/backoff.ts'
import { Deadline, retryUntil, Tries } from '../connection/retry-until.ts'
import type { Cluster, Lane } from '../cluster/cluster.ts'
import { errorCodes, protocolError, protocolErrorKind } from '../connection/protocol-errors.ts'
import { noTopicId } from '../cluster/metadata.ts'
import { fetchAllCommitted } from '../group/offsets.ts'
import type { Api } from '../protocol/api.ts'
import { createPartitionsApi } from '../protocol/generated/create-partitions.ts'
import { createTopicsApi } from '../protocol/generated/create-topics.ts'
import { deleteTopicsApi } from '../protocol/generated/delete-topics.ts'
import {
  type MetadataResponse,
  type MetadataResponsePartition,
  type MetadataResponseTopic,
  metadataApi,
} from '../protocol/generated/metadata.ts'

/** A broker that hangs is asked again, until it answers or has left the metadata. */
const lookTimeoutMs = 2000

/** Requests that may take the broker seconds have their own lane, so that metadata does not wait behind them. */
const adminLane: Lane = 'admin'

/**
 * The port's Admin over the wire. The deadline of a call is the cluster's `requestTimeoutMs` unless it names one. A
 * call is repeated after retriable errors until its deadline, then rejects with the last of them; other errors reject
 * at once.
 *
 * Changes of topics go to the controller, in a lane of their own, and resolve when every broker of the metadata shows
 * them: otherwise a producer that asks another broker would still get the answer that the topic does not exist. An answer may
 * be lost after the controller has acted, so that a repeated change that finds its own effect (the topic exists, or has
 * that many partitions) has succeeded.
 */
export class WireAdmin implements Admin {
  readonly #cluster: Cluster

  constructor(cluster: Cluster) {
    this.#cluster = cluster
  }

  async listTopics(): Promise<readonly string[]> {
    const response = await this.#describe(null)
    return response.topics.flatMap(({ errorCode, name, isInternal }) =>
      errorCode === 0 && name !== null && !isInternal ? [name] : [],
    )
  }

  async describeTopics(topics: readonly string[]): Promise<readonly TopicDescription[]> {
    const response = await this.#describe(topics)
    return response.topics.flatMap((topic) => {
      if (topic.errorCode === errorCodes.unknownTopicOrPartition || topic.name === null) return []
      if (topic.errorCode !== 0)
        throw protocolError(topic.errorCode, `description of topic ${topic.name}`, { topic: topic.name })
      const partitions = topic.partitions
        .map(({ partitionIndex, leaderId, replicaNodes }) => ({
          partition: partitionIndex,
          leader: leaderId,
          replicas: replicaNodes,
        }))
        .sort((left, right) => left.partition - right.partition)
      return [{ name: topic.name, topicId: topic.topicId, partitions }]
    })
  }

  async createTopics(topics: readonly NewTopic[], timeoutMs: number): Promise<readonly string[]> {
    if (topics.length === 0) return []
    const deadline = new Deadline(this.#cluster.config.clock, timeoutMs)
    const made = new Set<string>()
    let remaining = topics
    let isUnanswered = false
    await this.#retry(deadline, async (tryMs) => {
      const body = { topics: remaining.map(creatable), timeoutMs: brokerTimeoutMs(tryMs) }
      // Topics that a try created, whose answer was lost, exist for the next try.
      const mayBeMade = isUnanswered
      isUnanswered = true
      const response = await this.#onController(createTopicsApi, body, tryMs)
      isUnanswered = false
      let failure: MillraceError | undefined
      for (const { name, errorCode, errorMessage } of response.topics) {
        if (errorCode === 0 || (mayBeMade && errorCode === errorCodes.topicAlreadyExists)) made.add(name)
        if (errorCode === 0 || errorCode === errorCodes.topicAlreadyExists) {
          remaining = remaining.filter((topic) => topic.name !== name)
        } else {
          const error = protocolError(errorCode, `creation of topic ${name} (${errorMessage ?? 'no reason given'})`, {
            topic: name,
          })
          if (failure === undefined || consequenceOf(failure) === 'retriable') failure = error
        }
      }
      if (failure !== undefined) throw failure
    })
    const isUsable = (topic: MetadataResponseTopic) => topic.errorCode === 0 && topic.partitions.every(hasLeader)
    await this.#awaitEverywhere(
      topics.map((topic) => topic.name),
      deadline,
      isUsable,
    )
    return [...made]
  }

  async createPartitions(topic: string, totalCount: number): Promise<void> {
    const deadline = this.#deadline()
    let tries = 0
    await this.#retry(deadline, async (tryMs) => {
      tries++
      const body = {
        topics: [{ name: topic, count: totalCount, assignments: null }],
        timeoutMs: brokerTimeoutMs(tryMs),
        validateOnly: false,
      }
      const [result] = (await this.#onController(createPartitionsApi, body, tryMs)).results
      // The answer to a try before this one may have been lost on its way.
      if (tries > 1 && result?.errorCode === errorCodes.invalidPartitions) return
      check(result, `growth of topic ${topic} to ${totalCount} partitions`, { topic })
    })
    const hasGrown = ({ partitions }: MetadataResponseTopic) => partitions.filter(hasLeader).length >= totalCount
    await this.#awaitEverywhere([topic], deadline, hasGrown)
  }

  async deleteTopics(topics: readonly string[]): Promise<void> {
    if (topics.length === 0) return
    const deadline = this.#deadline()
    await this.#retry(deadline, async (tryMs) => {
      const body = {
        topics: topics.map((name) => ({ name, topicId: noTopicId })),
        timeoutMs: brokerTimeoutMs(tryMs),
      }
      for (const result of (await this.#onController(deleteTopicsApi, body, tryMs)).responses) {
        if (result.errorCode === errorCodes.unknownTopicOrPartition) continue
        check(result, `deletion of topic ${result.name}`, { topic: result.name ?? undefined })
      }
    })
    this.#cluster.forget(topics)
    await this.#awaitEverywhere(topics, deadline, (topic) => topic.errorCode === errorCodes.unknownTopicOrPartition)
  }

  deleteRecords(offsets: readonly (TopicPartition & { readonly offset: number })[]): Promise<void> {
    return deleteRecords(this.#cluster, offsets)
  }

  describeTopicConfigs(topics: readonly string[]): Promise<ReadonlyMap<string, Readonly<Record<string, string>>>> {
    return describeTopicConfigs(this.#cluster, topics)
  }

  alterTopicConfigs(topic: string, configs: Readonly<Record<string, string | null>>): Promise<void> {
    return alterTopicConfigs(this.#cluster, topic, configs)
  }

  listOffsets(
    partitions: readonly (TopicPartition & { readonly at: OffsetPlace })[],
    isolationLevel: IsolationLevel,
  ): Promise<readonly (TopicPartition & { readonly offset: number })[]> {
    return listOffsets(this.#cluster, partitions, isolationLevel)
  }

  listGroups(): Promise<readonly string[]> {
    return listGroups(this.#cluster)
  }

  describeGroup(groupId: string): Promise<GroupDescription> {
    return describeGroup(this.#cluster, groupId)
  }

  removeMember(groupId: string, memberId: string, protocol: GroupProtocol): Promise<void> {
    return removeMember(this.#cluster, groupId, memberId, protocol)
  }

  groupOffsets(groupId: string): Promise<readonly OffsetAndMetadata[]> {
    return fetchAllCommitted(this.#cluster, groupId, this.#cluster.config.requestTimeoutMs)
  }

  deleteGroups(groupIds: readonly string[]): Promise<void> {
    return deleteGroups(this.#cluster, groupIds)
  }

  /** Connections belong to the driver, so there is nothing to close. */
  async close(): Promise<void> {}

  /** null: all topics. Never creates one. */
  async #describe(topics: readonly string[] | null): Promise<MetadataResponse> {
    const body = {
      topics: topics?.map((name) => ({ name, topicId: noTopicId })) ?? null,
      allowAutoTopicCreation: false,
      includeTopicAuthorizedOperations: false,
    }
    const response = await this.#cluster.requestAny(metadataApi, body)
    if (response.errorCode !== 0) throw protocolError(response.errorCode, 'description of topics')
    for (const { name, errorCode, partitions } of response.topics) {
      if (name !== null && errorCode === 0) this.#cluster.noticePartitions(name, partitions.length)
    }
    return response
  }

  /** Decisions of the controller reach the brokers a little later; until then they answer from before. */
  async #awaitEverywhere(
    names: readonly string[],
    deadline: Deadline,
    isSo: (topic: MetadataResponseTopic) => boolean,
  ): Promise<void> {
    await this.#cluster.refresh([], deadline.remainingMs())
    const body = {
      topics: names.map((name) => ({ name, topicId: noTopicId })),
      allowAutoTopicCreation: false,
      includeTopicAuthorizedOperations: false,
    }
    await this.#retry(deadline, async () => {
      const asked = [...this.#cluster.metadata.nodes.keys()].map(async (nodeId) => {
        const timeoutMs = Math.min(lookTimeoutMs, deadline.remainingMs())
        const { topics } = await this.#cluster.request(nodeId, metadataApi, body, { timeoutMs })
        const behind = topics.find((topic) => !isSo(topic))
        if (behind !== undefined) throw notYet(behind, nodeId)
      })
      await Promise.all(asked)
    })
  }

  /** Looks the controller up where it is not known; one that has moved is found by the retry. */
  async #onController<Request, Response>(
    api: Api<Request, Response>,
    body: Request,
    timeoutMs: number,
  ): Promise<Response> {
    const deadline = new Deadline(this.#cluster.config.clock, timeoutMs)
    if (this.#cluster.metadata.controllerId < 0) await this.#cluster.refresh([], timeoutMs)
    const options = { timeoutMs: deadline.remainingMs(), lane: adminLane }
    return this.#cluster.request(this.#cluster.metadata.controllerId, api, body, options)
  }

  /** `step` gets the time that one try may take. */
  #retry<T>(deadline: Deadline, step: (tryMs: number) => Promise<T>): Promise<T> {
    const { clock, retryBackoff, requestTimeoutMs } = this.#cluster.config
    const tries = new Tries(deadline, requestTimeoutMs)
    const backoff = new Backoff(retryBackoff)
    return retryUntil(clock, deadline, backoff, async () => {
      try {
        return await step(tries.nextMs())
      } catch (error) {
        if (consequenceOf(error) === 'retriable') this.#cluster.refreshSoon()
        throw error
      }
    })
  }

  /** That of a call without its own. */
  #deadline(): Deadline {
    return new Deadline(this.#cluster.config.clock, this.#cluster.config.requestTimeoutMs)
  }
}

function hasLeader(partition: MetadataResponsePartition): boolean {
  return partition.leaderId >= 0
}

/** METADATA_BEHIND: retriable, for `#awaitEverywhere`. */
function notYet({ name, errorCode }: MetadataResponseTopic, nodeId: number): MillraceError {
  const { meaning } = protocolErrorKind(errorCode === 0 ? errorCodes.leaderNotAvailable : errorCode)
  const what = `broker ${nodeId} does not know the change of topic ${name}`
  return new MillraceError('METADATA_BEHIND', 'retriable', `${what}: ${meaning}`, {
    details: { topic: name ?? undefined },
  })
}

/** A topic without assignments: the controller chooses brokers. */
function creatable(topic: NewTopic) {
  return {
    name: topic.name,
    numPartitions: topic.partitions,
    replicationFactor: topic.replicationFactor,
    assignments: [],
    configs: Object.entries(topic.configs).map(([name, value]) => ({ name, value })),
  }
}

/** The broker gives up a little before we do, so that its reason reaches us. */
function brokerTimeoutMs(tryMs: number): number {
  return Math.max(1, Math.round(tryMs * 0.9))
}

/** Throws the error of one result; a result that is missing is an unknown error (-1). */
function check(
  result: { readonly errorCode: number; readonly errorMessage: string | null } | undefined,
  about: string,
  details: { readonly topic?: string | undefined },
): void {
  if (result === undefined) throw protocolError(-1, about, details)
  if (result.errorCode !== 0)
    throw protocolError(result.errorCode, `${about} (${result.errorMessage ?? 'no reason given'})`, details)
}
