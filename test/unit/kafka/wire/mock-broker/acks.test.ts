import { afterEach, beforeEach, expect, test } from '@jest/globals'
import type { Producer } from '../../../../../src/kafka/port.ts'
import { apiKeys, MockBroker } from '../../../../support/mock-broker.ts'
import { WireClient } from '../../../../support/wire-client.ts'
import { until } from '../../../../support/until.ts'

let broker: MockBroker
let client: WireClient

beforeEach(async () => {
  broker = await MockBroker.start()
  broker.topics = [{ name: 'logs', partitions: [{ leader: 1 }] }]
  client = new WireClient(broker.address)
})

afterEach(async () => {
  await client.close()
  await broker.stop()
})

function unacknowledged(options: { batchBytes?: number } = {}): Promise<Producer> {
  return client.producer(['logs'], { acks: 'none', idempotent: false, compression: 'none', lingerMs: 0, ...options })
}

test("a batch under acks 'none' is written once and counts as delivered once the socket took it", async () => {
  broker.silence(apiKeys.produce)
  const producer = await unacknowledged()
  for (let index = 0; index < 3; index++) {
    producer.send('logs', 0, null, Buffer.from(`v${index}`), 1, [])
    await producer.flush(5_000)
  }
  await until(() => broker.requestsOf(apiKeys.produce) === 3, 5_000, 'three produce requests')
  expect(broker.requestsOf(apiKeys.produce)).toBe(3)
})

test("requests under acks 'none' that the socket has not passed on are bounded", async () => {
  broker.on(apiKeys.produce, ({ socket }) => {
    socket.pause()
    return undefined
  })
  const producer = await unacknowledged({ batchBytes: 900_000 })
  const value = Buffer.alloc(800_000)
  for (let index = 0; index < 100; index++) producer.send('logs', 0, null, value, 1, [])
  await until(() => client.driver.health().brokers[0]!.requestsInFlight > 0, 5_000, 'requests wait for the socket')
  await expect(producer.flush(500)).rejects.toMatchObject({ code: 'FLUSH_TIMEOUT' })
  expect(producer.isFull).toBe(true)
  expect(client.driver.health().brokers[0]!.requestsInFlight).toBeLessThanOrEqual(5)
})
