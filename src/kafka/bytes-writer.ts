import type { Bytes } from '../core/bytes.ts'
import { MillraceError } from '../core/errors.ts'
import type { Headers } from '../core/headers.ts'
import { partitionOfKey } from './partitioner.ts'
import type { KafkaDriver, Producer, ProducerOptions } from './port.ts'
import { writerDefaults } from './writer-defaults.ts'

/** A record as bytes. */
export interface RecordBytes {
  readonly key: Bytes | null
  readonly value: Bytes | null
  readonly timestampMs: number
  readonly headers: Headers
  /** What of the key decides on the partition. Default: all of it. */
  readonly partitionBytes?: Bytes | undefined
}

/** Writes records to one topic from outside of an application, to the partitions where their readers expect their keys. */
export class BytesWriter {
  readonly #producer: Producer
  readonly #topic: string
  readonly #timeoutMs: number

  private constructor(producer: Producer, topic: string, timeoutMs: number) {
    this.#producer = producer
    this.#topic = topic
    this.#timeoutMs = timeoutMs
  }

  /** `prepare` is called when the topic is known. Rejects with UNKNOWN_TOPIC for a topic that does not exist, and as `prepare` does. */
  static async open(
    driver: KafkaDriver,
    topic: string,
    {
      timeoutMs,
      producer: options,
      prepare,
    }: {
      readonly timeoutMs: number
      readonly producer?: Partial<ProducerOptions> | undefined
      readonly prepare?: (() => Promise<void>) | undefined
    },
  ): Promise<BytesWriter> {
    const producer = driver.producer({ ...writerDefaults, deliveryTimeoutMs: timeoutMs, ...options })
    try {
      await producer.prepareTopics([topic], timeoutMs)
      await prepare?.()
    } catch (error) {
      await producer.close(timeoutMs).catch(() => {})
      throw error
    }
    return new BytesWriter(producer, topic, timeoutMs)
  }

  /** Resolves when the brokers have it. */
  async write({ key, value, timestampMs, headers, partitionBytes }: RecordBytes): Promise<void> {
    if (this.#producer.isFull) await this.#producer.drained()
    const partition = key === null ? -1 : this.#partitionOf(partitionBytes ?? key)
    this.#producer.send(this.#topic, partition, key, value, timestampMs, headers)
    await this.#producer.flush(this.#timeoutMs)
  }

  close(): Promise<void> {
    return this.#producer.close(this.#timeoutMs)
  }

  /** The producer chooses for records without key. */
  #partitionOf(key: Bytes): number {
    const count = this.#producer.partitionCount(this.#topic)
    if (count !== undefined) return partitionOfKey(key, count)
    throw new MillraceError(
      'PARTITIONS_UNKNOWN',
      'retriable',
      `the partitions of topic ${this.#topic} are not known yet`,
    )
  }
}
