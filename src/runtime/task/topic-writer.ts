import type { Bytes } from '../../core/bytes.ts'
import { type Clock, systemClock } from '../../core/clock.ts'
import { MillraceError } from '../../core/errors.ts'
import { type Headers, noHeaders } from '../../core/headers.ts'
import { partitionOfKey } from '../../kafka/partitioner.ts'
import type { KafkaDriver, Producer, ProducerOptions } from '../../kafka/port.ts'
import { writerDefaults } from '../../kafka/writer-defaults.ts'
import type { Serde } from '../../serde/serde.ts'

/** Options of `openTopicWriter`. */
export interface TopicWriterOptions<K, V> {
  /** Serializes the keys. */
  readonly key: Serde<K>
  /** Serializes the values. */
  readonly value: Serde<V>
  /** Changes to the defaults of the producer: acks `all`, idempotent, no compression, no linger. */
  readonly producer?: Partial<ProducerOptions> | undefined
  /** How long any step may take, in milliseconds. Default 30 s. */
  readonly timeoutMs?: number | undefined
  /** The source of time, also for records without a timestamp. Default: `systemClock`. */
  readonly clock?: Clock | undefined
}

/**
 * Writes records to one topic from outside of an application, to the partitions where the application expects their
 * keys.
 */
export interface TopicWriter<K, V> {
  /** Writes a record. Resolves when the brokers have it; rejects when the brokers or the serdes refuse it. */
  write(
    key: K | null,
    value: V | null,
    options?: { readonly timestamp?: number | undefined; readonly headers?: Headers | undefined },
  ): Promise<void>
  /** Closes the producer. */
  close(): Promise<void>
}

/** Opens a writer on a driver of `openKafka`. Rejects with UNKNOWN_TOPIC for a topic that does not exist. */
export async function openTopicWriter<K, V>(
  driver: KafkaDriver,
  topic: string,
  options: TopicWriterOptions<K, V>,
): Promise<TopicWriter<K, V>> {
  const { key: keySerde, value: valueSerde, timeoutMs = 30_000, clock = systemClock } = options
  const producer = driver.producer({ ...writerDefaults, deliveryTimeoutMs: timeoutMs, ...options.producer })
  try {
    await producer.prepareTopics([topic], timeoutMs)
    await keySerde.prepare?.(topic)
    await valueSerde.prepare?.(topic)
  } catch (error) {
    await producer.close(timeoutMs).catch(() => {})
    throw error
  }
  return {
    async write(key, value, { timestamp = clock.nowMs(), headers = noHeaders } = {}) {
      const keyBytes = key === null ? null : keySerde.serialize(key, topic, headers)
      const valueBytes = value === null ? null : valueSerde.serialize(value, topic, headers)
      if (producer.isFull) await producer.drained()
      producer.send(topic, partitionOf(producer, topic, keySerde, keyBytes), keyBytes, valueBytes, timestamp, headers)
      await producer.flush(timeoutMs)
    },
    close: () => producer.close(timeoutMs),
  }
}

/** The producer chooses for records without key. */
function partitionOf(
  producer: Producer,
  topic: string,
  serde: Pick<Serde<unknown>, 'partitionBytes'>,
  key: Bytes | null,
): number {
  if (key === null) return -1
  const count = producer.partitionCount(topic)
  if (count === undefined) {
    throw new MillraceError('PARTITIONS_UNKNOWN', 'retriable', `the partitions of topic ${topic} are not known yet`)
  }
  return partitionOfKey(serde.partitionBytes?.(key) ?? key, count)
}
