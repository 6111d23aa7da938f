import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { produceAnswer } from '../../../../support/mock-answers.ts'
import { apiKeys, MockBroker } from '../../../../support/mock-broker.ts'
import { RecordingLogger } from '../../../../support/recording-logger.ts'
import { until } from '../../../../support/until.ts'
import { WireClient } from '../../../../support/wire-client.ts'

const holdMs = 2200

let broker: MockBroker
let client: WireClient
let logger: RecordingLogger

beforeEach(async () => {
  broker = await MockBroker.start()
  broker.topics = [{ name: 'logs', partitions: [{ leader: 1 }] }]
  broker.on(apiKeys.produce, () => produceAnswer('logs'))
  logger = new RecordingLogger()
  client = new WireClient(broker.address, { logger, requestTimeoutMs: 1000 })
})

afterEach(async () => {
  await client.close()
  await broker.stop()
})

/** As a user function that computes for long; the broker of these tests is held with it. */
function holdLoop(): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, holdMs)
}

describe('after something has held the event loop', () => {
  test('a record that waited to be sent still has the time that it had', async () => {
    const producer = await client.producer(['logs'], {
      acks: 'leader',
      idempotent: false,
      compression: 'none',
      deliveryTimeoutMs: 1000,
    })
    producer.send('logs', 0, null, Buffer.from('a'), 1, [])
    holdLoop()
    await producer.flush(5_000)
    expect(broker.requestsOf(apiKeys.produce)).toBe(1)
  })

  test('an answer that came meanwhile is read before its request is given up', async () => {
    await client.driver.admin().describeTopics(['logs'])
    const accepted = broker.accepted
    broker.on(apiKeys.metadata, () => broker.metadataAnswer())
    const asked = broker.requestsOf(apiKeys.metadata)
    const described = client.driver.admin().describeTopics(['logs'])
    holdLoop()
    expect(await described).toHaveLength(1)
    expect(broker.requestsOf(apiKeys.metadata)).toBe(asked + 1)
    expect(broker.accepted).toBe(accepted)
    expect(logger.at('warn')).toEqual([])
  })

  test('a broker that then still does not answer is given up soon', async () => {
    await client.driver.admin().describeTopics(['logs'])
    broker.silence(apiKeys.metadata)
    const described = client.driver.admin().describeTopics(['logs'])
    const failure = described.catch((error: unknown) => error)
    holdLoop()
    await until(() => logger.at('warn').length > 0, 5_000, 'it is told')
    expect(await failure).toMatchObject({ consequence: 'retriable' })
  })
})
