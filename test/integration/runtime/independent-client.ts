import { Kafka, logLevel } from 'kafkajs'
import type { Admin, Producer } from 'kafkajs'

export interface WrittenRecord {
  readonly key: string | null
  readonly value: string
  readonly timestamp: number
}

export interface ReadRecord {
  readonly key: string | undefined
  readonly value: string | undefined
  readonly rawValue: Buffer | null
  readonly partition: number
}

/** Writes and reads with kafkajs, so that no test of ours only talks to itself. */
export class IndependentClient {
  readonly #kafka: Kafka
  readonly #admin: Admin
  readonly #producer: Producer
  #readers = 0

  constructor(bootstrap: string) {
    this.#kafka = new Kafka({ clientId: 'independent', brokers: bootstrap.split(','), logLevel: logLevel.NOTHING })
    this.#admin = this.#kafka.admin()
    this.#producer = this.#kafka.producer()
  }

  async connect(): Promise<void> {
    await this.#admin.connect()
    await this.#producer.connect()
  }

  async createTopics(counts: Readonly<Record<string, number>>): Promise<void> {
    const topics = Object.entries(counts).map(([topic, numPartitions]) => ({
      topic,
      numPartitions,
      replicationFactor: 1,
    }))
    await this.#admin.createTopics({ topics, waitForLeaders: true })
  }

  /** Returns once the writer knows them too, so that it writes to all. */
  async addPartitions(topic: string, count: number): Promise<void> {
    await this.#admin.createPartitions({ topicPartitions: [{ topic, count }] })
    await this.#producer.disconnect()
    await this.#producer.connect()
  }

  async write(topic: string, records: readonly WrittenRecord[]): Promise<void> {
    const messages = records.map(({ key, value, timestamp }) => ({ key, value, timestamp: String(timestamp) }))
    await this.#producer.send({ topic, messages })
  }

  /** Records in the topic by its offsets; right for topics without transactions and compaction. */
  async count(topic: string): Promise<number> {
    const offsets = await this.#admin.fetchTopicOffsets(topic)
    return offsets.reduce((sum, { high, low }) => sum + Number(high) - Number(low), 0)
  }

  async untilCount(topic: string, count: number, timeoutMs = 30_000): Promise<void> {
    const deadline = Date.now() + timeoutMs
    for (let seen = await this.count(topic); seen < count; seen = await this.count(topic)) {
      if (Date.now() > deadline) throw new Error(`${topic} holds ${seen} records after ${timeoutMs} ms, not ${count}`)
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }

  /** Everything in the topic; a partition's records in their order. */
  async read(topic: string): Promise<ReadRecord[]> {
    const count = await this.count(topic)
    const records: ReadRecord[] = []
    if (count === 0) return records
    const consumer = this.#kafka.consumer({ groupId: `reader-${topic}-${++this.#readers}` })
    await consumer.connect()
    await consumer.subscribe({ topic, fromBeginning: true })
    await new Promise<void>((resolve, reject) => {
      consumer
        .run({
          eachMessage: async ({ message, partition }) => {
            const { key, value } = message
            records.push({ key: key?.toString(), value: value?.toString(), rawValue: value, partition })
            if (records.length === count) resolve()
          },
        })
        .catch(reject)
    })
    await consumer.disconnect()
    return records
  }

  async close(): Promise<void> {
    await this.#producer.disconnect()
    await this.#admin.disconnect()
  }
}
