import { beforeEach, describe, expect, test } from '@jest/globals'
import { ManualClock } from '../../../../src/core/clock.ts'
import { errorCode, MillraceError } from '../../../../src/core/errors.ts'
import { noHeaders } from '../../../../src/core/headers.ts'
import { MemoryCluster } from '../../../../src/kafka/memory/cluster.ts'
import { createMemoryDriver } from '../../../../src/kafka/memory/driver.ts'
import type { KafkaDriver, Producer, ProducerOptions } from '../../../../src/kafka/port.ts'

const bytes = (text: string) => Buffer.from(text)
const timeout = () => new MillraceError('REQUEST_TIMED_OUT', 'retriable', 'the test lost the answer')

let clock: ManualClock
let cluster: MemoryCluster
let driver: KafkaDriver

beforeEach(() => {
  clock = new ManualClock()
  cluster = new MemoryCluster({ clock })
  cluster.createTopic({ name: 'logs', partitions: 1, replicationFactor: -1, configs: {} })
  driver = createMemoryDriver(cluster)
})

function newProducer(options: Partial<ProducerOptions> = {}): Producer {
  return driver.producer({
    clientId: 'writer',
    acks: 'all',
    idempotent: true,
    compression: 'none',
    lingerMs: 0,
    idleLingerMs: 0,
    batchBytes: 1_000,
    bufferedBytesMax: 1_000,
    maxRequestBytes: 10_000,
    deliveryTimeoutMs: 5_000,
    onSendError: () => 'fail',
    ...options,
  })
}

const send = (producer: Producer, value: string) => producer.send('logs', 0, null, bytes(value), 0, noHeaders)

function values(): readonly string[] {
  const batch = cluster.log('logs', 0).read(0, 10_000)
  return Array.from({ length: batch?.count ?? 0 }, (_, index) => Buffer.from(batch?.value(index) ?? '').toString())
}

async function codeOf(promise: Promise<unknown>): Promise<string | undefined> {
  try {
    await promise
    return undefined
  } catch (error) {
    return errorCode(error)
  }
}

describe('a commit', () => {
  const nobody = { groupId: 'group', generation: -1, memberId: '', instanceId: undefined }
  const place = { topic: 'logs', partition: 0 }
  const consumer = () =>
    driver.consumer({
      clientId: 'reader',
      isolationLevel: 'read_committed',
      offsetReset: () => 'none',
      fetchMinBytes: 1,
      fetchMaxBytes: 1_000,
      partitionFetchMaxBytes: 1_000,
      fetchMaxWaitMs: 100,
      bufferedBytesMax: 1_000,
    })
  const commit = () => codeOf(consumer().commit([{ ...place, offset: 3, metadata: '' }], nobody, 100))
  const committed = async () => (await consumer().committed('group', [place]))[0]?.offset

  test('that fails leaves no trace, and the next one passes', async () => {
    cluster.faults.failNextCommit(timeout())
    expect([await commit(), await committed()]).toEqual(['REQUEST_TIMED_OUT', undefined])
    expect([await commit(), await committed()]).toEqual([undefined, 3])
  })

  test('whose answer is lost is applied all the same', async () => {
    cluster.faults.loseNextCommitAnswer(timeout())
    expect([await commit(), await committed()]).toEqual(['REQUEST_TIMED_OUT', 3])
  })
})

describe('a record of a client whose network is cut', () => {
  test('arrives when the network is back', async () => {
    const producer = newProducer()
    cluster.faults.silence('writ', 'cut')
    send(producer, 'a')
    const flushed = producer.flush(1_000)
    await Promise.resolve()
    clock.advance(200)
    expect(values()).toEqual([])
    cluster.faults.hear('writ')
    clock.advance(100)
    await flushed
    expect(values()).toEqual(['a'])
  })

  test('fails after deliveryTimeoutMs', async () => {
    const producer = newProducer()
    cluster.faults.silence('writer', 'cut')
    send(producer, 'a')
    const flushed = codeOf(producer.flush(60_000))
    await Promise.resolve()
    clock.advance(5_000)
    expect(await flushed).toBe('DELIVERY_TIMEOUT')
  })

  test('arrives if only the process is stopped', async () => {
    const producer = newProducer()
    cluster.faults.silence('writer', 'stopped')
    send(producer, 'a')
    await producer.flush(100)
    expect(values()).toEqual(['a'])
  })
})

describe('a record that is in flight for a while', () => {
  test('arrives by the clock, in order', async () => {
    const producer = newProducer()
    cluster.faults.sendDelayMs = 200
    send(producer, 'a')
    cluster.faults.sendDelayMs = 0
    send(producer, 'b')
    const flushed = producer.flush(1_000)
    await Promise.resolve()
    expect(values()).toEqual([])
    clock.advance(200)
    await flushed
    expect(values()).toEqual(['a', 'b'])
  })

  test('is not acknowledged before it arrives', async () => {
    const producer = newProducer()
    cluster.faults.sendDelayMs = 200
    send(producer, 'a')
    const flushed = codeOf(producer.flush(100))
    await Promise.resolve()
    clock.advance(100)
    expect(await flushed).toBe('FLUSH_TIMEOUT')
    expect(producer.acknowledgedOffset('logs', 0)).toBeUndefined()
  })

  test('fails when it takes longer than deliveryTimeoutMs', async () => {
    const codes: (string | undefined)[] = []
    const producer = newProducer({
      onSendError: ({ error }) => {
        codes.push(errorCode(error))
        return 'fail'
      },
    })
    cluster.faults.sendDelayMs = 60_000
    send(producer, 'a')
    const flushed = codeOf(producer.flush(30_000))
    await Promise.resolve()
    clock.advance(5_000)
    expect([await flushed, codes, values()]).toEqual(['DELIVERY_TIMEOUT', ['DELIVERY_TIMEOUT'], []])
  })

  test('is gone when its driver closes', async () => {
    const producer = newProducer()
    cluster.faults.sendDelayMs = 200
    send(producer, 'a')
    await driver.close()
    clock.advance(1_000)
    expect(values()).toEqual([])
    expect(await codeOf(producer.flush(100))).toBe('DRIVER_CLOSED')
  })

  test('keeps the producer full until there is room', async () => {
    const producer = newProducer()
    cluster.faults.sendDelayMs = 200
    send(producer, 'x'.repeat(1_000))
    expect(producer.isFull).toBe(true)
    let drained = false
    const waiting = producer.drained().then(() => {
      drained = true
    })
    await Promise.resolve()
    expect(drained).toBe(false)
    clock.advance(200)
    await waiting
    expect(producer.isFull).toBe(false)
  })
})

describe('a record that is refused', () => {
  test('fails the next flush once; those around it arrive in order', async () => {
    const producer = newProducer()
    send(producer, 'a')
    cluster.faults.failNextSend(timeout())
    send(producer, 'lost')
    send(producer, 'b')
    expect(await codeOf(producer.flush(1_000))).toBe('REQUEST_TIMED_OUT')
    expect(await codeOf(producer.flush(1_000))).toBeUndefined()
    expect(values()).toEqual(['a', 'b'])
  })

  test('the refusal is reported after the call of send, never inside it', async () => {
    let told = false
    const producer = newProducer({
      onSendError: () => {
        told = true
        return 'continue'
      },
    })
    producer.send('missing', 0, null, bytes('a'), 0, noHeaders)
    expect(told).toBe(false)
    await producer.flush(1_000)
    expect(told).toBe(true)
  })
})
