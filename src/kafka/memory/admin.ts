import { counted } from '../../core/counted.ts'
import { MillraceError } from '../../core/errors.ts'
import type {
  Admin,
  GroupDescription,
  IsolationLevel,
  NewTopic,
  OffsetAndMetadata,
  OffsetPlace,
  TopicDescription,
  TopicPartition,
} from '../port.ts'
import type { MemoryCluster } from './cluster.ts'
import type { MemoryTopic } from './topic.ts'
import { Waits } from './waits.ts'

type Place = TopicPartition & { readonly at: OffsetPlace }

/**
 * The port's Admin on the cluster in memory. Changes are visible at once, to all clients; names and counts of partitions are
 * checked as a broker does.
 */
export class MemoryAdmin implements Admin {
  readonly #cluster: MemoryCluster
  readonly #waits = new Waits()
  #closedBy: MillraceError | undefined

  constructor(cluster: MemoryCluster) {
    this.#cluster = cluster
  }

  get #open(): MemoryCluster {
    if (this.#closedBy !== undefined) throw this.#closedBy
    return this.#cluster
  }

  async listTopics(): Promise<readonly string[]> {
    return [...this.#open.topics.keys()].sort()
  }

  async describeTopics(topics: readonly string[]): Promise<readonly TopicDescription[]> {
    return topics.flatMap((name) => {
      const topic = this.#open.topics.get(name)
      return topic === undefined ? [] : [describe(topic)]
    })
  }

  async createTopics(topics: readonly NewTopic[], _timeoutMs: number): Promise<readonly string[]> {
    return topics.filter((topic) => this.#open.createTopic(topic)).map((topic) => topic.name)
  }

  async createPartitions(topic: string, totalCount: number): Promise<void> {
    this.#open.growTopic(topic, totalCount)
  }

  async deleteTopics(topics: readonly string[]): Promise<void> {
    for (const topic of topics) if (this.#open.topics.has(topic)) this.#open.deleteTopic(topic)
  }

  async deleteRecords(offsets: readonly (TopicPartition & { readonly offset: number })[]): Promise<void> {
    for (const { topic, partition, offset } of offsets) this.#open.deleteBefore(topic, partition, offset)
  }

  async describeTopicConfigs(
    topics: readonly string[],
  ): Promise<ReadonlyMap<string, Readonly<Record<string, string>>>> {
    return new Map(topics.map((name) => [name, Object.fromEntries(this.#open.topic(name).configs)]))
  }

  async alterTopicConfigs(topic: string, configs: Readonly<Record<string, string | null>>): Promise<void> {
    this.#open.topic(topic).alterConfigs(configs)
  }

  async listOffsets(
    places: readonly Place[],
    isolationLevel: IsolationLevel,
  ): Promise<readonly (TopicPartition & { readonly offset: number })[]> {
    return places.map(({ topic, partition, at }) => {
      const log = this.#open.log(topic, partition)
      if (at === 'earliest') return { topic, partition, offset: log.startOffset }
      const end = log.endFor(isolationLevel)
      return { topic, partition, offset: at === 'latest' ? end : Math.min(end, log.offsetAt(at.timestampMs)) }
    })
  }

  async listGroups(): Promise<readonly string[]> {
    return [...this.#open.groups.keys()].sort()
  }

  async describeGroup(groupId: string): Promise<GroupDescription> {
    const group = this.#open.groups.get(groupId)
    if (group === undefined) throw unknownGroup(groupId)
    return group.describe()
  }

  async removeMember(groupId: string, memberId: string): Promise<void> {
    this.#open.groups.get(groupId)?.fence(memberId)
  }

  async groupOffsets(groupId: string): Promise<readonly OffsetAndMetadata[]> {
    return this.#open.groups.get(groupId)?.offsets.all() ?? []
  }

  async deleteGroups(groupIds: readonly string[]): Promise<void> {
    for (const groupId of groupIds) {
      const group = this.#open.groups.get(groupId)
      if (group === undefined) continue
      if (group.memberCount > 0) throw groupInUse(groupId, group.memberCount)
      this.#open.groups.delete(groupId)
    }
  }

  async close(): Promise<void> {
    this.end(new MillraceError('ADMIN_CLOSED', 'fatal', 'the admin client is closed'))
  }

  get isEnded(): boolean {
    return this.#closedBy !== undefined
  }

  /** From now on every call rejects with this. */
  end(error: MillraceError): void {
    this.#closedBy ??= error
    this.#waits.end(this.#closedBy)
  }
}

function describe(topic: MemoryTopic): TopicDescription {
  const { name, topicId, logs } = topic
  return { name, topicId, partitions: logs.map(({ partition }) => ({ partition, leader: 0, replicas: [0] })) }
}

function unknownGroup(groupId: string): MillraceError {
  return new MillraceError('GROUP_ID_NOT_FOUND', 'fatal', `group ${groupId} does not exist`)
}

function groupInUse(groupId: string, members: number): MillraceError {
  return new MillraceError(
    'NON_EMPTY_GROUP',
    'fatal',
    `group ${groupId} has ${counted(members, 'member')}: stop them first`,
  )
}
