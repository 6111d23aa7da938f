import { beforeEach, describe, expect, test } from '@jest/globals'
import { MillraceError } from '../../../../src/core/errors.ts'
import { codeOf, nobody, offset, send, stateOf, TransactionRig } from './transaction-rig.ts'

let rig: TransactionRig

beforeEach(() => {
  rig = new TransactionRig()
})

describe('a fault in a transaction', () => {
  test('a commit that is refused as abortable leaves the transaction to be aborted', async () => {
    const producer = await rig.producer()
    const refusal = new MillraceError('TRANSACTION_ABORTABLE', 'transaction-aborted', 'the test refuses it')
    rig.cluster.faults.failNextTransactionCall('commit', refusal)
    send(producer, 'a')
    expect(await codeOf(producer.commit(offset(1), nobody, 100))).toBe('TRANSACTION_ABORTABLE')
    expect(await codeOf(producer.commit(offset(1), nobody, 100))).toBe('TRANSACTION_ABORTABLE')
    expect(() => send(producer, 'b')).toThrow('TRANSACTION_ABORTABLE')
    await producer.abort(100)
    send(producer, 'c')
    await producer.commit(offset(2), nobody, 100)
    expect([rig.values(), await rig.committed()]).toEqual([['c'], 2])
  })

  test.each([
    ['was done', true, ['a', 'b'], 2],
    ['was not done', false, ['b'], 2],
  ])('initialize decides a commit that %s when its answer was lost', async (_name, applied, kept, offsetAfter) => {
    const producer = await rig.producer()
    rig.cluster.faults.loseNextTransactionAnswer('commit', applied)
    send(producer, 'a')
    expect(await codeOf(producer.commit(offset(1), nobody, 100))).toBe('TRANSACTION_OUTCOME_UNKNOWN')
    expect(() => send(producer, 'x')).toThrow('TRANSACTION_OUTCOME_UNKNOWN')
    expect(await codeOf(producer.commit(offset(1), nobody, 100))).toBe('TRANSACTION_OUTCOME_UNKNOWN')
    await producer.initialize(100)
    expect(await rig.committed()).toBe(applied ? 1 : undefined)
    send(producer, 'b')
    await producer.commit(offset(2), nobody, 100)
    expect([rig.values(), await rig.committed()]).toEqual([kept, offsetAfter])
  })

  test.each([true, false])('nothing is visible of an abort whose answer was lost (done: %s)', async (applied) => {
    const producer = await rig.producer()
    rig.cluster.faults.loseNextTransactionAnswer('abort', applied)
    send(producer, 'a')
    expect(await codeOf(producer.abort(100))).toBe('TRANSACTION_OUTCOME_UNKNOWN')
    await producer.initialize(100)
    send(producer, 'b')
    await producer.commit([], nobody, 100)
    expect(rig.values()).toEqual(['b'])
  })

  test('an initialization that is refused changes nothing; one whose answer is lost fences the other', async () => {
    const first = await rig.producer()
    send(first, 'a')
    const second = rig.uninitialized()
    rig.cluster.faults.failNextTransactionCall(
      'initialize',
      new MillraceError('COORDINATOR_NOT_AVAILABLE', 'retriable', 'x'),
    )
    expect(await codeOf(second.initialize(100))).toBe('COORDINATOR_NOT_AVAILABLE')
    await first.commit([], nobody, 100)
    rig.cluster.faults.loseNextTransactionAnswer('initialize', true)
    expect(await codeOf(second.initialize(100))).toBe('REQUEST_TIMED_OUT')
    expect(() => send(second, 'x')).toThrow('PRODUCER_NOT_INITIALIZED')
    send(first, 'b')
    expect(await codeOf(first.commit([], nobody, 100))).toBe('PRODUCER_FENCED')
    await second.initialize(100)
    send(second, 'c')
    await second.commit([], nobody, 100)
    expect(rig.values()).toEqual(['a', 'c'])
  })

  test('a record that does not arrive fails the transaction, whatever the handler says', async () => {
    const producer = await rig.producer({ onSendError: () => 'continue' })
    rig.cluster.faults.failNextSend(new MillraceError('REQUEST_TIMED_OUT', 'retriable', 'the test lost it'))
    send(producer, 'lost')
    send(producer, 'a')
    expect(await codeOf(producer.commit(offset(1), nobody, 100))).toBe('TRANSACTION_ABORTABLE')
    await producer.abort(100)
    expect([rig.values(), await rig.committed()]).toEqual([[], undefined])
  })

  test('a record that is at fault itself may be dropped by the handler', async () => {
    const refused: string[] = []
    rig.cluster.topic('out').alterConfigs({ 'cleanup.policy': 'compact' })
    const producer = await rig.producer({
      onSendError: ({ value }) => {
        refused.push(Buffer.from(value ?? []).toString())
        return 'continue'
      },
    })
    send(producer, 'has no key')
    send(producer, 'a', 'key')
    await producer.commit([], nobody, 100)
    expect([rig.values(), refused]).toEqual([['a'], ['has no key']])
  })

  test('a commit that cannot flush in time is to be aborted, and what is in flight never arrives', async () => {
    const producer = await rig.producer()
    rig.cluster.faults.sendDelayMs = 1_000
    send(producer, 'late')
    const commit = codeOf(producer.commit(offset(1), nobody, 100))
    await stateOf(commit)
    rig.clock.advance(100)
    expect(await commit).toBe('TRANSACTION_ABORTABLE')
    await producer.abort(100)
    rig.clock.advance(2_000)
    rig.cluster.faults.sendDelayMs = 0
    send(producer, 'a')
    await producer.commit([], nobody, 100)
    expect(rig.values('read_uncommitted')).toEqual(['a'])
  })

  test('the offset of a topic that is gone fails the transaction', async () => {
    const producer = await rig.producer()
    send(producer, 'a')
    rig.cluster.deleteTopic('in')
    expect(await codeOf(producer.commit(offset(1), nobody, 100))).toBe('TRANSACTION_ABORTABLE')
    await producer.abort(100)
    expect(rig.values()).toEqual([])
  })

  test('nothing may be sent while a commit is in flight', async () => {
    const producer = await rig.producer()
    rig.cluster.faults.sendDelayMs = 10
    send(producer, 'a')
    const commit = producer.commit([], nobody, 100)
    expect(() => send(producer, 'b')).toThrow('INVALID_TXN_STATE')
    rig.clock.advance(10)
    await stateOf(commit)
    rig.clock.advance(10)
    await commit
    expect(rig.values()).toEqual(['a'])
  })
})
