import type { KafkaConnection } from '../app.ts'
import type { Bytes } from '../core/bytes.ts'
import { type Clock, systemClock } from '../core/clock.ts'
import { MillraceError } from '../core/errors.ts'
import { type Headers, noHeaders } from '../core/headers.ts'
import { MemoryCluster } from '../kafka/memory/cluster.ts'
import { partitionOfKey } from '../kafka/partitioner.ts'
import type { Serde } from '../serde/serde.ts'
import type { TestRecord, TestSerdes } from './test-topics.ts'

export interface MemoryKafkaOptions {
  /** Topics that are there from the start, with their partitions. */
  readonly topics?: Readonly<Record<string, number>> | undefined
  readonly clock?: Clock | undefined
}

/** A record with the place where it lies. */
export interface PlacedRecord<K, V> extends TestRecord<K, V> {
  readonly partition: number
  readonly offset: number
}

export interface WriteOptions {
  /** Default: now. */
  readonly timestamp?: number | undefined
  readonly headers?: Headers | undefined
  /** Default: that of the key; 0 without a key. */
  readonly partition?: number | undefined
}

/**
 * A Kafka in this process for tests of whole applications: give `connection` to `startStreams`, write to topics and read
 * from them with serdes. Nothing waits: what is written is there.
 */
export class MemoryKafka {
  readonly cluster: MemoryCluster
  readonly connection: KafkaConnection
  readonly #clock: Clock

  constructor({ topics = {}, clock = systemClock }: MemoryKafkaOptions = {}) {
    this.#clock = clock
    this.cluster = new MemoryCluster({ clock })
    this.connection = { driver: 'memory', cluster: this.cluster }
    for (const [name, partitions] of Object.entries(topics)) this.createTopic(name, partitions)
  }

  createTopic(name: string, partitions = 1): void {
    this.cluster.createTopic({ name, partitions, replicationFactor: 1, configs: {} })
  }

  topic<K, V>(name: string, serdes: TestSerdes<K, V>): MemoryTopicAccess<K, V> {
    return new MemoryTopicAccess(name, serdes, this.cluster)
  }

  /** Records of a topic that the group, which is named as the application, has not committed yet. */
  uncommitted(groupId: string, topic: string): number {
    const { logs } = this.cluster.topic(topic)
    const partitions = logs.map((_, partition) => ({ topic, partition }))
    const committed = this.cluster.group(groupId).committed(partitions)
    const offsets = new Map(committed.map(({ partition, offset }) => [partition, offset]))
    return logs.reduce((sum, log, partition) => sum + log.endOffset - (offsets.get(partition) ?? log.startOffset), 0)
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
  readonly name: string
  readonly #serdes: TestSerdes<K, V>
  readonly #cluster: MemoryCluster

  constructor(name: string, serdes: TestSerdes<K, V>, cluster: MemoryCluster) {
    this.name = name
    this.#serdes = serdes
    this.#cluster = cluster
  }

  /** Appends a record. Throws UNKNOWN_TOPIC where there is no such topic. */
  write(key: K | null, value: V | null, options: WriteOptions = {}): void {
    const { headers = noHeaders, timestamp = this.#cluster.clock.nowMs() } = options
    const keyBytes = key === null ? null : this.#serdes.key.serialize(key, this.name, headers)
    const valueBytes = value === null ? null : this.#serdes.value.serialize(value, this.name, headers)
    const partition = options.partition ?? this.#partitionOf(keyBytes)
    this.#cluster.append(this.name, partition, timestamp, keyBytes, valueBytes, headers)
  }

  /** All that the topic holds, one partition after the other. */
  read(): PlacedRecord<K, V>[] {
    const records: PlacedRecord<K, V>[] = []
    for (const [partition, log] of this.#cluster.topic(this.name).logs.entries()) {
      for (let next = log.startOffset; next < log.endOffset; ) {
        const batch = log.read(next, Number.MAX_SAFE_INTEGER)
        if (batch === undefined) break
        for (let index = 0; index < batch.count; index++) {
          const headers = batch.headers(index)
          records.push({
            partition,
            offset: batch.offset(index),
            timestamp: batch.timestamp(index),
            headers,
            key: this.#decoded(this.#serdes.key, batch.key(index), headers),
            value: this.#decoded(this.#serdes.value, batch.value(index), headers),
          })
        }
        next = batch.nextOffset
      }
    }
    return records
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
