import { describe, expect, test } from '@jest/globals'
import { createOperator } from '../../../src/operators/create-operator.ts'
import type { Change } from '../../../src/operators/operator.ts'
import type { TimestampedKeyValueStore } from '../../../src/stores/port.ts'
import { type CaughtRecord, OperatorHarness } from '../../../src/testing/operator-harness.ts'
import { openOperatorStores } from '../../../src/testing/operator-stores.ts'

type Join = 'inner' | 'left' | 'outer'
type Side = 'left' | 'right'

function open(join: Join, side: Side, sendOldValues = false): OperatorHarness {
  const { stores, recordContext } = openOperatorStores([{ kind: 'timestamped-key-value', name: 'other' }])
  const operator = createOperator({
    kind: 'table-table-join',
    inputVersioned: true,
    side,
    join,
    joiner: (_key, left, right) => `${left}-${right}`,
    other: { kind: 'store', store: 'other', versioned: false },
    sendOldValues,
  })
  const harness = new OperatorHarness(operator, { stores, recordContext })
  const store = harness.store('other') as TimestampedKeyValueStore<unknown, unknown>
  store.put('k', { value: 'o', timestamp: 10 })
  return harness
}

function shown({ value, timestamp }: CaughtRecord): string {
  const { oldValue, newValue } = value as Change
  return `${oldValue === null ? '' : `${oldValue}>`}${newValue}@${timestamp}`
}

function result(
  harness: OperatorHarness,
  key: unknown,
  newValue: unknown,
  oldValue: unknown,
  timestamp: number,
): string {
  return harness.process(key, { newValue, oldValue, isLatest: true }, timestamp).map(shown).join() || 'nothing'
}

/** [join, side, own row with a partner, own tombstone with one, own row alone, own tombstone alone, absent alone] */
const cases: readonly (readonly [Join, Side, string, string, string, string, string])[] = [
  ['inner', 'left', 'v-o@10', 'null@10', 'nothing', 'nothing', 'nothing'],
  ['inner', 'right', 'o-v@10', 'null@10', 'nothing', 'nothing', 'nothing'],
  ['left', 'left', 'v-o@10', 'null@10', 'v-null@5', 'null@5', 'nothing'],
  ['left', 'right', 'o-v@10', 'o-null@10', 'nothing', 'nothing', 'nothing'],
  ['outer', 'left', 'v-o@10', 'null-o@10', 'v-null@5', 'null@5', 'nothing'],
  ['outer', 'right', 'o-v@10', 'o-null@10', 'null-v@5', 'null@5', 'nothing'],
]

describe('table-table join', () => {
  test.each(cases)('%s, %s side: with and without a partner', (join, side, both, gone, alone, goneAlone, absent) => {
    const harness = open(join, side)
    expect([
      result(harness, 'k', 'v', null, 5),
      result(harness, 'k', null, 'v', 5),
      result(harness, 'z', 'v', null, 5),
      result(harness, 'z', null, 'v', 5),
      result(harness, 'z', null, null, 5),
    ]).toEqual([both, gone, alone, goneAlone, absent])
  })

  test('the result has the later of both times', () => {
    expect(result(open('inner', 'left'), 'k', 'v', null, 20)).toBe('v-o@20')
  })

  test('a tombstone of an absent row is forwarded while the other side has a row', () => {
    expect(result(open('inner', 'left'), 'k', null, null, 20)).toBe('null@20')
  })

  test('old values are joined where they are asked for', () => {
    expect(result(open('inner', 'left', true), 'k', 'w', 'v', 20)).toBe('v-o>w-o@20')
  })

  test('a null key is dropped and counted', () => {
    const harness = open('outer', 'left')
    expect([result(harness, null, 'v', null, 5), harness.drops]).toEqual(['nothing', ['null key']])
  })

  test('a late change of a versioned table is dropped and counted', () => {
    const harness = open('inner', 'left')
    expect(harness.process('k', { newValue: 'v', oldValue: null, isLatest: false }, 5)).toEqual([])
    expect(harness.drops).toEqual(['out-of-order change of a versioned table'])
  })
})

describe('merge of both sides', () => {
  test('it keeps the result and forwards old values only where they are asked for', () => {
    const { stores, recordContext } = openOperatorStores([{ kind: 'timestamped-key-value', name: 'joined' }])
    const operator = createOperator({
      kind: 'table-join-merge',
      materialized: { store: 'joined', versioned: false },
      sendOldValues: false,
    })
    const harness = new OperatorHarness(operator, { stores, recordContext })
    expect(result(harness, 'k', 'new', 'old', 7)).toBe('new@7')
    const store = harness.store('joined') as TimestampedKeyValueStore<unknown, unknown>
    expect(store.get('k')).toEqual({ value: 'new', timestamp: 7 })
  })

  test('without a store it passes late changes as late', () => {
    const operator = createOperator({ kind: 'table-join-merge', materialized: undefined, sendOldValues: true })
    const late = new OperatorHarness(operator).process('k', { newValue: 1, oldValue: 2, isLatest: false }, 7)
    expect(late.map(({ value }) => value)).toEqual([{ newValue: 1, oldValue: 2, isLatest: false }])
  })
})
