import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { type KafkaCluster, sharedKafka } from '../../../support/kafka-cluster.ts'
import { requireServer } from '../../../support/require-server.ts'
import { until } from '../../../support/until.ts'
import { numbered } from './rig.ts'
import { nobodyOf, send, TransactionRig } from './transaction-rig.ts'

const waitMs = 60_000

let kafka: Pick<KafkaCluster, 'bootstrap' | 'stop'>
let rig: TransactionRig

beforeAll(async () => {
  kafka = await sharedKafka()
  rig = new TransactionRig(kafka.bootstrap)
})

afterAll(async () => {
  await rig?.close()
  await kafka?.stop()
})

requireServer('kafka').describe('a producer of transactions', () => {
  test('its records are visible after the commit, in order, over both partitions', async () => {
    const topic = await rig.topic(2)
    const producer = await rig.transactions([topic])
    send(producer, topic, numbered(100), 0)
    send(producer, topic, numbered(50), 1)
    expect(producer.isInTransaction).toBe(true)
    await producer.flush(waitMs)
    const consumer = rig.consumer({ isolationLevel: 'read_committed' })
    consumer.assign([{ topic, partition: 0, offset: 'earliest' }])
    await until(async () => (await rig.endOffsets(topic, 2))[0] === 100)
    expect(await consumer.poll(500)).toEqual([])
    await producer.commit([], nobodyOf('none'), waitMs)
    expect(producer.isInTransaction).toBe(false)
    expect(await rig.read(consumer, 100)).toHaveLength(100)
    expect(await rig.values(topic, 2)).toEqual([numbered(100), numbered(50)])
    expect(producer.acknowledgedOffset(topic, 0)).toBe(100)
    await producer.close(waitMs)
  })

  test('what was aborted is in the log and not visible; the next transaction is', async () => {
    const topic = await rig.topic()
    const producer = await rig.transactions([topic])
    send(producer, topic, ['a', 'b'])
    await producer.flush(waitMs)
    await producer.abort(waitMs)
    expect(producer.isInTransaction).toBe(false)
    send(producer, topic, ['c'])
    await producer.commit([], nobodyOf('none'), waitMs)
    // a and b, a marker, c, a marker
    expect(producer.acknowledgedOffset(topic, 0)).toBe(4)
    expect(await rig.values(topic)).toEqual([['c']])
    expect(await rig.values(topic, 1, true)).toEqual([['a', 'b', 'c']])
    await producer.close(waitMs)
  })

  test('offsets are committed with the records, and not by an abort', async () => {
    const topic = await rig.topic()
    const group = nobodyOf(`g-${topic}`)
    const producer = await rig.transactions([topic])
    const offset = (at: number) => [{ topic, partition: 0, offset: at, metadata: '' }]
    send(producer, topic, ['a'])
    await producer.commit(offset(7), group, waitMs)
    const consumer = rig.consumer()
    expect(await consumer.committed(group.groupId, [{ topic, partition: 0 }])).toMatchObject([{ offset: 7 }])
    expect(await rig.committed(group.groupId, topic)).toBe(7)
    await producer.commit(offset(8), group, waitMs)
    expect(await consumer.committed(group.groupId, [{ topic, partition: 0 }])).toMatchObject([{ offset: 8 }])
    await producer.close(waitMs)
  })

  test('an empty commit and an empty abort do nothing', async () => {
    const topic = await rig.topic()
    const producer = await rig.transactions([topic])
    await producer.commit([], nobodyOf('none'), waitMs)
    await producer.abort(waitMs)
    expect(await rig.endOffsets(topic)).toEqual([0])
    await producer.close(waitMs)
  })

  test('a second producer of the id fences the first, whose open transaction is aborted at once', async () => {
    const topic = await rig.topic()
    const transactionalId = rig.transactionalId()
    const first = await rig.transactions([topic], { transactionalId })
    send(first, topic, ['first'])
    await first.flush(waitMs)
    const startedMs = performance.now()
    const second = await rig.transactions([topic], { transactionalId })
    expect(performance.now() - startedMs).toBeLessThan(5_000)
    send(second, topic, ['second'])
    await second.commit([], nobodyOf('none'), waitMs)
    send(first, topic, ['late'])
    await expect(first.commit([], nobodyOf('none'), waitMs)).rejects.toMatchObject({
      code: 'PRODUCER_FENCED',
      consequence: 'task-migrated',
    })
    expect(first.isInTransaction).toBe(false)
    expect(() => send(first, topic, ['more'])).toThrow(expect.objectContaining({ code: 'PRODUCER_FENCED' }))
    expect(await rig.values(topic)).toEqual([['second']])
    await first.initialize(waitMs)
    send(first, topic, ['back'])
    await first.commit([], nobodyOf('none'), waitMs)
    expect(await rig.values(topic)).toEqual([['second', 'back']])
    await first.close(waitMs)
    await second.close(waitMs)
  })

  test('a producer that was fenced does not end the transaction of the newer one', async () => {
    const topic = await rig.topic()
    const transactionalId = rig.transactionalId()
    const first = await rig.transactions([topic], { transactionalId })
    send(first, topic, ['first'])
    await first.commit([], nobodyOf('none'), waitMs)
    const second = await rig.transactions([topic], { transactionalId })
    send(second, topic, ['second'])
    await second.flush(waitMs)
    send(first, topic, ['late'])
    await expect(first.flush(waitMs)).rejects.toMatchObject({ code: 'TRANSACTION_ABORTABLE' })
    await expect(first.abort(waitMs)).rejects.toMatchObject({ code: 'PRODUCER_FENCED' })
    await second.commit([], nobodyOf('none'), waitMs)
    expect(await rig.values(topic)).toEqual([['first', 'second']])
    await first.close(waitMs)
    await second.close(waitMs)
  })

  test('a first send needs an initialize', async () => {
    const topic = await rig.topic()
    const producer = rig.uninitialized()
    expect(() => send(producer, topic, ['a'])).toThrow(expect.objectContaining({ code: 'PRODUCER_NOT_INITIALIZED' }))
    await producer.close(waitMs)
  })

  test('closing aborts what is open', async () => {
    const topic = await rig.topic()
    const producer = await rig.transactions([topic])
    send(producer, topic, ['a'])
    await producer.flush(waitMs)
    await producer.close(waitMs)
    expect(await rig.values(topic)).toEqual([[]])
  })
})
