import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { ManualClock } from '../../../../../src/core/clock.ts'
import { produceAnswer } from '../../../../support/mock-answers.ts'
import { apiKeys, MockBroker } from '../../../../support/mock-broker.ts'
import { until } from '../../../../support/until.ts'
import { WireClient } from '../../../../support/wire-client.ts'

const waits = { lingerMs: 100, idleLingerMs: 5 } as const

let broker: MockBroker
let client: WireClient
let clock: ManualClock

beforeEach(async () => {
  broker = await MockBroker.start()
  broker.topics = [{ name: 'logs', partitions: [{ leader: 1 }, { leader: 1 }] }]
  clock = new ManualClock(1_000)
  client = new WireClient(broker.address, { clock })
})

afterEach(async () => {
  await client.close()
  await broker.stop()
})

async function advance(byMs: number): Promise<void> {
  clock.advance(byMs)
  await new Promise((resolve) => setTimeout(resolve, 20))
}

function producerWith(options: { readonly acks: 'leader' | 'none'; readonly idleLingerMs?: number }) {
  return client.producer(['logs'], { ...waits, idempotent: false, compression: 'none', ...options })
}

const sent = (count: number) => until(() => broker.requestsOf(apiKeys.produce) === count, 10_000, `${count} requests`)

describe('a batch with less than 16 KiB', () => {
  test('waits idleLingerMs for a broker that is idle', async () => {
    const producer = await producerWith({ acks: 'none' })
    producer.send('logs', 0, null, Buffer.from('a'), 1, [])
    await advance(4)
    expect(broker.requestsOf(apiKeys.produce)).toBe(0)
    await advance(1)
    await sent(1)
  })

  test('goes along with one of another partition that has waited', async () => {
    const producer = await producerWith({ acks: 'none' })
    producer.send('logs', 0, null, Buffer.from('a'), 1, [])
    await advance(4)
    producer.send('logs', 1, null, Buffer.from('b'), 1, [])
    await advance(1)
    await sent(1)
    await producer.flush(10_000)
    expect(broker.requestsOf(apiKeys.produce)).toBe(1)
  })

  test('waits while its broker has a request of the producer, and goes after the answer', async () => {
    const producer = await producerWith({ acks: 'leader' })
    let answer = (): void => {}
    const isAnswered = new Promise<void>((resolve) => (answer = resolve))
    broker.on(apiKeys.produce, async () => {
      await isAnswered
      return produceAnswer('logs')
    })
    producer.send('logs', 0, null, Buffer.from('a'), 1, [])
    await advance(5)
    await sent(1)
    producer.send('logs', 0, null, Buffer.from('b'), 1, [])
    await advance(99)
    expect(broker.requestsOf(apiKeys.produce)).toBe(1)
    answer()
    await sent(2)
  })

  test('does not wait for the answer longer than lingerMs', async () => {
    const producer = await producerWith({ acks: 'leader' })
    broker.on(apiKeys.produce, () => new Promise(() => {}))
    producer.send('logs', 0, null, Buffer.from('a'), 1, [])
    await advance(5)
    await sent(1)
    producer.send('logs', 1, null, Buffer.from('b'), 1, [])
    await advance(100)
    await until(() => client.driver.health().brokers[0]?.requestsInFlight === 2, 10_000, 'two requests in flight')
  })

  test('waits lingerMs for an idle broker where idleLingerMs is larger', async () => {
    const producer = await producerWith({ acks: 'none', idleLingerMs: 60_000 })
    producer.send('logs', 0, null, Buffer.from('a'), 1, [])
    await advance(99)
    expect(broker.requestsOf(apiKeys.produce)).toBe(0)
    await advance(1)
    await sent(1)
  })
})
