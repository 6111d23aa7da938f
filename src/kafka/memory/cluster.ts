import type { Bytes } from '../../core/bytes.ts'
import type { Clock } from '../../core/clock.ts'
import { MillraceError } from '../../core/errors.ts'
import { type Headers, noHeaders } from '../../core/headers.ts'
import type { ChangelogEnds } from '../assignment/changelog-ends.ts'
import type { NewTopic, TopicPartition } from '../port.ts'
import { Faults } from './faults.ts'
import { type GroupHost, MemoryGroup } from './group.ts'
import type { PartitionLog } from './log.ts'
import type { LogTransaction } from './log-transactions.ts'
import { MemoryTopic, unknownPartition } from './topic.ts'
import { TransactionCoordinator } from './transaction-coordinator.ts'

export interface MemoryClusterOptions {
  readonly clock: Clock
  /** Partitions of a topic that is created with -1. Default 1. */
  readonly defaultPartitions?: number
  /**
   * Bytes kept per topic, including the overhead of each record. Above it the oldest segments go, whoever still wanted
   * to read them (`lostRecords` counts what some group had not committed past; its reader's `offsetReset` decides where
   * it continues); a compacted topic is compacted instead, and kept to its `retention.ms` where its policy deletes too.
   * Default: no bound.
   */
  readonly retainedBytesMax?: number
}

const topicNamePattern = /^(?!\.{1,2}$)[a-zA-Z0-9._-]{1,249}$/

/**
 * A Kafka cluster in one process: topics, logs, groups. Several drivers share it. Its time comes only from the clock.
 */
export class MemoryCluster implements GroupHost {
  /** The time of the cluster: log append times, retention and group timeouts follow it. */
  readonly clock: Clock
  /**
   * Failures that a test requests: of the next commit, record sent or call of a transaction. Nothing fails without a
   * request.
   */
  readonly faults = new Faults()
  /** Who may write transactions, and what they have open. */
  readonly transactions: TransactionCoordinator
  /** The topics by name, with their logs. Change them with `createTopic`, `growTopic` and `deleteTopic`. */
  readonly topics = new Map<string, MemoryTopic>()
  /** The consumer groups by id; each is created at its first use. */
  readonly groups = new Map<string, MemoryGroup>()
  /** How many records were dropped at the size limit before every group had committed past them. */
  lostRecords = 0
  /** How often a reader found its position outside the log and was reset. */
  offsetResets = 0
  readonly #defaultPartitions: number
  readonly #retainedBytesMax: number
  #topicCount = 0
  #memberCount = 0
  #topicWaiters = new Set<() => void>()

  constructor(options: MemoryClusterOptions) {
    this.clock = options.clock
    this.transactions = new TransactionCoordinator(this)
    this.#defaultPartitions = options.defaultPartitions ?? 1
    this.#retainedBytesMax = options.retainedBytesMax ?? Number.POSITIVE_INFINITY
  }

  /** Creates a topic; returns whether it is new. */
  createTopic(topic: NewTopic): boolean {
    if (!topicNamePattern.test(topic.name)) {
      const rule = 'use 1 to 249 ASCII letters, digits, dots, underscores and hyphens'
      throw new MillraceError('INVALID_TOPIC_EXCEPTION', 'fatal', `'${topic.name}' is not a topic name: ${rule}`)
    }
    if (this.topics.has(topic.name)) return false
    const count = topic.partitions === -1 ? this.#defaultPartitions : topic.partitions
    if (!Number.isInteger(count) || count < 1) throw invalidPartitions(topic.name, count)
    const topicId = `00000000-0000-4000-8000-${(++this.#topicCount).toString(16).padStart(12, '0')}`
    this.topics.set(topic.name, new MemoryTopic(topic.name, topicId, count, topic.configs, this.#retainedBytesMax))
    this.#tellTopicsChanged()
    return true
  }

  /**
   * Adds partitions until the topic has `partitions` of them. Throws UNKNOWN_TOPIC_OR_PARTITION for a topic that does
   * not exist, and INVALID_PARTITIONS when the count does not grow.
   */
  growTopic(name: string, partitions: number): void {
    const topic = this.topic(name)
    if (partitions <= topic.logs.length) throw invalidPartitions(name, partitions)
    topic.growTo(partitions)
    this.#tellTopicsChanged()
  }

  /**
   * Deletes a topic, its records and what groups have committed for it. Throws UNKNOWN_TOPIC_OR_PARTITION when it does
   * not exist.
   */
  deleteTopic(name: string): void {
    this.topic(name)
    this.topics.delete(name)
    for (const group of this.groups.values()) group.offsets.forgetTopic(name)
    this.#tellTopicsChanged()
  }

  /** Throws UNKNOWN_TOPIC_OR_PARTITION. */
  topic(name: string): MemoryTopic {
    const topic = this.topics.get(name)
    if (topic !== undefined) return topic
    throw new MillraceError('UNKNOWN_TOPIC_OR_PARTITION', 'fatal', `topic ${name} does not exist: create it first`, {
      details: { topic: name },
    })
  }

  /** How many partitions a topic has; undefined when it does not exist. */
  partitionCount(topic: string): number | undefined {
    return this.topics.get(topic)?.logs.length
  }

  /** The offsets of the first record and of the next one; both are 0 where there is no such partition. */
  ends({ topic, partition }: TopicPartition): ChangelogEnds {
    const log = this.topics.get(topic)?.logs[partition]
    return { first: log?.startOffset ?? 0, next: log?.endOffset ?? 0 }
  }

  /** The log of one partition. Throws UNKNOWN_TOPIC_OR_PARTITION when the topic or the partition does not exist. */
  log(topic: string, partition: number): PartitionLog {
    const log = this.topic(topic).logs[partition]
    if (log === undefined) throw unknownPartition(topic, partition)
    return log
  }

  /**
   * Appends a record as if a producer had sent it and it had arrived immediately; bytes are copied. Returns the offset.
   */
  append(
    topicName: string,
    partition: number,
    key: Bytes | null,
    value: Bytes | null,
    timestamp: number,
    headers: Headers = noHeaders,
    transaction?: LogTransaction,
  ): number {
    const topic = this.topic(topicName)
    const time = topic.configs.get('message.timestamp.type') === 'LogAppendTime' ? this.clock.nowMs() : timestamp
    const offset = topic.append(partition, key, value, time, headers, transaction)
    topic.enforceBound(partition, this.clock, this.#onLost)
    return offset
  }

  readonly #onLost = (log: PartitionLog, from: number, to: number): void => {
    let unread = to
    for (const group of this.groups.values()) {
      const committed = group.offsets.offsetIn(log.topic, log.partition)
      if (committed !== undefined) unread = Math.min(unread, committed)
    }
    this.lostRecords += to - Math.max(from, unread)
  }

  /** Compacts as the cleaner of a broker does: keeps the last record of each key. */
  compact(topic: string, options: { readonly dropTombstones?: boolean } = {}): void {
    this.topic(topic).compact(options.dropTombstones ? Number.POSITIVE_INFINITY : 0)
  }

  /**
   * Deletes the records before `offset`. Throws OFFSET_OUT_OF_RANGE for an offset after the end of the log, and
   * UNKNOWN_TOPIC_OR_PARTITION.
   */
  deleteBefore(topic: string, partition: number, offset: number): void {
    const log = this.log(topic, partition)
    if (offset > log.endOffset) {
      throw new MillraceError(
        'OFFSET_OUT_OF_RANGE',
        'fatal',
        `cannot delete records of ${topic}-${partition} before ${offset}: the log ends at ${log.endOffset}`,
        { details: { topic, partition, offset } },
      )
    }
    log.deleteBefore(offset)
    this.topic(topic).recount()
  }

  /** Deletes old records as the retention of a broker does, in every topic whose `cleanup.policy` includes `delete`. */
  applyRetention(): void {
    for (const topic of this.topics.values()) topic.applyRetention(this.clock.nowMs())
  }

  /** The group with this id; it is created, without members, when it does not exist. */
  group(groupId: string): MemoryGroup {
    let group = this.groups.get(groupId)
    if (group === undefined) {
      group = new MemoryGroup(this, groupId)
      this.groups.set(groupId, group)
    }
    return group
  }

  /** An id for a new group member: the client id and a number that no other member of this cluster has. */
  nextMemberId(clientId: string): string {
    return `${clientId}-${++this.#memberCount}`
  }

  /**
   * Calls the function once, when a topic is next created, grown or deleted. Returns a function that stops the waiting.
   */
  onceTopicsChanged(callback: () => void): () => void {
    this.#topicWaiters.add(callback)
    return () => void this.#topicWaiters.delete(callback)
  }

  #tellTopicsChanged(): void {
    const waiting = this.#topicWaiters
    this.#topicWaiters = new Set()
    for (const callback of waiting) callback()
    for (const group of this.groups.values()) group.topicsChanged()
  }
}

function invalidPartitions(topic: string, count: number): MillraceError {
  return new MillraceError(
    'INVALID_PARTITIONS',
    'fatal',
    `topic ${topic} cannot have ${count} partitions: the count is at least 1 and can only grow`,
    { details: { topic } },
  )
}
