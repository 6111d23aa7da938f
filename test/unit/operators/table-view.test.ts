import { describe, expect, test } from '@jest/globals'
import { createOperator } from '../../../src/operators/create-operator.ts'
import { openTableView } from '../../../src/operators/table-view.ts'
import type {
  SessionStore,
  StateStore,
  TimestampedKeyValueStore,
  TimestampedWindowStore,
} from '../../../src/stores/port.ts'
import { OperatorHarness } from '../../../src/testing/operator-harness.ts'
import { openOperatorStores } from '../../../src/testing/operator-stores.ts'
import type { TableView } from '../../../src/topology/operator-spec.ts'
import type {
  AnyFixedKeyProcessorSupplier,
  FixedKeyProcessorContext,
  StreamRecord,
} from '../../../src/topology/processor-api.ts'

const left: TableView = { kind: 'store', store: 'left', versioned: false }
const right: TableView = { kind: 'store', store: 'right', versioned: false }

function open() {
  const { stores, recordContext } = openOperatorStores([
    { kind: 'timestamped-key-value', name: 'left' },
    { kind: 'timestamped-key-value', name: 'right' },
    {
      kind: 'timestamped-window',
      name: 'windows',
      retentionMs: 1000,
      windowSizeMs: 10,
      retainDuplicates: false,
      timeOrdered: false,
    },
    { kind: 'session', name: 'sessions', retentionMs: 1000, timeOrdered: false },
  ])
  const harness = new OperatorHarness(createOperator({ kind: 'pass-through' }), { stores, recordContext })
  const table = <S extends StateStore>(name: string): S => harness.store(name) as S
  const put = (name: string, key: string, value: unknown, timestamp: number): void =>
    table<TimestampedKeyValueStore<unknown, unknown>>(name).put(key, { value, timestamp })
  return { harness, table, put, get: (view: TableView, key: unknown) => openTableView(view, harness).get(key) }
}

describe('table view', () => {
  test('a stored table is read from its store', () => {
    const { put, get } = open()
    put('left', 'k', 1, 5)
    expect([get(left, 'k'), get(left, 'z')]).toEqual([{ value: 1, timestamp: 5 }, undefined])
  })

  test.each([
    { not: false, expected: [undefined, { value: 20, timestamp: 6 }] },
    { not: true, expected: [{ value: 1, timestamp: 5 }, undefined] },
  ])('a filtered table hides rows (not: $not)', ({ not, expected }) => {
    const { put, get } = open()
    put('left', 'low', 1, 5)
    put('left', 'high', 20, 6)
    const view: TableView = { kind: 'filter', source: left, predicate: (_key, value) => (value as number) > 10, not }
    expect([get(view, 'low'), get(view, 'high')]).toEqual(expected)
  })

  test('a mapped table maps rows; null hides one', () => {
    const { put, get } = open()
    put('left', 'a', 1, 5)
    put('left', 'b', 0, 6)
    const view: TableView = {
      kind: 'map-values',
      source: left,
      mapper: (key, value) => (value === 0 ? null : `${key}${value}`),
    }
    expect([get(view, 'a'), get(view, 'b'), get(view, 'z')]).toEqual([
      { value: 'a1', timestamp: 5 },
      undefined,
      undefined,
    ])
  })

  test('a transformed table runs its processor outside of the current record', () => {
    const { harness, put, get } = open()
    put('left', 'a', 1, 5)
    harness.process('other', 'x', 99)
    const seen: unknown[] = []
    const supplier: AnyFixedKeyProcessorSupplier = {
      create() {
        let own: FixedKeyProcessorContext<unknown, unknown>
        return {
          init: (context: FixedKeyProcessorContext<unknown, unknown>) => {
            own = context
          },
          process: (record: StreamRecord<unknown, unknown>) => {
            seen.push([record.timestamp, own.recordMetadata()?.topic])
            own.forward({ ...record, value: `${record.value}!` })
          },
        }
      },
    }
    expect(get({ kind: 'transform-values', source: left, supplier }, 'a')).toEqual({ value: '1!', timestamp: 5 })
    expect(seen).toEqual([[5, '']])
    expect(harness.recordContext).toMatchObject({ topic: 'input', offset: 0, timestamp: 99 })
  })

  const joins = [
    { join: 'inner', expected: [{ value: '1-2', timestamp: 7 }, undefined, undefined, undefined] },
    {
      join: 'left',
      expected: [{ value: '1-2', timestamp: 7 }, { value: '1-null', timestamp: 5 }, undefined, undefined],
    },
    {
      join: 'outer',
      expected: [
        { value: '1-2', timestamp: 7 },
        { value: '1-null', timestamp: 5 },
        { value: 'null-2', timestamp: 7 },
        undefined,
      ],
    },
  ] as const

  test.each(joins)('an $join join of tables reads both', ({ join, expected }) => {
    const { put, get } = open()
    for (const key of ['both', 'left']) put('left', key, 1, 5)
    for (const key of ['both', 'right']) put('right', key, 2, 7)
    const view: TableView = { kind: 'table-table-join', left, right, join, joiner: (_key, one, two) => `${one}-${two}` }
    expect(['both', 'left', 'right', 'none'].map((key) => get(view, key))).toEqual(expected)
  })

  test('a windowed aggregation is read by windowed key', () => {
    const { table, get } = open()
    table<TimestampedWindowStore<unknown, unknown>>('windows').put('k', { value: 3, timestamp: 12 }, 10)
    const view: TableView = { kind: 'window-store', store: 'windows' }
    const at = (startMs: number) => ({ key: 'k', window: { startMs, endMs: startMs + 10 } })
    expect([get(view, at(10)), get(view, at(20))]).toEqual([{ value: 3, timestamp: 12 }, undefined])
  })

  test('a session aggregation is read by windowed key; its timestamp is the end', () => {
    const { table, get } = open()
    const session = { key: 'k', window: { startMs: 3, endMs: 8 } }
    table<SessionStore<unknown, unknown>>('sessions').put(session, 4)
    const view: TableView = { kind: 'session-store', store: 'sessions' }
    expect([get(view, session), get(view, { ...session, key: 'z' })]).toEqual([{ value: 4, timestamp: 8 }, undefined])
  })
})
