import { CrossingModel, type CrossingOptions, crossingRows } from '../../src/detection/index.ts'
import { crossingFeatureNames } from '../../src/detection/index.ts'
import { averagePrecision, type ShareFound, shareFound } from '../../src/detection/prediction/ranking.ts'
import type { LabelledPoints } from './detector-run.ts'

const featureCount = crossingFeatureNames.length
const fiveMinutesMs = 300_000
const pointsMin = 3500
/** Of the values of the first half of a series, this share lies below its limit. */
const limitShare = 0.99

/** Rows of both halves of all series, and the values of the second one by themselves. */
export interface CrossingTask {
  readonly series: number
  readonly training: { readonly rows: Float64Array; readonly labels: Uint8Array }
  readonly test: { readonly rows: Float64Array; readonly labels: Uint8Array }
}

/** How well it is predicted whether a series exceeds its limit within the hour. */
export interface CrossingResults {
  readonly baseShare: number
  readonly averagePrecision: number
  /** Of the value itself as a score. */
  readonly persistence: number
  readonly calibrationError: number
  readonly atReport: ShareFound
  readonly trainingSeconds: number
  readonly model: CrossingModel
}

/**
 * Whether a series of 5 minutes exceeds within the next hour what 99 % of the values of its first half stay below, where it
 * does not now. The first half of all series is for training, the second one for the test.
 */
export function crossingTask(series: readonly LabelledPoints[]): CrossingTask {
  const used = series.filter(({ intervalMs, points }) => intervalMs === fiveMinutesMs && points.length >= pointsMin)
  const halves = used.flatMap(({ points, intervalMs }) => {
    const half = Math.floor(points.length / 2)
    const sorted = points
      .slice(0, half)
      .map(({ value }) => value)
      .toSorted((left, right) => left - right)
    const limit = sorted[Math.floor(limitShare * sorted.length)] as number
    const middle = sorted[Math.floor(sorted.length / 2)] as number
    if (!(limit > middle)) return []
    const { rows, labels, places } = crossingRows(points, { intervalMs, limit, middle })
    // Points of the first half whose hour reaches into the second one are in neither.
    const training = places.findIndex((place) => place >= half - 12)
    const test = places.findIndex((place) => place >= half)
    return [
      {
        training: { rows: rows.slice(0, training * featureCount), labels: labels.slice(0, training) },
        test: { rows: rows.slice(test * featureCount), labels: labels.slice(test) },
      },
    ]
  })
  return {
    series: halves.length,
    training: joined(halves.map(({ training }) => training)),
    test: joined(halves.map(({ test }) => test)),
  }
}

/** Trains a model on the first halves and scores it on the second ones. */
export function crossingResults({ training, test }: CrossingTask, options: CrossingOptions = {}): CrossingResults {
  const before = process.cpuUsage()
  const model = CrossingModel.train(training.rows, training.labels, options)
  const { user, system } = process.cpuUsage(before)
  const probabilities = Float64Array.from(test.labels, (_, row) => model.probability(test.rows, row * featureCount))
  const values = Float64Array.from(test.labels, (_, row) => test.rows[row * featureCount] as number)
  return {
    baseShare: test.labels.reduce((sum, label) => sum + label, 0) / test.labels.length,
    averagePrecision: averagePrecision(probabilities, test.labels),
    persistence: averagePrecision(values, test.labels),
    calibrationError: calibrationError(probabilities, test.labels),
    atReport: shareFound(probabilities, test.labels, 0.8),
    trainingSeconds: (user + system) / 1e6,
    model,
  }
}

/** The mean distance of probabilities from what happened, over ten ranges of probability, each by its rows. */
export function calibrationError(probabilities: Float64Array, labels: Uint8Array): number {
  const ranges = Array.from({ length: 10 }, () => ({ rows: 0, probability: 0, positive: 0 }))
  for (const [row, probability] of probabilities.entries()) {
    const range = ranges[Math.min(9, Math.floor(probability * 10))] as (typeof ranges)[number]
    range.rows++
    range.probability += probability
    range.positive += labels[row] as number
  }
  return ranges.reduce((sum, { probability, positive }) => sum + Math.abs(probability - positive), 0) / labels.length
}

function joined(parts: readonly CrossingTask['training'][]): CrossingTask['training'] {
  return {
    rows: Float64Array.from(parts.flatMap(({ rows }) => Array.from(rows))),
    labels: Uint8Array.from(parts.flatMap(({ labels }) => Array.from(labels))),
  }
}
