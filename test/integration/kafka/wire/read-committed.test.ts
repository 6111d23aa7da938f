import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { type KafkaCluster, sharedKafka } from '../../../support/kafka-cluster.ts'
import { requireServer } from '../../../support/require-server.ts'
import { until } from '../../../support/until.ts'
import { numbered, poll, Rig } from './rig.ts'

let kafka: Pick<KafkaCluster, 'bootstrap' | 'stop'>
let rig: Rig

beforeAll(async () => {
  kafka = await sharedKafka()
  rig = new Rig(kafka.bootstrap)
})

afterAll(async () => {
  await rig.close()
  await kafka.stop()
})

requireServer('kafka').describe('read_committed', () => {
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
    const [end] = await rig.endOffsets(topic)
    const isAtEnd = async (): Promise<boolean> => {
      expect(await poll(consumer)).toEqual([])
      return consumer.position({ topic, partition: 0 }) === end && consumer.endOffset({ topic, partition: 0 }) === end
    }
    await until(isAtEnd, 60_000, 'it is past the last marker')
    await consumer.close()
  })

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
  })

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
    const isAtEnd = async (): Promise<boolean> => {
      expect(await poll(committed)).toEqual([])
      return committed.endOffset({ topic, partition: 0 }) !== undefined
    }
    await until(isAtEnd, 60_000, 'it has been answered')
    expect(committed.endOffset({ topic, partition: 0 })).toBe(0)
    expect(await poll(committed, 500)).toEqual([])
    await transaction.commit()
    expect((await rig.read(committed, 1)).map(({ value }) => value)).toEqual(['open'])
    await producer.disconnect()
    await committed.close()
    await uncommitted.close()
  })
})
