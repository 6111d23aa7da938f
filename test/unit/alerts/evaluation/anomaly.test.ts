import { describe, expect, test } from '@jest/globals'
import {
  addToHistogram,
  emptyHistogram,
  excess,
  quantile,
} from '../../../../src/alerts/evaluation/anomaly/decayed-histogram.ts'
import { emptyEnsemble, type EnsembleScore, scored } from '../../../../src/alerts/evaluation/anomaly/ensemble.ts'

const settings = { memoryPoints: 2016, warmUpPoints: 100, cooldownPoints: 288 }
const minuteMs = 60_000

function scores(series: readonly number[]): readonly EnsembleScore[] {
  let state = emptyEnsemble
  return series.map((value, index) => {
    const observed = scored(state, value, index * 5 * minuteMs, settings)
    state = observed.state
    return observed.score
  })
}

function noise(seed: number): () => number {
  let state = seed
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648
    return state / 2_147_483_648
  }
}

describe('a decayed histogram', () => {
  test('quantiles are right within a bucket', () => {
    let histogram = emptyHistogram
    for (let value = 1; value <= 1000; value++) histogram = addToHistogram(histogram, value, 1e9)
    expect(quantile(histogram, 0.5)).toBeGreaterThan(450)
    expect(quantile(histogram, 0.5)).toBeLessThan(550)
  })

  test('grows its unit when a constant series starts to move', () => {
    let histogram = emptyHistogram
    for (let index = 0; index < 50; index++) histogram = addToHistogram(histogram, 1, 2016)
    for (let index = 0; index < 2000; index++) histogram = addToHistogram(histogram, 1e6 + index, 2016)
    expect(excess(histogram, 1e6 + 1000)).toBe(0)
    expect(excess(histogram, 1e8)).toBeGreaterThan(10)
  })

  test('forgets', () => {
    let histogram = emptyHistogram
    for (let index = 0; index < 100; index++) histogram = addToHistogram(histogram, 1000, 10)
    for (let index = 0; index < 200; index++) histogram = addToHistogram(histogram, 1, 10)
    expect(excess(histogram, 1000)).toBeGreaterThan(1)
  })
})

describe('the ensemble', () => {
  test('scores a spike above the threshold, once', () => {
    const random = noise(7)
    const series = Array.from({ length: 1500 }, () => 100 + 10 * random())
    series[1200] = 400
    const told = scores(series)
      .map((score, index) => ({ ...score, index }))
      .filter((score) => score.isPeak && score.score >= 0.95)
    expect(told.map((score) => score.index)).toEqual([1200])
  })

  test('stays silent on noise', () => {
    const random = noise(11)
    const series = Array.from({ length: 3000 }, () => 50 + 20 * random())
    expect(scores(series).filter((score) => score.isPeak && score.score >= 0.95)).toEqual([])
  })

  test('finds a shift of the level that no single value shows', () => {
    const random = noise(13)
    const series = Array.from({ length: 1600 }, (_, index) => 100 + 100 * random() + (index >= 1400 ? 70 : 0))
    expect(scores(series).some((score, index) => index >= 1400 && score.parts.level > 0.5)).toBe(true)
  })

  test('gives no score while it warms up', () => {
    expect(scores([1, 1, 1, 1000]).at(-1)?.score).toBe(0)
  })
})
