import assert from 'node:assert/strict'
import { noHeaders } from '../../core/headers.ts'
import type {
  Consumer,
  GroupMetadata,
  IsolationLevel,
  KafkaDriver,
  OffsetAndMetadata,
  TransactionalProducer,
  TransactionalProducerOptions,
} from '../../kafka/port.ts'
import { type KafkaBench, text } from './bench.ts'

const waitMs = 60_000

/** What the sentences about transactions work with, on top of the bench. */
export class TransactionBench {
  readonly #bench: KafkaBench

  constructor(bench: KafkaBench) {
    this.#bench = bench
  }

  /** A producer with an id of its own, not initialized. */
  async uninitialized(
    topics: readonly string[],
    options: Partial<TransactionalProducerOptions> = {},
    driver: KafkaDriver = this.#bench.driver,
  ): Promise<TransactionalProducer> {
    const producer = driver.transactionalProducer({
      clientId: 'transactional-writer',
      acks: 'all',
      idempotent: true,
      compression: 'none',
      lingerMs: 0,
      idleLingerMs: 60_000,
      batchBytes: 16 * 1024,
      bufferedBytesMax: 4 * 1024 * 1024,
      maxRequestBytes: 256 * 1024,
      deliveryTimeoutMs: 30_000,
      onSendError: () => 'fail',
      transactionalId: this.#bench.name('id'),
      transactionTimeoutMs: waitMs,
      ...options,
    })
    await this.#bench.settle(producer.prepareTopics(topics, waitMs))
    return producer
  }

  async producer(
    topics: readonly string[],
    options: Partial<TransactionalProducerOptions> = {},
    driver?: KafkaDriver,
  ): Promise<TransactionalProducer> {
    const producer = await this.uninitialized(topics, options, driver)
    await this.initialize(producer)
    return producer
  }

  initialize(producer: TransactionalProducer): Promise<void> {
    return this.#bench.settle(producer.initialize(waitMs))
  }

  send(producer: TransactionalProducer, topic: string, values: readonly string[], partition = 0): void {
    for (const value of values) producer.send(topic, partition, null, text(value), 0, noHeaders)
  }

  /** Sends, and waits until the brokers have all of it. */
  async deliver(producer: TransactionalProducer, topic: string, values: readonly string[], partition = 0) {
    this.send(producer, topic, values, partition)
    await this.#bench.settle(producer.flush(waitMs))
  }

  commit(
    producer: TransactionalProducer,
    offsets: readonly OffsetAndMetadata[] = [],
    group: GroupMetadata = nobodyOf(this.#bench.name('group')),
  ): Promise<void> {
    return this.#bench.settle(producer.commit(offsets, group, waitMs))
  }

  abort(producer: TransactionalProducer): Promise<void> {
    return this.#bench.settle(producer.abort(waitMs))
  }

  async end(topic: string, isolationLevel: IsolationLevel, partition = 0): Promise<number> {
    const places = [{ topic, partition, at: 'latest' as const }]
    const [end] = await this.#bench.settle(this.#bench.admin.listOffsets(places, isolationLevel))
    assert.ok(end !== undefined)
    return end.offset
  }

  /** Waits until no transaction is open in the partition; returns its end. */
  async settledEnd(topic: string, partition = 0): Promise<number> {
    let end = 0
    await this.#bench.eventually(async () => {
      end = await this.end(topic, 'read_uncommitted', partition)
      assert.equal(await this.end(topic, 'read_committed', partition), end, 'a transaction is still open')
    })
    return end
  }

  /** Everything from the start to the end that this level has now. */
  async valuesNow(topic: string, isolationLevel: IsolationLevel, partition = 0): Promise<readonly (string | null)[]> {
    const end = await this.end(topic, isolationLevel, partition)
    return this.#readTo(topic, isolationLevel, partition, end)
  }

  /** The committed values, once no transaction is open in the partition. */
  async committed(topic: string, partition = 0): Promise<readonly (string | null)[]> {
    const end = await this.settledEnd(topic, partition)
    return this.#readTo(topic, 'read_committed', partition, end)
  }

  async #readTo(topic: string, isolationLevel: IsolationLevel, partition: number, end: number) {
    const consumer = this.#bench.consumer({ isolationLevel })
    consumer.assign([{ topic, partition, offset: 'earliest' }])
    const values: (string | null)[] = []
    await this.#bench.eventually(async () => {
      values.push(...(await this.#bench.poll(consumer)).map(({ value }) => value))
      assertAt(consumer, { topic, partition }, end)
    })
    await this.#bench.settle(consumer.close())
    return values
  }

  async committedOffset(groupId: string, topic: string, partition = 0): Promise<number | undefined> {
    const [found] = await this.#bench.settle(this.#bench.consumer().committed(groupId, [{ topic, partition }]))
    return found?.offset
  }
}

/** Who commits without being a member. */
export function nobodyOf(groupId: string): GroupMetadata {
  return { groupId, generation: -1, memberId: '', instanceId: undefined }
}

export function offsetOf(topic: string, offset: number, partition = 0): OffsetAndMetadata {
  return { topic, partition, offset, metadata: '' }
}

export function assertAt(consumer: Consumer, place: { topic: string; partition: number }, offset: number): void {
  assert.equal(consumer.position(place), offset, 'the reader is not at the end')
}
