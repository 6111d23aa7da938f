import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { until } from '../../../../support/until.ts'
import { commitAnswer, coordinatorAnswer, emptyFetchAnswer, produceAnswer } from '../../../../support/mock-answers.ts'
import { apiKeys, MockBroker } from '../../../../support/mock-broker.ts'
import { RecordingLogger } from '../../../../support/recording-logger.ts'
import { WireClient } from '../../../../support/wire-client.ts'

let broker: MockBroker
let client: WireClient
let logger: RecordingLogger

beforeEach(async () => {
  broker = await MockBroker.start()
  broker.topics = [{ name: 'logs', partitions: [{ leader: 1 }] }]
  logger = new RecordingLogger()
  client = new WireClient(broker.address, { logger, requestTimeoutMs: 1_500 })
})

afterEach(async () => {
  await client.close()
  await broker.stop()
})

const plain = { idempotent: false, compression: 'none', lingerMs: 0 } as const

describe('requests that meet a broker in trouble', () => {
  test.each([-1, 42, 56, 70, 35])(
    'a fetch whose whole answer is error %d is followed by another one',
    async (errorCode) => {
      broker.on(apiKeys.fetch, () => emptyFetchAnswer(broker.requestsOf(apiKeys.fetch) === 1 ? errorCode : 0))
      const consumer = client.consumer()
      consumer.assign([{ topic: 'logs', partition: 0, offset: 0 }])
      const endMs = Date.now() + 5_000
      while (broker.requestsOf(apiKeys.fetch) < 2 && Date.now() < endMs) expect(await consumer.poll(20)).toEqual([])
      expect(broker.requestsOf(apiKeys.fetch)).toBeGreaterThan(1)
    },
  )

  test('a broker that fails whole fetches again and again is logged', async () => {
    broker.on(apiKeys.fetch, () => emptyFetchAnswer(-1))
    const consumer = client.consumer()
    consumer.assign([{ topic: 'logs', partition: 0, offset: 0 }])
    await until(() => logger.at('warn').length > 0, 5_000, 'a line')
    expect(logger.at('warn')[0]!.fields).toMatchObject({ broker: broker.address, code: 'UNKNOWN_SERVER_ERROR' })
  })

  test('fetchMaxWaitMs of requestTimeoutMs or more is refused when the consumer is made', () => {
    expect(() => client.consumer({ fetchMaxWaitMs: 1_500 })).toThrow(
      /fetchMaxWaitMs .* 1500 and requestTimeoutMs is 1500/,
    )
    expect(() => client.consumer({ fetchMaxWaitMs: 1_499 })).not.toThrow()
  })

  test('a commit goes to the next coordinator when the one before takes it and does not answer', async () => {
    const next = await MockBroker.start(2)
    broker.nodes = [broker, next]
    next.nodes = broker.nodes
    let coordinator = broker
    for (const each of [broker, next]) {
      each.on(apiKeys.findCoordinator, () => coordinatorAnswer('group', coordinator))
    }
    broker.on(apiKeys.offsetCommit, () => {
      coordinator = next
      return undefined
    })
    next.on(apiKeys.offsetCommit, () => commitAnswer('logs'))
    const consumer = client.consumer()
    const group = { groupId: 'group', generation: -1, memberId: '', instanceId: undefined }
    const startedMs = Date.now()
    await consumer.commit([{ topic: 'logs', partition: 0, offset: 1, metadata: '' }], group, 20_000)
    expect(Date.now() - startedMs).toBeLessThan(1_500)
    expect(next.requestsOf(apiKeys.offsetCommit)).toBe(1)
    await next.stop()
  })

  test('requests in flight when a broker throttles may take longer by the throttle time', async () => {
    broker.topics = [{ name: 'logs', partitions: [{ leader: 1 }, { leader: 1 }] }]
    const producer = await client.producer(['logs'], { ...plain, acks: 'leader' })
    let answerFirst = (): void => {}
    const isSecondSent = new Promise<void>((resolve) => (answerFirst = resolve))
    broker.on(apiKeys.produce, async () => {
      if (broker.requestsOf(apiKeys.produce) === 1) {
        await isSecondSent
        return produceAnswer('logs', { throttleMs: 2_000 })
      }
      await new Promise((resolve) => setTimeout(resolve, 2_000))
      return produceAnswer('logs', { partition: 1 })
    })
    producer.send('logs', 0, null, Buffer.from('a'), 1, [])
    await until(() => broker.requestsOf(apiKeys.produce) === 1)
    producer.send('logs', 1, null, Buffer.from('b'), 1, [])
    await until(() => client.driver.health().brokers[0]!.requestsInFlight === 2)
    const { accepted } = broker
    answerFirst()
    await producer.flush(10_000)
    expect([broker.requestsOf(apiKeys.produce), broker.accepted]).toEqual([2, accepted])
  })

  test('a batch of 16 KiB does not wait for its linger while its broker is idle', async () => {
    const producer = await client.producer(['logs'], {
      ...plain,
      lingerMs: 60_000,
      idleLingerMs: 60_000,
      acks: 'leader',
    })
    broker.on(apiKeys.produce, () => produceAnswer('logs'))
    producer.send('logs', 0, null, Buffer.alloc(8 * 1024), 1, [])
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect(broker.requestsOf(apiKeys.produce)).toBe(0)
    producer.send('logs', 0, null, Buffer.alloc(8 * 1024), 1, [])
    await until(() => broker.requestsOf(apiKeys.produce) === 1, 5_000, 'the batch is sent')
  })

  test('a batch of 16 KiB waits while its broker has a request, and goes after the answer', async () => {
    const producer = await client.producer(['logs'], {
      ...plain,
      lingerMs: 60_000,
      idleLingerMs: 60_000,
      acks: 'leader',
    })
    let answerFirst = (): void => {}
    const isAnswered = new Promise<void>((resolve) => (answerFirst = resolve))
    broker.on(apiKeys.produce, async () => {
      await isAnswered
      return produceAnswer('logs')
    })
    producer.send('logs', 0, null, Buffer.alloc(16 * 1024), 1, [])
    await until(() => broker.requestsOf(apiKeys.produce) === 1, 5_000, 'the first batch is sent')
    producer.send('logs', 0, null, Buffer.alloc(16 * 1024), 1, [])
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect(broker.requestsOf(apiKeys.produce)).toBe(1)
    answerFirst()
    await until(() => broker.requestsOf(apiKeys.produce) === 2, 5_000, 'the second batch is sent')
  })

  test('a broker that throttles is left alone', async () => {
    const producer = await client.producer(['logs'], { ...plain, acks: 'leader' })
    const times: number[] = []
    broker.on(apiKeys.produce, () => {
      times.push(Date.now())
      return produceAnswer('logs', { throttleMs: times.length === 1 ? 400 : 0 })
    })
    producer.send('logs', 0, null, Buffer.from('a'), 1, [])
    await producer.flush(5_000)
    producer.send('logs', 0, null, Buffer.from('b'), 1, [])
    await producer.flush(5_000)
    expect(times[1]! - times[0]!).toBeGreaterThanOrEqual(390)
  })

  test('when the broker refuses a batch, the bad record is reported and the others are sent again', async () => {
    const told: string[] = []
    const producer = await client.producer(['logs'], {
      ...plain,
      acks: 'leader',
      onSendError: ({ value, error }) => {
        told.push(`${Buffer.from(value!).toString()}: ${(error as Error).message}`)
        return 'continue'
      },
    })
    const counts: number[] = []
    broker.on(apiKeys.produce, ({ body }) => {
      body.nullableCompactString()
      body.int16()
      body.int32()
      body.uvarint()
      body.compactString()
      body.uvarint()
      body.int32()
      counts.push(Buffer.from(body.nullableCompactBytes()!).readInt32BE(57))
      if (counts.length > 1) return produceAnswer('logs')
      return produceAnswer('logs', { errorCode: 32, recordErrors: [{ index: 1, message: 'too far ahead' }] })
    })
    for (const value of ['good-1', 'bad', 'good-2']) producer.send('logs', 0, null, Buffer.from(value), 1, [])
    await producer.flush(5_000)
    expect(counts).toEqual([3, 2])
    expect(told).toEqual([expect.stringContaining('bad: producing a record to logs-0 (too far ahead)')])
  })

  test('a batch that is refused without naming records fails as a whole, with the reason of the broker', async () => {
    const told: string[] = []
    const producer = await client.producer(['logs'], {
      ...plain,
      acks: 'leader',
      onSendError: ({ error }) => {
        told.push((error as Error).message)
        return 'continue'
      },
    })
    broker.on(apiKeys.produce, () => produceAnswer('logs', { errorCode: 87, message: 'a null key' }))
    for (const value of ['a', 'b']) producer.send('logs', 0, null, Buffer.from(value), 1, [])
    await producer.flush(5_000)
    expect(told).toHaveLength(2)
    expect(told[0]).toContain('(a null key)')
  })

  test('a topic without an id fails at once and says what to do', async () => {
    broker.topics = [{ name: 'logs', topicId: 'AAAAAAAAAAAAAAAAAAAAAA', partitions: [{ leader: 1 }] }]
    const consumer = client.consumer()
    consumer.assign([{ topic: 'logs', partition: 0, offset: 0 }])
    await expect(consumer.poll(5_000)).rejects.toMatchObject({ code: 'TOPIC_WITHOUT_ID', consequence: 'fatal' })
  })

  test.each([
    ['over HTTP', 'HTTP/1.1 400 Bad Request\r\n\r\n', 'NOT_KAFKA', /speaks HTTP: give the address/],
    ['by a TLS alert', '\u0015\u0003\u0003\u0000\u0002\u0002\u0028', 'TLS_EXPECTED', /speaks TLS: set tls/],
  ])('a listener that answers %s is named at once, with the fix', async (_how, answer, code, sentence) => {
    broker.on(apiKeys.apiVersions, ({ socket }) => {
      socket.write(Buffer.from(answer, 'latin1'))
      return undefined
    })
    const failure = await client.driver
      .admin()
      .listTopics()
      .catch((error: unknown) => error)
    expect(failure).toMatchObject({ code, consequence: 'fatal', message: expect.stringMatching(sentence) })
    expect((failure as Error).message).toContain(broker.address)
  })

  test('TLS to a listener without it is named at once, with the fix', async () => {
    const impatient = new WireClient(broker.address, { tls: {} })
    broker.speakPlainly()
    const failure = await impatient.driver
      .admin()
      .listTopics()
      .catch((error: unknown) => error)
    expect(failure).toMatchObject({ code: 'TLS_NOT_SPOKEN', message: expect.stringContaining(broker.address) })
    await impatient.close()
  })

  test('a listener that closes without an answer is reported with what it may require', async () => {
    broker.on(apiKeys.apiVersions, ({ socket }) => void socket.end())
    await expect(client.driver.admin().listTopics()).rejects.toThrow(
      /may require TLS \(option tls\) or SASL \(option sasl\)/,
    )
  })
})
