import { beforeEach, describe, expect, test } from '@jest/globals'
import { createMemoryDriver } from '../../../../src/kafka/memory/driver.ts'
import type { TransactionalProducer } from '../../../../src/kafka/port.ts'
import { codeOf, nobody, offset, send, stateOf, TransactionRig } from './transaction-rig.ts'

let rig: TransactionRig

beforeEach(() => {
  rig = new TransactionRig()
})

describe('a transaction that is open for too long', () => {
  test('is aborted at its timeout, which begins with its first record, and its producer is fenced', async () => {
    const producer = await rig.producer()
    rig.clock.advance(20_000)
    send(producer, 'a')
    rig.clock.advance(9_999)
    expect(rig.cluster.log('out', 0).lastStableOffset).toBe(0)
    rig.clock.advance(1)
    expect(rig.cluster.log('out', 0).lastStableOffset).toBe(2)
    expect(await codeOf(producer.commit([], nobody, 100))).toBe('PRODUCER_FENCED')
    await producer.initialize(100)
    send(producer, 'b')
    await producer.commit([], nobody, 100)
    rig.clock.advance(20_000)
    send(producer, 'c')
    await producer.commit([], nobody, 100)
    expect(rig.values()).toEqual(['b', 'c'])
  })

  test('can be made to time out by a test', async () => {
    const producer = await rig.producer()
    rig.cluster.transactions.expire('id')
    send(producer, 'a')
    rig.cluster.transactions.expire('id')
    send(producer, 'b')
    expect(await codeOf(producer.flush(100))).toBe('PRODUCER_FENCED')
    expect(await codeOf(producer.abort(100))).toBe(undefined)
    expect(producer.isInTransaction).toBe(false)
    expect(rig.values('read_uncommitted')).toEqual(['a'])
  })

  test('stays open when its process dies, until the timeout', async () => {
    const dead = createMemoryDriver(rig.cluster)
    const producer = rig.uninitialized({}, dead)
    await producer.initialize(100)
    send(producer, 'a')
    await dead.close()
    expect(await codeOf(producer.commit([], nobody, 100))).toBe('DRIVER_CLOSED')
    expect(() => send(producer, 'b')).toThrow('DRIVER_CLOSED')
    expect(await codeOf(producer.initialize(100))).toBe('DRIVER_CLOSED')
    rig.clock.advance(9_999)
    expect(rig.cluster.log('out', 0).lastStableOffset).toBe(0)
    rig.clock.advance(1)
    expect(rig.values('read_uncommitted')).toEqual(['a'])
    expect([rig.values(), rig.cluster.log('out', 0).lastStableOffset]).toEqual([[], 2])
  })
})

describe('markers that take time', () => {
  test('come one after the other, the offsets last, after the commit was answered', async () => {
    const producer = await rig.producer()
    rig.cluster.faults.markerDelayMs = 10
    send(producer, 'zero', null, 0)
    send(producer, 'one', null, 1)
    await producer.commit(offset(1), nobody, 100)
    const offsets = rig.committed()
    expect([rig.values('read_committed', 0), rig.values('read_committed', 1)]).toEqual([[], []])
    rig.clock.advance(10)
    expect([rig.values('read_committed', 0), rig.values('read_committed', 1)]).toEqual([['zero'], []])
    rig.clock.advance(10)
    expect([rig.values('read_committed', 0), rig.values('read_committed', 1)]).toEqual([['zero'], ['one']])
    expect(await stateOf(offsets)).toBe('pending')
    rig.clock.advance(10)
    expect(await offsets).toBe(1)
  })

  test('hold up the next record of the producer', async () => {
    const producer = await rig.producer()
    rig.cluster.faults.markerDelayMs = 10
    send(producer, 'a')
    await producer.commit([], nobody, 100)
    send(producer, 'b')
    expect(rig.values('read_uncommitted')).toEqual(['a'])
    const commit = producer.commit([], nobody, 100)
    rig.clock.advance(10)
    await stateOf(commit)
    expect(rig.values('read_uncommitted')).toEqual(['a', 'b'])
    await commit
    rig.clock.advance(10)
    expect(rig.values()).toEqual(['a', 'b'])
  })

  test('are written at last when the next offsets come', async () => {
    const producer = await rig.producer()
    rig.cluster.faults.markerDelayMs = 10
    await producer.commit(offset(1), nobody, 100)
    await producer.commit(offset(2), nobody, 100)
    const offsets = rig.committed()
    rig.clock.advance(10)
    expect(await offsets).toBe(2)
  })

  test('of a transaction that has ended do not come again', async () => {
    const producer = await rig.producer()
    rig.cluster.faults.markerDelayMs = 10
    send(producer, 'a')
    await producer.commit([], nobody, 100)
    await producer.commit(offset(1), nobody, 100)
    rig.clock.advance(100)
    expect([rig.values(), rig.cluster.log('out', 0).endOffset]).toEqual([['a'], 2])
  })

  test('hold up whoever initializes next, who completes a commit that has begun', async () => {
    const first = await rig.producer()
    rig.cluster.faults.markerDelayMs = 10
    send(first, 'a')
    await first.commit([], nobody, 100)
    const second = rig.uninitialized()
    expect(await stateOf(second.initialize(5))).toBe('pending')
    rig.clock.advance(5)
    const initialized = second.initialize(100)
    expect(await stateOf(initialized)).toBe('pending')
    rig.clock.advance(5)
    await initialized
    send(first, 'b')
    expect(await codeOf(first.commit([], nobody, 100))).toBe('PRODUCER_FENCED')
    expect(rig.values()).toEqual(['a'])
  })

  test('do not bring back what initialize has dropped', async () => {
    const producer = await rig.producer()
    rig.cluster.faults.sendDelayMs = 10
    send(producer, 'a')
    await producer.initialize(100)
    rig.clock.advance(100)
    expect(rig.values('read_uncommitted')).toEqual([])
  })

  test('that come too late make initialize reject', async () => {
    const first = await rig.producer()
    rig.cluster.faults.markerDelayMs = 1_000
    send(first, 'a')
    const second = rig.uninitialized()
    const initialized = codeOf(second.initialize(100))
    rig.clock.advance(100)
    expect(await initialized).toBe('CONCURRENT_TRANSACTIONS')
  })

  test('do not keep a closed driver waiting', async () => {
    const first = await rig.producer()
    rig.cluster.faults.markerDelayMs = 1_000
    send(first, 'a')
    const [initialized, offsets] = [codeOf(rig.uninitialized().initialize(10_000)), first.commit([], nobody, 100)]
    await codeOf(offsets)
    await rig.driver.close()
    expect(await initialized).toBe('DRIVER_CLOSED')
  })
})

describe('offsets of an open transaction', () => {
  async function pending(): Promise<TransactionalProducer> {
    const producer = await rig.producer()
    rig.cluster.faults.loseNextTransactionAnswer('commit', false)
    await codeOf(producer.commit(offset(7), nobody, 100))
    return producer
  }

  test('keep readers of committed ones waiting until it ends', async () => {
    const producer = await pending()
    const offsets = rig.committed()
    expect(await stateOf(offsets)).toBe('pending')
    await producer.initialize(100)
    expect(await offsets).toBe(undefined)
  })

  test('are no concern of other partitions', async () => {
    await pending()
    expect(await rig.consumer().committed('group', [{ topic: 'in', partition: 1 }])).toEqual([])
  })

  test('make readers give up after 30 s', async () => {
    rig.cluster.group('group').offsets.addPending({}, offset(1))
    const committed = codeOf(rig.committed())
    rig.clock.advance(30_000)
    expect(await committed).toBe('UNSTABLE_OFFSET_COMMIT')
  })

  test('do not keep a closed driver waiting', async () => {
    rig.cluster.group('group').offsets.addPending({}, offset(1))
    const waiting = codeOf(rig.committed())
    await rig.driver.close()
    expect(await waiting).toBe('DRIVER_CLOSED')
  })

  test('are not in the offsets of the group, which nobody waits for', async () => {
    rig.cluster.group('group').commit(offset(1), nobody)
    rig.cluster.group('group').offsets.addPending({}, offset(2))
    expect(await rig.driver.admin().groupOffsets('group')).toMatchObject(offset(1))
  })

  test('do not replace what was committed after them', () => {
    const { offsets } = rig.cluster.group('group')
    const transaction = {}
    offsets.addPending(transaction, offset(1))
    rig.cluster.group('group').commit(offset(2), nobody)
    offsets.endPending(transaction, true)
    expect(offsets.all()).toEqual(offset(2))
  })

  test('go with their topic', async () => {
    await pending()
    rig.cluster.deleteTopic('in')
    expect(await rig.committed()).toBe(undefined)
  })
})
