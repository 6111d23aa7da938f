import { type Clock, systemClock } from '../../core/clock.ts'
import { type Headers, noHeaders } from '../../core/headers.ts'
import { BytesWriter } from '../../kafka/bytes-writer.ts'
import type { KafkaDriver, ProducerOptions } from '../../kafka/port.ts'
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
  const writer = await BytesWriter.open(driver, topic, {
    timeoutMs,
    producer: options.producer,
    async prepare() {
      await keySerde.prepare?.(topic)
      await valueSerde.prepare?.(topic)
    },
  })
  return {
    async write(key, value, { timestamp = clock.nowMs(), headers = noHeaders } = {}) {
      const keyBytes = key === null ? null : keySerde.serialize(key, topic, headers)
      const valueBytes = value === null ? null : valueSerde.serialize(value, topic, headers)
      const partitionBytes = keyBytes === null ? undefined : keySerde.partitionBytes?.(keyBytes)
      await writer.write({ key: keyBytes, value: valueBytes, timestampMs: timestamp, headers, partitionBytes })
    },
    close: () => writer.close(),
  }
}
