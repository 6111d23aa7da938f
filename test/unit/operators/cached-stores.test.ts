import { describe, expect, test } from '@jest/globals'
import { createOperator } from '../../../src/operators/create-operator.ts'
import type { Change } from '../../../src/operators/operator.ts'
import type { Windowed } from '../../../src/stores/port.ts'
import { type CaughtRecord, OperatorHarness } from '../../../src/testing/operator-harness.ts'
import { openOperatorStores, type TestStoreSpec } from '../../../src/testing/operator-stores.ts'
import type { OperatorSpec } from '../../../src/topology/operator-spec.ts'

function open(spec: OperatorSpec, store: TestStoreSpec) {
  const { stores, recordContext, taskStores } = openOperatorStores([{ ...store, caching: true }], {
    cacheBytesMax: 1_000_000,
  })
  const harness = new OperatorHarness(createOperator(spec), { stores, recordContext })
  const flush = (): string[] => {
    taskStores.emitPending()
    return harness.output.take().map(shown)
  }
  return { harness, flush }
}

function shown({ key, value, timestamp }: CaughtRecord): string {
  const windowed = key as Windowed<unknown>
  const shownKey =
    typeof key === 'string' ? key : `${windowed.key}[${windowed.window.startMs},${windowed.window.endMs}]`
  const { oldValue, newValue } = value as Change
  return `${shownKey}:${oldValue === null ? '' : `${oldValue}>`}${newValue}@${timestamp}`
}

const count = { kind: 'count' } as const
const counting = (sendOldValues: boolean): OperatorSpec => ({
  kind: 'stream-aggregate',
  aggregation: count,
  store: 'rows',
  versioned: false,
  sendOldValues,
})

describe('operators with a cached store', () => {
  test('nothing is forwarded before the cache is flushed; then one change per key', () => {
    const { harness, flush } = open(counting(false), { kind: 'timestamped-key-value', name: 'rows' })
    expect(['a', 'b', 'a'].flatMap((key, index) => harness.process(key, 'x', index))).toEqual([])
    expect(flush().sort()).toEqual(['a:2@2', 'b:1@1'])
  })

  test('the old value is that of the last flush', () => {
    const { harness, flush } = open(counting(true), { kind: 'timestamped-key-value', name: 'rows' })
    harness.process('a', 'x', 1)
    flush()
    harness.process('a', 'x', 2)
    harness.process('a', 'x', 3)
    expect(flush()).toEqual(['a:1>3@3'])
  })

  test('a deleted row is a tombstone with the time of the deletion', () => {
    const source: OperatorSpec = {
      kind: 'table-source',
      materialized: { store: 'rows', versioned: false },
      sendOldValues: false,
    }
    const { harness, flush } = open(source, { kind: 'timestamped-key-value', name: 'rows' })
    harness.process('a', 1, 1)
    flush()
    harness.process('a', null, 7)
    expect(flush()).toEqual(['a:null@7'])
  })

  test('windows come under their windowed key', () => {
    const spec: OperatorSpec = {
      kind: 'window-aggregate',
      aggregation: count,
      windows: { kind: 'time', sizeMs: 10, advanceMs: 10, graceMs: 0 },
      emit: 'on-window-update',
      store: 'rows',
      sendOldValues: false,
    }
    const { harness, flush } = open(spec, {
      kind: 'timestamped-window',
      name: 'rows',
      retentionMs: 1000,
      windowSizeMs: 10,
      retainDuplicates: false,
      timeOrdered: false,
    })
    harness.process('a', 1, 12)
    harness.process('a', 1, 13)
    expect(flush()).toEqual(['a[10,20]:2@13'])
  })

  test('a session that was merged away before the flush never shows', () => {
    const spec: OperatorSpec = {
      kind: 'session-aggregate',
      aggregation: count,
      merger: () => null,
      gapMs: 10,
      graceMs: 0,
      emit: 'on-window-update',
      store: 'rows',
      sendOldValues: false,
    }
    const { harness, flush } = open(spec, { kind: 'session', name: 'rows', retentionMs: 1000, timeOrdered: false })
    harness.process('a', 1, 0)
    harness.process('a', 1, 5)
    expect(flush()).toContain('a[0,5]:2@5')
  })
})
