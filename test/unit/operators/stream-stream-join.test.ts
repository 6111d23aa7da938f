import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { noHeaders } from '../../../src/core/headers.ts'
import { createOperator } from '../../../src/operators/create-operator.ts'
import type { Operator } from '../../../src/operators/operator.ts'
import { TaskClocks } from '../../../src/operators/task-clocks.ts'
import { OperatorHarness } from '../../../src/testing/operator-harness.ts'
import { jsonSerde, openOperatorStores, type TestStoreSpec } from '../../../src/testing/operator-stores.ts'
import type { JoinWindowsSpec } from '../../../src/topology/operator-spec.ts'

type Side = 'left' | 'right'
type Join = 'inner' | 'left' | 'outer'

interface Event {
  readonly side: Side
  readonly key: unknown
  readonly value: unknown
  readonly timestamp: number
}

interface Options {
  readonly join?: Join
  readonly windows?: JoinWindowsSpec
  readonly joinEmitIntervalMs?: number
  readonly emitIntervalMs?: number | undefined
}

const joiner = (key: unknown, left: unknown, right: unknown): string => `${key}:${left}-${right}`
const windowStore = (name: string): TestStoreSpec => ({
  kind: 'window',
  name,
  retentionMs: 100_000,
  windowSizeMs: 20,
  retainDuplicates: true,
  timeOrdered: false,
})

/** Both sides with their windows, wired as in a task. */
function open({
  join = 'inner',
  windows = { beforeMs: 10, afterMs: 10, graceMs: 0 },
  joinEmitIntervalMs = 0,
  emitIntervalMs,
}: Options = {}) {
  const outer: TestStoreSpec = {
    kind: 'outer-join-rows',
    name: 'outer',
    leftValue: jsonSerde,
    rightValue: jsonSerde,
  }
  const { stores, recordContext } = openOperatorStores([windowStore('left'), windowStore('right'), outer])
  const clocks = new TaskClocks()
  const inputs = new Map<Side, Operator>()
  const joined = new Map<Side, OperatorHarness>()
  for (const side of ['left', 'right'] as const) {
    const operator = createOperator({
      kind: 'stream-stream-join',
      side,
      join,
      windows,
      joiner,
      otherStore: side === 'left' ? 'right' : 'left',
      outerStore: join === 'inner' ? undefined : 'outer',
      clock: 'join',
      emitIntervalMs,
    })
    joined.set(side, new OperatorHarness(operator, { stores, recordContext, clocks, settings: { joinEmitIntervalMs } }))
    const windowed = createOperator({ kind: 'join-window', store: side })
    const harness = new OperatorHarness(windowed, { stores, recordContext })
    harness.output.process = (key, value, timestamp, headers) => operator.process(key, value, timestamp, headers)
    inputs.set(side, windowed)
  }
  const feed = (events: readonly Event[]): string[] =>
    events.flatMap(({ side, key, value, timestamp }) => {
      inputs.get(side)?.process(key, value, timestamp, noHeaders)
      return (['left', 'right'] as const).flatMap((own) =>
        (joined.get(own)?.output.take() ?? []).map((record) => `${record.value}@${record.timestamp}`),
      )
    })
  return { feed, joined }
}

const left = (key: unknown, value: unknown, timestamp: number): Event => ({ side: 'left', key, value, timestamp })
const right = (key: unknown, value: unknown, timestamp: number): Event => ({ side: 'right', key, value, timestamp })

describe('inner join of two streams', () => {
  test('rows within the bounds meet, both ends inclusive; the result has the later time', () => {
    expect(open().feed([left('k', 'a', 100), right('k', 'b', 110), right('k', 'c', 90), right('k', 'd', 111)])).toEqual(
      ['k:a-b@110', 'k:a-c@100'],
    )
  })

  test('the bounds are seen from the left', () => {
    const windows = { beforeMs: 0, afterMs: 5, graceMs: 0 }
    expect(
      open({ windows }).feed([left('k', 'a', 100), right('k', 'b', 105), right('k', 'c', 99), left('k', 'd', 94)]),
    ).toEqual(['k:a-b@105', 'k:d-c@99'])
  })

  test('rows of one key and time are all kept', () => {
    expect(open().feed([left('k', 'a', 100), left('k', 'b', 100), right('k', 'c', 100)])).toEqual([
      'k:a-c@100',
      'k:b-c@100',
    ])
  })

  test('other keys do not meet', () => {
    expect(open().feed([left('k', 'a', 100), right('z', 'b', 100)])).toEqual([])
  })

  test('a late row still finds its partners', () => {
    expect(open().feed([left('k', 'a', 100), left('k', 'z', 900), right('k', 'b', 101)])).toEqual(['k:a-b@101'])
  })

  test.each([
    ['key', null, 'v'],
    ['value', 'k', null],
  ])('a row without %s is dropped and counted', (_what, key, value) => {
    const { feed, joined } = open()
    expect(feed([right('k', 'b', 100), left(key, value, 100)])).toEqual([])
    expect(joined.get('left')?.drops).toEqual(['null key or value'])
  })
})

describe('left and outer join of two streams', () => {
  test('a row without a partner comes when the time of the join passes its bound', () => {
    const { feed } = open({ join: 'left' })
    expect(feed([left('k', 'a', 100), left('z', 'b', 110)])).toEqual([])
    expect(feed([right('y', 'c', 111)])).toEqual(['k:a-null@100'])
  })

  test('the grace makes it wait longer', () => {
    const { feed } = open({ join: 'left', windows: { beforeMs: 10, afterMs: 10, graceMs: 5 } })
    expect(feed([left('k', 'a', 100), right('y', 'c', 115)])).toEqual([])
    expect(feed([right('y', 'c', 116)])).toEqual(['k:a-null@100'])
  })

  test('a row that found a partner does not come again', () => {
    expect(open({ join: 'outer' }).feed([left('k', 'a', 100), right('k', 'b', 105), left('z', 'c', 200)])).toEqual([
      'k:a-b@105',
    ])
  })

  test('a left join never shows a right row alone, an outer one does', () => {
    const events = [right('k', 'a', 100), left('z', 'c', 200)]
    expect([open({ join: 'left' }).feed(events), open({ join: 'outer' }).feed(events)]).toEqual([[], ['k:null-a@100']])
  })

  test('unmatched rows come by time, then right before left, then key', () => {
    const events = [left('b', 1, 100), left('a', 2, 100), right('z', 3, 100), right('y', 4, 99), left('q', 5, 200)]
    expect(open({ join: 'outer' }).feed(events)).toEqual([
      'y:null-4@99',
      'z:null-3@100',
      'a:2-null@100',
      'b:1-null@100',
    ])
  })

  test('they come in front of the results of the row that let them go', () => {
    const { feed } = open({ join: 'outer' })
    feed([left('a', 1, 100), right('k', 2, 108)])
    expect(feed([left('k', 3, 111)])).toEqual(['a:1-null@100', 'k:3-2@111'])
  })

  test('only a row with the highest time so far lets others go', () => {
    const { feed } = open({ join: 'left', windows: { beforeMs: 10, afterMs: 10, graceMs: 0 } })
    feed([left('a', 1, 100), right(null, 'clock', 300)])
    expect(feed([right('k', 2, 299)])).toEqual([])
    expect(feed([right('k', 2, 300)])).toEqual(['a:1-null@100'])
  })

  test('a row whose bound lies behind comes at once', () => {
    expect(open({ join: 'left' }).feed([right('z', 1, 200), left('k', 2, 150)])).toEqual(['k:2-null@150'])
  })

  test('a null key of an outer side comes at once, of the other side it is dropped', () => {
    expect(open({ join: 'left' }).feed([left(null, 1, 100), right(null, 2, 100)])).toEqual(['null:1-null@100'])
    expect(open({ join: 'outer' }).feed([right(null, 2, 100)])).toEqual(['null:null-2@100'])
  })

  test('scans are at most one an interval of wall clock', () => {
    const { feed, joined } = open({ join: 'left', joinEmitIntervalMs: 1000 })
    feed([left('a', 1, 100)])
    expect(feed([left('b', 2, 200)])).toEqual([])
    for (const harness of joined.values()) harness.clock.advance(1000)
    expect(feed([left('c', 3, 300)])).toEqual(['a:1-null@100', 'b:2-null@200'])
  })
})

describe('against brute force', () => {
  const events = fc.array(
    fc.record({
      side: fc.constantFrom<Side>('left', 'right'),
      key: fc.constantFrom('a', 'b'),
      timestamp: fc.nat(60),
    }),
    { maxLength: 30 },
  )
  const bounds = fc.record({ beforeMs: fc.nat(12), afterMs: fc.nat(12), graceMs: fc.nat(8) })

  test('an inner join gives each pair within the bounds once', () => {
    fc.assert(
      fc.property(events, bounds, (history, windows) => {
        const numbered = history.map((event, index) => ({ ...event, value: index }))
        const results = open({ windows }).feed(numbered)
        expect(results.sort()).toEqual(pairs(numbered, windows).sort())
      }),
      { seed: 21, numRuns: 200 },
    )
  })

  test('in order of time, an outer join shows each row either matched or once alone', () => {
    fc.assert(
      fc.property(events, bounds, (history, windows) => {
        const numbered = history
          .map((event, index) => ({ ...event, value: index }))
          .sort((one, other) => one.timestamp - other.timestamp)
        const end: Event = { side: 'left', key: 'end', value: 'end', timestamp: 10_000 }
        const results = open({ join: 'outer', windows }).feed([...numbered, end])
        const matched = pairs(numbered, windows)
        const alone = numbered
          .filter(({ value, side }) => !matched.some((pair) => partsOf(pair)[side] === String(value)))
          .map(
            ({ key, side, value, timestamp }) =>
              `${key}:${side === 'left' ? `${value}-null` : `null-${value}`}@${timestamp}`,
          )
        expect(results.sort()).toEqual([...matched, ...alone].sort())
      }),
      { seed: 22, numRuns: 200 },
    )
  })

  function partsOf(pair: string): Record<Side, string | undefined> {
    const [, one, two] = /:(\w+)-(\w+)@/.exec(pair) ?? []
    return { left: one, right: two }
  }

  function pairs(history: readonly (Event & { value: number })[], { beforeMs, afterMs }: JoinWindowsSpec): string[] {
    return history
      .filter(({ side }) => side === 'left')
      .flatMap((one) =>
        history
          .filter(({ side, key }) => side === 'right' && key === one.key)
          .filter(({ timestamp }) => timestamp >= one.timestamp - beforeMs && timestamp <= one.timestamp + afterMs)
          .map((two) => `${one.key}:${one.value}-${two.value}@${Math.max(one.timestamp, two.timestamp)}`),
      )
  }
})

describe('join of a stream with itself', () => {
  function openSelf(windows: JoinWindowsSpec) {
    const { stores, recordContext } = openOperatorStores([windowStore('own')])
    const join = createOperator({ kind: 'stream-stream-self-join', windows, joiner, store: 'own', clock: 'join' })
    const joined = new OperatorHarness(join, { stores, recordContext })
    const windowed = new OperatorHarness(createOperator({ kind: 'join-window', store: 'own' }), {
      stores,
      recordContext,
    })
    windowed.output.process = (key, value, timestamp, headers) => join.process(key, value, timestamp, headers)
    const feed = (history: readonly (readonly [unknown, unknown, number])[]): string[] =>
      history.flatMap(([key, value, timestamp]) => {
        windowed.process(key, value, timestamp)
        return joined.output.take().map((record) => `${record.value}@${record.timestamp}`)
      })
    return { feed, joined }
  }

  const windows = { beforeMs: 10, afterMs: 10, graceMs: 100 }

  test('a row meets itself, and earlier ones on both sides', () => {
    expect(
      openSelf(windows).feed([
        ['k', 'a', 100],
        ['k', 'b', 105],
      ]),
    ).toEqual(['k:a-a@100', 'k:b-a@105', 'k:a-b@105', 'k:b-b@105'])
  })

  test('a late row meets itself before the later ones as right sides', () => {
    expect(
      openSelf(windows)
        .feed([
          ['k', 'a', 100],
          ['k', 'b', 95],
        ])
        .slice(1),
    ).toEqual(['k:b-a@100', 'k:b-b@95', 'k:a-b@100'])
  })

  test('a row that is too late does not meet itself', () => {
    expect(
      openSelf({ beforeMs: 10, afterMs: 10, graceMs: 0 }).feed([
        ['k', 'a', 100],
        ['z', 'b', 81],
      ]),
    ).toEqual(['k:a-a@100'])
  })

  test('a row without key or value is dropped and counted', () => {
    const { feed, joined } = openSelf(windows)
    expect([
      feed([
        [null, 'a', 100],
        ['k', null, 100],
      ]),
      joined.drops.length,
    ]).toEqual([[], 2])
  })

  describe('a self-join with its own emit interval', () => {
    const windows = { beforeMs: 0, afterMs: 300, graceMs: 0 }
    const left = (key: string, timestamp: number): Event => ({ side: 'left', key, value: key, timestamp })
    const right = (key: string, timestamp: number): Event => ({ side: 'right', key, value: key, timestamp })

    test('an unmatched row is emitted by the first record past its bound; by default one window later', () => {
      const events = [left('a', 0), left('b', 10), left('c', 290), left('d', 301), left('e', 315), left('f', 601)]
      const told = (emitIntervalMs: number | undefined) => {
        const { feed } = open({ join: 'left', windows, emitIntervalMs })
        return events.map((event) => feed([event]).length)
      }
      expect(told(undefined)).toEqual([0, 0, 0, 1, 0, 2])
      expect(told(0)).toEqual([0, 0, 0, 1, 1, 1])
    })

    test('after each record no row waits that is past its bound, on either side', () => {
      const event = fc.record({
        isLeft: fc.boolean(),
        key: fc.constantFrom('a', 'b', 'c', 'd'),
        stepMs: fc.integer({ min: -40, max: 200 }),
      })
      const run = (events: readonly { isLeft: boolean; key: string; stepMs: number }[], join: 'left' | 'outer') => {
        const { feed } = open({ join, windows, emitIntervalMs: 0 })
        let timeMs = 100
        let newestMs = 0
        const waiting: Event[] = []
        for (const { isLeft, key, stepMs } of events) {
          timeMs = Math.max(0, timeMs + stepMs)
          newestMs = Math.max(newestMs, timeMs)
          const one = isLeft ? left(key, timeMs) : right(key, timeMs)
          const isDue = ({ side, timestamp }: Event) => timestamp + (side === 'left' ? 300 : 0) < newestMs
          const told = feed([one]).filter((row) => row.includes('null'))
          const due = waiting.filter(isDue)
          for (const row of due) waiting.splice(waiting.indexOf(row), 1)
          const meets = (other: Event) =>
            other.side !== one.side &&
            other.key === key &&
            (isLeft
              ? other.timestamp >= timeMs && other.timestamp <= timeMs + 300
              : other.timestamp <= timeMs && other.timestamp >= timeMs - 300)
          const isMatched = seen.some(meets)
          for (const row of waiting.filter(meets)) waiting.splice(waiting.indexOf(row), 1)
          seen.push(one)
          const isOuter = isLeft || join === 'outer'
          let expected = due.length
          if (!isMatched && isOuter) {
            if (isDue(one)) expected++
            else waiting.push(one)
          }
          expect(told).toHaveLength(expected)
        }
      }
      let seen: Event[] = []
      fc.assert(
        fc.property(
          fc.array(event, { maxLength: 60, size: 'max' }),
          fc.constantFrom('left', 'outer'),
          (events, join) => {
            seen = []
            run(events, join)
          },
        ),
        { numRuns: 200, endOnFailure: true },
      )
    })
  })
})
