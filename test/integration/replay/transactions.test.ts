import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import kafkajs, { type Kafka, type Producer } from 'kafkajs'
import { defineTopology, openKafka, silentLogger, string } from '../../../src/index.ts'
import { RecordReader } from '../../../src/kafka/record-reader.ts'
import { wholeTopic } from '../../../src/kafka/record-ranges.ts'
import { Replays } from '../../../src/replay/index.ts'
import { type KafkaCluster, sharedKafka } from '../../support/kafka-cluster.ts'
import { requireServer } from '../../support/require-server.ts'

const createTimeoutMs = 30_000
const silenceMs = 10_000

requireServer('kafka').describe('a replay of what transactional producers wrote', () => {
  let cluster: Pick<KafkaCluster, 'bootstrap' | 'stop'>
  let peer: Kafka

  beforeAll(async () => {
    cluster = await sharedKafka()
    peer = new kafkajs.Kafka({ brokers: [cluster.bootstrap], logLevel: kafkajs.logLevel.NOTHING })
  }, 180_000)
  afterAll(() => cluster?.stop())

  async function producerOf(name: string): Promise<Producer> {
    const producer = peer.producer({ transactionalId: name, maxInFlightRequests: 1, idempotent: true })
    await producer.connect()
    return producer
  }

  async function write(producer: Producer, topic: string, partition: number, values: readonly string[]) {
    const transaction = await producer.transaction()
    await transaction.send({ topic, messages: values.map((value) => ({ key: 'k', value, partition })) })
    return transaction
  }

  test('gives what was committed when it was planned, and ends behind markers and aborted records', async () => {
    const name = `transactions-${randomUUID()}`
    const [input, output] = [`${name}-in`, `${name}-out`]
    const kafka = openKafka({ bootstrap: cluster.bootstrap })
    const admin = kafka.admin()
    await admin.createTopics(
      [input, output].map((topic) => ({ name: topic, partitions: 4, replicationFactor: 1, configs: {} })),
      createTimeoutMs,
    )
    const producer = await producerOf(`${name}-1`)
    await (await write(producer, input, 0, ['a', 'b'])).commit()
    await (await write(producer, input, 0, ['aborted at the end'])).abort()
    await (await write(producer, input, 1, ['aborted alone'])).abort()
    await (await write(producer, input, 2, ['c'])).commit()
    const slow = await producerOf(`${name}-2`)
    const open = await write(slow, input, 2, ['open when it was planned'])

    const topology = defineTopology('copies', (builder) => {
      const text = { key: string(), value: string() }
      builder.stream(input, text).to(output, text)
    })
    const config = { applicationId: name, kafka: { bootstrap: cluster.bootstrap }, logger: silentLogger }
    const replays = await Replays.open({ ...config, producerLingerMs: 0, commitIntervalMs: 100 }, topology)
    const { partitions } = await replays.plan({ id: 'r1' })
    await open.commit()
    const end = await replays.run('r1')
    const { done, total } = await replays.status('r1')
    await replays.close()

    const values: string[] = []
    const reader = new RecordReader(kafka, await wholeTopic(admin, `${output}-replay-${name}-r1`))
    for await (const batch of reader.batches(silenceMs)) {
      for (let index = 0; index < batch.count; index++) values.push(Buffer.from(batch.value(index) ?? []).toString())
    }
    await reader.close()
    await Promise.all([producer.disconnect(), slow.disconnect()])
    await admin.close()
    await kafka.close()
    expect(values.sort()).toEqual(['a', 'b', 'c'])
    expect(partitions.map(({ endOffset }) => endOffset)).toEqual([5, 2, 2, 0])
    expect([end, done]).toEqual(['done', total])
  }, 60_000)
})
