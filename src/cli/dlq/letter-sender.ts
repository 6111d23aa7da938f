import { withAttempts } from '../../core/attempts-header.ts'
import { MillraceError } from '../../core/errors.ts'
import type { Headers } from '../../core/headers.ts'
import type { Bytes } from '../../core/bytes.ts'
import type { KafkaDriver, Producer, TopicPartition } from '../../kafka/port.ts'
import { writerDefaults } from '../../kafka/writer-defaults.ts'
import { rangeOfRecord } from '../../kafka/record-ranges.ts'
import { RecordReader } from '../../kafka/record-reader.ts'
import type { Letter } from './letter.ts'
import type { LetterRoute } from './letter-routes.ts'

const timeoutMs = 30_000
const silenceMs = 5000

/** A record as it was written, with the bytes of its key and value. */
interface RawRecord {
  readonly key: Bytes | null
  readonly value: Bytes | null
  readonly timestamp: number
  readonly headers: Headers
}

/** Sends the records of letters, one after the other: when `send` resolves, the brokers have it. */
export class LetterSender {
  readonly #kafka: KafkaDriver
  readonly #applicationId: string
  readonly #producer: Producer
  readonly #prepared = new Set<string>()

  constructor(kafka: KafkaDriver, applicationId: string) {
    this.#kafka = kafka
    this.#applicationId = applicationId
    this.#producer = kafka.producer({ ...writerDefaults, clientId: 'millrace-dead-letters' })
  }

  /**
   * Where the record is now; undefined: its source no longer has it. Rejects when the brokers refuse it.
   */
  async send(
    letter: Letter,
    { topic, partition, bytes, attempt }: LetterRoute & { readonly kind: 'send' },
  ): Promise<(TopicPartition & { readonly offset: number }) | undefined> {
    const record = bytes === 'letter' ? letter : await this.#sourceRecord(letter)
    if (record === undefined) return undefined
    if (!this.#prepared.has(topic)) {
      await this.#producer.prepareTopics([topic], timeoutMs)
      this.#prepared.add(topic)
    }
    const { key, value, timestamp, headers } = record
    this.#producer.send(topic, partition, key, value, timestamp, withAttempts(headers, attempt, this.#applicationId))
    await this.#producer.flush(timeoutMs)
    const end = this.#producer.acknowledgedOffset(topic, partition)
    if (end === undefined)
      throw new MillraceError('PARTITIONS_UNKNOWN', 'retriable', `${topic}-${partition} did not return an offset`)
    return { topic, partition, offset: end - 1 }
  }

  /** The record that the letter is about, for a letter that could not hold all of it; undefined: it was deleted. */
  async #sourceRecord({ source }: Letter): Promise<RawRecord | undefined> {
    if (source === undefined) return undefined
    const { offset } = source
    const reader = new RecordReader(this.#kafka, await rangeOfRecord(this.#kafka.admin(), source))
    try {
      for await (const batch of reader.batches(silenceMs)) {
        for (let index = 0; index < batch.count; index++) {
          if (batch.offset(index) !== offset) continue
          return {
            key: batch.key(index),
            value: batch.value(index),
            timestamp: batch.timestamp(index),
            headers: batch.headers(index),
          }
        }
      }
      return undefined
    } finally {
      await reader.close()
    }
  }

  /** Flushes and closes the producer. */
  close(): Promise<void> {
    return this.#producer.close(timeoutMs)
  }
}
