import { Kafka, logLevel } from 'kafkajs'
import type { Headers } from '../../../src/core/headers.ts'
import type {
  Consumer,
  ConsumerOptions,
  KafkaDriver,
  Producer,
  ProducerOptions,
  SendFailure,
} from '../../../src/kafka/port.ts'
import { createWireDriver } from '../../../src/kafka/wire/driver.ts'

/** A record as an expectation can spell it. */
export interface Read {
  readonly partition: number
  readonly offset: number
  readonly timestamp: number
  readonly key: string | null
  readonly value: string | null
  readonly headers: Headers
}

/** What the tests of this folder work with: a driver, an independent client, topics with names of their own. */
export class Rig {
  readonly driver: KafkaDriver
  readonly peer: Kafka
  readonly failures: SendFailure[] = []
  readonly #admin: KafkaDriver
  readonly #consumers = new Set<Consumer>()
  #topics = 0

  /** `adminBootstrap`: a way to the cluster that no fault is put into. */
  constructor(
    bootstrap: string,
    adminBootstrap = bootstrap,
    options: Partial<Parameters<typeof createWireDriver>[0]> = {},
  ) {
    this.driver = createWireDriver({ bootstrap: bootstrap.split(','), ...options })
    this.#admin = createWireDriver({ bootstrap: adminBootstrap.split(',') })
    this.peer = new Kafka({ brokers: adminBootstrap.split(','), logLevel: logLevel.NOTHING, retry: { retries: 10 } })
  }

  /** `replicationFactor` -1: the broker's default. */
  async topic(partitions = 1, configs: Readonly<Record<string, string>> = {}, replicationFactor = -1): Promise<string> {
    const name = `rig-${process.pid}-${Date.now()}-${++this.#topics}`
    // Old timestamps are part of some tests; retention would delete such records half a minute after the broker's start.
    const kept = { 'retention.ms': '-1', ...configs }
    await this.#admin.admin().createTopics([{ name, partitions, replicationFactor, configs: kept }], 30_000)
    return name
  }

  async leaders(topic: string): Promise<readonly number[]> {
    const [description] = await this.#admin.admin().describeTopics([topic])
    return description?.partitions.map(({ leader }) => leader) ?? []
  }

  /** Of partition 0. */
  async placeOf(topic: string): Promise<{ readonly leader: number; readonly replicas: readonly number[] }> {
    const [description] = await this.#admin.admin().describeTopics([topic])
    return description!.partitions[0]!
  }

  async endOffsets(topic: string, partitions = 1): Promise<readonly number[]> {
    const all = Array.from({ length: partitions }, (_, partition) => ({ topic, partition, at: 'latest' as const }))
    return (await this.#admin.admin().listOffsets(all, 'read_uncommitted')).map(({ offset }) => offset)
  }

  consumer(options: Partial<ConsumerOptions> = {}): Consumer {
    const consumer = this.driver.consumer({
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
    this.#consumers.add(consumer)
    return consumer
  }

  /** So that one test's long polls are not counted, or cut, in the next. */
  async closeConsumers(): Promise<void> {
    for (const consumer of this.#consumers) await consumer.close()
    this.#consumers.clear()
  }

  async producer(topics: readonly string[], options: Partial<ProducerOptions> = {}): Promise<Producer> {
    const producer = this.driver.producer({
      clientId: 'writer',
      acks: 'all',
      idempotent: true,
      compression: 'lz4',
      lingerMs: 5,
      batchBytes: 64 * 1024,
      bufferedBytesMax: 16 * 1024 * 1024,
      maxRequestBytes: 1024 * 1024,
      deliveryTimeoutMs: 60_000,
      onSendError: (failure) => {
        this.failures.push(failure)
        return 'fail'
      },
      ...options,
    })
    await producer.prepareTopics(topics, 20_000)
    return producer
  }

  /** Writes texts to one partition through our own producer. */
  async write(
    topic: string,
    values: readonly string[],
    options: Partial<ProducerOptions> = {},
    partition = 0,
  ): Promise<void> {
    const producer = await this.producer([topic], options)
    for (const value of values) producer.send(topic, partition, Date.now(), null, Buffer.from(value), [])
    await producer.close(30_000)
  }

  /** Reads until `count` records came, or fails saying how far it got. */
  async read(consumer: Consumer, count: number, timeoutMs = 30_000): Promise<readonly Read[]> {
    const records: Read[] = []
    const endMs = Date.now() + timeoutMs
    while (records.length < count) {
      if (Date.now() > endMs) throw new Error(`${records.length} of ${count} records after ${timeoutMs} ms`)
      records.push(...(await poll(consumer)))
    }
    return records
  }

  async close(): Promise<void> {
    await this.driver.close()
    await this.#admin.close()
  }
}

export async function poll(consumer: Consumer, maxWaitMs = 100): Promise<readonly Read[]> {
  const records: Read[] = []
  for (const batch of await consumer.poll(maxWaitMs)) {
    for (let index = 0; index < batch.count; index++) {
      records.push({
        partition: batch.partition,
        offset: batch.offset(index),
        timestamp: batch.timestamp(index),
        key: textOf(batch.key(index)),
        value: textOf(batch.value(index)),
        headers: batch.headers(index),
      })
    }
  }
  return records
}

export function textOf(bytes: Uint8Array | null): string | null {
  return bytes === null ? null : Buffer.from(bytes).toString()
}

export const numbered = (count: number, from = 0): string[] =>
  Array.from({ length: count }, (_, index) => `v${from + index}`)
