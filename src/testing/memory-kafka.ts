import type { KafkaConnection } from '../app.ts'
import type { Bytes } from '../core/bytes.ts'
import { type Clock, systemClock } from '../core/clock.ts'
import { MillraceError } from '../core/errors.ts'
import { type Headers, noHeaders } from '../core/headers.ts'
import { MemoryCluster } from '../kafka/memory/cluster.ts'
import { partitionOfKey } from '../kafka/partitioner.ts'
import type { Serde } from '../serde/serde.ts'
import { memoryRecords, uncommittedRecords } from './memory-records.ts'
import type { TestRecord, TestSerdes } from './test-topics.ts'

/** What a `MemoryKafka` starts with. */
export interface MemoryKafkaOptions {
  /** Topics that exist from the start, with their partition counts. */
  readonly topics?: Readonly<Record<string, number>> | undefined
  /** The time of the cluster and of `until`. Default: the clock of the system. */
  readonly clock?: Clock | undefined
}

/** A record with its partition and offset. */
export interface PlacedRecord<K, V> extends TestRecord<K, V> {
  /** The partition that holds the record. */
  readonly partition: number
  /** Its offset in that partition. */
  readonly offset: number
}

/** What `write` of a `MemoryTopicAccess` sets in addition to key and value. */
export interface WriteOptions {
  /** Default: now. */
  readonly timestamp?: number | undefined
  /** Default: none. */
  readonly headers?: Headers | undefined
  /** The partition to write to. Default: the partition of the key; 0 without a key. */
  readonly partition?: number | undefined
}

/**
 * A Kafka in this process for tests of whole applications: give `connection` to `startStreams`, write to topics and
 * read from them with serdes. It has no delays: a written record can be read immediately.
 */
export class MemoryKafka {
  /** The cluster itself, for what this class does not offer: retention, compaction, faults. */
  readonly cluster: MemoryCluster
  /** Give it as `kafka` to `startStreams`, `composeStreams` or `openKafka`. */
  readonly connection: KafkaConnection
  readonly #clock: Clock

  constructor({ topics = {}, clock = systemClock }: MemoryKafkaOptions = {}) {
    this.#clock = clock
    this.cluster = new MemoryCluster({ clock })
    this.connection = { driver: 'memory', cluster: this.cluster }
    for (const [name, partitions] of Object.entries(topics)) this.createTopic(name, partitions)
  }

  /**
   * Creates a topic with `partitions` partitions (default 1); one that exists already stays as it is. Throws
   * INVALID_TOPIC_EXCEPTION and INVALID_PARTITIONS.
   */
  createTopic(name: string, partitions = 1): void {
    this.cluster.createTopic({ name, partitions, replicationFactor: 1, configs: {} })
  }

  /** Typed access to one topic: writes to it and reads from it with these serdes. */
  topic<K, V>(name: string, serdes: TestSerdes<K, V>): MemoryTopicAccess<K, V> {
    return new MemoryTopicAccess(name, serdes, this.cluster)
  }

  /** How many records of a topic the group has not committed yet; the group has the name of the application. */
  uncommitted(groupId: string, topic: string): number {
    return uncommittedRecords(this.cluster, groupId, topic)
  }

  /** Waits until the condition holds. Rejects with TEST_TIMEOUT. */
  async until(condition: () => boolean, timeoutMs = 10_000): Promise<void> {
    const deadlineMs = this.#clock.monotonicMs() + timeoutMs
    while (!condition()) {
      if (this.#clock.monotonicMs() > deadlineMs) {
        throw new MillraceError('TEST_TIMEOUT', 'fatal', `not true after ${timeoutMs} ms: ${condition}`)
      }
      await this.#clock.sleep(5)
    }
  }
}

/** One topic of a `MemoryKafka`, typed. */
export class MemoryTopicAccess<K, V> {
  /** The name of the topic. */
  readonly name: string
  readonly #serdes: TestSerdes<K, V>
  readonly #cluster: MemoryCluster

  constructor(name: string, serdes: TestSerdes<K, V>, cluster: MemoryCluster) {
    this.name = name
    this.#serdes = serdes
    this.#cluster = cluster
  }

  /** Appends a record. Throws UNKNOWN_TOPIC_OR_PARTITION when the topic or the partition does not exist. */
  write(key: K | null, value: V | null, options: WriteOptions = {}): void {
    const { headers = noHeaders, timestamp = this.#cluster.clock.nowMs() } = options
    const keyBytes = key === null ? null : this.#serdes.key.serialize(key, this.name, headers)
    const valueBytes = value === null ? null : this.#serdes.value.serialize(value, this.name, headers)
    const partition = options.partition ?? this.#partitionOf(keyBytes)
    this.#cluster.append(this.name, partition, keyBytes, valueBytes, timestamp, headers)
  }

  /** All records of the topic, one partition after the other. */
  read(): PlacedRecord<K, V>[] {
    const { key: keySerde, value: valueSerde } = this.#serdes
    return Array.from(memoryRecords(this.#cluster, this.name), ({ key, value, ...record }) => ({
      ...record,
      key: this.#decoded(keySerde, key, record.headers),
      value: this.#decoded(valueSerde, value, record.headers),
    }))
  }

  #partitionOf(key: Bytes | null): number {
    const { length } = this.#cluster.topic(this.name).logs
    const { partitionBytes } = this.#serdes.key
    return key === null ? 0 : partitionOfKey(partitionBytes?.(key) ?? key, length)
  }

  #decoded<T>(serde: Serde<T>, bytes: Bytes | null, headers: Headers): T | null {
    return bytes === null ? null : serde.deserialize(bytes, this.name, headers)
  }
}
