import assert from 'node:assert/strict'
import { errorCode } from '../../core/errors.ts'
import { type Headers, noHeaders } from '../../core/headers.ts'
import type {
  Admin,
  Consumer,
  ConsumerOptions,
  GroupProtocol,
  GroupTopology,
  KafkaDriver,
  Producer,
  ProducerOptions,
  StartOffset,
} from '../../kafka/port.ts'

/** What a driver's own test gives the suite: a cluster to itself or shared with others, and its time. */
export interface KafkaDriverHarness {
  /**
   * A driver of its own for each caller, all on one cluster; closing one is what a process's death is to the others.
   * `requestTimeoutMs` is how long it waits for a missing topic, where that can be chosen.
   */
  driver(requestTimeoutMs?: number): KafkaDriver
  /** Lets this much time pass, and whatever is due in it happen. */
  advance(byMs: number): Promise<void>
  readonly group: {
    readonly protocol: GroupProtocol
    readonly sessionTimeoutMs: number
    readonly heartbeatIntervalMs: number
    readonly rebalanceTimeoutMs: number
    readonly hasStaticMembers: boolean
    readonly hasStandbys: boolean
  }
  close(): Promise<void>
}

/** The test runner's own functions; the suite checks with node:assert. */
export interface TestRunner {
  /** Groups tests under a name; `describe` of Jest or Vitest. */
  readonly describe: (name: string, body: () => void) => void
  /** Defines one test; `test` of Jest or Vitest. */
  readonly test: (name: string, body: () => Promise<void>) => void
  /** Runs before the first test of a group; `beforeAll` of Jest or Vitest. */
  readonly beforeAll: (body: () => Promise<void>) => void
  /** Runs after the last test of a group; `afterAll` of Jest or Vitest. */
  readonly afterAll: (body: () => Promise<void>) => void
}

export interface SuiteApi {
  readonly describe: TestRunner['describe']
  readonly test: TestRunner['test']
  readonly bench: () => KafkaBench
}

/** A record as an expectation can spell it. */
export interface ReadRecord {
  readonly partition: number
  readonly offset: number
  readonly timestamp: number
  readonly key: string | null
  readonly value: string | null
  readonly headers: Headers
}

const stepMs = 20
const waitMs = 60_000

export const text = (value: string): Uint8Array => Buffer.from(value)

/** What every sentence of the suite works with. */
export class KafkaBench {
  readonly harness: KafkaDriverHarness
  readonly #run = `${process.pid.toString(36)}${process.hrtime.bigint().toString(36)}`
  #names = 0
  #shared: KafkaDriver | undefined
  #admin: Admin | undefined

  constructor(harness: KafkaDriverHarness) {
    this.harness = harness
  }

  get driver(): KafkaDriver {
    this.#shared ??= this.harness.driver()
    return this.#shared
  }

  get admin(): Admin {
    this.#admin ??= this.driver.admin()
    return this.#admin
  }

  name(prefix: string): string {
    return `${prefix}-${this.#run}-${++this.#names}`
  }

  async topic(partitions = 1, configs: Readonly<Record<string, string>> = {}): Promise<string> {
    const name = this.name('topic')
    await this.settle(this.admin.createTopics([{ name, partitions, replicationFactor: -1, configs }], waitMs))
    return name
  }

  consumer(options: Partial<ConsumerOptions> = {}, driver = this.driver): Consumer {
    return driver.consumer({
      clientId: 'reader',
      isolationLevel: 'read_committed',
      offsetReset: () => 'none',
      fetchMinBytes: 1,
      fetchMaxBytes: 1024 * 1024,
      partitionFetchMaxBytes: 256 * 1024,
      fetchMaxWaitMs: 100,
      bufferedBytesMax: 4 * 1024 * 1024,
      ...options,
    })
  }

  /** A consumer at one place of one topic. */
  consumerAt(topic: string, offset: StartOffset, options: Partial<ConsumerOptions> = {}): Consumer {
    const consumer = this.consumer(options)
    consumer.assign([{ topic, partition: 0, offset }])
    return consumer
  }

  async producer(topics: readonly string[], options: Partial<ProducerOptions> = {}): Promise<Producer> {
    const producer = this.driver.producer({
      clientId: 'writer',
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
      ...options,
    })
    await this.settle(producer.prepareTopics(topics, waitMs))
    return producer
  }

  /** Writes values with these timestamps, or 0, 1, 2, ... */
  async write(topic: string, values: readonly string[], partition = 0, timestamps?: readonly number[]): Promise<void> {
    const producer = await this.producer([topic])
    for (const [index, value] of values.entries()) {
      producer.send(topic, partition, null, text(value), timestamps?.[index] ?? index, noHeaders)
    }
    await this.settle(producer.close(waitMs))
  }

  /** Polls until that many records have come; fails when there are more. */
  async read(consumer: Consumer, count: number): Promise<readonly ReadRecord[]> {
    const records: ReadRecord[] = []
    await this.eventually(async () => {
      records.push(...(await this.poll(consumer)))
      assert.ok(records.length >= count, `${records.length} of ${count} records came`)
    })
    assert.equal(records.length, count, 'more records came than were written')
    return records
  }

  async readValues(consumer: Consumer, count: number): Promise<readonly (string | null)[]> {
    return (await this.read(consumer, count)).map((record) => record.value)
  }

  /** What comes in a while; for sentences that say that nothing does. */
  async readForAWhile(consumer: Consumer): Promise<readonly (string | null)[]> {
    const values: (string | null)[] = []
    for (let round = 0; round < 15; round++) {
      values.push(...(await this.poll(consumer)).map((record) => record.value))
      await this.harness.advance(stepMs)
    }
    return values
  }

  /** One poll; keys and values as text. */
  async poll(consumer: Consumer): Promise<readonly ReadRecord[]> {
    const batches = await this.settle(consumer.poll(stepMs))
    return batches.flatMap((batch) =>
      Array.from({ length: batch.count }, (_, index) => ({
        partition: batch.partition,
        offset: batch.offset(index),
        timestamp: batch.timestamp(index),
        key: textOf(batch.key(index)),
        value: textOf(batch.value(index)),
        headers: batch.headers(index),
      })),
    )
  }

  /** Of the committed records. */
  async endOffset(topic: string, partition = 0): Promise<number | undefined> {
    const [end] = await this.settle(this.admin.listOffsets([{ topic, partition, at: 'latest' }], 'read_committed'))
    return end?.offset
  }

  /** Lets time pass until the promise settles. */
  async settle<T>(promise: Promise<T>): Promise<T> {
    let settled = false
    const settle = () => {
      settled = true
    }
    promise.then(settle, settle)
    for (let passedMs = 0; passedMs <= waitMs; passedMs += stepMs) {
      await new Promise((resolve) => setImmediate(resolve))
      if (settled) return promise
      await Promise.race([this.harness.advance(stepMs), promise.then(settle, settle)])
      if (settled) return promise
    }
    throw new assert.AssertionError({ message: `did not settle within ${waitMs} ms` })
  }

  /** Lets time pass until the check passes; fails as it last did. */
  async eventually(check: () => Promise<void> | void): Promise<void> {
    for (let passedMs = 0; ; passedMs += stepMs) {
      try {
        await check()
        return
      } catch (error) {
        if (errorCode(error) !== 'ERR_ASSERTION' || passedMs >= waitMs) throw error
      }
      await this.harness.advance(stepMs)
    }
  }

  /** Passes when the promise rejects with this code. */
  async rejectsWith(promise: Promise<unknown>, code: string): Promise<void> {
    await assert.rejects(this.settle(promise), (error) => {
      assert.equal(errorCode(error), code)
      return true
    })
  }

  /** One stateless subtopology over the topic, or one with a repartition topic and a stateful one behind it. */
  topology(topic: string, stateful?: { readonly repartition: string; readonly changelog: string }): GroupTopology {
    const first = {
      id: 0,
      sourceTopics: [topic],
      patternTopics: [],
      repartitionSourceTopics: [],
      repartitionSinkTopics: stateful === undefined ? [] : [stateful.repartition],
      changelogTopics: [],
      copartitionGroups: [],
    }
    if (stateful === undefined) return { subtopologies: [first] }
    const internal = (name: string, configs: Readonly<Record<string, string>>) => ({
      name,
      partitions: undefined,
      replicationFactor: -1,
      configs,
    })
    const second = {
      id: 1,
      sourceTopics: [],
      patternTopics: [],
      repartitionSourceTopics: [internal(stateful.repartition, { 'cleanup.policy': 'delete' })],
      repartitionSinkTopics: [],
      changelogTopics: [internal(stateful.changelog, { 'cleanup.policy': 'compact' })],
      copartitionGroups: [],
    }
    return { subtopologies: [first, second] }
  }

  async close(): Promise<void> {
    await this.#shared?.close()
    await this.harness.close()
  }
}

function textOf(bytes: Uint8Array | null): string | null {
  return bytes === null ? null : Buffer.from(bytes).toString()
}
