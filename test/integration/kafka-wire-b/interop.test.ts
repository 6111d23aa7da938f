import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { CompressionTypes } from 'kafkajs'
import type { Compression } from '../../../src/kafka/port.ts'
import { type KafkaCluster, sharedKafka } from '../../support/kafka-cluster.ts'
import { numbered, poll, Rig, textOf } from './rig.ts'

let kafka: Pick<KafkaCluster, 'bootstrap' | 'stop'>
let rig: Rig

beforeAll(async () => {
  kafka = await sharedKafka()
  rig = new Rig(kafka.bootstrap)
}, 60_000)

afterAll(async () => {
  await rig.close()
  await kafka.stop()
}, 60_000)

const binary = Buffer.from([0xff, 0x00, 0x84, 0x01])

async function readWithPeer(topic: string, count: number) {
  const consumer = rig.peer.consumer({ groupId: `peer-${topic}`, maxWaitTimeInMs: 100 })
  await consumer.connect()
  await consumer.subscribe({ topic, fromBeginning: true })
  const messages: { key: string | null; value: string | null; timestamp: number; headers: Record<string, unknown> }[] =
    []
  await new Promise<void>((resolve, reject) => {
    consumer
      .run({
        eachMessage: async ({ message }) => {
          messages.push({
            key: textOf(message.key),
            value: textOf(message.value),
            timestamp: Number(message.timestamp),
            headers: message.headers ?? {},
          })
          if (messages.length === count) resolve()
        },
      })
      .catch(reject)
  })
  await consumer.disconnect()
  return messages
}

describe('what we write', () => {
  test.each<Compression>(['none', 'gzip'])(
    'kafkajs reads: %s',
    async (compression) => {
      const topic = await rig.topic()
      const producer = await rig.producer([topic], { compression })
      producer.send(topic, 0, 1_000, Buffer.from('k'), Buffer.from('first'), [{ key: 'binary', value: binary }])
      producer.send(topic, 0, 999, null, null, [])
      for (let index = 0; index < 500; index++)
        producer.send(topic, 0, Date.now(), Buffer.from('k'), Buffer.from(`v${index}`), [])
      await producer.close(10_000)
      const messages = await readWithPeer(topic, 502)
      expect(messages[0]).toEqual({ key: 'k', value: 'first', timestamp: 1_000, headers: { binary } })
      expect(messages[1]).toMatchObject({ key: null, value: null, timestamp: 999 })
      expect(messages.slice(2).map(({ value }) => value)).toEqual(numbered(500))
    },
    30_000,
  )
})

describe('what kafkajs writes', () => {
  test.each([
    ['none', CompressionTypes.None],
    ['gzip', CompressionTypes.GZIP],
  ])(
    'we read: %s',
    async (_name, compression) => {
      const topic = await rig.topic(2)
      const producer = rig.peer.producer()
      await producer.connect()
      const messages = numbered(300).map((value) => ({
        key: 'k',
        value,
        partition: 1,
        timestamp: '1234',
        headers: { binary },
      }))
      await producer.send({ topic, compression, messages })
      await producer.disconnect()
      const consumer = rig.consumer()
      consumer.assign([0, 1].map((partition) => ({ topic, partition, offset: 'earliest' as const })))
      const records = await rig.read(consumer, 300)
      await consumer.close()
      expect(records.map(({ value }) => value)).toEqual(numbered(300))
      expect(records[7]).toEqual({
        partition: 1,
        offset: 7,
        timestamp: 1234,
        key: 'k',
        value: 'v7',
        headers: [{ key: 'binary', value: binary }],
      })
    },
    30_000,
  )
})

describe('read_committed', () => {
  async function transactions(topic: string): Promise<void> {
    const producer = rig.peer.producer({ transactionalId: `t-${topic}`, maxInFlightRequests: 1, idempotent: true })
    await producer.connect()
    const write = async (values: readonly string[], end: 'commit' | 'abort'): Promise<void> => {
      const transaction = await producer.transaction()
      await transaction.send({ topic, messages: values.map((value) => ({ value, partition: 0 })) })
      await transaction[end]()
    }
    await write(['a1', 'a2'], 'abort')
    await write(['b'], 'commit')
    await write(['c'], 'abort')
    await write(['d'], 'abort')
    await write(['e1', 'e2'], 'commit')
    await write(['f'], 'abort')
    await producer.disconnect()
  }

  test('sees the committed records of a producer that also aborts, and goes past the last marker', async () => {
    const topic = await rig.topic()
    await transactions(topic)
    const consumer = rig.consumer()
    consumer.assign([{ topic, partition: 0, offset: 'earliest' }])
    const records = await rig.read(consumer, 3)
    expect(records.map(({ value }) => value)).toEqual(['b', 'e1', 'e2'])
    expect(await poll(consumer, 300)).toEqual([])
    const [end] = await rig.endOffsets(topic)
    expect([consumer.position({ topic, partition: 0 }), consumer.endOffset({ topic, partition: 0 })]).toEqual([
      end,
      end,
    ])
    await consumer.close()
  }, 30_000)

  test('leaves out aborted records also when their transaction reaches over many small fetches', async () => {
    const topic = await rig.topic()
    const producer = rig.peer.producer({ transactionalId: `t-${topic}`, maxInFlightRequests: 1, idempotent: true })
    await producer.connect()
    const transaction = await producer.transaction()
    for (const value of numbered(20))
      await transaction.send({ topic, messages: [{ value: value.repeat(50), partition: 0 }] })
    await transaction.abort()
    await producer.send({ topic, messages: [{ value: 'after', partition: 0 }] })
    await producer.disconnect()
    const consumer = rig.consumer({ fetchMaxBytes: 200, partitionFetchMaxBytes: 200 })
    consumer.assign([{ topic, partition: 0, offset: 'earliest' }])
    expect((await rig.read(consumer, 1)).map(({ value }) => value)).toEqual(['after'])
    await consumer.close()
  }, 30_000)

  test('does not read past an open transaction, read_uncommitted does', async () => {
    const topic = await rig.topic()
    const producer = rig.peer.producer({ transactionalId: `t-${topic}`, maxInFlightRequests: 1, idempotent: true })
    await producer.connect()
    const transaction = await producer.transaction()
    await transaction.send({ topic, messages: [{ value: 'open', partition: 0 }] })
    const committed = rig.consumer()
    const uncommitted = rig.consumer({ isolationLevel: 'read_uncommitted' })
    for (const consumer of [committed, uncommitted]) consumer.assign([{ topic, partition: 0, offset: 'earliest' }])
    expect((await rig.read(uncommitted, 1)).map(({ value }) => value)).toEqual(['open'])
    expect(await poll(committed, 500)).toEqual([])
    expect(committed.endOffset({ topic, partition: 0 })).toBe(0)
    await transaction.commit()
    expect((await rig.read(committed, 1)).map(({ value }) => value)).toEqual(['open'])
    await producer.disconnect()
    await committed.close()
    await uncommitted.close()
  }, 30_000)
})

describe('a million records', () => {
  test('come back once, each partition in its order', async () => {
    const topic = await rig.topic(6)
    const producer = await rig.producer([topic])
    const value = Buffer.alloc(100, 'x')
    for (let index = 0; index < 1_000_000; index++) {
      if (producer.isFull) await producer.drained()
      value.writeUInt32BE(index, 0)
      producer.send(topic, index % 6, Date.now(), null, value, [])
    }
    await producer.close(60_000)
    const consumer = rig.consumer()
    consumer.assign([0, 1, 2, 3, 4, 5].map((partition) => ({ topic, partition, offset: 'earliest' as const })))
    const next = [0, 1, 2, 3, 4, 5]
    for (let count = 0; count < 1_000_000; ) {
      for (const batch of await consumer.poll(1000)) {
        for (let index = 0; index < batch.count; index++) {
          const number = (batch.value(index) as Buffer).readUInt32BE(0)
          if (number !== next[batch.partition]) throw new Error(`${number} came instead of ${next[batch.partition]}`)
          next[batch.partition] = number + 6
        }
        count += batch.count
      }
    }
    expect(next.map((number) => number - 6).sort()).toEqual([999_994, 999_995, 999_996, 999_997, 999_998, 999_999])
    await consumer.close()
  }, 120_000)
})
