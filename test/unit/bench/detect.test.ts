import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from '@jest/globals'
import { readNab } from '../../../bench/detect/nab-corpus.ts'
import { bestScore, type Profile, profiles, type ScoredSeries, scoreAt } from '../../../bench/detect/nab-score.ts'
import { syntheticFigures } from '../../../bench/detect/synthetic-figures.ts'

const [standard, lowFalsePositives, lowFalseNegatives] = profiles as [Profile, Profile, Profile]

/** 100 rows, of which 15 are the probation, with a window from row 40 to 59. */
function seriesWith(scores: Readonly<Record<number, number>>): readonly ScoredSeries[] {
  const all = new Array<number>(100).fill(0)
  for (const [row, score] of Object.entries(scores)) all[Number(row)] = score
  return [{ name: 'one', scores: all, windows: [[40, 59]] }]
}

describe('the score of NAB', () => {
  test('is 0 for silence, and 100 for the first row of the window alone', () => {
    expect(scoreAt(seriesWith({}), standard, 0.5).score).toBe(0)
    expect(scoreAt(seriesWith({ 40: 1 }), standard, 0.5)).toMatchObject({ score: 100, windowsFound: 1, falseAlerts: 0 })
  })

  test('pays less for a late find: the last row of the window is at -1/20 of its width', () => {
    const late = (2 / (1 + Math.exp(-0.25)) - 1) / (2 / (1 + Math.exp(-5)) - 1)
    expect(scoreAt(seriesWith({ 59: 1 }), standard, 0.5).score).toBeCloseTo(50 + 50 * late, 9)
    expect(scoreAt(seriesWith({ 40: 1, 59: 1 }), standard, 0.5).score).toBe(100)
  })

  test('takes for a false alert what the profile says, and less soon after a window', () => {
    expect(scoreAt(seriesWith({ 40: 1, 20: 1 }), standard, 0.5).score).toBeCloseTo(100 - 5.5, 9)
    expect(scoreAt(seriesWith({ 40: 1, 20: 1 }), lowFalsePositives, 0.5).score).toBeCloseTo(100 - 11, 9)
    expect(scoreAt(seriesWith({ 40: 1, 20: 1 }), lowFalseNegatives, 0.5).score).toBeCloseTo(100 - 11 / 3, 9)
    const soon = 1 - 2 / (1 + Math.exp(5 / 19))
    expect(scoreAt(seriesWith({ 40: 1, 60: 1 }), standard, 0.5).score).toBeCloseTo(100 - 5.5 * soon, 9)
  })

  test('does not look at the probation', () => {
    expect(scoreAt(seriesWith({ 40: 1, 14: 1 }), standard, 0.5).score).toBe(100)
  })

  test('chooses one threshold for all series', () => {
    const corpus = [...seriesWith({ 20: 0.4, 40: 0.7 }), ...seriesWith({ 45: 0.5, 30: 0.45 })]
    expect(bestScore(corpus, standard)).toMatchObject({ threshold: 0.5, windowsFound: 2, falseAlerts: 0 })
  })
})

describe('a folder of NAB', () => {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-nab-'))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  test('is read with its windows by time', () => {
    expect(readNab(folder)).toBeUndefined()
    for (const part of ['labels', 'data/real']) mkdirSync(join(folder, part), { recursive: true })
    const windows = { 'real/a.csv': [['2014-02-19 00:25:00.000000', '2014-02-19 00:30:00.000000']] }
    writeFileSync(join(folder, 'labels', 'combined_windows.json'), JSON.stringify(windows))
    const rows = ['00:20', '00:25', '00:30', '00:40'].map((time, value) => `2014-02-19 ${time}:00,${value}.5`)
    writeFileSync(join(folder, 'data', 'real', 'a.csv'), `timestamp,value\n${rows.join('\n')}\n`)
    expect(readNab(folder)).toMatchObject([{ name: 'real/a.csv', intervalMs: 300_000, windows: [[1, 2]] }])
    expect(readNab(folder)?.[0]?.points[3]).toEqual({ timeMs: Date.UTC(2014, 1, 19, 0, 40), value: 3.5 })
  })
})

test('alerts on series with known incidents are as good as they were', () => {
  const { byKind, byFamily, nab } = syntheticFigures(1, 1)
  const shares = (kinds: readonly string[]) => {
    const all = kinds.map((kind) => byKind[kind] ?? { found: 0, of: 0 })
    return all.reduce((sum, { found }) => sum + found, 0) / all.reduce((sum, { of }) => sum + of, 0)
  }
  expect(shares(['spike', 'shift', 'noise'])).toBeGreaterThan(0.55)
  expect(nab[0]?.score).toBeGreaterThan(45)
  for (const steady of ['requests', 'latency', 'processor', 'batch']) {
    expect(byFamily[steady]?.falseAlertsPerDay).toBeLessThan(0.05)
  }
})
