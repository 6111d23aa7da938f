import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { firingDifferences } from '../../../src/cli/alerts/replay/firing-differences.ts'
import type { Firing } from '../../../src/cli/alerts/replay/firings.ts'
import type { HistoryLog } from '../../../src/cli/alerts/replay/history-log.ts'
import { OrderedLogs } from '../../../src/cli/alerts/replay/ordered-logs.ts'
import { LogEvent } from '../../../src/pipelines/index.ts'

const graceMs = 1000
const logAt = (timeMs: number, reachedMs: number): HistoryLog => ({ event: new LogEvent('', 0, ''), timeMs, reachedMs })

describe('logs of history', () => {
  test('come out in the order of their times, whatever the order within the grace', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(500), fc.integer({ min: -499, max: 5000 }))), (steps) => {
        const ordered = new OrderedLogs(graceMs)
        let reachedMs = 0
        const out = steps.flatMap(([passedMs, offsetMs]) => {
          reachedMs += passedMs
          return [...ordered.add(logAt(reachedMs + offsetMs, reachedMs))]
        })
        const times = [...out, ...ordered.rest()].map(({ timeMs }) => timeMs)
        expect(times).toHaveLength(steps.length)
        expect(times).toEqual(times.toSorted((left, right) => left - right))
        expect(ordered.lateCount).toBe(0)
      }),
    )
  })

  test('are counted as late where they come after the grace', () => {
    const ordered = new OrderedLogs(graceMs)
    for (const timeMs of [0, 5000]) [...ordered.add(logAt(timeMs, timeMs))]
    expect([...ordered.add(logAt(0, 5000))].map(({ timeMs }) => timeMs)).toEqual([0])
    expect(ordered.lateCount).toBe(0)
    ;[...ordered.add(logAt(5000, 10_000))]
    ;[...ordered.add(logAt(1, 10_000))]
    expect(ordered.lateCount).toBe(1)
  })

  test('are not held without bound', () => {
    const ordered = new OrderedLogs(graceMs)
    let out = 0
    for (let index = 0; index < 150_000; index++) out += [...ordered.add(logAt(index, 0))].length
    expect(out).toBe(50_000)
  })
})

describe('the difference of two versions of rules', () => {
  const firing = (startMs: number, endMs: number | null, more: Partial<Firing> = {}): Firing => ({
    key: 'errors',
    episode: `errors@${startMs}`,
    rule: 'errors',
    group: {},
    startMs,
    endMs,
    severity: 'medium',
    value: 1,
    threshold: 1,
    summary: '',
    eventCount: 1,
    notices: {},
    suppressed: [],
    ...more,
  })
  const kinds = (before: readonly Firing[], now: readonly Firing[]) =>
    firingDifferences(before, now).map((difference) => difference.kinds.join(' '))

  test.each([
    ['an alert that fires later for as long has moved', [firing(0, 10)], [firing(5, 15)], ['moved']],
    ['an alert that begins earlier and is not over is longer', [firing(5, null)], [firing(0, null)], ['longer']],
    ['an alert that is over now is shorter', [firing(0, null)], [firing(0, 10)], ['shorter']],
    ['longer and worse are one difference', [firing(0, 5)], [firing(0, 9, { severity: 'high' })], ['longer severity']],
    ['two that do not overlap are two', [firing(0, 5)], [firing(8, 9)], ['gone', 'added']],
    ['of two short ones, one became long', [firing(0, 5), firing(8, 9)], [firing(0, 9)], ['longer', 'gone']],
    ['another key is another alert', [firing(0, 5)], [firing(0, 5, { key: 'other' })], ['gone', 'added']],
    ['nothing differs', [firing(0, 5), firing(8, null)], [firing(0, 5), firing(8, null)], []],
  ])('%s', (_, before, now, expected) => {
    expect(kinds(before, now)).toEqual(expected)
  })
})
