import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { hoppingWindows, tumblingWindows } from '../../../src/dsl/window-definitions.ts'
import { createOperator } from '../../../src/operators/create-operator.ts'
import type { Change } from '../../../src/operators/operator.ts'
import { unlimitedEndMs } from '../../../src/operators/time-window-finder.ts'
import type { Windowed } from '../../../src/stores/port.ts'
import {
  type CaughtRecord,
  OperatorHarness,
  type OperatorHarnessOptions,
} from '../../../src/testing/operator-harness.ts'
import { openOperatorStores } from '../../../src/testing/operator-stores.ts'
import type { AggregationSpec, EmitStrategy, TimeWindowsSpec } from '../../../src/topology/operator-spec.ts'

interface Options extends OperatorHarnessOptions {
  readonly aggregation?: AggregationSpec
  readonly emit?: EmitStrategy
  readonly sendOldValues?: boolean
  readonly retentionMs?: number
}

const count: AggregationSpec = { kind: 'count' }

function time(sizeMs: number, advanceMs: number, graceMs: number): TimeWindowsSpec {
  return { kind: 'time', sizeMs, advanceMs, graceMs }
}

function open(windows: TimeWindowsSpec, options: Options = {}): OperatorHarness {
  const emit = options.emit ?? 'on-window-update'
  const { stores, recordContext } = openOperatorStores([
    {
      kind: 'timestamped-window',
      name: 'win',
      retentionMs: options.retentionMs ?? 100_000,
      windowSizeMs: windows.kind === 'time' ? windows.sizeMs : unlimitedEndMs,
      retainDuplicates: false,
      timeOrdered: emit === 'on-window-close',
    },
  ])
  const { aggregation = count, sendOldValues = false } = options
  const operator = createOperator({ kind: 'window-aggregate', aggregation, windows, emit, store: 'win', sendOldValues })
  return new OperatorHarness(operator, { ...options, stores, recordContext })
}

function shown({ key, value, timestamp }: CaughtRecord): string {
  const { key: inner, window } = key as Windowed<unknown>
  const { oldValue, newValue } = value as Change
  return `${inner}[${window.startMs},${window.endMs}) ${oldValue === null ? '' : `${oldValue}>`}${newValue}@${timestamp}`
}

type Input = readonly [key: unknown, value: unknown, timestamp: number]

function results(harness: OperatorHarness, inputs: readonly Input[]): string[] {
  return inputs.flatMap(([key, value, timestamp]) => harness.process(key, value, timestamp)).map(shown)
}

describe('tumbling windows', () => {
  test('a record counts in the window that holds it: start inclusive, end exclusive', () => {
    expect(
      results(open(time(10, 10, 100)), [
        ['a', 1, 0],
        ['a', 1, 9],
        ['a', 1, 10],
      ]),
    ).toEqual(['a[0,10) 1@0', 'a[0,10) 2@9', 'a[10,20) 1@10'])
  })

  test('the timestamp of a result is the highest of its window', () => {
    expect(
      results(open(time(10, 10, 100)), [
        ['a', 1, 7],
        ['a', 1, 3],
      ]),
    ).toEqual(['a[0,10) 1@7', 'a[0,10) 2@7'])
  })

  test('a null value reaches the aggregator', () => {
    expect(results(open(time(10, 10, 100)), [['a', null, 1]])).toEqual(['a[0,10) 1@1'])
  })

  test('a null key is dropped and counted', () => {
    const harness = open(time(10, 10, 100))
    expect([results(harness, [[null, 1, 1]]), harness.drops]).toEqual([[], ['null key']])
  })

  test('a window is closed when its end is at stream time minus grace', () => {
    const harness = open(time(10, 10, 5))
    expect(
      results(harness, [
        ['a', 1, 14],
        ['a', 1, 9],
        ['a', 1, 15],
        ['a', 1, 9],
      ]),
    ).toEqual(['a[10,20) 1@14', 'a[0,10) 1@9', 'a[10,20) 2@15'])
    expect(harness.drops).toEqual(['expired window'])
  })

  test('old values go along where they are asked for; a first one is the initial aggregate', () => {
    const harness = open(time(10, 10, 100), { sendOldValues: true })
    expect(
      results(harness, [
        ['a', 1, 1],
        ['a', 1, 2],
      ]),
    ).toEqual(['a[0,10) 0>1@1', 'a[0,10) 1>2@2'])
  })

  test('null from the aggregator deletes the row and forwards a tombstone', () => {
    const aggregation: AggregationSpec = { kind: 'reduce', reducer: () => null }
    const harness = open(time(10, 10, 100), { aggregation })
    expect(
      results(harness, [
        ['a', 'x', 1],
        ['a', 'y', 2],
        ['a', 'z', 3],
      ]),
    ).toEqual(['a[0,10) x@1', 'a[0,10) null@2', 'a[0,10) z@3'])
  })
})

describe('hopping windows', () => {
  test('a record counts in each window that holds it, earliest first; none starts before 0', () => {
    expect(
      results(open(time(10, 4, 100)), [
        ['a', 1, 6],
        ['a', 1, 9],
      ]),
    ).toEqual(['a[0,10) 1@6', 'a[4,14) 1@6', 'a[0,10) 2@9', 'a[4,14) 2@9', 'a[8,18) 1@9'])
  })

  test('a late record is dropped once for each closed window', () => {
    const harness = open(time(10, 4, 0))
    expect(
      results(harness, [
        ['a', 1, 16],
        ['a', 1, 9],
      ]),
    ).toEqual(['a[8,18) 1@16', 'a[12,22) 1@16', 'a[16,26) 1@16', 'a[8,18) 2@16'])
    expect(harness.drops).toEqual(['expired window', 'expired window'])
  })
})

describe('unlimited windows', () => {
  test('one window from its start on, never closed', () => {
    const harness = open({ kind: 'unlimited', startMs: 5 })
    expect(
      results(harness, [
        ['a', 1, 4],
        ['a', 1, 5],
        ['a', 1, 90_000],
        ['a', 1, 6],
      ]),
    ).toEqual([`a[5,${unlimitedEndMs}) 1@5`, `a[5,${unlimitedEndMs}) 2@90000`, `a[5,${unlimitedEndMs}) 3@90000`])
    expect(harness.drops).toEqual([])
  })
})

describe('emission on window close', () => {
  const onClose = { emit: 'on-window-close' } as const

  test('a window comes once, when stream time reaches its end plus grace', () => {
    const harness = open(time(10, 10, 5), onClose)
    expect(
      results(harness, [
        ['a', 1, 1],
        ['a', 1, 9],
        ['a', 1, 14],
        ['a', 1, 15],
      ]),
    ).toEqual(['a[0,10) 2@9'])
  })

  test('closed windows come in order of start, then key', () => {
    const harness = open(time(10, 10, 0), onClose)
    expect(
      results(harness, [
        ['b', 1, 1],
        ['a', 1, 2],
        ['b', 1, 12],
        ['z', 1, 13],
        ['a', 1, 40],
      ]),
    ).toEqual(['a[0,10) 1@2', 'b[0,10) 1@1', 'b[10,20) 1@12', 'z[10,20) 1@13'])
  })

  test('the result carries the headers of the record that closed the window', () => {
    const harness = open(time(10, 10, 0), onClose)
    const headers = [{ key: 'h', value: null }]
    harness.process('a', 1, 1)
    expect(harness.process('a', 1, 10, headers).map((record) => record.headers)).toEqual([headers])
  })

  test('a late record may be the one that closes', () => {
    const harness = open(time(10, 10, 0), { ...onClose, settings: { windowEmitIntervalMs: 1000 } })
    results(harness, [
      ['a', 1, 1],
      ['a', 1, 11],
    ])
    harness.clock.advance(1000)
    expect(results(harness, [['a', 1, 2]])).toEqual(['a[0,10) 1@1'])
    expect(harness.drops).toEqual(['expired window'])
  })

  test('it scans at most once per interval of wall clock', () => {
    const harness = open(time(10, 10, 0), { ...onClose, settings: { windowEmitIntervalMs: 1000 } })
    expect(
      results(harness, [
        ['a', 1, 1],
        ['a', 1, 11],
      ]),
    ).toEqual([])
    harness.clock.advance(999)
    expect(results(harness, [['a', 1, 21]])).toEqual([])
    harness.clock.advance(1)
    expect(results(harness, [['a', 1, 31]])).toEqual(['a[0,10) 1@1', 'a[10,20) 1@11', 'a[20,30) 1@21'])
  })

  test('the close time of the last emission is kept with the commit', () => {
    const harness = open(time(10, 10, 5), onClose)
    results(harness, [
      ['a', 1, 1],
      ['a', 1, 17],
    ])
    expect([...harness.committedState]).toEqual([['win', 12]])
  })

  test('what was emitted before a restart does not come again', () => {
    const harness = open(time(10, 10, 0), { ...onClose, restoredState: { win: 20 } })
    expect(
      results(harness, [
        ['a', 1, 5],
        ['a', 1, 19],
        ['a', 1, 31],
      ]),
    ).toEqual([])
    expect(results(harness, [['a', 1, 41]])).toEqual(['a[30,40) 1@31'])
  })

  test('a hopping window comes as soon as it closes, though a later one holds the same records', () => {
    const harness = open(time(10, 5, 0), onClose)
    expect(
      results(harness, [
        ['a', 1, 6],
        ['a', 1, 10],
        ['a', 1, 15],
      ]),
    ).toEqual(['a[0,10) 1@6', 'a[5,15) 2@10'])
  })
})

describe('against brute force', () => {
  const history = fc.array(fc.record({ key: fc.constantFrom('a', 'b'), timestamp: fc.nat(60) }), { maxLength: 40 })
  const windows = fc.record({
    sizeMs: fc.integer({ min: 1, max: 15 }),
    hops: fc.integer({ min: 1, max: 4 }),
    graceMs: fc.nat(10),
  })

  test('each window counts the records that were in time for it', () => {
    fc.assert(
      fc.property(history, windows, (records, { sizeMs, hops, graceMs }) => {
        const advanceMs = Math.max(1, Math.floor(sizeMs / hops))
        const harness = open(time(sizeMs, advanceMs, graceMs))
        const last = new Map<string, number>()
        for (const { key, timestamp } of records) {
          for (const result of harness.process(key, 1, timestamp)) {
            const { window } = result.key as Windowed<unknown>
            last.set(`${key}@${window.startMs}`, (result.value as Change).newValue as number)
          }
        }
        const expected = new Map<string, number>()
        let streamTimeMs = -1
        for (const { key, timestamp } of records) {
          streamTimeMs = Math.max(streamTimeMs, timestamp)
          for (let startMs = 0; startMs <= 60; startMs += advanceMs) {
            if (startMs > timestamp || timestamp >= startMs + sizeMs) continue
            if (startMs + sizeMs <= streamTimeMs - graceMs) continue
            expected.set(`${key}@${startMs}`, (expected.get(`${key}@${startMs}`) ?? 0) + 1)
          }
        }
        expect(last).toEqual(expected)
      }),
      { seed: 7, numRuns: 300 },
    )
  })

  test('on close, each window comes exactly once with all that counted in it', () => {
    fc.assert(
      fc.property(history, windows, (records, { sizeMs, hops, graceMs }) => {
        const advanceMs = Math.max(1, Math.floor(sizeMs / hops))
        const end = { key: 'end', timestamp: 10_000 }
        const run = (emit: EmitStrategy): Map<string, number>[] => {
          const harness = open(time(sizeMs, advanceMs, graceMs), { emit })
          return [...records, end].flatMap(({ key, timestamp }) =>
            harness.process(key, 1, timestamp).map((result) => {
              const { key: inner, window } = result.key as Windowed<unknown>
              return new Map([[`${inner}@${window.startMs}`, (result.value as Change).newValue as number]])
            }),
          )
        }
        const updates = new Map(run('on-window-update').flatMap((update) => [...update]))
        const finals = run('on-window-close').flatMap((final) => [...final])
        const closed = [...updates].filter(([window]) => !window.startsWith('end'))
        expect(finals.sort()).toEqual(closed.sort())
      }),
      { seed: 8, numRuns: 200 },
    )
  })
})

describe('windows with an offset', () => {
  const hour = 3_600_000
  const starts = (windows: TimeWindowsSpec, timestamp: number): number[] =>
    open(windows)
      .process('k', 'v', timestamp)
      .map(({ key }) => (key as Windowed<unknown>).window.startMs)

  test('a day of a zone begins where it does there', () => {
    const days = tumblingWindows({ sizeMs: 24 * hour, offsetMs: 18 * hour })
    expect(starts(days, 42 * hour - 1)).toEqual([18 * hour])
    expect(starts(days, 42 * hour)).toEqual([42 * hour])
  })

  test('they are the windows without offset of records that are so much earlier', () => {
    const numbers = fc.record({
      advanceMs: fc.integer({ min: 1, max: 30 }),
      more: fc.integer({ min: 0, max: 60 }),
      offset: fc.integer({ min: 0, max: 29 }),
      timestamp: fc.integer({ min: 200, max: 1000 }),
    })
    fc.assert(
      fc.property(numbers, ({ advanceMs, more, offset, timestamp }) => {
        const sizeMs = advanceMs + more
        const offsetMs = offset % advanceMs
        const shifted = starts(hoppingWindows({ sizeMs, advanceMs, offsetMs }), timestamp)
        const plain = starts(hoppingWindows({ sizeMs, advanceMs }), timestamp - offsetMs)
        expect(shifted).toEqual(plain.map((startMs) => startMs + offsetMs))
      }),
    )
  })

  test('none begins before the epoch', () => {
    expect(starts(hoppingWindows({ sizeMs: 20, advanceMs: 10, offsetMs: 5 }), 4)).toEqual([])
    expect(starts(hoppingWindows({ sizeMs: 20, advanceMs: 10, offsetMs: 5 }), 16)).toEqual([5, 15])
  })

  test('windows with an offset close and are emitted once, like other windows', () => {
    const harness = open(tumblingWindows({ sizeMs: 10, offsetMs: 4 }), { emit: 'on-window-close' })
    const told = [5, 13, 14, 23, 24, 50].flatMap((timestamp) => harness.process('k', 'v', timestamp).map(shown))
    expect(told.map((text) => text.slice(0, text.indexOf(')') + 1))).toEqual(['k[4,14)', 'k[14,24)', 'k[24,34)'])
  })

  test.each([-1, 10, 0.5, NaN])('an offset of %d is refused', (offsetMs) => {
    expect(() => tumblingWindows({ sizeMs: 10, offsetMs })).toThrow(
      expect.objectContaining({ code: 'ILLEGAL_ARGUMENT' }),
    )
  })
})
