import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import kafkajs from 'kafkajs'
import { StreamsBuilder, startStreams, type Streams, type StreamsConfig, string } from '../../../src/index.ts'
import type { PartitionStatus } from '../../../src/runtime/thread/thread-status.ts'
import { sharedKafka } from '../../support/kafka-cluster.ts'
import { KafkajsPeer } from '../../support/kafkajs-peer.ts'
import { until } from '../../support/until.ts'

const patienceMs = 60_000
const longMs = 120_000

let kafka: Awaited<ReturnType<typeof sharedKafka>>
let peer: KafkajsPeer
const running: Streams[] = []

beforeAll(async () => {
  kafka = await sharedKafka()
  peer = await KafkajsPeer.connect(kafka.bootstrap)
})

afterAll(async () => {
  await Promise.all(running.map((streams) => streams.close({ timeoutMs: 5000 }).catch(() => {})))
  await peer?.close()
  await kafka?.stop()
})

/** Copies a topic; the name is that of the group and the topic. */
async function start(name: string, options: Partial<StreamsConfig> = {}): Promise<Streams> {
  const builder = new StreamsBuilder()
  builder.stream(name, { key: string(), value: string() }).to(`${name}-out`)
  const streams = await startStreams(
    { applicationId: name, kafka: { bootstrap: kafka.bootstrap }, commitIntervalMs: 200, ...options },
    builder.build(),
  )
  running.push(streams)
  return streams
}

function partitionsOf(streams: Streams): readonly PartitionStatus[] {
  return streams.application.status().tasks.flatMap((task) => task.partitions)
}

/** As `kafka_consumer_lag` reports it, summed; undefined while one is unknown. */
function lagOf(streams: Streams): number | undefined {
  const lags = partitionsOf(streams).map(({ lagRecords }) => lagRecords)
  return lags.some((lag) => lag === undefined) || lags.length === 0
    ? undefined
    : lags.reduce<number>((sum, lag = 0) => sum + lag, 0)
}

const messages = (count: number) => Array.from({ length: count }, (_, index) => ({ key: `k${index}`, value: 'v' }))

describe('the lag of a group on a real broker', () => {
  test('is known for an empty topic: the group commits where it begins, and nobody reads -1', async () => {
    const name = `lag-empty-${Date.now()}`
    await peer.createTopics({ [name]: 3, [`${name}-out`]: 3 })
    const streams = await start(name)
    await until(async () => lagOf(streams) === 0, patienceMs, 'the lag is known')
    const committed = async (): Promise<number[]> => {
      const [topic] = await peer.admin.fetchOffsets({ groupId: name, topics: [name] })
      return (topic?.partitions ?? []).map(({ offset }) => Number(offset))
    }
    await until(async () => (await committed()).every((offset) => offset === 0), patienceMs, 'offsets are committed')
    expect(await committed()).toEqual([0, 0, 0])
  })

  test('counts what is processed and not committed, as everybody else sees it', async () => {
    const name = `lag-uncommitted-${Date.now()}`
    await peer.createTopics({ [name]: 2, [`${name}-out`]: 2 })
    const streams = await start(name, { commitIntervalMs: longMs })
    await until(async () => lagOf(streams) === 0, patienceMs, 'the lag is known')
    await peer.send(name, messages(100))
    await until(async () => lagOf(streams) === 100, patienceMs, 'the lag is that of the records')
    expect(await peer.lag(name, name)).toBe(100)
  })

  test('is 0 when the records of a transactional producer are drained', async () => {
    const name = `lag-transactions-${Date.now()}`
    await peer.createTopics({ [name]: 1, [`${name}-out`]: 1 })
    const streams = await start(name)
    const client = new kafkajs.Kafka({ brokers: [kafka.bootstrap], logLevel: kafkajs.logLevel.NOTHING })
    const producer = client.producer({ transactionalId: name, idempotent: true, maxInFlightRequests: 1 })
    await producer.connect()
    for (let round = 0; round < 3; round++) {
      const transaction = await producer.transaction()
      await transaction.send({ topic: name, messages: messages(10) })
      await (round === 1 ? transaction.abort() : transaction.commit())
    }
    await producer.disconnect()
    await until(async () => (await peer.lag(name, name)) === 0, patienceMs, 'the group has no lag')
    await until(async () => lagOf(streams) === 0, patienceMs, 'the application has no lag')
    expect(partitionsOf(streams)[0]?.endOffset).toBe(33)
  })

  test('does not count records that retention has deleted', async () => {
    const name = `lag-expired-${Date.now()}`
    await peer.createTopics({ [name]: 1, [`${name}-out`]: 1 })
    await peer.send(name, messages(10))
    const before = await start(name)
    await until(async () => (await peer.lag(name, name)) === 0, patienceMs, 'ten records are committed')
    await before.close({ timeoutMs: 5000 })
    await peer.send(name, messages(90))
    await peer.admin.deleteTopicRecords({ topic: name, partitions: [{ partition: 0, offset: '80' }] })
    const after = await start(name, { commitIntervalMs: longMs })
    await until(async () => partitionsOf(after)[0]?.position === 100, patienceMs, 'the rest is processed')
    expect(lagOf(after)).toBe(20)
  })

  test('counts a partition that is paused because its records wait', async () => {
    const name = `lag-paused-${Date.now()}`
    await peer.createTopics({ [name]: 1, [`${name}-out`]: 1 })
    const builder = new StreamsBuilder()
    builder
      .stream(name, { key: string(), value: string() })
      .mapValuesAsync(() => new Promise<string>(() => {}), { concurrencyMax: 1, timeoutMs: longMs })
      .to(`${name}-out`, { value: string() })
    const streams = await startStreams(
      {
        applicationId: name,
        kafka: { bootstrap: kafka.bootstrap },
        bufferedRecordsPerPartition: 10,
        commitIntervalMs: 200,
      },
      builder.build(),
    )
    running.push(streams)
    for (const total of [100, 200, 300, 400, 500]) {
      await peer.send(name, messages(100))
      await until(async () => lagOf(streams) === total, patienceMs, `${total} records are counted`)
    }
  })

  test('has an age that is that of the record which waits', async () => {
    const name = `lag-age-${Date.now()}`
    await peer.createTopics({ [name]: 1, [`${name}-out`]: 1 })
    const streams = await start(name, { commitIntervalMs: longMs })
    await until(async () => lagOf(streams) === 0, patienceMs, 'the lag is known')
    expect(partitionsOf(streams)[0]?.lagSeconds).toBe(0)
    await peer.send(name, [{ key: 'k', value: 'v', timestampMs: Date.now() - 600_000 }])
    await until(async () => lagOf(streams) === 1, patienceMs, 'the record waits for its commit')
    const age = partitionsOf(streams)[0]?.lagSeconds ?? 0
    expect(age).toBeGreaterThanOrEqual(600)
    expect(age).toBeLessThan(700)
  })
})
