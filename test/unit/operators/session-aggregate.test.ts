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
import type { AggregationSpec, EmitStrategy, Merger } from '../../../src/topology/operator-spec.ts'

interface Options extends OperatorHarnessOptions {
  readonly gapMs?: number
  readonly graceMs?: number
  readonly aggregation?: AggregationSpec
  readonly merger?: Merger
  readonly emit?: EmitStrategy
  readonly sendOldValues?: boolean
}

function open(options: Options = {}): OperatorHarness {
  const { gapMs = 10, graceMs = 1000, emit = 'on-window-update', sendOldValues = false } = options
  const { stores, recordContext } = openOperatorStores([
    { kind: 'session', name: 'sessions', retentionMs: 100_000, timeOrdered: emit === 'on-window-close' },
  ])
  const aggregation = options.aggregation ?? { kind: 'count' }
  const merger = options.merger ?? (() => null)
  const operator = createOperator({
    kind: 'session-aggregate',
    aggregation,
    merger,
    gapMs,
    graceMs,
    emit,
    store: 'sessions',
    sendOldValues,
  })
  return new OperatorHarness(operator, { ...options, stores, recordContext })
}

function shown({ key, value, timestamp }: CaughtRecord): string {
  const { key: inner, window } = key as Windowed<unknown>
  const { oldValue, newValue } = value as Change
  return `${inner}[${window.startMs},${window.endMs}] ${oldValue === null ? '' : `${oldValue}>`}${newValue}@${timestamp}`
}

type Input = readonly [key: unknown, value: unknown, timestamp: number]

function results(harness: OperatorHarness, inputs: readonly Input[]): string[] {
  return inputs.flatMap(([key, value, timestamp]) => harness.process(key, value, timestamp)).map(shown)
}

describe('session windows', () => {
  test('the gap is inclusive: a tombstone for the old session, then the merged one', () => {
    expect(
      results(open(), [
        ['a', 1, 0],
        ['a', 1, 10],
        ['a', 1, 21],
      ]),
    ).toEqual(['a[0,0] 1@0', 'a[0,0] null@0', 'a[0,10] 2@10', 'a[21,21] 1@21'])
  })

  test('a record may join two sessions', () => {
    expect(
      results(open(), [
        ['a', 1, 0],
        ['a', 1, 18],
        ['a', 1, 9],
      ]),
    ).toEqual(['a[0,0] 1@0', 'a[18,18] 1@18', 'a[0,0] null@0', 'a[18,18] null@18', 'a[0,18] 3@18'])
  })

  test('a record within a session sends a tombstone for it too', () => {
    expect(
      results(open(), [
        ['a', 1, 0],
        ['a', 1, 10],
        ['a', 1, 5],
      ]).slice(3),
    ).toEqual(['a[0,10] null@10', 'a[0,10] 3@10'])
  })

  test('a session of one timestamp hit by the same timestamp is updated in place', () => {
    expect(
      results(open(), [
        ['a', 1, 5],
        ['a', 1, 5],
      ]),
    ).toEqual(['a[5,5] 1@5', 'a[5,5] 2@5'])
  })

  test('the aggregate starts from the initial value, merges the sessions in order of their ends, then adds the record', () => {
    const aggregation: AggregationSpec = {
      kind: 'aggregate',
      initializer: () => '0',
      aggregator: (_key, value, aggregate) => `${aggregate}+${value}`,
    }
    const merger: Merger = (_key, left, right) => `${left}&${right}`
    const harness = open({ aggregation, merger })
    expect(
      results(harness, [
        ['a', 'y', 18],
        ['a', 'x', 0],
        ['a', 'z', 9],
      ]).at(-1),
    ).toBe('a[0,18] 0&0+x&0+y+z@18')
  })

  test('a reduction merges with its reducer', () => {
    const harness = open({ aggregation: { kind: 'reduce', reducer: (left, right) => `${left}${right}` } })
    expect(
      results(harness, [
        ['a', 'x', 0],
        ['a', 'z', 18],
        ['a', 'y', 9],
      ]).at(-1),
    ).toBe('a[0,18] xzy@18')
  })

  test('a null value reaches the aggregator, a null key is dropped and counted', () => {
    const harness = open()
    expect(
      results(harness, [
        ['a', null, 0],
        [null, 1, 0],
      ]),
    ).toEqual(['a[0,0] 1@0'])
    expect(harness.drops).toEqual(['null key'])
  })

  test('a session is closed when its end lies more than gap and grace behind stream time', () => {
    const harness = open({ graceMs: 5 })
    expect(
      results(harness, [
        ['a', 1, 100],
        ['b', 1, 85],
        ['b', 1, 84],
      ]),
    ).toEqual(['a[100,100] 1@100', 'b[85,85] 1@85', 'b[85,85] null@85', 'b[84,85] 2@85'])
    expect(results(harness, [['c', 1, 84]])).toEqual([])
    expect(harness.drops).toEqual(['expired window'])
  })

  test('results carry no headers', () => {
    const harness = open()
    expect(harness.process('a', 1, 1, [{ key: 'h', value: null }]).map(({ headers }) => headers)).toEqual([[]])
  })

  test('a retraction carries the old value on request', () => {
    expect(
      results(open({ sendOldValues: true }), [
        ['a', 1, 0],
        ['a', 1, 5],
      ]),
    ).toEqual(['a[0,0] 1@0', 'a[0,0] 1>null@0', 'a[0,5] 2@5'])
  })

  test('null from the aggregator ends the session', () => {
    const aggregation: AggregationSpec = {
      kind: 'aggregate',
      initializer: () => 0,
      aggregator: (_key, value) => value,
    }
    const harness = open({ aggregation, merger: (_key, _left, right) => right })
    expect(
      results(harness, [
        ['a', 1, 0],
        ['a', null, 5],
        ['a', 2, 8],
      ]),
    ).toEqual(['a[0,0] 1@0', 'a[0,0] null@0', 'a[0,5] null@5', 'a[8,8] 2@8'])
  })
})

describe('emission on session close', () => {
  const onClose = { emit: 'on-window-close', gapMs: 10, graceMs: 0 } as const

  test('a session comes once, when no record can join it any more, by end', () => {
    const harness = open(onClose)
    expect(
      results(harness, [
        ['b', 1, 3],
        ['a', 1, 5],
        ['b', 1, 9],
        ['a', 1, 19],
        ['a', 1, 20],
      ]),
    ).toEqual(['a[5,5] 1@5', 'b[3,9] 2@9'])
  })

  test('the result carries the headers of the record that closed it', () => {
    const headers = [{ key: 'h', value: null }]
    const harness = open(onClose)
    harness.process('a', 1, 1)
    expect(harness.process('b', 1, 50, headers).map((record) => record.headers)).toEqual([headers])
  })

  test('what was emitted before a restart does not come again', () => {
    const harness = open({ ...onClose, restoredState: { sessions: 30 } })
    expect(
      results(harness, [
        ['a', 1, 35],
        ['a', 1, 50],
        ['b', 1, 90],
      ]),
    ).toEqual(['a[35,35] 1@35', 'a[50,50] 1@50'])
  })
})

describe('against brute force', () => {
  test('sessions are the runs of records at most a gap apart', () => {
    const records = fc.array(fc.record({ key: fc.constantFrom('a', 'b'), timestamp: fc.nat(80) }), { maxLength: 40 })
    fc.assert(
      fc.property(records, fc.integer({ min: 0, max: 12 }), (history, gapMs) => {
        const harness = open({ gapMs })
        const open_ = new Map<string, unknown>()
        for (const { key, timestamp } of history) {
          for (const result of harness.process(key, 1, timestamp)) {
            const { window } = result.key as Windowed<unknown>
            const session = `${key}[${window.startMs},${window.endMs}]`
            const { newValue } = result.value as Change
            if (newValue === null) open_.delete(session)
            else open_.set(session, newValue)
          }
        }
        expect(open_).toEqual(runs(history, gapMs))
      }),
      { seed: 11, numRuns: 300 },
    )
  })

  function runs(history: readonly { key: string; timestamp: number }[], gapMs: number): Map<string, number> {
    const expected = new Map<string, number>()
    for (const key of ['a', 'b']) {
      const times = history.filter((record) => record.key === key).map(({ timestamp }) => timestamp)
      times.sort((left, right) => left - right)
      let run: number[] = []
      const end = (): void => {
        if (run.length > 0) expected.set(`${key}[${run[0]},${run.at(-1)}]`, run.length)
        run = []
      }
      for (const timestamp of times) {
        if (run.length > 0 && timestamp - (run.at(-1) ?? 0) > gapMs) end()
        run.push(timestamp)
      }
      end()
    }
    return expected
  }
})
