import { MillraceError } from '../../core/errors.ts'

/** Numbers by time, in the order of their times: what models are trained from and what they judge. */
export interface PointTable {
  /** What the numbers of a row are called. */
  readonly features: readonly string[]
  /** For each row its time, epoch milliseconds. */
  readonly times: Float64Array
  /** The rows, one after the other; NaN where a number is missing. */
  readonly rows: Float64Array
  /** Distance of two rows, in milliseconds: the median. */
  readonly intervalMs: number
}

/** One row. */
export interface Point {
  /** Epoch milliseconds. */
  readonly timeMs: number
  /** One number for each feature; NaN where it is missing. */
  readonly values: readonly number[]
}

/** Rows of one key or of several, sorted by time. Throws TRAINING_DATA where there are fewer than two times. */
export function pointTable(features: readonly string[], points: readonly Point[]): PointTable {
  const sorted = [...points].sort((left, right) => left.timeMs - right.timeMs)
  const times = Float64Array.from(sorted, ({ timeMs }) => timeMs)
  const gaps = times.slice(1).map((timeMs, index) => timeMs - (times[index] as number))
  const distances = gaps.filter((gapMs) => gapMs > 0).sort()
  const intervalMs = distances[Math.floor(distances.length / 2)]
  if (intervalMs === undefined) {
    const sentence = `${points.length} points of one time at most: give points of at least two times`
    throw new MillraceError('TRAINING_DATA', 'fatal', sentence, { details: { count: points.length, needed: 2 } })
  }
  const rows = new Float64Array(sorted.length * features.length)
  for (const [index, { values }] of sorted.entries()) rows.set(values, index * features.length)
  return { features, times, rows, intervalMs }
}
