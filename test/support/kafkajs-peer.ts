import kafkajs, { type Admin, type IHeaders, type Kafka, type KafkaMessage, type Producer } from 'kafkajs'
import { codecIds, compress, decompress } from '../../src/kafka/wire/codec/compression.ts'
import { loadZstd } from '../../src/kafka/wire/codec/compression-zstd.ts'
import { until } from './until.ts'

const { CompressionCodecs, CompressionTypes, Kafka: KafkaClient, logLevel, Partitioners } = kafkajs

/** kafkajs leaves these codecs to its users. */
const pluggedIn = { snappy: CompressionTypes.Snappy, lz4: CompressionTypes.LZ4, zstd: CompressionTypes.ZSTD } as const
for (const [name, type] of Object.entries(pluggedIn) as [keyof typeof pluggedIn, number][]) {
  CompressionCodecs[type as keyof typeof CompressionCodecs] = () => ({
    async compress(encoder: { readonly buffer: Buffer }) {
      await loadZstd()
      return compress(name, encoder.buffer)
    },
    async decompress(bytes: Buffer) {
      await loadZstd()
      return decompress(codecIds[name], bytes)
    },
  })
}

/** The codecs of kafkajs, its own and those plugged in, by our names. */
export const kafkajsCodecs = {
  none: CompressionTypes.None,
  gzip: CompressionTypes.GZIP,
  ...pluggedIn,
} as const

export interface PeerMessage {
  readonly key: string | Buffer | null
  readonly value: string | Buffer | null
  readonly timestampMs?: number
  readonly partition?: number
  readonly headers?: IHeaders
}

export interface PeerRecord {
  readonly partition: number
  readonly offset: number
  readonly timestampMs: number
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly headers: Readonly<Record<string, Buffer | undefined>>
}

/** kafkajs as the independent client of a test: it writes what goes in and reads what came out. */
export class KafkajsPeer {
  readonly admin: Admin
  readonly #kafka: Kafka
  readonly #producer: Producer
  #readers = 0

  private constructor(kafka: Kafka) {
    this.#kafka = kafka
    this.admin = kafka.admin()
    // Without idempotence kafkajs writes all partitions of a request again when one of them was not served yet.
    this.#producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner, idempotent: true })
  }

  static async connect(bootstrap: string): Promise<KafkajsPeer> {
    const brokers = bootstrap.split(',')
    const peer = new KafkajsPeer(new KafkaClient({ clientId: 'peer', brokers, logLevel: logLevel.NOTHING }))
    await Promise.all([peer.admin.connect(), peer.#producer.connect()])
    return peer
  }

  /** Topics with so many partitions each. */
  async createTopics(partitions: Readonly<Record<string, number>>): Promise<void> {
    const topics = Object.entries(partitions).map(([topic, numPartitions]) => ({ topic, numPartitions }))
    await this.admin.createTopics({ topics, waitForLeaders: true })
  }

  /** Returns once the writer knows them too, so that it writes to all. */
  async addPartitions(topic: string, count: number): Promise<void> {
    await this.admin.createPartitions({ topicPartitions: [{ topic, count }] })
    const served = async (): Promise<number> => (await this.admin.fetchTopicOffsets(topic).catch(() => [])).length
    await until(async () => (await served()) === count, 60_000, `${topic} has ${count} partitions`)
    await this.#producer.disconnect()
    await this.#producer.connect()
  }

  /** In order; where messages go is told in the order of `messages` by topic, partition and first offset of each batch. */
  async send(topic: string, messages: readonly PeerMessage[], codec: keyof typeof kafkajsCodecs = 'none') {
    return this.#producer.send({
      topic,
      compression: kafkajsCodecs[codec],
      messages: messages.map(({ key, value, timestampMs, partition, headers = {} }) => ({
        key,
        value,
        headers,
        ...(timestampMs === undefined ? {} : { timestamp: String(timestampMs) }),
        ...(partition === undefined ? {} : { partition }),
      })),
    })
  }

  /** Records of a topic by its offsets; right for topics without transactions and compaction. */
  async count(topic: string): Promise<number> {
    const offsets = await this.#offsetsOf(topic)
    return offsets.reduce((sum, { high, low }) => sum + Number(high) - Number(low), 0)
  }

  async untilCount(topic: string, count: number): Promise<void> {
    await until(async () => (await this.count(topic)) >= count, 60_000, `${topic} holds ${count} records`)
  }

  /** Records of a topic that the group has not committed. */
  async lag(groupId: string, topic: string): Promise<number> {
    const [committed] = await patiently(() => this.admin.fetchOffsets({ groupId, topics: [topic] }))
    const offsets = new Map(committed?.partitions.map(({ partition, offset }) => [partition, Number(offset)]))
    const ends = await this.#offsetsOf(topic)
    return ends.reduce((sum, { partition, high }) => sum + Number(high) - Math.max(0, offsets.get(partition) ?? 0), 0)
  }

  /** What kafkajs knows of leaders is as old as its connection: where one has moved since, a new one asks. */
  async #offsetsOf(topic: string): Promise<Awaited<ReturnType<Admin['fetchTopicOffsets']>>> {
    try {
      return await this.admin.fetchTopicOffsets(topic)
    } catch (error) {
      if ((error as { type?: string }).type !== 'NOT_LEADER_FOR_PARTITION') throw error
    }
    const admin = this.#kafka.admin()
    await admin.connect()
    try {
      return await patiently(() => admin.fetchTopicOffsets(topic))
    } finally {
      await admin.disconnect()
    }
  }

  /** Every record of a topic up to where it ends now; those of a partition in their order. */
  readAll(topic: string): Promise<readonly PeerRecord[]> {
    return patiently(() => this.#readAll(topic))
  }

  async #readAll(topic: string): Promise<readonly PeerRecord[]> {
    const ends = new Map<number, number>()
    for (const { partition, low, high } of await this.#offsetsOf(topic)) {
      if (Number(high) > Number(low)) ends.set(partition, Number(high))
    }
    const records: PeerRecord[] = []
    if (ends.size === 0) return records
    const groupId = `peer-${topic}-${process.pid}-${++this.#readers}`
    const consumer = this.#kafka.consumer({ groupId, maxBytesPerPartition: 8 << 20, maxWaitTimeInMs: 100 })
    try {
      await consumer.connect()
      await consumer.subscribe({ topic, fromBeginning: true })
      await new Promise<void>((resolve, reject) => {
        const eachBatch = async ({ batch }: { batch: { partition: number; messages: KafkaMessage[] } }) => {
          const end = ends.get(batch.partition) ?? 0
          for (const message of batch.messages) {
            if (Number(message.offset) < end) records.push(recordOf(batch.partition, message))
          }
          if (Number(batch.messages.at(-1)?.offset) >= end - 1) ends.delete(batch.partition)
          if (ends.size === 0) resolve()
        }
        consumer.on('consumer.crash', ({ payload }) => reject(payload.error))
        consumer.run({ autoCommit: false, eachBatch }).catch(reject)
      })
    } finally {
      await consumer.disconnect()
    }
    return records
  }

  async close(): Promise<void> {
    await Promise.all([this.admin.disconnect(), this.#producer.disconnect()])
  }
}

function recordOf(partition: number, { offset, timestamp, key, value, headers = {} }: KafkaMessage): PeerRecord {
  return {
    partition,
    offset: Number(offset),
    timestampMs: Number(timestamp),
    key,
    value,
    headers: headers as Readonly<Record<string, Buffer | undefined>>,
  }
}

/** kafkajs gives up at once on answers that pass: a coordinator that is being elected or loads its groups. */
async function patiently<T>(ask: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await ask()
    } catch (error) {
      if ((error as { retriable?: boolean }).retriable !== true || tries === 40) throw error
      await new Promise((resolve) => setTimeout(resolve, 250))
    }
  }
}
