import { beforeEach, describe, expect, test } from '@jest/globals'
import { memoryRecords, uncommittedRecords } from '../../../../src/testing/memory-records.ts'
import { bytes, nobody, send, stateOf, TransactionRig } from './transaction-rig.ts'

let rig: TransactionRig

beforeEach(() => {
  rig = new TransactionRig()
})

describe('a log with transactions', () => {
  test('wakes readers of committed records when there is more for them, and the others at once', async () => {
    const producer = await rig.producer()
    const [careful, careless] = [rig.consumer(), rig.consumer('read_uncommitted')]
    const [committedPoll, uncommittedPoll] = [careful.poll(60_000), careless.poll(60_000)]
    send(producer, 'a')
    expect([await stateOf(committedPoll), await stateOf(uncommittedPoll)]).toEqual(['pending', 'resolved'])
    rig.cluster.append('out', 0, null, bytes('behind'), 0)
    expect(await stateOf(committedPoll)).toBe('pending')
    await producer.commit([], nobody, 100)
    expect((await committedPoll).map(({ count }) => count)).toEqual([2])
  })

  test('compacts committed records only, up to the last stable offset', async () => {
    rig.cluster.topic('out').alterConfigs({ 'cleanup.policy': 'compact' })
    const [producer, other] = [await rig.producer(), await rig.producer({ transactionalId: 'other' })]
    send(producer, 'old', 'k')
    send(producer, 'kept', 'k')
    await producer.commit([], nobody, 100)
    send(producer, 'aborted', 'k')
    await producer.abort(100)
    send(other, 'open', 'k')
    rig.cluster.append('out', 0, bytes('k'), bytes('behind'), 0)
    rig.cluster.compact('out')
    expect(rig.values('read_uncommitted')).toEqual(['kept', 'open', 'behind'])
    expect(rig.values()).toEqual(['kept'])
    await other.commit([], nobody, 100)
    rig.cluster.compact('out')
    expect(rig.values()).toEqual(['behind'])
  })

  test('can lose records of an open transaction at its bound', async () => {
    const producer = await rig.producer()
    for (let index = 0; index < 10; index++) send(producer, `value ${index}`)
    rig.cluster.deleteBefore('out', 0, 5)
    const log = rig.cluster.log('out', 0)
    expect([log.startOffset, log.lastStableOffset]).toEqual([5, 5])
    await producer.commit([], nobody, 100)
    expect(rig.values()).toEqual([5, 6, 7, 8, 9].map((index) => `value ${index}`))
  })

  test('may be deleted with a transaction open', async () => {
    const producer = await rig.producer()
    send(producer, 'a')
    rig.cluster.deleteTopic('out')
    rig.cluster.createTopic({ name: 'out', partitions: 1, replicationFactor: 1, configs: {} })
    send(producer, 'b')
    await producer.commit([], nobody, 100)
    expect(rig.values()).toEqual(['b'])
  })
})

describe('what tests read from a topic', () => {
  test('is committed, and markers do not count as records that are left to commit', async () => {
    const producer = await rig.producer()
    send(producer, 'a')
    await producer.commit([], nobody, 100)
    send(producer, 'aborted')
    await producer.abort(100)
    send(producer, 'open')
    rig.cluster.append('out', 0, null, bytes('behind'), 0)
    const seen = () => [...memoryRecords(rig.cluster, 'out')].map(({ value }) => Buffer.from(value ?? []).toString())
    expect([seen(), uncommittedRecords(rig.cluster, 'group', 'out')]).toEqual([['a'], 2])
    rig.cluster.group('group').commit([{ topic: 'out', partition: 0, offset: 1, metadata: '' }], nobody)
    expect(uncommittedRecords(rig.cluster, 'group', 'out')).toBe(1)
    await producer.abort(100)
    expect(seen()).toEqual(['a', 'behind'])
    rig.cluster.group('group').commit([{ topic: 'out', partition: 0, offset: 6, metadata: '' }], nobody)
    expect(uncommittedRecords(rig.cluster, 'group', 'out')).toBe(0)
  })
})
