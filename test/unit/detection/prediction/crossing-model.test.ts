import { describe, expect, test } from '@jest/globals'
import { crossingResults, crossingTask } from '../../../../bench/detect/crossings.ts'
import { Random } from '../../../../bench/detect/random.ts'
import {
  betterModel,
  crossingFeatureNames,
  CrossingForecast,
  CrossingModel,
  crossingReasonOf,
  crossingRows,
} from '../../../../src/detection/index.ts'
import { BoostedTrees } from '../../../../src/detection/prediction/boosted-trees.ts'
import { boosted } from '../../../../src/detection/prediction/boosting.ts'
import { averagePrecision } from '../../../../src/detection/prediction/ranking.ts'
import { ByteReader, ByteWriter } from '../../../../src/detection/series/state-bytes.ts'

const intervalMs = 300_000
const size = crossingFeatureNames.length
const series = { intervalMs, limit: 190, middle: 100 }

/** A daily wave whose height differs from day to day, and is known some hours before its top. */
function days(count: number, seed: number): { readonly timeMs: number; readonly value: number }[] {
  const random = new Random(seed)
  let height = 80
  return Array.from({ length: count * 288 }, (_, row) => {
    if (row % 288 === 0) height = random.between(50, 120)
    const value = 100 + height * Math.sin((2 * Math.PI * (row % 288)) / 288) + 3 * random.normal()
    return { timeMs: row * intervalMs, value }
  })
}

const training = crossingRows(days(60, 1), series)
const options = { trees: 20 }
const model = CrossingModel.train(training.rows, training.labels, options)

describe('rows of crossings', () => {
  test('have a label for what follows within the hour, and none while the limit is exceeded', () => {
    const points = Array.from({ length: 40 }, (_, row) => ({ timeMs: row * intervalMs, value: row === 20 ? 200 : 100 }))
    const { labels, places } = crossingRows(points, series)
    expect([...places].filter((_, index) => labels[index] === 1)).toEqual([
      8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19,
    ])
    expect([...places]).not.toContain(20)
    expect(Math.max(...places)).toBe(27)
  })
})

describe('boosted trees', () => {
  const random = new Random(2)
  const rows = Float64Array.from({ length: 4000 * 3 }, () => random.normal())
  const labels = Uint8Array.from({ length: 4000 }, (_, row) => (rows[row * 3]! * rows[row * 3 + 1]! > 0 ? 1 : 0))
  const settings = { trees: 60, leaves: 15, leafRows: 20, learningRate: 0.1 }

  test('learn what depends on two numbers together', () => {
    const trees = boosted(rows.slice(0, 9000), labels.slice(0, 3000), 3, settings, 1)
    const right = [...labels.slice(3000)].filter(
      (label, row) => trees.logOdds(rows, 9000 + row * 3) > 0 === (label === 1),
    )
    expect(right.length).toBeGreaterThan(900)
  })

  test('know missing numbers from others', () => {
    const holes = Float64Array.from(labels, (label) => (label === 1 ? Number.NaN : 0.5))
    const trees = boosted(holes, labels, 1, { ...settings, trees: 10 }, 1)
    expect(trees.logOdds(Float64Array.of(Number.NaN))).toBeGreaterThan(0)
    expect(trees.logOdds(Float64Array.of(0.5))).toBeLessThan(0)
  })

  test('say the same after they were written and read', () => {
    const trees = boosted(rows, labels, 3, { ...settings, trees: 5 }, 1)
    const writer = new ByteWriter()
    trees.write(writer)
    const read = BoostedTrees.read(new ByteReader(writer.finish()))
    for (let row = 0; row < 100; row++) expect(read.logOdds(rows, row * 3)).toBe(trees.logOdds(rows, row * 3))
  })
})

describe('a model of crossings', () => {
  test('predicts them better than the value alone does, with probabilities that are kept', () => {
    const points = days(110, 3)
    const task = crossingTask([{ name: 'days', windows: [], intervalMs, points }])
    const { averagePrecision: found, persistence, calibrationError, baseShare } = crossingResults(task, options)
    expect(found).toBeGreaterThan(persistence)
    expect(found).toBeGreaterThan(3 * baseShare)
    expect(calibrationError).toBeLessThan(0.05)
  })

  test('says the same after it was written and read', () => {
    const read = CrossingModel.fromBytes(model.toBytes())
    expect(read.figures).toEqual(model.figures)
    for (let row = 0; row < 500; row++)
      expect(read.probability(training.rows, row * size)).toBe(model.probability(training.rows, row * size))
  })

  test('takes the place of another one only where it is not worse', () => {
    const chance = Uint8Array.from(training.labels, (_, row) => ((row * 7919) % 13 === 0 ? 1 : 0))
    const worse = CrossingModel.train(training.rows, chance, options)
    const { rows, labels } = crossingRows(days(20, 5), series)
    expect(betterModel(model, worse, rows, labels)).toBe(model)
    expect(betterModel(worse, model, rows, labels)).toBe(model)
    expect(betterModel(model, CrossingModel.fromBytes(model.toBytes()), rows, labels)).not.toBe(model)
  })

  test('is trained only from rows of both kinds', () => {
    const none = new Uint8Array(training.labels.length)
    expect(() => CrossingModel.train(training.rows, none)).toThrow(/0 of \d+ exceeded the limit.*TRAINING_DATA/)
    expect(() => CrossingModel.train(training.rows, training.labels, { trees: 0, learningRate: 0 })).toThrow(
      /trees is 0.*learningRate is 0.*INVALID_SETTINGS/,
    )
  })
})

describe('a forecast of crossings', () => {
  test('says how good its model was, and how much it has seen', () => {
    const forecast = new CrossingForecast(series, model)
    const verdicts = days(10, 6).map(({ value, timeMs }) => forecast.observe(value, timeMs))
    expect(verdicts[100]).toMatchObject({ status: 'warming-up', points: 101, needed: 288 })
    expect(crossingReasonOf(verdicts[100]!)).toBe('warming up, 101 of 288 points')
    const highest = verdicts.reduce((best, verdict) => (verdict.probability > best.probability ? verdict : best))
    expect(highest.probability).toBeGreaterThan(0.5)
    expect(crossingReasonOf(highest)).toMatch(/probability 0\.\d\d; on \d+ other rows the model was right in \d+ %/)
    expect(verdicts.some(({ status }) => status === 'exceeded')).toBe(true)
  })

  test('is not moved by what is no number or late, nor ended by a gap', () => {
    const forecast = new CrossingForecast(series, model)
    for (const [row, { value, timeMs }] of days(3, 7).entries()) {
      if (timeMs > 500 * intervalMs && timeMs < 600 * intervalMs) continue
      forecast.observe(value, timeMs)
      if (row % 50 > 0) continue
      const before = forecast.toBytes()
      expect(forecast.observe(Number.NaN, timeMs + 1).status).toBe('unusable')
      expect(forecast.observe(5, timeMs).status).toBe('late')
      expect(forecast.toBytes()).toEqual(before)
    }
    expect(forecast.observe(100, 864 * intervalMs).status).toBe('scored')
  })

  test.each([0, 300, 700])('says the same after it was written and read at point %d', (at) => {
    const whole = new CrossingForecast(series, model)
    let other = new CrossingForecast(series, model)
    for (const [row, { value, timeMs }] of days(4, 8).entries()) {
      if (row === at)
        other = CrossingForecast.restore(other.toBytes(), series, CrossingModel.fromBytes(model.toBytes()))
      expect(other.observe(value, timeMs)).toEqual(whole.observe(value, timeMs))
    }
  })

  test('has options that are checked together', () => {
    expect(() => new CrossingForecast({ intervalMs: 0, limit: 1, middle: 2, probability: 3 })).toThrow(
      /intervalMs is 0.*limit is 1 and middle is 2.*probability is 3.*INVALID_SETTINGS/,
    )
  })
})

test('the average precision is that of a ranking', () => {
  expect(averagePrecision(Float64Array.of(0.9, 0.8, 0.7, 0.6), Uint8Array.of(1, 0, 1, 0))).toBeCloseTo(
    (1 + 2 / 3) / 2,
    9,
  )
  expect(averagePrecision(new Float64Array(4), Uint8Array.of(1, 0, 0, 0))).toBe(0.25)
})
