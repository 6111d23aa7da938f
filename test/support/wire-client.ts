import type {
  Consumer,
  ConsumerOptions,
  KafkaDriver,
  Producer,
  ProducerOptions,
  TransactionalProducer,
  TransactionalProducerOptions,
} from '../../src/kafka/port.ts'
import { createWireDriver } from '../../src/kafka/wire/driver.ts'

type WireOptions = Partial<Parameters<typeof createWireDriver>[0]>

const waitMs = 60_000

const producerDefaults = Object.freeze({
  clientId: 'writer',
  acks: 'all',
  idempotent: true,
  compression: 'lz4',
  lingerMs: 5,
  idleLingerMs: 2,
  batchBytes: 64 * 1024,
  bufferedBytesMax: 16 * 1024 * 1024,
  maxRequestBytes: 1024 * 1024,
  deliveryTimeoutMs: waitMs,
  onSendError: () => 'fail',
} as const)

/** Our own client on a real cluster, with topics of its own names. */
export class WireClient {
  readonly driver: KafkaDriver
  #topics = 0
  #transactionalIds = 0

  constructor(bootstrap: string, options: WireOptions = {}) {
    this.driver = createWireDriver({ bootstrap: bootstrap.split(','), ...options })
  }

  /**
   * A new topic; old timestamps are part of some tests, so nothing is too old to be kept. `replicationFactor` -1: the
   * broker's default.
   */
  async topic(partitions = 1, configs: Readonly<Record<string, string>> = {}, replicationFactor = -1): Promise<string> {
    const name = `wire-${process.pid}-${Date.now()}-${++this.#topics}`
    const kept = { 'retention.ms': '-1', ...configs }
    await this.driver.admin().createTopics([{ name, partitions, replicationFactor, configs: kept }], waitMs)
    return name
  }

  consumer(options: Partial<ConsumerOptions> = {}): Consumer {
    return this.driver.consumer({
      clientId: 'reader',
      isolationLevel: 'read_committed',
      offsetReset: () => 'earliest',
      fetchMinBytes: 1,
      fetchMaxBytes: 50 * 1024 * 1024,
      partitionFetchMaxBytes: 1024 * 1024,
      fetchMaxWaitMs: 200,
      bufferedBytesMax: 32 * 1024 * 1024,
      ...options,
    })
  }

  async producer(topics: readonly string[], options: Partial<ProducerOptions> = {}): Promise<Producer> {
    const producer = this.driver.producer({ ...producerDefaults, ...options })
    await producer.prepareTopics(topics, waitMs)
    return producer
  }

  /** Ready for a first transaction. */
  async transactional(
    topics: readonly string[],
    options: Partial<TransactionalProducerOptions> = {},
  ): Promise<TransactionalProducer> {
    const transactionalId = `wire-${process.pid}-${Date.now()}-${++this.#transactionalIds}`
    const producer = this.driver.transactionalProducer({
      ...producerDefaults,
      transactionalId,
      transactionTimeoutMs: waitMs,
      ...options,
    })
    await producer.prepareTopics(topics, waitMs)
    await producer.initialize(waitMs)
    return producer
  }

  async close(): Promise<void> {
    await this.driver.close()
  }
}
