import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals'
import type { Consumer } from '../../../../src/kafka/port.ts'
import { stampBatch } from '../../../../src/kafka/wire/codec/record-batch-writer.ts'
import { fetchApi, type FetchPartitionDataResponse } from '../../../../src/kafka/wire/protocol/generated/fetch.ts'
import { responseBody } from '../../../../src/kafka/wire/protocol/header.ts'
import { requireServer } from '../../../support/require-server.ts'
import { until } from '../../../support/until.ts'
import { type ProxiedKafka, startProxiedKafka } from '../../../support/proxied-kafka.ts'
import type { Passage, TcpProxy } from '../../../support/tcp-proxy.ts'
import { numbered, poll, Rig } from './rig.ts'

const produceKey = 0
const fetchKey = 1
const metadataKey = 3

let proxied: ProxiedKafka
let proxy: TcpProxy
let rig: Rig

beforeAll(async () => {
  proxied = await startProxiedKafka({ 'connections.max.idle.ms': '1500', 'log.cleaner.backoff.ms': '100' })
  proxy = proxied.proxy
  rig = new Rig(proxy.address, { requestTimeoutMs: 2_500 })
})

afterEach(async () => {
  proxy.heal()
  await rig.closeConsumers()
})

afterAll(async () => {
  await rig?.close()
  await proxied?.stop()
})

function reader(topic: string, partitions = 1): Consumer {
  const consumer = rig.consumer()
  consumer.assign(
    Array.from({ length: partitions }, (_, partition) => ({ topic, partition, offset: 'earliest' as const })),
  )
  return consumer
}

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

/** Changes the partitions of fetch responses on their way; `change` says whether it did. */
function tamperFetches(change: (partition: FetchPartitionDataResponse, frame: Buffer) => boolean): void {
  proxy.onResponse((passage: Passage, frame) => {
    if (passage.apiKey !== fetchKey) return 'pass'
    const copy = Buffer.from(frame)
    const response = fetchApi.decode(responseBody(fetchApi, passage.apiVersion, copy.subarray(4)), passage.apiVersion)
    const changed = response.responses
      .flatMap((topic) => topic.partitions)
      .filter((partition) => change(partition, copy))
    return changed.length > 0 ? { replaceBy: copy } : 'pass'
  })
}

const recordsOf = (partition: FetchPartitionDataResponse): Buffer | undefined =>
  partition.records === null || partition.records.length === 0
    ? undefined
    : Buffer.from(partition.records.buffer, partition.records.byteOffset, partition.records.length)

/** The error code of partition 0, which follows the topic id, a count and the partition's number. */
async function failFetchesWith(topic: string, errorCode: number): Promise<void> {
  const [description] = await rig.driver.admin().describeTopics([topic])
  const topicId = Buffer.from(description!.topicId, 'base64url')
  proxy.onResponse(({ apiKey }, frame) => {
    const at = apiKey === fetchKey ? frame.indexOf(topicId) : -1
    if (at < 0) return 'pass'
    const copy = Buffer.from(frame)
    copy.writeInt16BE(errorCode, at + 16 + 1 + 4)
    return { replaceBy: copy }
  })
}

requireServer('kafka').describe('a connection that drops', () => {
  test.each(['request', 'response'] as const)('at a fetch (%s) does not end consumption', async (at) => {
    const topic = await rig.topic()
    await rig.write(topic, numbered(5))
    const consumer = reader(topic)
    await rig.read(consumer, 5)
    const cut = proxy.cutNext(fetchKey, at)
    expect(await poll(consumer, 300)).toEqual([])
    await cut
    await rig.write(topic, numbered(5, 5))
    expect((await rig.read(consumer, 5)).map(({ value }) => value)).toEqual(numbered(5, 5))
    await consumer.close()
  })

  test.each(['request', 'response'] as const)('at a produce (%s) neither loses nor doubles records', async (at) => {
    const topic = await rig.topic(2)
    const producer = await rig.producer([topic], { batchBytes: 2_000, lingerMs: 0 })
    const send = (value: string, index: number): void =>
      producer.send(topic, index % 2, null, Buffer.from(value), Date.now(), [])
    numbered(10).forEach(send)
    await producer.flush(60_000)
    const cut = proxy.cutNext(produceKey, at)
    numbered(2_000, 10).forEach(send)
    await producer.flush(60_000)
    await cut
    await producer.close(60_000)
    const records = await rig.read(reader(topic, 2), 2_010)
    for (const partition of [0, 1]) {
      const values = records.filter((record) => record.partition === partition).map(({ value }) => value)
      expect(values).toEqual(numbered(2_010).filter((_, index) => index % 2 === partition))
    }
    expect(await rig.endOffsets(topic, 2)).toEqual([1_005, 1_005])
  })

  test('a connection that was closed because it was idle is opened again by the next record', async () => {
    const topic = await rig.topic()
    const consumer = reader(topic)
    const producer = await rig.producer([topic])
    producer.send(topic, 0, null, Buffer.from('before'), Date.now(), [])
    await producer.flush(60_000)
    await rig.read(consumer, 1)
    consumer.unassign([{ topic, partition: 0 }])
    await until(() => proxy.open === 0, 60_000, 'the broker closed what was idle')
    producer.send(topic, 0, null, Buffer.from('after'), Date.now(), [])
    await producer.close(60_000)
    consumer.assign([{ topic, partition: 0, offset: 1 }])
    expect((await rig.read(consumer, 1)).map(({ value }) => value)).toEqual(['after'])
  })
})

requireServer('kafka').describe('bytes that cannot be read', () => {
  async function expectError(tamper: (records: Buffer) => void, code: string): Promise<void> {
    const topic = await rig.topic(2)
    await rig.write(topic, ['fine'], { compression: 'none' }, 1)
    await rig.write(topic, ['first'], { compression: 'none' })
    await rig.write(topic, ['second'], { compression: 'none' })
    tamperFetches((partition) => {
      const records = recordsOf(partition)
      if (records === undefined || !records.includes('second')) return false
      const start = records.readInt32BE(8) + 12
      tamper(records.length > start ? records.subarray(start) : records)
      return true
    })
    const consumer = reader(topic, 2)
    const values = (await rig.read(consumer, 2)).map(({ value }) => value)
    expect(values.sort()).toEqual(['fine', 'first'])
    const details = expect.objectContaining({ topic, partition: 0, offset: 1 })
    for (let round = 0; round < 2; round++) {
      await expect(consumer.poll(5_000)).rejects.toMatchObject({ code, consequence: 'fatal', details })
    }
    const before = proxy.requestsOf(fetchKey)
    await sleep(1_000)
    expect(proxy.requestsOf(fetchKey) - before).toBeLessThan(15)
    expect(consumer.position({ topic, partition: 0 })).toBe(1)
    proxy.heal()
    consumer.seek({ topic, partition: 0 }, 1)
    expect((await rig.read(consumer, 1)).map(({ value }) => value)).toEqual(['second'])
  }

  test('damaged bytes under their checksum are reported after the records before them were read, and can be read again', async () => {
    await expectError((records) => {
      records[records.length - 3]! ^= 0x01
    }, 'CORRUPT_BATCH')
  })

  test('bytes with an unknown codec number are reported', async () => {
    await expectError((records) => {
      records.writeInt16BE(6, 21)
      stampBatch(records, -1, -1, -1)
    }, 'UNKNOWN_CODEC')
  })
})

requireServer('kafka').describe('a damaged partition', () => {
  test('a damaged partition is reported also while other partitions always have records', async () => {
    const topic = await rig.topic(2)
    await rig.write(topic, ['damaged'], { compression: 'none' })
    tamperFetches((partition) => {
      const records = recordsOf(partition)
      if (records === undefined || !records.includes('damaged')) return false
      records[records.length - 3]! ^= 0x01
      return true
    })
    const consumer = reader(topic, 2)
    const producer = await rig.producer([topic], { lingerMs: 0 })
    const busy = async (): Promise<never> => {
      for (;;) {
        for (let index = 0; index < 50; index++) producer.send(topic, 1, null, Buffer.from('fine'), Date.now(), [])
        await poll(consumer)
      }
    }
    await expect(busy()).rejects.toMatchObject({ code: 'CORRUPT_BATCH' })
    await producer.close(60_000)
  })
})

requireServer('kafka').describe('an error of a partition', () => {
  test('that forbids reading ends the poll, in words', async () => {
    const topic = await rig.topic()
    const consumer = reader(topic)
    await poll(consumer, 300)
    await failFetchesWith(topic, 29)
    await rig.write(topic, ['unseen'])
    await expect(consumer.poll(5_000)).rejects.toMatchObject({
      code: 'TOPIC_AUTHORIZATION_FAILED',
      consequence: 'fatal',
    })
    const before = proxy.requestsOf(fetchKey)
    await sleep(500)
    expect(proxy.requestsOf(fetchKey) - before).toBeLessThanOrEqual(1)
  })

  test.each([
    ['NOT_LEADER_OR_FOLLOWER', 6],
    ['FENCED_LEADER_EPOCH', 74],
    ['UNKNOWN_TOPIC_ID', 100],
    ['UNKNOWN_SERVER_ERROR', -1],
  ])('that may pass (%s) is asked about with restraint until it has', async (_name, errorCode) => {
    const topic = await rig.topic()
    const consumer = reader(topic)
    await poll(consumer, 300)
    await failFetchesWith(topic, errorCode)
    await rig.write(topic, ['seen later'])
    const fetches = proxy.requestsOf(fetchKey)
    const lookups = proxy.requestsOf(metadataKey)
    const endMs = Date.now() + 1_500
    while (Date.now() < endMs) expect(await poll(consumer)).toEqual([])
    expect(proxy.requestsOf(fetchKey) - fetches).toBeLessThan(20)
    expect(proxy.requestsOf(metadataKey) - lookups).toBeLessThan(20)
    proxy.heal()
    expect(await rig.read(consumer, 1)).toHaveLength(1)
    await consumer.close()
  })
})

requireServer('kafka').describe('a broker', () => {
  test('a broker that hangs for five seconds is waited for', async () => {
    const topic = await rig.topic()
    await rig.write(topic, numbered(3))
    const consumer = reader(topic)
    await rig.read(consumer, 3)
    const producer = await rig.producer([topic])
    proxied.kafka.pause(1)
    try {
      producer.send(topic, 0, null, Buffer.from('during'), Date.now(), [])
      expect(await poll(consumer, 1_000)).toEqual([])
      await sleep(4_000)
    } finally {
      proxied.kafka.resume(1)
    }
    await producer.flush(60_000)
    expect((await rig.read(consumer, 1)).map(({ value }) => value)).toEqual(['during'])
    await producer.close(60_000)
    expect(await rig.endOffsets(topic)).toEqual([4])
  })

  test('behind a network that swallows everything is reached again after it healed', async () => {
    const topic = await rig.topic()
    const consumer = reader(topic)
    const producer = await rig.producer([topic])
    await poll(consumer, 300)
    proxy.blackHole()
    producer.send(topic, 0, null, Buffer.from('held up'), Date.now(), [])
    expect(await poll(consumer, 4_000)).toEqual([])
    proxy.heal()
    await producer.flush(60_000)
    expect((await rig.read(consumer, 1)).map(({ value }) => value)).toEqual(['held up'])
    await producer.close(60_000)
  })
})

requireServer('kafka').describe('records that cannot be delivered in time', () => {
  test('are given to the handler, and the next ones go through under a new epoch', async () => {
    const topic = await rig.topic()
    const lost: (string | undefined)[] = []
    const producer = await rig.producer([topic], {
      deliveryTimeoutMs: 4_000,
      onSendError: ({ value, error }) => {
        lost.push(`${Buffer.from(value ?? []).toString()} ${(error as { code: string }).code}`)
        return 'continue'
      },
    })
    producer.send(topic, 0, null, Buffer.from('first'), Date.now(), [])
    await producer.flush(60_000)
    proxy.onRequest(({ apiKey }) => (apiKey === produceKey ? 'cut' : 'pass'))
    producer.send(topic, 0, null, Buffer.from('lost'), Date.now(), [])
    await producer.flush(60_000)
    expect(lost).toEqual(['lost DELIVERY_TIMEOUT'])
    proxy.heal()
    producer.send(topic, 0, null, Buffer.from('last'), Date.now(), [])
    await producer.close(60_000)
    expect((await rig.read(reader(topic), 2)).map(({ value }) => value)).toEqual(['first', 'last'])
  })

  test('because their topic was deleted say so', async () => {
    const topic = await rig.topic()
    const errors: unknown[] = []
    const producer = await rig.producer([topic], {
      deliveryTimeoutMs: 4_000,
      onSendError: ({ error }) => {
        errors.push(error)
        return 'continue'
      },
    })
    await rig.driver.admin().deleteTopics([topic])
    producer.send(topic, 0, null, Buffer.from('too late'), Date.now(), [])
    await producer.close(60_000)
    expect(errors).toEqual([expect.objectContaining({ code: 'DELIVERY_TIMEOUT' })])
    expect((errors[0] as Error).cause).toMatchObject({ code: 'UNKNOWN_TOPIC_OR_PARTITION' })
  })

  test('because their batch is too large for the topic are sent in smaller ones', async () => {
    const topic = await rig.topic(1, { 'max.message.bytes': '2000' })
    const producer = await rig.producer([topic], { compression: 'none', batchBytes: 50_000 })
    const values = numbered(300).map((value) => value.padEnd(100, '.'))
    for (const value of values) producer.send(topic, 0, null, Buffer.from(value), Date.now(), [])
    await producer.close(60_000)
    expect((await rig.read(reader(topic), 300)).map(({ value }) => value)).toEqual(values)
    expect(await rig.endOffsets(topic)).toEqual([300])
  })

  test('because one of them is too large lose only that one', async () => {
    const topic = await rig.topic(1, { 'max.message.bytes': '2000' })
    const lost: string[] = []
    const producer = await rig.producer([topic], {
      compression: 'none',
      batchBytes: 50_000,
      onSendError: ({ value, error }) => {
        lost.push(`${value?.length} ${(error as { code: string }).code}`)
        return 'continue'
      },
    })
    for (const value of ['small', 'x'.repeat(5_000), 'other'])
      producer.send(topic, 0, null, Buffer.from(value), Date.now(), [])
    await producer.close(60_000)
    expect(lost).toEqual(['5000 MESSAGE_TOO_LARGE'])
    expect((await rig.read(reader(topic), 2)).map(({ value }) => value)).toEqual(['small', 'other'])
  })
})

requireServer('kafka').describe('compaction', () => {
  test('leaves holes in the offsets, which are read over', async () => {
    const topic = await rig.topic(1, {
      'cleanup.policy': 'compact',
      'segment.ms': '100',
      'min.cleanable.dirty.ratio': '0.001',
      'delete.retention.ms': '100',
    })
    const producer = await rig.producer([topic])
    let written = 0
    let firstOffset = 0
    for (const endMs = Date.now() + 60_000; firstOffset === 0 && Date.now() < endMs; ) {
      for (let index = 0; index < 10; index++, written++) {
        producer.send(topic, 0, Buffer.from(`k${index % 5}`), Buffer.from(`${written}`), Date.now(), [])
      }
      await producer.flush(60_000)
      await sleep(200)
      const consumer = reader(topic)
      firstOffset = (await rig.read(consumer, 1))[0]!.offset
      await consumer.close()
    }
    expect(firstOffset).toBeGreaterThan(0)
    await producer.close(60_000)
    const consumer = reader(topic)
    const latest = new Map<string | null, string | null>()
    while ((consumer.position({ topic, partition: 0 }) ?? 0) < written) {
      for (const { key, value } of await poll(consumer)) latest.set(key, value)
    }
    expect([...latest.values()].map(Number).sort((a, b) => a - b)).toEqual(
      [5, 4, 3, 2, 1].map((back) => written - back),
    )
  })
})
