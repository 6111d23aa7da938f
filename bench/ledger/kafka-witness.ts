import kafkajs, { type Admin, type Kafka, type KafkaMessage } from 'kafkajs'
import { decompressFrame } from 'lz4-napi'

const { CompressionCodecs, CompressionTypes, logLevel, Partitioners } = kafkajs

// kafkajs leaves lz4 to its users.
CompressionCodecs[CompressionTypes.LZ4] = () => ({
  compress: () => Promise.reject(new Error('the witness does not write lz4')),
  decompress: (buffer: Buffer) => decompressFrame(buffer),
})

/** kafkajs as witness: it writes what goes in and reads what came out, and shares no code with millrace. */
export interface KafkaWitness {
  readonly admin: Admin
  send(topic: string, messages: readonly WitnessMessage[]): Promise<void>
  /** Every record of a topic, in order of each partition, up to where the log ends now. */
  readAll(topic: string, onRecord: (partition: number, message: KafkaMessage) => void): Promise<number>
  /** Records of the group's topics that are not committed yet, internal ones included. */
  lag(groupId: string, topics: readonly string[]): Promise<number>
  close(): Promise<void>
}

export interface WitnessMessage {
  readonly key: string | Buffer | null
  readonly value: Buffer | null
  readonly timestamp: string
  readonly headers?: Readonly<Record<string, string | Buffer>>
}

export async function createKafkaWitness(bootstrap: string): Promise<KafkaWitness> {
  const kafka = new kafkajs.Kafka({ clientId: 'ledger', brokers: bootstrap.split(','), logLevel: logLevel.NOTHING })
  const admin = kafka.admin()
  const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner, idempotent: true })
  await Promise.all([admin.connect(), producer.connect()])
  return {
    admin,
    async send(topic, messages) {
      await producer.send({ topic, messages: messages.map((message) => ({ ...message })) as never, acks: -1 })
    },
    readAll: (topic, onRecord) => readAll(kafka, admin, topic, onRecord),
    lag: (groupId, topics) => retried(() => lag(admin, groupId, topics)),
    async close() {
      await Promise.all([admin.disconnect(), producer.disconnect()])
    },
  }
}

async function readAll(
  kafka: Kafka,
  admin: Admin,
  topic: string,
  onRecord: (partition: number, message: KafkaMessage) => void,
): Promise<number> {
  const ends = new Map<number, number>()
  for (const { partition, low, high } of await admin.fetchTopicOffsets(topic)) {
    if (Number(high) > Number(low)) ends.set(partition, Number(high))
  }
  if (ends.size === 0) return 0
  const groupId = `ledger-${topic}-${process.pid}-${Date.now()}`
  const consumer = kafka.consumer({ groupId, maxBytesPerPartition: 8 * 1024 * 1024 })
  await consumer.connect()
  await consumer.subscribe({ topic, fromBeginning: true })
  let count = 0
  await new Promise<void>((resolve, reject) => {
    consumer.on('consumer.crash', ({ payload }) => reject(payload.error))
    consumer
      .run({
        autoCommit: false,
        eachBatch: async ({ batch }) => {
          const end = ends.get(batch.partition)
          if (end === undefined) return
          for (const message of batch.messages) {
            if (Number(message.offset) >= end) break
            onRecord(batch.partition, message)
            count++
          }
          if (Number(batch.lastOffset()) >= end - 1) ends.delete(batch.partition)
          if (ends.size === 0) resolve()
        },
      })
      .catch(reject)
  })
  await consumer.disconnect()
  await admin.deleteGroups([groupId]).catch(() => {})
  return count
}

async function lag(admin: Admin, groupId: string, topics: readonly string[]): Promise<number> {
  let total = 0
  const committed = await admin.fetchOffsets({ groupId, topics: [...topics] })
  for (const { topic, partitions } of committed) {
    const offsets = new Map(partitions.map(({ partition, offset }) => [partition, Number(offset)]))
    for (const { partition, low, high } of await admin.fetchTopicOffsets(topic)) {
      total += Number(high) - Math.max(Number(low), offsets.get(partition) ?? 0)
    }
  }
  return total
}

const retriesMax = 20

/** kafkajs gives up at once on answers that pass: a leader or coordinator that is being elected. */
async function retried<T>(ask: () => Promise<T>): Promise<T> {
  for (let retries = 0; ; retries++) {
    try {
      return await ask()
    } catch (error) {
      if ((error as { retriable?: boolean }).retriable !== true || retries === retriesMax) throw error
      await new Promise((resolve) => setTimeout(resolve, 500))
    }
  }
}
