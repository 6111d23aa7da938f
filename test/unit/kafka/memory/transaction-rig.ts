import { ManualClock } from '../../../../src/core/clock.ts'
import { errorCode } from '../../../../src/core/errors.ts'
import { noHeaders } from '../../../../src/core/headers.ts'
import { MemoryCluster } from '../../../../src/kafka/memory/cluster.ts'
import { createMemoryDriver } from '../../../../src/kafka/memory/driver.ts'
import type {
  Consumer,
  IsolationLevel,
  KafkaDriver,
  TransactionalProducer,
  TransactionalProducerOptions,
} from '../../../../src/kafka/port.ts'

export const bytes = (text: string) => Buffer.from(text)
export const nobody = { groupId: 'group', generation: -1, memberId: '', instanceId: undefined }
export const offset = (value: number) => [{ topic: 'in', partition: 0, offset: value, metadata: '' }]

/** A cluster with the topics `in` and `out`, of two partitions each, and what writes to and reads from `out`. */
export class TransactionRig {
  readonly clock = new ManualClock()
  readonly cluster = new MemoryCluster({ clock: this.clock })
  readonly driver: KafkaDriver

  constructor() {
    for (const name of ['in', 'out'])
      this.cluster.createTopic({ name, partitions: 2, replicationFactor: -1, configs: {} })
    this.driver = createMemoryDriver(this.cluster)
  }

  uninitialized(options: Partial<TransactionalProducerOptions> = {}, driver = this.driver): TransactionalProducer {
    return driver.transactionalProducer({
      clientId: 'writer',
      acks: 'all',
      idempotent: true,
      compression: 'none',
      lingerMs: 0,
      idleLingerMs: 0,
      batchBytes: 1_000,
      bufferedBytesMax: 1_000,
      maxRequestBytes: 10_000,
      deliveryTimeoutMs: 5_000,
      onSendError: () => 'fail',
      transactionalId: 'id',
      transactionTimeoutMs: 10_000,
      ...options,
    })
  }

  async producer(options: Partial<TransactionalProducerOptions> = {}): Promise<TransactionalProducer> {
    const producer = this.uninitialized(options)
    await producer.initialize(100)
    return producer
  }

  values(isolationLevel: IsolationLevel = 'read_committed', partition = 0): readonly string[] {
    const log = this.cluster.log('out', partition)
    const texts: string[] = []
    for (let next = log.startOffset; ; ) {
      const batch = log.read(next, 10_000, isolationLevel)
      if (batch === undefined) return texts
      for (let index = 0; index < batch.count; index++) texts.push(Buffer.from(batch.value(index) ?? []).toString())
      next = batch.nextOffset
    }
  }

  consumer(isolationLevel: IsolationLevel = 'read_committed'): Consumer {
    const consumer = this.driver.consumer({
      clientId: 'reader',
      isolationLevel,
      offsetReset: () => 'none',
      fetchMinBytes: 1,
      fetchMaxBytes: 1_000,
      partitionFetchMaxBytes: 1_000,
      fetchMaxWaitMs: 100,
      bufferedBytesMax: 1_000,
    })
    consumer.assign([{ topic: 'out', partition: 0, offset: 0 }])
    return consumer
  }

  async committed(): Promise<number | undefined> {
    const [found] = await this.consumer().committed('group', offset(0))
    return found?.offset
  }
}

export function send(producer: TransactionalProducer, value: string, key: string | null = null, partition = 0): void {
  producer.send('out', partition, key === null ? null : bytes(key), bytes(value), 0, noHeaders)
}

export async function codeOf(promise: Promise<unknown>): Promise<string | undefined> {
  try {
    await promise
    return undefined
  } catch (error) {
    return errorCode(error)
  }
}

/** What a promise has come to by now. */
export async function stateOf(promise: Promise<unknown>): Promise<string> {
  const marked = promise.then(
    () => 'resolved',
    (error: unknown) => errorCode(error) ?? 'rejected',
  )
  return Promise.race([marked, new Promise<string>((resolve) => setImmediate(() => resolve('pending')))])
}
