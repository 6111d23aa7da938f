import { describe, expect, test } from '@jest/globals'
import { compareRuns } from '../../../bench/comparison.ts'
import type { SavedFigure, SavedRun } from '../../../bench/saved-run.ts'

const raw = [2, 4, 2]

function runOf(...figures: readonly SavedFigure[]): SavedRun {
  const machine = { cores: 2, model: 'any', memoryMegabytes: 1, loadBefore: [], loadAfter: [] }
  return { bench: 'peers', date: '2026-12-01T00:00:00.000Z', machine, versions: {}, options: {}, figures }
}

/** Costs as multiples of the raw program, round by round. */
function costOf(...multiples: readonly number[]): SavedFigure {
  const values = multiples.map((multiple, round) => multiple * (raw[round] as number))
  return { name: 'CPU', isBetter: 'lower', values, raw }
}

function rateOf(...multiples: readonly number[]): SavedFigure {
  return { ...costOf(...multiples), name: 'rate', isBetter: 'higher' }
}

describe('two saved runs', () => {
  test.each([
    ['9 % more is noise', costOf(2, 2, 2), costOf(2.18, 2.18, 2.18), 'same', 1.09],
    ['12 % more in all rounds is worse', costOf(2, 2, 2), costOf(2.24, 2.24, 2.24), 'worse', 1.12],
    [
      '12 % more in the median alone is perhaps worse',
      costOf(2, 2, 2.3),
      costOf(2.24, 2.24, 1.9),
      'perhaps worse',
      1.12,
    ],
    ['a third less is better', costOf(3, 3, 3), costOf(2, 2, 2), 'better', 0.67],
    ['a rate that falls by a fifth is worse', rateOf(1, 1, 1), rateOf(0.8, 0.8, 0.8), 'worse', 1.25],
    ['a rate that grows is better', rateOf(1, 1, 1), rateOf(2, 2, 2), 'better', 0.5],
  ])('%s', (_, before, after, verdict, worse) => {
    const [change] = compareRuns(runOf(before), runOf(after))
    expect(change?.verdict).toBe(verdict)
    expect(change?.worse).toBeCloseTo(worse, 2)
  })

  test('are divided by the raw program of the same round', () => {
    const before: SavedFigure = { name: 'CPU', isBetter: 'lower', values: [10, 10, 10], raw: [5, 5, 5] }
    const after: SavedFigure = { name: 'CPU', isBetter: 'lower', values: [20, 40, 20], raw: [10, 20, 10] }
    expect(compareRuns(runOf(before), runOf(after))[0]?.worse).toBe(1)
  })

  test('without a raw program, or with figures that only one of them has, are not compared', () => {
    const { raw: _, ...alone } = costOf(2, 2, 2)
    const changes = compareRuns(runOf(alone, costOf(2, 2, 2)), runOf(alone, rateOf(1, 1, 1)))
    expect(changes.map(({ verdict }) => verdict)).toEqual(['not compared', 'not compared'])
  })
})
