import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { ManualClock } from '../../../../../src/core/clock.ts'
import { until } from '../../../../support/until.ts'
import { endOffsetAnswer } from '../../../../support/mock-answers.ts'
import { apiKeys, MockBroker } from '../../../../support/mock-broker.ts'
import { RecordingLogger } from '../../../../support/recording-logger.ts'
import { passUntil } from '../../../../support/pass-until.ts'
import { WireClient } from '../../../../support/wire-client.ts'

let broker: MockBroker
let client: WireClient
let clock: ManualClock
let logger: RecordingLogger

beforeEach(async () => {
  broker = await MockBroker.start()
  broker.topics = [{ name: 'logs', partitions: [{ leader: 1 }] }]
  clock = new ManualClock()
  logger = new RecordingLogger()
  client = new WireClient(broker.address, { clock, logger })
})

afterEach(async () => {
  await client.close()
  await broker.stop()
})

const health = () => client.driver.health().brokers[0]!

describe('the health of brokers', () => {
  test('a broker that answers is well, one that was never asked too', async () => {
    expect(health()).toEqual({
      nodeId: undefined,
      address: broker.address,
      isConnected: false,
      failingForMs: undefined,
      lastErrorCode: undefined,
      requestsInFlight: 0,
    })
    await client.driver.admin().describeTopics(['logs'])
    await client.producer(['logs'])
    expect(health()).toMatchObject({ nodeId: 1, failingForMs: undefined })
    expect(logger.at('warn')).toEqual([])
  })

  test('a consumer that is closed while it waits for records is no failure of its broker', async () => {
    const consumer = client.consumer()
    consumer.assign([{ topic: 'logs', partition: 0, offset: 0 }])
    broker.silence(apiKeys.fetch)
    void consumer.poll(10).catch(() => {})
    await until(() => broker.requestsOf(apiKeys.fetch) > 0, 5_000, 'a fetch to arrive')
    await consumer.close()
    await client.close()
    expect(logger.at('warn')).toEqual([])
  })

  test('a broker that accepts requests and answers nothing is reported within 10 seconds', async () => {
    broker.silence(apiKeys.metadata)
    void client.driver
      .admin()
      .describeTopics(['logs'])
      .catch(() => {})
    await until(() => broker.requestsOf(apiKeys.metadata) === 1, 5_000, 'the request to arrive')
    await passUntil(clock, () => health().failingForMs !== undefined, 10_000)
    expect(logger.at('warn')[0]).toMatchObject({
      message: 'Kafka broker failed, retrying',
      fields: { broker: broker.address },
    })
  })

  test('a fetch that the broker holds back is no trouble for as long as it was asked to, and is afterwards', async () => {
    const fetchMaxWaitMs = 15_000
    const consumer = client.consumer({ fetchMaxWaitMs })
    consumer.assign([{ topic: 'logs', partition: 0, offset: 0 }])
    broker.silence(apiKeys.fetch)
    await passUntil(clock, () => broker.requestsOf(apiKeys.fetch) > 0, 5_000)
    const askedMs = clock.nowMs()
    await passUntil(clock, () => clock.nowMs() - askedMs >= fetchMaxWaitMs, 20_000)
    expect(logger.at('warn')).toEqual([])
    await passUntil(clock, () => logger.at('warn').length > 0, 10_000)
    expect(health().lastErrorCode).toBe('ANSWER_OVERDUE')
  })

  test('a broker that refuses connections is logged immediately, then at growing intervals with a count, and when it is back', async () => {
    await client.producer(['logs'])
    await broker.stop()
    void client.driver
      .admin()
      .describeTopics(['logs'])
      .catch(() => {})
    await passUntil(clock, () => logger.at('warn').length > 0, 1_000)
    expect(health()).toMatchObject({ isConnected: false, lastErrorCode: 'CONNECTION_FAILED' })
    await passUntil(clock, () => logger.at('warn').length > 1, 12_000)
    const failures = logger.at('warn').map(({ fields }) => fields['failures'] as number)
    expect(failures[1]).toBeGreaterThan(failures[0]!)
    expect(logger.at('warn')).toHaveLength(2)
  })

  test('a connection that the broker closes while idle is no trouble', async () => {
    await client.producer(['logs'])
    await until(() => health().isConnected || broker.accepted > 0, 5_000, 'a connection')
    broker.cutAll()
    await new Promise((resolve) => setImmediate(resolve))
    await until(() => !health().isConnected, 5_000, 'the connection to be gone')
    expect(health().failingForMs).toBeUndefined()
    expect(logger.at('warn')).toEqual([])
  })

  test('partitions in use without a leader are listed immediately, and logged if it lasts', async () => {
    broker.topics = [{ name: 'logs', partitions: [{ leader: 1 }, { leader: -1 }] }]
    await client.producer(['logs'])
    expect(client.driver.health().leaderless).toEqual([{ topic: 'logs', partition: 1, forMs: 0 }])
    await passUntil(clock, () => logger.at('warn').length > 0, 10_000)
    expect(logger.at('warn')[0]).toMatchObject({
      message: 'partitions have no leader, waiting',
      fields: { count: 1, partitions: ['logs-1'] },
    })
    const partitions = [{ leader: 1 }, { leader: 1, epoch: 2 }]
    broker.topics = ['logs', 'another'].map((name) => ({ name, partitions }))
    const producer = client.producer(['another'])
    await passUntil(clock, () => logger.at('info').length > 0, 5_000)
    expect(logger.at('info')[0]!.message).toBe('all partitions have a leader again')
    await producer
  })

  test('the end of a log is unknown while its leader does not answer', async () => {
    const consumer = client.consumer()
    consumer.assign([{ topic: 'logs', partition: 0, offset: 0 }])
    broker.on(apiKeys.fetch, () => (broker.requestsOf(apiKeys.fetch) === 1 ? endOffsetAnswer(7) : undefined))
    const polled = consumer.poll(60_000).catch(() => {})
    await passUntil(clock, () => consumer.endOffset({ topic: 'logs', partition: 0 }) === 7, 5_000)
    await passUntil(clock, () => health().failingForMs !== undefined, 10_000)
    expect(consumer.endOffset({ topic: 'logs', partition: 0 })).toBeUndefined()
    await consumer.close()
    await polled
  })
})
