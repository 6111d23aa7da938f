import { describe, expect, test } from '@jest/globals'
import { createOperator } from '../../../src/operators/create-operator.ts'
import { valueHash } from '../../../src/operators/value-hash.ts'
import type { SubscriptionStore, TimestampedKeyValueStore } from '../../../src/stores/port.ts'
import { type CaughtRecord, OperatorHarness } from '../../../src/testing/operator-harness.ts'
import { jsonSerde, openOperatorStores, textSerde } from '../../../src/testing/operator-stores.ts'
import {
  type Subscription,
  type SubscriptionInstruction,
  subscriptionInstruction,
  type SubscriptionResponse,
  subscriptionSerde,
} from '../../../src/topology/foreign-key-message.ts'

const instructionName = ['delete', 'delete-and-answer', 'answer-always', 'answer-if-found']
const { deleteWithoutAnswer, deleteAndAnswer, answerAlways, answerIfFound } = subscriptionInstruction
const hashOfRow = valueHash(jsonSerde, { ref: 'f' })

describe('subscriptions of a foreign-key join', () => {
  function open(join: 'inner' | 'left'): OperatorHarness {
    return new OperatorHarness(
      createOperator({
        kind: 'foreign-key-subscription-send',
        inputVersioned: true,
        foreignKey: (_key, value) => (value as { ref: string | null }).ref,
        join,
        foreignKeySerde: textSerde,
        leftValueSerde: jsonSerde,
        primaryKeyTopic: 'pk',
        foreignKeyTopic: 'fk',
      }),
    )
  }

  function sent(harness: OperatorHarness, newRef: unknown, oldRef: unknown): string[] {
    const row = (ref: unknown): unknown => (ref === undefined ? null : { ref })
    return harness
      .process('p', { newValue: row(newRef), oldValue: row(oldRef), isLatest: true }, 5)
      .map(({ key, value }) => `${String(key)}:${instructionName[(value as Subscription).instruction]}`)
  }

  /** [what, new foreign key, old one (undefined: no row), inner, left] */
  const cases = [
    ['a new row', 'f', undefined, ['f:answer-if-found'], ['f:answer-always']],
    ['an update', 'f', 'f', ['f:answer-if-found'], ['f:answer-always']],
    ['a move', 'g', 'f', ['f:delete', 'g:answer-always'], ['f:delete', 'g:answer-always']],
    ['a loss of the foreign key', null, 'f', ['f:delete-and-answer'], ['f:delete', 'null:answer-always']],
    ['a deletion', undefined, 'f', ['f:delete-and-answer'], ['f:delete', 'null:answer-always']],
    ['a new row without foreign key', null, undefined, [], ['null:answer-always']],
    ['the deletion of an absent row', undefined, undefined, [], []],
  ] as const

  test.each(cases)('%s', (_what, newRef, oldRef, inner, left) => {
    expect([sent(open('inner'), newRef, oldRef), sent(open('left'), newRef, oldRef)]).toEqual([inner, left])
  })

  test('a subscription carries the hash of the new row, its key and its partition', () => {
    const [record] = open('inner').process('p', { newValue: { ref: 'f' }, oldValue: null, isLatest: true }, 5)
    expect(record?.value).toEqual({ hash: hashOfRow, instruction: answerIfFound, primaryKey: 'p', primaryPartition: 0 })
  })

  test('an inner row without foreign key is counted as dropped', () => {
    const harness = open('inner')
    sent(harness, null, undefined)
    expect(harness.drops).toEqual(['null foreign key'])
  })

  test('a late change of a versioned table is dropped and counted', () => {
    const harness = open('left')
    expect(harness.process('p', { newValue: { ref: 'f' }, oldValue: null, isLatest: false }, 5)).toEqual([])
    expect(harness.drops).toEqual(['out-of-order change of a versioned table'])
  })
})

function openRight() {
  return openOperatorStores([
    {
      kind: 'foreign-key-subscriptions',
      name: 'subscriptions',
      primaryKey: textSerde,
      value: subscriptionSerde(textSerde, 'pk'),
    },
    { kind: 'timestamped-key-value', name: 'right' },
  ])
}

function subscription(primaryKey: string, instruction: SubscriptionInstruction): Subscription {
  return { hash: hashOfRow, instruction, primaryKey, primaryPartition: 3 }
}

const keys = { store: 'subscriptions', foreignKeySerde: textSerde, primaryKeySerde: textSerde }

describe('the side of the foreign key', () => {
  function receive() {
    const { stores, recordContext } = openRight()
    const operator = createOperator({ kind: 'foreign-key-subscription-receive', ...keys })
    const harness = new OperatorHarness(operator, { stores, recordContext })
    const store = harness.store('subscriptions') as SubscriptionStore<unknown, unknown, Subscription>
    const subscribers = (): unknown[] => [...store.subscribers('f')].map(({ key }) => key)
    return { harness, subscribers }
  }

  test('it keeps subscribers until they leave, and passes each message on', () => {
    const { harness, subscribers } = receive()
    const passed = harness.process('f', subscription('b', answerIfFound), 1)
    harness.process('f', subscription('a', answerAlways), 2)
    expect([passed.map(({ key }) => key), subscribers()]).toEqual([['f'], ['a', 'b']])
    harness.process('f', subscription('a', deleteWithoutAnswer), 3)
    harness.process('f', subscription('b', deleteAndAnswer), 3)
    expect(subscribers()).toEqual([])
  })

  test('a null foreign key is only passed on to be answered with null', () => {
    const { harness } = receive()
    expect(harness.process(null, subscription('a', answerAlways), 1).length).toBe(1)
    expect(harness.process(null, subscription('a', answerIfFound), 1)).toEqual([])
    expect(harness.drops).toEqual(['null foreign key'])
  })

  function answer(instruction: SubscriptionInstruction, foreignKey: unknown): string {
    const { stores, recordContext } = openRight()
    const right = { kind: 'store', store: 'right', versioned: false } as const
    const operator = createOperator({ kind: 'foreign-key-subscription-join', right })
    const harness = new OperatorHarness(operator, { stores, recordContext })
    const rows = harness.store('right') as TimestampedKeyValueStore<unknown, unknown>
    rows.put('f', { value: 'row', timestamp: 10 })
    return harness.process(foreignKey, subscription('p', instruction), 5).map(answered).join() || 'nothing'
  }

  function answered({ key, value, timestamp }: CaughtRecord): string {
    const { foreignValue, primaryPartition } = value as SubscriptionResponse
    return `${String(key)}:${String(foreignValue)}@${timestamp}->${primaryPartition}`
  }

  test.each([
    ['answer-always', answerAlways, 'p:row@10->3', 'p:null@5->3'],
    ['answer-if-found', answerIfFound, 'p:row@10->3', 'nothing'],
    ['delete-and-answer', deleteAndAnswer, 'p:null@10->3', 'p:null@5->3'],
    ['delete', deleteWithoutAnswer, 'nothing', 'nothing'],
  ] as const)('%s is answered as it asks', (_name, instruction, found, missing) => {
    expect([answer(instruction, 'f'), answer(instruction, 'unknown')]).toEqual([found, missing])
  })

  test('a changed row answers all that refer to it, by byte order of their keys', () => {
    const { stores, recordContext } = openRight()
    const operator = createOperator({ kind: 'foreign-key-right-change', ...keys, inputVersioned: true })
    const harness = new OperatorHarness(operator, { stores, recordContext })
    const store = harness.store('subscriptions') as SubscriptionStore<unknown, unknown, Subscription>
    for (const key of ['b', 'a']) store.put('f', key, { value: subscription(key, answerIfFound), timestamp: 1 })
    store.put('g', 'c', { value: subscription('c', answerIfFound), timestamp: 1 })
    const changed = harness.process('f', { newValue: 'new', oldValue: null, isLatest: true }, 7)
    expect(changed.map(answered)).toEqual(['a:new@7->3', 'b:new@7->3'])
  })
})

describe('the answer back at the row', () => {
  function resolve(join: 'inner' | 'left', foreignValue: unknown, hash = hashOfRow, key = 'p') {
    const { stores, recordContext } = openOperatorStores([{ kind: 'timestamped-key-value', name: 'left' }])
    const operator = createOperator({
      kind: 'foreign-key-response-join',
      left: { kind: 'store', store: 'left', versioned: false },
      leftValueSerde: jsonSerde,
      join,
      joiner: (own, left, right) => `${String(own)}:${(left as { ref: string }).ref}-${String(right)}`,
      responseTopic: 'response',
    })
    const harness = new OperatorHarness(operator, { stores, recordContext })
    const rows = harness.store('left') as TimestampedKeyValueStore<unknown, unknown>
    rows.put('p', { value: { ref: 'f' }, timestamp: 1 })
    const response: SubscriptionResponse = { hash, foreignValue, primaryPartition: undefined }
    return { results: harness.process(key, response, 9).map(({ value, timestamp }) => [value, timestamp]), harness }
  }

  test('is joined with the row', () => {
    expect(resolve('inner', 'x').results).toEqual([['p:f-x', 9]])
  })

  test('without a foreign row is a tombstone of an inner join, a null partner of a left one', () => {
    expect([resolve('inner', null).results, resolve('left', null).results]).toEqual([[[null, 9]], [['p:f-null', 9]]])
  })

  test('to a row that is gone is a tombstone', () => {
    expect(resolve('left', null, null, 'gone').results).toEqual([[null, 9]])
  })

  test('to a row that has changed since is dropped and counted', () => {
    const { results, harness } = resolve('inner', 'x', valueHash(jsonSerde, { ref: 'older' }))
    expect([results, harness.drops]).toEqual([[], ['answer to an outdated row']])
  })
})
