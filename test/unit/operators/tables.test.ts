import { describe, expect, test } from '@jest/globals'
import { createOperator } from '../../../src/operators/create-operator.ts'
import type { Change } from '../../../src/operators/operator.ts'
import type { TimestampedKeyValueStore, ValueAndTimestamp } from '../../../src/stores/port.ts'
import { type CaughtRecord, OperatorHarness } from '../../../src/testing/operator-harness.ts'
import { openOperatorStores, type TestStoreSpec } from '../../../src/testing/operator-stores.ts'
import type { Materialization, OperatorSpec } from '../../../src/topology/operator-spec.ts'
import type {
  AnyFixedKeyProcessorSupplier,
  FixedKeyProcessorContext,
  StreamRecord,
} from '../../../src/topology/processor-api.ts'

const rows: TestStoreSpec = { kind: 'timestamped-key-value', name: 'rows' }
const versions: TestStoreSpec = { kind: 'versioned', name: 'rows', historyMs: 100, segmentMs: undefined }
const inRows: Materialization = { store: 'rows', versioned: false }
const inVersions: Materialization = { store: 'rows', versioned: true }

function open(spec: OperatorSpec, ...specs: TestStoreSpec[]): OperatorHarness {
  const { stores, recordContext } = openOperatorStores(specs)
  return new OperatorHarness(createOperator(spec), { stores, recordContext })
}

/** `new`, or `old>new`, and the timestamp; `late` when it is not the latest. */
function shown({ key, value, timestamp }: CaughtRecord): string {
  const { oldValue, newValue, isLatest } = value as Change
  return `${key}:${oldValue === null ? '' : `${oldValue}>`}${newValue}@${timestamp}${isLatest ? '' : ' late'}`
}

type Input = readonly [key: unknown, value: unknown, timestamp: number]

function results(harness: OperatorHarness, inputs: readonly Input[]): string[] {
  return inputs.flatMap(([key, value, timestamp]) => harness.process(key, value, timestamp)).map(shown)
}

function change(newValue: unknown, oldValue: unknown = null, isLatest = true): Change {
  return { newValue, oldValue, isLatest }
}

function row(harness: OperatorHarness, key: unknown): ValueAndTimestamp<unknown> | undefined {
  return (harness.store('rows') as TimestampedKeyValueStore<unknown, unknown>).get(key)
}

describe('table source', () => {
  const source = (materialized: Materialization | undefined, sendOldValues = false): OperatorSpec => ({
    kind: 'table-source',
    materialized,
    sendOldValues,
  })

  test('without a store each record is a change', () => {
    expect(
      results(open(source(undefined)), [
        ['k', 1, 5],
        ['k', null, 6],
      ]),
    ).toEqual(['k:1@5', 'k:null@6'])
  })

  test('rows are kept as they arrive, out of order too', () => {
    const harness = open(source(inRows, true), rows)
    expect(
      results(harness, [
        ['k', 1, 5],
        ['k', 2, 3],
      ]),
    ).toEqual(['k:1@5', 'k:1>2@3'])
    expect(row(harness, 'k')).toEqual({ value: 2, timestamp: 3 })
  })

  test('an equal value and a tombstone of an absent row are forwarded', () => {
    expect(
      results(open(source(inRows), rows), [
        ['k', 1, 5],
        ['k', 1, 6],
        ['z', null, 7],
      ]),
    ).toEqual(['k:1@5', 'k:1@6', 'z:null@7'])
  })

  test('a tombstone deletes the row', () => {
    const harness = open(source(inRows), rows)
    results(harness, [
      ['k', 1, 5],
      ['k', null, 6],
    ])
    expect(row(harness, 'k')).toBeUndefined()
  })

  test('a null key is dropped and counted', () => {
    const harness = open(source(undefined))
    expect([results(harness, [[null, 1, 5]]), harness.drops]).toEqual([[], ['null key']])
  })

  test('a versioned table marks what is not its latest row', () => {
    expect(
      results(open(source(inVersions, true), versions), [
        ['k', 1, 50],
        ['k', 2, 40],
        ['k', 3, 60],
      ]),
    ).toEqual(['k:1@50', 'k:1>2@40 late', 'k:1>3@60'])
  })

  test('a row older than the history is not forwarded', () => {
    expect(
      results(open(source(inVersions), versions), [
        ['k', 1, 500],
        ['k', 2, 40],
      ]),
    ).toEqual(['k:1@500'])
  })

  test('a global table keeps its rows', () => {
    const harness = open({ kind: 'global-table-source', store: 'rows' }, rows)
    harness.process('k', 1, 5)
    expect(row(harness, 'k')).toEqual({ value: 1, timestamp: 5 })
  })
})

describe('table filter', () => {
  interface Options {
    readonly not?: boolean
    readonly materialized?: Materialization
    readonly inputSendsOldValues?: boolean
    readonly inputVersioned?: boolean
    readonly sendOldValues?: boolean
  }

  const filter = (options: Options = {}): OperatorSpec => ({
    kind: 'table-filter',
    predicate: (_key, value) => (value as number) > 10,
    not: false,
    materialized: undefined,
    inputSendsOldValues: false,
    inputVersioned: false,
    sendOldValues: false,
    ...options,
  })

  test('each row that fails becomes a tombstone, tombstones too', () => {
    expect(
      results(open(filter()), [
        ['k', change(20), 1],
        ['k', change(5), 2],
        ['k', change(null), 3],
      ]),
    ).toEqual(['k:20@1', 'k:null@2', 'k:null@3'])
  })

  test('filterNot turns the predicate around, not for absent values', () => {
    expect(
      results(open(filter({ not: true })), [
        ['k', change(20), 1],
        ['k', change(5), 2],
        ['k', change(null), 3],
      ]),
    ).toEqual(['k:null@1', 'k:5@2', 'k:null@3'])
  })

  test.each(['sendOldValues', 'inputSendsOldValues'] as const)(
    'with %s only a row that leaves makes a tombstone',
    (flag) => {
      expect(
        results(open(filter({ [flag]: true })), [
          ['k', change(5, 3), 1],
          ['k', change(20, 5), 2],
          ['k', change(6, 20), 3],
        ]),
      ).toEqual(['k:20@2', 'k:20>null@3'])
    },
  )

  test('with a versioned input each tombstone is forwarded', () => {
    const harness = open(filter({ sendOldValues: true, inputVersioned: true }))
    expect(results(harness, [['k', change(5, 3), 1]])).toEqual(['k:null@1'])
  })

  test('a late change stays late', () => {
    expect(results(open(filter()), [['k', change(20, null, false), 1]])).toEqual(['k:20@1 late'])
  })

  test('a materialized filter reads the old value from its own store', () => {
    const harness = open(filter({ materialized: inRows, sendOldValues: true }), rows)
    expect(
      results(harness, [
        ['k', change(20), 1],
        ['k', change(30), 2],
        ['k', change(1), 3],
      ]),
    ).toEqual(['k:20@1', 'k:20>30@2', 'k:30>null@3'])
    expect(row(harness, 'k')).toBeUndefined()
  })
})

describe('table mapValues', () => {
  const mapValues = (materialized: Materialization | undefined, sendOldValues: boolean): OperatorSpec => ({
    kind: 'table-map-values',
    mapper: (key, value) => (value === 0 ? null : `${key}${value}`),
    materialized,
    inputSendsOldValues: true,
    sendOldValues,
  })

  test('the mapper sees no tombstone', () => {
    expect(
      results(open(mapValues(undefined, false)), [
        ['k', change(1), 1],
        ['k', change(null), 2],
      ]),
    ).toEqual(['k:k1@1', 'k:null@2'])
  })

  test('a mapper that returns null makes a tombstone', () => {
    expect(results(open(mapValues(undefined, false)), [['k', change(0), 1]])).toEqual(['k:null@1'])
  })

  test('old values are mapped too', () => {
    expect(results(open(mapValues(undefined, true)), [['k', change(2, 1), 1]])).toEqual(['k:k1>k2@1'])
  })

  test('a materialized one reads the old value from its own store', () => {
    expect(
      results(open(mapValues(inRows, true), rows), [
        ['k', change(1), 1],
        ['k', change(2, 9), 2],
      ]),
    ).toEqual(['k:k1@1', 'k:k1>k2@2'])
  })
})

describe('table transformValues', () => {
  const doubling: AnyFixedKeyProcessorSupplier = {
    create() {
      let own: FixedKeyProcessorContext<unknown, unknown>
      return {
        init: (context: FixedKeyProcessorContext<unknown, unknown>) => {
          own = context
        },
        process: (record: StreamRecord<unknown, unknown>) => {
          if (record.value === 7) return
          own.forward({ ...record, value: record.value === null ? 'gone' : `${record.value}${record.value}` })
        },
      }
    },
  }
  const transform = (materialized: Materialization | undefined): OperatorSpec => ({
    kind: 'table-transform-values',
    supplier: doubling,
    source: { kind: 'store', store: 'rows', versioned: false },
    materialized,
    sendOldValues: true,
  })

  test('what the processor forwards is the value; it sees tombstones', () => {
    expect(
      results(open(transform(inRows), rows), [
        ['k', change(1), 1],
        ['k', change(null), 2],
      ]),
    ).toEqual(['k:11@1', 'k:11>gone@2'])
  })

  test('a processor that forwards nothing makes a tombstone', () => {
    expect(results(open(transform(inRows), rows), [['k', change(7), 1]])).toEqual(['k:null@1'])
  })

  test('without a store the old value is transformed again', () => {
    expect(results(open(transform(undefined)), [['k', change(2, 1), 1]])).toEqual(['k:11>22@1'])
  })
})

describe('table groupBy', () => {
  const grouped = (): OperatorHarness =>
    open({
      kind: 'table-group-by',
      inputVersioned: true,
      mapper: (_key, value) => {
        const { group, amount } = value as { group: unknown; amount: unknown }
        return [group, amount]
      },
    })
  const member = (group: unknown, amount: unknown) => ({ group, amount })

  test('a row that stays in its group is one change', () => {
    expect(results(grouped(), [['k', change(member('g', 2), member('g', 1)), 5]])).toEqual(['g:1>2@5'])
  })

  test('groups are compared by what they hold', () => {
    const moved = grouped().process('k', change(member({ a: 1, b: 2 }, 2), member({ b: 2, a: 1 }, 1)), 5)
    expect(moved.map(({ value }) => value)).toEqual([change(2, 1)])
  })

  test('a row that moves leaves the old group first', () => {
    expect(results(grouped(), [['k', change(member('h', 2), member('g', 1)), 5]])).toEqual(['g:1>null@5', 'h:2@5'])
  })

  test.each([
    ['group', member(null, 2)],
    ['value', member('g', null)],
  ])('a new row without %s is only taken out', (_what, fresh) => {
    expect(results(grouped(), [['k', change(fresh, member('g', 1)), 5]])).toEqual(['g:1>null@5'])
  })

  test('a new and a deleted row are one change each', () => {
    expect(
      results(grouped(), [
        ['k', change(member('g', 1)), 5],
        ['k', change(null, member('g', 1)), 6],
      ]),
    ).toEqual(['g:1@5', 'g:1>null@6'])
  })

  test('a late change of a versioned table changes no group', () => {
    expect(results(grouped(), [['k', change(member('g', 1), null, false), 5]])).toEqual([])
  })

  test('a null key is an error of the record', () => {
    expect(() => grouped().process(null, change(member('g', 1)), 5)).toThrow(
      expect.objectContaining({ code: 'NULL_TABLE_KEY' }),
    )
  })
})

describe('table aggregate', () => {
  const aggregate = (overrides: Partial<Extract<OperatorSpec, { kind: 'table-aggregate' }>> = {}): OperatorSpec => ({
    kind: 'table-aggregate',
    initializer: () => 100,
    adder: (_key, value, total) => (total as number) + (value as number),
    subtractor: (_key, value, total) => (total as number) - (value as number),
    reduce: false,
    materialized: inRows,
    sendOldValues: true,
    ...overrides,
  })

  test('the old value is subtracted, then the new one added, in one change', () => {
    expect(
      results(open(aggregate(), rows), [
        ['g', change(5), 1],
        ['g', change(7, 5), 2],
      ]),
    ).toEqual(['g:105@1', 'g:105>107@2'])
  })

  test('a reduction starts with the value and never needs the initial one', () => {
    expect(
      results(open(aggregate({ reduce: true }), rows), [
        ['g', change(5), 1],
        ['g', change(2), 2],
      ]),
    ).toEqual(['g:5@1', 'g:5>7@2'])
  })

  test('nothing is subtracted from an absent row', () => {
    expect(results(open(aggregate(), rows), [['g', change(null, 5), 1]])).toEqual(['g:null@1'])
  })

  test('after a subtractor that returns null the adder starts from the initial value', () => {
    const harness = open(aggregate({ subtractor: () => null }), rows)
    expect(
      results(harness, [
        ['g', change(5), 1],
        ['g', change(7, 5), 2],
      ]),
    ).toEqual(['g:105@1', 'g:105>107@2'])
  })

  test('the timestamp never goes back', () => {
    expect(
      results(open(aggregate(), rows), [
        ['g', change(5), 9],
        ['g', change(null, 5), 4],
      ]),
    ).toEqual(['g:105@9', 'g:105>100@9'])
  })
})
