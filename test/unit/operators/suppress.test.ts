import { describe, expect, test } from '@jest/globals'
import { createOperator } from '../../../src/operators/create-operator.ts'
import type { Change } from '../../../src/operators/operator.ts'
import { openTableView } from '../../../src/operators/table-view.ts'
import type { TimestampedKeyValueStore, Windowed } from '../../../src/stores/port.ts'
import { type CaughtRecord, OperatorHarness } from '../../../src/testing/operator-harness.ts'
import { jsonSerde, openOperatorStores } from '../../../src/testing/operator-stores.ts'
import type { OperatorSpec, TableView } from '../../../src/topology/operator-spec.ts'

type SuppressSpec = Extract<OperatorSpec, { kind: 'suppress' }>
type Input = readonly [key: unknown, value: unknown, timestamp: number]

const source: TableView = { kind: 'store', store: 'rows', versioned: false }

function open(overrides: Partial<SuppressSpec>): OperatorHarness {
  const { stores, recordContext } = openOperatorStores([
    { kind: 'suppress-buffer', name: 'buffer', ...(overrides.finalResults ? { key: jsonSerde } : {}) },
    { kind: 'timestamped-key-value', name: 'rows' },
  ])
  const operator = createOperator({
    kind: 'suppress',
    buffer: 'buffer',
    waitMs: 10,
    finalResults: false,
    recordsMax: Number.POSITIVE_INFINITY,
    bytesMax: Number.POSITIVE_INFINITY,
    whenFull: 'emit',
    source,
    sendOldValues: false,
    ...overrides,
  })
  return new OperatorHarness(operator, { stores, recordContext })
}

function keyOf(key: unknown): string {
  if (typeof key === 'string') return key
  const { key: inner, window } = key as Windowed<unknown>
  return `${inner}[${window.startMs},${window.endMs})`
}

function shown({ key, value, timestamp }: CaughtRecord): string {
  const { oldValue, newValue } = value as Change
  return `${keyOf(key)}:${oldValue === null ? '' : `${oldValue}>`}${newValue}@${timestamp}`
}

function results(harness: OperatorHarness, inputs: readonly Input[]): string[] {
  return inputs
    .flatMap(([key, value, timestamp]) =>
      harness.process(key, { newValue: value, oldValue: null, isLatest: true }, timestamp),
    )
    .map(shown)
}

const windowed = (key: string, startMs: number) => ({ key, window: { startMs, endMs: startMs + 10 } })

describe('suppress until a time limit', () => {
  test('the last change of a key comes when stream time passes its first by the limit', () => {
    expect(
      results(open({}), [
        ['a', 1, 0],
        ['a', 2, 5],
        ['b', 9, 9],
      ]),
    ).toEqual([])
    const harness = open({})
    expect(
      results(harness, [
        ['a', 1, 0],
        ['a', 2, 5],
        ['b', 9, 10],
      ]),
    ).toEqual(['a:2@5'])
  })

  test('a late change passes at once', () => {
    expect(
      results(open({}), [
        ['a', 1, 50],
        ['b', 2, 40],
      ]),
    ).toEqual(['b:2@40'])
  })

  test('a tombstone comes too', () => {
    expect(
      results(open({}), [
        ['a', null, 0],
        ['b', 1, 10],
      ]),
    ).toEqual(['a:null@0'])
  })

  test('changes come in order of time, then key', () => {
    expect(
      results(open({}), [
        ['c', 1, 1],
        ['b', 2, 0],
        ['a', 3, 1],
        ['z', 4, 11],
      ]),
    ).toEqual(['b:2@0', 'a:3@1', 'c:1@1'])
  })

  test('the old value is that of the last change', () => {
    const harness = open({})
    harness.process('a', { newValue: 2, oldValue: 1, isLatest: true }, 0)
    harness.process('a', { newValue: 3, oldValue: 2, isLatest: true }, 1)
    expect(results(harness, [['b', 1, 10]])).toEqual(['a:2>3@1'])
  })

  test('a change runs with the context of its own record, then it is given back', () => {
    const harness = open({})
    const headers = [{ key: 'h', value: null }]
    harness.process('a', { newValue: 1, oldValue: null, isLatest: true }, 0, headers)
    const seen: unknown[] = []
    harness.output.process = (_key, _value, _timestamp, own) => {
      seen.push([own, harness.recordContext.offset])
    }
    harness.process('b', { newValue: 1, oldValue: null, isLatest: true }, 10)
    expect(seen).toEqual([[headers, 0]])
    expect(harness.recordContext).toMatchObject({ offset: 1, timestamp: 10 })
  })
})

describe('suppress with a bounded buffer', () => {
  test('emits the earliest when it holds too many keys', () => {
    expect(
      results(open({ recordsMax: 1 }), [
        ['a', 1, 0],
        ['b', 2, 1],
        ['b', 3, 2],
        ['c', 4, 3],
      ]),
    ).toEqual(['a:1@0', 'b:3@2'])
  })

  test('emits when it holds too many bytes', () => {
    expect(results(open({ bytesMax: 1 }), [['a', 1, 0]])).toEqual(['a:1@0'])
  })

  test('shuts down when it may not emit early', () => {
    const harness = open({ recordsMax: 1, whenFull: 'shut-down' })
    results(harness, [['a', 1, 0]])
    expect(() => results(harness, [['b', 2, 1]])).toThrow(
      expect.objectContaining({ code: 'SUPPRESS_BUFFER_FULL', consequence: 'record' }),
    )
  })
})

describe('suppress until the window closes', () => {
  const final = { finalResults: true, waitMs: 5 } as const

  test('the result comes when stream time reaches the window’s end plus grace', () => {
    const harness = open(final)
    expect(
      results(harness, [
        [windowed('a', 0), 1, 1],
        [windowed('a', 0), 2, 9],
        [windowed('b', 10), 1, 14],
      ]),
    ).toEqual([])
    expect(results(harness, [[windowed('b', 10), 2, 15]])).toEqual(['a[0,10):2@9'])
  })

  test('tombstones vanish', () => {
    const harness = open(final)
    expect(
      results(harness, [
        [windowed('a', 0), 1, 1],
        [windowed('a', 0), null, 2],
        [windowed('b', 10), 1, 90],
      ]),
    ).toEqual(['b[10,20):1@90'])
  })
})

describe('the table downstream of a suppress', () => {
  test('shows a buffered key as it was before, others as they are', () => {
    const harness = open({})
    const rows = harness.store('rows') as TimestampedKeyValueStore<unknown, unknown>
    rows.put('a', { value: 2, timestamp: 0 })
    rows.put('b', { value: 7, timestamp: 0 })
    harness.process('a', { newValue: 2, oldValue: 1, isLatest: true }, 0)
    harness.process('n', { newValue: 2, oldValue: null, isLatest: true }, 0)
    const view = openTableView({ kind: 'suppress', source, buffer: 'buffer' }, harness)
    expect(['a', 'b', 'n'].map((key) => view.get(key)?.value)).toEqual([1, 7, undefined])
  })
})
