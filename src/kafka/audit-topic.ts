import { type Clock, systemClock } from '../core/clock.ts'
import { MillraceError } from '../core/errors.ts'
import { noHeaders } from '../core/headers.ts'
import { partitionOfKey } from './partitioner.ts'
import type { KafkaDriver, Producer } from './port.ts'
import { writerDefaults } from './writer-defaults.ts'

const timeoutMs = 30_000
const yearMs = 365 * 86_400_000
/** Entries that wait for the brokers: further ones are refused. */
const waitingMax = 1000

/** What every entry of an audit topic has; it is written as JSON, with its `id` as the key. */
export interface AuditRecord {
  /** Of what was done: entries with the same one belong together. */
  readonly id: string
  readonly timeMs: number
}

interface Waiting {
  readonly entry: AuditRecord
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
}

/** Writes what somebody did, in order. The topic keeps it for a year where it was created here. */
export class AuditTopic<Entry extends AuditRecord> {
  readonly #kafka: KafkaDriver
  readonly #topic: string
  readonly #clock: Clock
  #waiting: Waiting[] = []
  #writing: Promise<void> | undefined
  #producer: Producer | undefined
  #isClosed = false

  private constructor(kafka: KafkaDriver, topic: string, clock: Clock) {
    this.#kafka = kafka
    this.#topic = topic
    this.#clock = clock
  }

  /** Creates the topic where it is missing. Rejects where it cannot be written to. */
  static async open<Entry extends AuditRecord>(
    kafka: KafkaDriver,
    topic: string,
    clock: Clock = systemClock,
  ): Promise<AuditTopic<Entry>> {
    const audit = new AuditTopic<Entry>(kafka, topic, clock)
    const admin = kafka.admin()
    try {
      const configs = { 'cleanup.policy': 'delete', 'retention.ms': String(yearMs) }
      await admin.createTopics([{ name: topic, partitions: 1, replicationFactor: -1, configs }], timeoutMs)
      await audit.#opened()
      return audit
    } catch (cause) {
      await audit.#letGo()
      throw cause
    } finally {
      await admin.close()
    }
  }

  /** Resolves when the brokers have the entry; rejects with what went wrong. */
  async write(entry: Entry): Promise<void> {
    if (this.#isClosed || this.#waiting.length >= waitingMax) {
      const why = this.#isClosed ? 'is closed' : `has ${waitingMax} entries that wait: check its brokers`
      const text = `audit topic ${this.#topic} ${why}`
      throw new MillraceError('AUDIT_FAILED', 'fatal', text)
    }
    const written = new Promise<void>((resolve, reject) => this.#waiting.push({ entry, resolve, reject }))
    this.#writing ??= this.#writeAll()
    return written
  }

  /** Resolves when all entries are written, or have failed. */
  async close(): Promise<void> {
    this.#isClosed = true
    await this.#writing
    await this.#letGo()
  }

  /** Entries that come meanwhile are written together. */
  async #writeAll(): Promise<void> {
    while (this.#waiting.length > 0) {
      const batch = this.#waiting
      this.#waiting = []
      try {
        const producer = await this.#opened()
        for (const { entry } of batch) {
          if (producer.isFull) await producer.drained()
          this.#send(producer, entry)
        }
        await producer.flush(timeoutMs)
        for (const { resolve } of batch) resolve()
      } catch (error) {
        await this.#letGo()
        for (const { reject } of batch) reject(error)
      }
    }
    this.#writing = undefined
  }

  #send(producer: Producer, entry: AuditRecord): void {
    const key = Buffer.from(entry.id)
    const partition = partitionOfKey(key, producer.partitionCount(this.#topic) ?? 1)
    const value = Buffer.from(JSON.stringify(entry))
    producer.send(this.#topic, partition, key, value, this.#clock.nowMs(), noHeaders)
  }

  /** A producer that has failed is not used again. */
  async #opened(): Promise<Producer> {
    if (this.#producer !== undefined) return this.#producer
    const producer = this.#kafka.producer({
      ...writerDefaults,
      clientId: 'millrace-audit',
      deliveryTimeoutMs: timeoutMs,
    })
    this.#producer = producer
    await producer.prepareTopics([this.#topic], timeoutMs)
    return producer
  }

  async #letGo(): Promise<void> {
    const producer = this.#producer
    this.#producer = undefined
    await producer?.close(timeoutMs).catch(() => {})
  }
}
