import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { createOperator } from '../../../src/operators/create-operator.ts'
import type { Change } from '../../../src/operators/operator.ts'
import type { Windowed } from '../../../src/stores/port.ts'
import {
  type CaughtRecord,
  OperatorHarness,
  type OperatorHarnessOptions,
} from '../../../src/testing/operator-harness.ts'
import { openOperatorStores } from '../../../src/testing/operator-stores.ts'
import type { AggregationSpec, EmitStrategy } from '../../../src/topology/operator-spec.ts'

interface Options extends OperatorHarnessOptions {
  readonly timeDifferenceMs?: number
  readonly graceMs?: number
  readonly emit?: EmitStrategy
  readonly aggregation?: AggregationSpec
}

const concat: AggregationSpec = {
  kind: 'aggregate',
  initializer: () => '',
  aggregator: (_key, value, aggregate) => `${aggregate}${value}`,
}

function open(options: Options = {}): OperatorHarness {
  const { timeDifferenceMs = 10, graceMs = 1000, emit = 'on-window-update', aggregation = concat } = options
  const { stores, recordContext } = openOperatorStores([
    {
      kind: 'timestamped-window',
      name: 'win',
      retentionMs: 100_000,
      windowSizeMs: timeDifferenceMs,
      retainDuplicates: false,
      timeOrdered: emit === 'on-window-close',
    },
  ])
  const operator = createOperator({
    kind: 'sliding-aggregate',
    aggregation,
    timeDifferenceMs,
    graceMs,
    emit,
    store: 'win',
    sendOldValues: false,
  })
  return new OperatorHarness(operator, { ...options, stores, recordContext })
}

function shown({ key, value, timestamp }: CaughtRecord): string {
  const { key: inner, window } = key as Windowed<unknown>
  return `${inner}[${window.startMs},${window.endMs}] ${(value as Change).newValue}@${timestamp}`
}

type Input = readonly [key: unknown, value: unknown, timestamp: number]

function results(harness: OperatorHarness, inputs: readonly Input[]): string[] {
  return inputs.flatMap(([key, value, timestamp]) => harness.process(key, value, timestamp)).map(shown)
}

describe('sliding windows', () => {
  test('a record opens the window that ends with it', () => {
    expect(results(open(), [['a', 'x', 20]])).toEqual(['a[10,20] x@20'])
  })

  test('a later record opens the right window of the one before it, then its own left one', () => {
    expect(
      results(open(), [
        ['a', 'x', 20],
        ['a', 'y', 25],
      ]),
    ).toEqual(['a[10,20] x@20', 'a[21,31] y@25', 'a[15,25] xy@25'])
  })

  test('both ends are inclusive: a record the difference later shares the left window', () => {
    expect(
      results(open(), [
        ['a', 'x', 20],
        ['a', 'y', 30],
      ]).slice(1),
    ).toEqual(['a[21,31] y@30', 'a[20,30] xy@30'])
  })

  test('a record further away than the difference is alone', () => {
    expect(
      results(open(), [
        ['a', 'x', 20],
        ['a', 'y', 31],
      ]).slice(1),
    ).toEqual(['a[21,31] y@31'])
  })

  test('an earlier record opens its own right window as a copy of the one around it', () => {
    expect(
      results(open(), [
        ['a', 'x', 20],
        ['a', 'y', 15],
      ]).slice(1),
    ).toEqual(['a[10,20] xy@20', 'a[5,15] y@15', 'a[16,26] x@20'])
  })

  test('existing windows come first, by descending start', () => {
    const harness = open()
    results(harness, [
      ['a', 'x', 20],
      ['a', 'y', 25],
    ])
    expect(results(harness, [['a', 'z', 23]])).toEqual([
      'a[21,31] yz@25',
      'a[15,25] xyz@25',
      'a[13,23] xz@23',
      'a[24,34] y@25',
    ])
  })

  test('a record of a time that is there only adds to the windows that are there', () => {
    expect(
      results(open(), [
        ['a', 'x', 20],
        ['a', 'y', 20],
      ]),
    ).toEqual(['a[10,20] x@20', 'a[10,20] xy@20'])
  })

  test('records earlier than the difference share the window from 0', () => {
    expect(
      results(open(), [
        ['a', 'x', 3],
        ['a', 'y', 7],
      ]),
    ).toEqual(['a[0,10] x@3', 'a[4,14] y@7', 'a[0,10] xy@7'])
  })

  test.each([
    ['key', null, 'x'],
    ['value', 'a', null],
  ])('a record without %s is dropped and counted', (_what, key, value) => {
    const harness = open()
    expect([results(harness, [[key, value, 20]]), harness.drops]).toEqual([[], ['null key or value']])
  })

  test('a record whose windows are all closed is dropped', () => {
    const harness = open({ graceMs: 5 })
    expect(
      results(harness, [
        ['a', 'x', 100],
        ['b', 'x', 84],
      ]),
    ).toEqual(['a[90,100] x@100'])
    expect(harness.drops).toEqual(['expired window'])
  })

  test('windows that end before stream time minus grace are not updated, those that end later are', () => {
    const harness = open({ graceMs: 5 })
    results(harness, [['a', 'x', 100]])
    expect(results(harness, [['a', 'y', 92]])).toEqual(['a[90,100] xy@100', 'a[93,103] x@100'])
    expect(harness.drops).toEqual(['expired window'])
  })

  test('a reduction starts with the value', () => {
    const harness = open({ aggregation: { kind: 'reduce', reducer: (left, right) => `${left}+${right}` } })
    expect(
      results(harness, [
        ['a', 'x', 20],
        ['a', 'y', 25],
      ]),
    ).toEqual(['a[10,20] x@20', 'a[21,31] y@25', 'a[15,25] x+y@25'])
  })
})

describe('emission on close of a sliding window', () => {
  const onClose = { emit: 'on-window-close', graceMs: 5 } as const

  test('a window comes once stream time passes its inclusive end by more than the grace', () => {
    const harness = open(onClose)
    expect(
      results(harness, [
        ['a', 'x', 20],
        ['b', 'y', 25],
      ]),
    ).toEqual([])
    expect(results(harness, [['b', 'z', 26]])).toEqual(['a[10,20] x@20'])
  })

  test('what was emitted before a restart does not come again', () => {
    const harness = open({ ...onClose, restoredState: { win: 40 } })
    expect(
      results(harness, [
        ['a', 'x', 38],
        ['a', 'y', 60],
      ]),
    ).toEqual([])
    expect(results(harness, [['a', 'z', 90]])).toEqual(['a[50,60] y@60'])
  })
})

describe('against brute force', () => {
  const history = fc.array(fc.record({ key: fc.constantFrom('a', 'b'), timestamp: fc.nat(70) }), { maxLength: 30 })

  test('each window holds the records of its time, and each record has both of its windows', () => {
    fc.assert(
      fc.property(history, fc.integer({ min: 1, max: 20 }), (records, timeDifferenceMs) => {
        const harness = open({ timeDifferenceMs, aggregation: { kind: 'count' } })
        const last = new Map<string, unknown>()
        for (const { key, timestamp } of records) {
          for (const result of harness.process(key, 1, timestamp)) {
            last.set(`${key}@${(result.key as Windowed<unknown>).window.startMs}`, (result.value as Change).newValue)
          }
        }
        expect(last).toEqual(windowsOf(records, timeDifferenceMs))
      }),
      { seed: 13, numRuns: 400 },
    )
  })

  function windowsOf(
    records: readonly { key: string; timestamp: number }[],
    differenceMs: number,
  ): Map<string, number> {
    const expected = new Map<string, number>()
    for (const { key, timestamp } of records) {
      for (const startMs of [Math.max(0, timestamp - differenceMs), timestamp + 1]) {
        const count = records.filter(
          (other) => other.key === key && other.timestamp >= startMs && other.timestamp <= startMs + differenceMs,
        ).length
        if (count > 0) expected.set(`${key}@${startMs}`, count)
      }
    }
    return expected
  }
})
