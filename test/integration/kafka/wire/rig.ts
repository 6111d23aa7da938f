import { Kafka, logLevel } from 'kafkajs'
import type { Headers } from '../../../../src/core/headers.ts'
import type {
  Consumer,
  ConsumerOptions,
  KafkaDriver,
  Producer,
  ProducerOptions,
  SendFailure,
} from '../../../../src/kafka/port.ts'
import { createWireDriver } from '../../../../src/kafka/wire/driver.ts'
import { WireClient } from '../../../support/wire-client.ts'

/** A record as an expectation can spell it. */
export interface Read {
  readonly partition: number
  readonly offset: number
  readonly timestamp: number
  readonly key: string | null
  readonly value: string | null
  readonly headers: Headers
}

/** What the tests of this folder work with: our client, an independent one, and an admin with the patience of the defaults. */
export class Rig extends WireClient {
  readonly peer: Kafka
  readonly failures: SendFailure[] = []
  readonly #patient: KafkaDriver
  readonly #consumers = new Set<Consumer>()

  constructor(bootstrap: string, options: Partial<Parameters<typeof createWireDriver>[0]> = {}) {
    super(bootstrap, options)
    const brokers = bootstrap.split(',')
    this.#patient = createWireDriver({ bootstrap: brokers })
    this.peer = new Kafka({ brokers, logLevel: logLevel.NOTHING, retry: { retries: 10 } })
  }

  async leaders(topic: string): Promise<readonly number[]> {
    const [description] = await this.#patient.admin().describeTopics([topic])
    return description?.partitions.map(({ leader }) => leader) ?? []
  }

  /** Of partition 0. */
  async placeOf(topic: string): Promise<{ readonly leader: number; readonly replicas: readonly number[] }> {
    const [description] = await this.#patient.admin().describeTopics([topic])
    return description!.partitions[0]!
  }

  async endOffsets(topic: string, partitions = 1): Promise<readonly number[]> {
    const all = Array.from({ length: partitions }, (_, partition) => ({ topic, partition, at: 'latest' as const }))
    return (await this.#patient.admin().listOffsets(all, 'read_uncommitted')).map(({ offset }) => offset)
  }

  override consumer(options: Partial<ConsumerOptions> = {}): Consumer {
    const consumer = super.consumer(options)
    this.#consumers.add(consumer)
    return consumer
  }

  /** So that one test's long polls are not counted, or cut, in the next. */
  async closeConsumers(): Promise<void> {
    for (const consumer of this.#consumers) await consumer.close()
    this.#consumers.clear()
  }

  override producer(topics: readonly string[], options: Partial<ProducerOptions> = {}): Promise<Producer> {
    const onSendError = (failure: SendFailure): 'fail' => {
      this.failures.push(failure)
      return 'fail'
    }
    return super.producer(topics, { onSendError, ...options })
  }

  /** Writes texts to one partition through our own producer. */
  async write(
    topic: string,
    values: readonly string[],
    options: Partial<ProducerOptions> = {},
    partition = 0,
  ): Promise<void> {
    const producer = await this.producer([topic], options)
    for (const value of values) producer.send(topic, partition, null, Buffer.from(value), Date.now(), [])
    await producer.close(60_000)
  }

  /** Reads until `count` records came, or fails saying how far it got. */
  async read(consumer: Consumer, count: number, timeoutMs = 60_000): Promise<readonly Read[]> {
    const records: Read[] = []
    const endMs = Date.now() + timeoutMs
    while (records.length < count) {
      if (Date.now() > endMs) throw new Error(`${records.length} of ${count} records after ${timeoutMs} ms`)
      records.push(...(await poll(consumer)))
    }
    return records
  }

  override async close(): Promise<void> {
    await super.close()
    await this.#patient.close()
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

function textOf(bytes: Uint8Array | null): string | null {
  return bytes === null ? null : Buffer.from(bytes).toString()
}

export const numbered = (count: number, from = 0): string[] =>
  Array.from({ length: count }, (_, index) => `v${from + index}`)
