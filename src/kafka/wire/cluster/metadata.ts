import { errorCodes, protocolErrorKind } from '../connection/protocol-errors.ts'
import type { MetadataResponse, MetadataResponseTopic } from '../protocol/generated/metadata.ts'

/** Of topics on clusters that give them no ids, and in requests that name them. */
export const noTopicId = 'AAAAAAAAAAAAAAAAAAAAAA'

/** A broker with the address at which clients reach it. */
export interface NodeMetadata {
  readonly nodeId: number
  readonly host: string
  readonly port: number
  readonly rack: string | undefined
}

export interface PartitionMetadata {
  readonly partition: number
  /** -1 while there is none. */
  readonly leaderId: number
  readonly leaderEpoch: number
  readonly replicas: readonly number[]
}

export interface TopicMetadata {
  readonly name: string
  readonly topicId: string
  readonly isInternal: boolean
  /** By partition number, without gaps. */
  readonly partitions: readonly PartitionMetadata[]
}

/**
 * Brokers and topics as the last answer named them: one immutable picture after another. `Cluster` replaces it after
 * each answer and each newer leader (KIP-951); whoever holds one sees no change.
 */
export class Metadata {
  readonly clusterId: string | undefined
  readonly controllerId: number
  readonly nodes: ReadonlyMap<number, NodeMetadata>
  readonly #topics: ReadonlyMap<string, TopicMetadata>
  readonly #names: ReadonlyMap<string, string>
  /** Error codes of topics that the last answer could not describe. */
  readonly topicErrors: ReadonlyMap<string, number>

  private constructor(
    clusterId: string | undefined,
    controllerId: number,
    nodes: ReadonlyMap<number, NodeMetadata>,
    topics: ReadonlyMap<string, TopicMetadata>,
    topicErrors: ReadonlyMap<string, number>,
  ) {
    this.clusterId = clusterId
    this.controllerId = controllerId
    this.nodes = nodes
    this.#topics = topics
    this.#names = new Map([...topics.values()].map((topic) => [topic.topicId, topic.name]))
    this.topicErrors = topicErrors
  }

  static readonly empty = new Metadata(undefined, -1, new Map(), new Map(), new Map())

  /** undefined for a topic that no answer has described, or that is gone. */
  topic(name: string): TopicMetadata | undefined {
    return this.#topics.get(name)
  }

  topics(): IterableIterator<TopicMetadata> {
    return this.#topics.values()
  }

  /** undefined for an id that is not known. */
  topicName(topicId: string): string | undefined {
    return this.#names.get(topicId)
  }

  /**
   * The picture after an answer about the `wanted` topics. A partition keeps its leader when the answer is older
   * (a lower epoch of the same topic id), a topic is kept over a passing error; topics that are neither wanted nor
   * answered are forgotten.
   */
  apply(response: MetadataResponse, wanted: ReadonlySet<string>): Metadata {
    const nodes = new Map(
      response.brokers.map((node) => [
        node.nodeId,
        { nodeId: node.nodeId, host: node.host, port: node.port, rack: node.rack ?? undefined },
      ]),
    )
    const topics = new Map([...this.#topics].filter(([name]) => wanted.has(name)))
    const errors = new Map<string, number>()
    for (const topic of response.topics) {
      if (topic.name === null) continue
      if (topic.errorCode === 0 && !isWhole(topic)) errors.set(topic.name, errorCodes.leaderNotAvailable)
      else if (topic.errorCode === 0) topics.set(topic.name, merged(topic.name, topic, topics.get(topic.name)))
      else {
        errors.set(topic.name, topic.errorCode)
        if (isGone(topic.errorCode)) topics.delete(topic.name)
      }
    }
    return new Metadata(response.clusterId ?? undefined, response.controllerId, nodes, topics, errors)
  }

  /** The picture after a broker named a newer leader in its answer; the same one when it told nothing new. */
  withLeader(name: string, partition: number, leaderId: number, leaderEpoch: number): Metadata {
    const topic = this.#topics.get(name)
    const known = topic?.partitions[partition]
    if (topic === undefined || known === undefined || leaderEpoch <= known.leaderEpoch) return this
    const partitions = topic.partitions.with(partition, { ...known, leaderId, leaderEpoch })
    const topics = new Map(this.#topics).set(name, { ...topic, partitions })
    return new Metadata(this.clusterId, this.controllerId, this.nodes, topics, this.topicErrors)
  }
}

/** What is known of the topic is of no use any more; other errors pass. */
function isGone(errorCode: number): boolean {
  return errorCode === errorCodes.unknownTopicOrPartition || protocolErrorKind(errorCode).consequence !== 'retriable'
}

/** A picture without some partitions would send keys to others: it is waited for a whole one. */
function isWhole({ partitions }: MetadataResponseTopic): boolean {
  const numbers = new Set(partitions.map(({ partitionIndex }) => partitionIndex))
  return partitions.length > 0 && partitions.every((_, number) => numbers.has(number))
}

/** Keeps partitions that are known at a higher leader epoch, as long as the topic is the same one. */
function merged(name: string, topic: MetadataResponseTopic, before: TopicMetadata | undefined): TopicMetadata {
  const older = before?.topicId === topic.topicId ? before.partitions : []
  const partitions = [...topic.partitions]
    .sort((left, right) => left.partitionIndex - right.partitionIndex)
    .map(({ partitionIndex, leaderId, leaderEpoch, replicaNodes }): PartitionMetadata => {
      const known = older[partitionIndex]
      if (known !== undefined && known.leaderEpoch > leaderEpoch) return known
      return { partition: partitionIndex, leaderId, leaderEpoch, replicas: replicaNodes }
    })
  return { name, topicId: topic.topicId, isInternal: topic.isInternal, partitions }
}
