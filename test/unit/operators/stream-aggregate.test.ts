import { describe, expect, test } from '@jest/globals'
import { createOperator } from '../../../src/operators/create-operator.ts'
import type { Change } from '../../../src/operators/operator.ts'
import type { TimestampedKeyValueStore } from '../../../src/stores/port.ts'
import { OperatorHarness } from '../../../src/testing/operator-harness.ts'
import { openOperatorStores, type TestStoreSpec } from '../../../src/testing/operator-stores.ts'
import type { AggregationSpec } from '../../../src/topology/operator-spec.ts'

const count: AggregationSpec = { kind: 'count' }
const concat: AggregationSpec = { kind: 'reduce', reducer: (aggregate, value) => `${aggregate}+${value}` }
const sum: AggregationSpec = {
  kind: 'aggregate',
  initializer: () => 0,
  aggregator: (_key, value, aggregate) => (aggregate as number) + (value as number),
}
const sumNullAtFive: AggregationSpec = {
  kind: 'aggregate',
  initializer: () => 0,
  aggregator: (_key, value, aggregate) => {
    const next = (aggregate as number) + (value as number)
    return next === 5 ? null : next
  },
}

interface Options {
  readonly sendOldValues?: boolean
  readonly versioned?: boolean
}

function open(aggregation: AggregationSpec, { sendOldValues = false, versioned = false }: Options = {}) {
  const spec: TestStoreSpec = versioned
    ? { kind: 'versioned', name: 'agg', historyMs: 100, segmentMs: undefined }
    : { kind: 'timestamped-key-value', name: 'agg' }
  const { stores, recordContext } = openOperatorStores([spec])
  const operator = createOperator({ kind: 'stream-aggregate', aggregation, store: 'agg', sendOldValues, versioned })
  return new OperatorHarness(operator, { stores, recordContext })
}

type Input = readonly [key: unknown, value: unknown, timestamp: number]

/** `new` or `old>new` and timestamp of each change. */
function changes(harness: OperatorHarness, inputs: readonly Input[]): string[] {
  return inputs
    .flatMap(([key, value, timestamp]) => harness.process(key, value, timestamp))
    .map(({ key, value, timestamp }) => {
      const change = value as Change
      const old = change.oldValue === null ? '' : `${change.oldValue}>`
      return `${key}:${old}${change.newValue}@${timestamp}`
    })
}

describe('stream aggregate', () => {
  test('counts per key', () => {
    expect(
      changes(open(count), [
        ['a', 'x', 1],
        ['b', 'x', 2],
        ['a', 'x', 3],
      ]),
    ).toEqual(['a:1@1', 'b:1@2', 'a:2@3'])
  })

  test('the first value of a reduction is its aggregate', () => {
    expect(
      changes(open(concat), [
        ['a', 'x', 1],
        ['a', 'y', 2],
      ]),
    ).toEqual(['a:x@1', 'a:x+y@2'])
  })

  test('the timestamp of an aggregate never goes back', () => {
    expect(
      changes(open(sum), [
        ['a', 1, 10],
        ['a', 2, 5],
        ['a', 3, 11],
      ]),
    ).toEqual(['a:1@10', 'a:3@10', 'a:6@11'])
  })

  test.each([
    ['null key', null, 'x'],
    ['null value', 'a', null],
  ])('a record with %s is dropped and counted', (_what, key, value) => {
    const harness = open(count)
    expect(changes(harness, [[key, value, 1]])).toEqual([])
    expect(harness.drops).toEqual(['null key or value'])
  })

  test('null from the aggregator deletes the row; the next record starts a new row with its own time', () => {
    expect(
      changes(open(sumNullAtFive), [
        ['a', 2, 10],
        ['a', 3, 20],
        ['a', 4, 15],
      ]),
    ).toEqual(['a:2@10', 'a:null@20', 'a:4@15'])
  })

  test('the old value of a first aggregate is the initial one', () => {
    expect(
      changes(open(sum, { sendOldValues: true }), [
        ['a', 1, 1],
        ['a', 2, 2],
      ]),
    ).toEqual(['a:0>1@1', 'a:1>3@2'])
  })

  test('the old value of a first reduction is absent', () => {
    expect(
      changes(open(concat, { sendOldValues: true }), [
        ['a', 'x', 1],
        ['a', 'y', 2],
      ]),
    ).toEqual(['a:x@1', 'a:x>x+y@2'])
  })

  test('the row is in the store when the change is forwarded', () => {
    const harness = open(count)
    const store = harness.store('agg') as TimestampedKeyValueStore<unknown, unknown>
    const seen: unknown[] = []
    harness.output.process = (key) => seen.push(store.get(key))
    harness.process('a', 'x', 4)
    expect(seen).toEqual([{ value: 1, timestamp: 4 }])
  })
})
