import { type EachMessagePayload, Kafka, logLevel } from 'kafkajs'
import type {
  GroupMetadata,
  KafkaDriver,
  OffsetAndMetadata,
  SendFailure,
  TransactionalProducer,
  TransactionalProducerOptions,
} from '../../../../src/kafka/port.ts'
import { createWireDriver } from '../../../../src/kafka/wire/driver.ts'
import { Rig } from './rig.ts'

const waitMs = 60_000
const endMark = 'end of what is read'

/** Commits with it are accepted where the group has no members. */
export function nobodyOf(groupId: string): GroupMetadata {
  return { groupId, generation: -1, memberId: '', instanceId: undefined }
}

/** Without keys. */
export function send(producer: TransactionalProducer, topic: string, values: readonly string[], partition = 0): void {
  for (const value of values) producer.send(topic, partition, null, Buffer.from(value), Date.now(), [])
}

export const offsetOf = (topic: string, offset: number): readonly OffsetAndMetadata[] => [
  { topic, partition: 0, offset, metadata: '' },
]

/** Producers of transactions, and what an independent client reads of them. */
export class TransactionRig extends Rig {
  readonly bootstrap: string
  /** Told by `onSendError` of the producers. */
  readonly refused: SendFailure[] = []
  #ids = 0

  constructor(bootstrap: string, options: Partial<Parameters<typeof createWireDriver>[0]> = {}) {
    super(bootstrap, options)
    this.bootstrap = bootstrap
  }

  transactionalId(): string {
    return `t-${process.pid}-${Date.now()}-${++this.#ids}`
  }

  /** Not initialized yet. */
  uninitialized(
    options: Partial<TransactionalProducerOptions> = {},
    driver: KafkaDriver = this.driver,
  ): TransactionalProducer {
    return driver.transactionalProducer({
      clientId: 'writer',
      acks: 'all',
      idempotent: true,
      compression: 'gzip',
      lingerMs: 5,
      idleLingerMs: 2,
      batchBytes: 64 * 1024,
      bufferedBytesMax: 16 * 1024 * 1024,
      maxRequestBytes: 1024 * 1024,
      deliveryTimeoutMs: waitMs,
      transactionalId: this.transactionalId(),
      transactionTimeoutMs: waitMs,
      onSendError: (failure) => {
        this.refused.push(failure)
        return 'fail'
      },
      ...options,
    })
  }

  /** Ready for a first transaction. */
  async transactions(
    topics: readonly string[],
    options: Partial<TransactionalProducerOptions> = {},
    driver: KafkaDriver = this.driver,
  ): Promise<TransactionalProducer> {
    const producer = this.uninitialized(options, driver)
    await producer.prepareTopics(topics, waitMs)
    await producer.initialize(waitMs)
    return producer
  }

  /** A process of its own: what happens to it is not seen by the others. */
  otherDriver(bootstrap: string, options: Partial<Parameters<typeof createWireDriver>[0]> = {}): KafkaDriver {
    return createWireDriver({ bootstrap: bootstrap.split(','), ...options })
  }

  /**
   * What kafkajs reads of a topic up to now, by partition. A mark is written behind it first: whoever reads committed
   * records passes open transactions only when they end.
   */
  async values(topic: string, partitions = 1, readUncommitted = false): Promise<readonly (readonly string[])[]> {
    const producer = this.peer.producer()
    await producer.connect()
    const mark = this.transactionalId()
    const marks = Array.from({ length: partitions }, (_, partition) => ({ partition, key: mark, value: endMark }))
    await producer.send({ topic, messages: marks })
    await producer.disconnect()
    // kafkajs gives up at once while a coordinator loads its groups.
    for (let tries = 1; ; tries++) {
      try {
        return await this.#readTo(topic, mark, partitions, readUncommitted)
      } catch (error) {
        if ((error as { retriable?: boolean }).retriable !== true || tries === 40) throw error
        await new Promise((resolve) => setTimeout(resolve, 250))
      }
    }
  }

  async #readTo(topic: string, mark: string, partitions: number, readUncommitted: boolean): Promise<string[][]> {
    const read: string[][] = Array.from({ length: partitions }, () => [])
    const open = new Set(read.keys())
    const groupId = `${this.transactionalId()}-reader`
    const consumer = this.peer.consumer({ groupId, readUncommitted, maxWaitTimeInMs: 100 })
    try {
      await consumer.connect()
      await consumer.subscribe({ topic, fromBeginning: true })
      await new Promise<void>((resolve, reject) => {
        consumer.on('consumer.crash', ({ payload }) => reject(payload.error))
        const eachMessage = async ({ partition, message }: EachMessagePayload): Promise<void> => {
          const value = String(message.value)
          if (value !== endMark) read[partition]!.push(value)
          else if (String(message.key) === mark) open.delete(partition)
          if (open.size === 0) resolve()
        }
        consumer.run({ autoCommit: false, eachMessage }).catch(reject)
      })
    } finally {
      await consumer.disconnect()
    }
    return read
  }

  /** What the group has committed in a partition, as kafkajs is told; -1 for nothing. */
  async committed(groupId: string, topic: string, partition = 0): Promise<number> {
    const admin = new Kafka({ brokers: this.bootstrap.split(','), logLevel: logLevel.NOTHING }).admin()
    await admin.connect()
    try {
      const [found] = await admin.fetchOffsets({ groupId, topics: [topic] })
      return Number(found?.partitions.find((each) => each.partition === partition)?.offset ?? -1)
    } finally {
      await admin.disconnect()
    }
  }
}
