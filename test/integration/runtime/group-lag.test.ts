import { afterAll, beforeAll, expect, test } from '@jest/globals'
import kafkajs from 'kafkajs'
import { groupLag } from '../../../src/cli/groups/group-lag.ts'
import {
  openKafka,
  StreamsBuilder,
  startStreams,
  type Streams,
  type StreamsConfig,
  string,
} from '../../../src/index.ts'
import { createMetrics } from '../../../src/ops/metrics.ts'
import type { PartitionStatus } from '../../../src/runtime/thread/thread-status.ts'
import { sharedKafka } from '../../support/kafka-cluster.ts'
import { KafkajsPeer } from '../../support/kafkajs-peer.ts'
import { startProxiedKafka } from '../../support/proxied-kafka.ts'
import { requireServer } from '../../support/require-server.ts'
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

/** Copies a topic, each value when the call has its result. */
async function startSlow(
  name: string,
  call: (value: string) => Promise<string>,
  options: Partial<StreamsConfig> = {},
): Promise<Streams> {
  const builder = new StreamsBuilder()
  builder
    .stream(name, { key: string(), value: string() })
    .mapValuesAsync(call, { concurrencyMax: 1, timeoutMs: longMs })
    .to(`${name}-out`, { value: string() })
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

requireServer('kafka').describe('the lag of a group on a real broker', () => {
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
    const streams = await startSlow(name, () => new Promise(() => {}), { bufferedRecordsPerPartition: 10 })
    for (const total of [100, 200, 300, 400, 500]) {
      await peer.send(name, messages(100))
      await until(async () => lagOf(streams) === total, patienceMs, `${total} records are counted`)
    }
  })

  test('counts while the application is paused', async () => {
    const name = `lag-stopped-${Date.now()}`
    await peer.createTopics({ [name]: 1, [`${name}-out`]: 1 })
    const streams = await start(name)
    await until(async () => lagOf(streams) === 0, patienceMs, 'the lag is known')
    streams.application.pause()
    await peer.send(name, messages(40))
    await until(async () => lagOf(streams) === 40, patienceMs, 'the records are counted')
    expect(await peer.lag(name, name)).toBe(40)
  })

  test('of partitions that nobody owns is the lag of the group', async () => {
    const name = `lag-unowned-${Date.now()}`
    await peer.createTopics({ [name]: 3, [`${name}-out`]: 3 })
    const streams = await start(name)
    await until(async () => lagOf(streams) === 0, patienceMs, 'the lag is known')
    await streams.close()
    await peer.send(name, messages(60))
    const driver = openKafka({ bootstrap: kafka.bootstrap })
    const { members, partitions } = await groupLag(driver, name, Date.now())
    await driver.close()
    const counted = partitions.reduce((sum, { records = 0 }) => sum + records, 0)
    expect([members, counted, await peer.lag(name, name)]).toEqual([0, 60, 60])
  })

  test('of a group that has never committed is that of all records that it will read', async () => {
    const name = `lag-first-${Date.now()}`
    await peer.createTopics({ [name]: 1, [`${name}-out`]: 1 })
    await peer.send(name, messages(70))
    const streams = await startSlow(name, () => new Promise(() => {}), { offsetReset: 'earliest' })
    await until(async () => lagOf(streams) === 70, patienceMs, 'all records are counted')
    expect(partitionsOf(streams)[0]?.committedOffset).toBeUndefined()
  })

  test('of a partition that is stuck is shown apart from that of one that moves', async () => {
    const name = `lag-stuck-${Date.now()}`
    await peer.createTopics({ [name]: 2, [`${name}-out`]: 2 })
    const streams = await startSlow(name, (value) =>
      value === 'stuck' ? new Promise(() => {}) : Promise.resolve(value),
    )
    const metrics = createMetrics({ status: () => streams.application.status() })
    const stuckSeconds = async (partition: number): Promise<number> => {
      const pattern = `kafka_consumer_stuck_seconds\\{topic="${name}",partition="${partition}"\\} (\\S+)`
      return Number(new RegExp(pattern).exec(await metrics.text())?.[1])
    }
    await until(async () => lagOf(streams) === 0, patienceMs, 'the lag is known')
    await peer.send(name, [
      { key: 'a', value: 'stuck', partition: 0 },
      { key: 'b', value: 'free', partition: 1 },
    ])
    await until(async () => (await stuckSeconds(0)) > 1, patienceMs, 'the first partition is stuck')
    expect(await stuckSeconds(1)).toBe(0)
  })

  test('is unknown while no broker answers: it is neither 0 nor the last one', async () => {
    const proxied = await startProxiedKafka()
    const own = await KafkajsPeer.connect(proxied.bootstrap)
    try {
      const name = `lag-unknown-${Date.now()}`
      await own.createTopics({ [name]: 1, [`${name}-out`]: 1 })
      const streams = await start(name, { kafka: { bootstrap: proxied.bootstrap } })
      const metrics = createMetrics({ status: () => streams.application.status() })
      const series = async (): Promise<readonly string[]> =>
        (await metrics.text()).split('\n').filter((line) => /^kafka_consumer_lag(_seconds)?\{/.test(line))
      await until(async () => lagOf(streams) === 0, patienceMs, 'the lag is known')
      expect(await series()).toHaveLength(2)
      proxied.proxy.blackHole()
      await until(async () => (await series()).length === 0, patienceMs, 'the lag is not shown')
      proxied.proxy.heal()
      await until(async () => lagOf(streams) === 0, patienceMs, 'the lag is known again')
    } finally {
      await own.close()
      await proxied.stop()
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
