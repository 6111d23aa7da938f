import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import kafkajs, { type Kafka } from 'kafkajs'
import type { ReadOnlyKeyValueStore } from '../../../src/index.ts'
import { composeStreams, defineTopology, silentLogger, string } from '../../../src/index.ts'
import { type KafkaCluster, sharedKafka } from '../../support/kafka-cluster.ts'
import { requireServer } from '../../support/require-server.ts'
import { until } from '../../support/until.ts'

const { Kafka: KafkaClient, logLevel, Partitioners } = kafkajs

let kafka: Pick<KafkaCluster, 'bootstrap' | 'stop'>
let client: Kafka
let folder: string
let applications = 0

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-changelogs-'))
  kafka = await sharedKafka()
  client = new KafkaClient({ clientId: 'peer', brokers: kafka.bootstrap.split(','), logLevel: logLevel.NOTHING })
})

afterAll(async () => {
  await kafka?.stop()
  if (folder !== undefined) await rm(folder, { recursive: true, force: true })
})

type Rows = Readonly<Record<string, string | null>>

/** An application with one store, whose changelog the test writes: rows that are committed, aborted, or plain. */
class Scene {
  readonly id = `changelogs-${process.pid}-${++applications}`
  readonly topic = `${this.id}-latest-changelog`
  readonly #stateDirectory = join(folder, this.id)

  async create(configs: Readonly<Record<string, string>> = {}): Promise<this> {
    const admin = client.admin()
    await admin.connect()
    const configEntries = Object.entries({ 'cleanup.policy': 'compact', ...configs }).map(([name, value]) => ({
      name,
      value,
    }))
    await admin.createTopics({
      waitForLeaders: true,
      topics: [{ topic: this.topic, numPartitions: 1, configEntries }],
    })
    const known = await admin.listTopics()
    if (!known.includes(`${this.id}-in`))
      await admin.createTopics({ topics: [{ topic: `${this.id}-in`, numPartitions: 1 }] })
    await admin.disconnect()
    return this
  }

  async write(rows: Rows, how: 'plain' | 'commit' | 'abort' = 'plain'): Promise<void> {
    const messages = Object.entries(rows).map(([key, value]) => ({ key, value, partition: 0 }))
    const producer = client.producer({
      createPartitioner: Partitioners.DefaultPartitioner,
      idempotent: true,
      maxInFlightRequests: 1,
      ...(how === 'plain' ? {} : { transactionalId: `${this.id}-${how}` }),
    })
    await producer.connect()
    if (how === 'plain') {
      await producer.send({ topic: this.topic, messages })
    } else {
      const transaction = await producer.transaction()
      await transaction.send({ topic: this.topic, messages })
      await transaction[how]()
    }
    await producer.disconnect()
  }

  /** As retention does. */
  async deleteBefore(offset: string): Promise<void> {
    const admin = client.admin()
    await admin.connect()
    // Learns where the partition is.
    await admin.fetchTopicOffsets(this.topic)
    await admin.deleteTopicRecords({ topic: this.topic, partitions: [{ partition: 0, offset }] })
    await admin.disconnect()
  }

  async deleteTopic(): Promise<void> {
    const admin = client.admin()
    await admin.connect()
    await admin.deleteTopics({ topics: [this.topic] })
    await until(async () => !(await admin.listTopics()).includes(this.topic), 30_000, 'the changelog is gone')
    await admin.disconnect()
  }

  /** Starts the application, and returns what is in its store once it runs, and how many records that took. */
  async restored(): Promise<{ readonly rows: Record<string, string>; readonly records: number }> {
    let records = 0
    const topology = defineTopology('changelogs', (builder) => {
      builder
        .stream(`${this.id}-in`, { name: 'in', key: string(), value: string() })
        .groupByKey({ name: 'grouped' })
        .reduce((_old, value) => value, { name: 'latest', store: 'latest', key: string(), value: string() })
    })
    const streams = composeStreams(
      {
        applicationId: this.id,
        kafka: { bootstrap: kafka.bootstrap.split(',') },
        stateDirectory: this.#stateDirectory,
        logger: silentLogger,
        listener: { onRestored: ({ restoredRecords }) => void (records += restoredRecords) },
      },
      topology,
    )
    try {
      await streams.application.start()
      const isRunning = () => streams.application.status().tasks.some(({ state }) => state === 'RUNNING')
      await until(async () => isRunning(), 60_000, 'the task runs')
      const store = streams.application.store('latest', 0) as ReadOnlyKeyValueStore<string, { readonly value: string }>
      const rows: Record<string, string> = {}
      for (const { key, value } of store.all()) rows[key] = value.value
      return { rows, records }
    } finally {
      await streams.close({ timeoutMs: 30_000 })
    }
  }
}

requireServer('kafka').describe('a store is restored from a changelog', () => {
  test('that is empty, and then has rows', async () => {
    const scene = await new Scene().create()
    expect(await scene.restored()).toEqual({ rows: {}, records: 0 })
    await scene.write({ a: '1' })
    expect(await scene.restored()).toEqual({ rows: { a: '1' }, records: 1 })
    expect(await scene.restored()).toEqual({ rows: { a: '1' }, records: 0 })
  })

  test('whose rows were committed or aborted, with markers in between and at its end', async () => {
    const scene = await new Scene().create()
    await scene.write({ a: 'aborted', b: 'aborted' }, 'abort')
    await scene.write({ a: '1', b: '1', c: '1' }, 'commit')
    await scene.write({ a: 'aborted', d: 'aborted', c: null }, 'abort')
    await scene.write({ b: null, e: '1' }, 'commit')
    await scene.write({ e: 'aborted' }, 'abort')
    expect(await scene.restored()).toEqual({ rows: { a: '1', c: '1', e: '1' }, records: 5 })
    await scene.write({ a: 'aborted' }, 'abort')
    expect(await scene.restored()).toEqual({ rows: { a: '1', c: '1', e: '1' }, records: 0 })
    await scene.write({ a: '2' }, 'commit')
    expect(await scene.restored()).toMatchObject({ rows: { a: '2', c: '1', e: '1' }, records: 1 })
  })

  test('of which nothing but aborted rows and markers is there', async () => {
    const scene = await new Scene().create()
    await scene.write({ a: 'aborted' }, 'abort')
    expect(await scene.restored()).toEqual({ rows: {}, records: 0 })
  })

  test('whose head was deleted: what is left counts, also where the store is behind it', async () => {
    const scene = await new Scene().create({ 'cleanup.policy': 'compact,delete' })
    for (const row of ['a', 'b', 'c', 'd']) await scene.write({ [row]: '1' })
    await scene.deleteBefore('2')
    expect(await scene.restored()).toEqual({ rows: { c: '1', d: '1' }, records: 2 })
    for (const row of ['e', 'f', 'g']) await scene.write({ [row]: '1' })
    await scene.deleteBefore('6')
    expect(await scene.restored()).toEqual({ rows: { g: '1' }, records: 1 })
    await scene.deleteBefore('-1')
    expect(await scene.restored()).toMatchObject({ rows: { g: '1' } })
  })

  test('that begins where it ends, because all of it was deleted', async () => {
    const scene = await new Scene().create({ 'cleanup.policy': 'compact,delete' })
    await scene.write({ a: '1', b: '1' })
    await scene.deleteBefore('-1')
    expect(await scene.restored()).toEqual({ rows: {}, records: 0 })
  })

  test('that was created again, with more rows than the store had read of the one before', async () => {
    const scene = await new Scene().create()
    await scene.write({ old: '1', both: '1' })
    expect(await scene.restored()).toEqual({ rows: { old: '1', both: '1' }, records: 2 })
    await scene.deleteTopic()
    await scene.create()
    await scene.write({ a: '2', b: '2', both: '2', c: '2' })
    expect(await scene.restored()).toEqual({ rows: { a: '2', b: '2', both: '2', c: '2' }, records: 4 })
  })

  test('with gaps that compaction left, up to its end', async () => {
    const scene = await new Scene().create({
      'segment.ms': '100',
      'min.cleanable.dirty.ratio': '0.001',
      'max.compaction.lag.ms': '100',
    })
    for (let round = 0; round < 6; round++) {
      await scene.write({ a: String(round), [`b${round % 2}`]: String(round) })
      await new Promise((resolve) => setTimeout(resolve, 200))
    }
    const admin = client.admin()
    await admin.connect()
    const [ends] = await admin.fetchTopicOffsets(scene.topic)
    await admin.disconnect()
    expect(Number(ends?.high)).toBe(12)
    let records = 12
    // The cleaner of the broker runs each 15 seconds; what is there restores to the same rows before and after.
    await until(
      async () => {
        await rm(join(folder, scene.id), { recursive: true, force: true })
        const restored = await scene.restored()
        expect(restored.rows).toEqual({ a: '5', b0: '4', b1: '5' })
        records = restored.records
        return records < 12
      },
      90_000,
      'the broker has compacted',
    )
    expect(records).toBeGreaterThanOrEqual(3)
  }, 120_000)
})
