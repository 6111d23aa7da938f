import { dayMs } from '../../core/calendar.ts'
import { readNumbers, writeNumbers } from '../models/model-bytes.ts'
import type { ByteReader, ByteWriter } from '../series/state-bytes.ts'

/** What a series is compared with. */
export interface CrossingSeries {
  /** Distance of two points, in milliseconds. */
  readonly intervalMs: number
  /** What is not to be exceeded. */
  readonly limit: number
  /** A usual value, such as the median: features are distances from it, in parts of the distance to the limit. */
  readonly middle: number
  /** How far ahead to look, in milliseconds. Default 1 hour. */
  readonly horizonMs?: number
}

/** What the numbers of a row are, in their order. */
export const crossingFeatureNames = [
  'value',
  'change by 1 point',
  'change by 6 points',
  'change by 12 points',
  'mean of 12 points',
  'deviation of 12 points',
  'highest of 12 points',
  'mean of 48 points',
  'deviation of 48 points',
  'mean of 288 points',
  'deviation of 288 points',
  'highest of 288 points',
  'share of 288 points above the limit',
  'points since the limit was exceeded',
  'that time in parts of the usual time between two such events',
  'how often the limit is exceeded after this hour',
  'highest of the same time yesterday',
] as const
export const crossingFeatureCount = crossingFeatureNames.length

const placesMax = 8641
const hours = 24
const hourMs = dayMs / hours
/** An hour of the day keeps so much of what was seen in it before with each point. */
const hourKeep = 0.995
/** So many points below the limit end an event. */
const eventPoints = 3
/** A time between two events has so much weight beside those before. */
const gapShare = 0.3

/** Turns the points of a series into rows of 17 numbers, by which a model says whether the limit is exceeded soon. */
export class CrossingFeatures {
  readonly #series: Required<CrossingSeries>
  /** The last points of a day and a horizon, in parts of the distance to the limit; NaN where one is missing. */
  readonly #ring: Float64Array
  readonly #horizon: number
  readonly #hourShares = new Float64Array(hours)
  readonly #row = new Float64Array(crossingFeatureCount)
  #points = 0
  #lastMs = Number.NEGATIVE_INFINITY
  #sinceExceeded = Number.NaN
  /** Points from one event to the next, as a mean that fades. */
  #usualGap = Number.NaN

  constructor(series: Required<CrossingSeries>) {
    this.#series = series
    this.#horizon = horizonPoints(series)
    this.#ring = new Float64Array(Math.min(placesMax, pointsOfDay(series) + 1)).fill(Number.NaN)
  }

  /** How many points were taken. */
  get points(): number {
    return this.#points
  }

  /** When the last point was, in milliseconds since the epoch. */
  get lastMs(): number {
    return this.#lastMs
  }

  /** Takes a point, later than the one before, and returns the row of it; the array is used again. */
  take(value: number, timeMs: number): Float64Array {
    const { intervalMs, limit, middle } = this.#series
    const missing = Number.isFinite(this.#lastMs) ? Math.round((timeMs - this.#lastMs) / intervalMs) - 1 : 0
    for (let gap = 0; gap < Math.min(missing, this.#ring.length); gap++) this.#push(Number.NaN)
    this.#lastMs = timeMs
    const scaled = (value - middle) / (limit - middle)
    this.#push(scaled)
    this.#points++
    const since = this.#sinceExceeded + 1 + Math.max(0, missing)
    if (scaled > 1 && since > eventPoints)
      this.#usualGap = Number.isNaN(this.#usualGap) ? since : this.#usualGap + gapShare * (since - this.#usualGap)
    this.#sinceExceeded = scaled > 1 ? 0 : since
    this.#learnHour(timeMs, scaled)
    this.#fill(timeMs, scaled)
    return this.#row
  }

  /** Appends the state. */
  write(writer: ByteWriter): void {
    writer.whole(this.#points)
    writer.float64(this.#lastMs)
    writer.float64(this.#sinceExceeded)
    writer.float64(this.#usualGap)
    writeNumbers(writer, this.#hourShares)
    writer.whole(this.#ring.length)
    writeNumbers(writer, this.#ring)
  }

  /** Takes the state that `write` appended; nothing where it is of a series with other intervals. */
  read(reader: ByteReader): void {
    const [points, lastMs, sinceExceeded, usualGap] = [
      reader.whole(),
      reader.float64(),
      reader.float64(),
      reader.float64(),
    ]
    const hourShares = readNumbers(reader, hours)
    if (reader.whole() !== this.#ring.length) return
    this.#points = points
    this.#lastMs = lastMs
    this.#sinceExceeded = sinceExceeded
    this.#usualGap = usualGap
    this.#hourShares.set(hourShares)
    this.#ring.set(readNumbers(reader, this.#ring.length))
  }

  #push(scaled: number): void {
    this.#ring.copyWithin(0, 1)
    this.#ring[this.#ring.length - 1] = scaled
  }

  /** The hour before the point is one after which the limit was exceeded, or was not. */
  #learnHour(timeMs: number, scaled: number): void {
    const hour = hourOf(timeMs - this.#series.horizonMs / 2)
    this.#hourShares[hour] = (this.#hourShares[hour] as number) * hourKeep + (scaled > 1 ? 1 - hourKeep : 0)
  }

  #back(points: number): number {
    return this.#ring[this.#ring.length - 1 - points] ?? Number.NaN
  }

  #fill(timeMs: number, scaled: number): void {
    const row = this.#row
    row[0] = scaled
    row[1] = scaled - this.#back(1)
    row[2] = scaled - this.#back(6)
    row[3] = scaled - this.#back(12)
    const [short, middle, long] = [this.#spread(12), this.#spread(48), this.#spread(288)]
    row.set([short.mean, short.deviation, short.highest, middle.mean, middle.deviation], 4)
    row.set([long.mean, long.deviation, long.highest, long.above], 9)
    row[13] = Math.log1p(this.#sinceExceeded)
    row[14] = this.#sinceExceeded / this.#usualGap
    row[15] = this.#hourShares[hourOf(timeMs)] as number
    const day = this.#ring.length - 1
    let yesterday = Number.NaN
    for (let ahead = 1; ahead <= this.#horizon; ahead++) {
      const value = this.#back(day - ahead)
      if (!(value <= yesterday)) yesterday = Number.isNaN(value) ? yesterday : value
    }
    row[16] = yesterday
  }

  #spread(points: number): {
    readonly mean: number
    readonly deviation: number
    readonly highest: number
    readonly above: number
  } {
    let [count, sum, squares, highest, above] = [0, 0, 0, Number.NEGATIVE_INFINITY, 0]
    for (let place = Math.max(0, this.#ring.length - points); place < this.#ring.length; place++) {
      const value = this.#ring[place] as number
      if (Number.isNaN(value)) continue
      count++
      sum += value
      squares += value * value
      if (value > highest) highest = value
      if (value > 1) above++
    }
    const mean = sum / count
    return { mean, deviation: Math.sqrt(Math.max(0, squares / count - mean * mean)), highest, above: above / count }
  }
}

/** How many points a horizon has. */
export function horizonPoints({
  horizonMs,
  intervalMs,
}: Pick<Required<CrossingSeries>, 'horizonMs' | 'intervalMs'>): number {
  return Math.max(1, Math.round(horizonMs / intervalMs))
}

function pointsOfDay({ intervalMs }: Required<CrossingSeries>): number {
  return Math.max(288, Math.round(dayMs / intervalMs))
}

function hourOf(timeMs: number): number {
  return ((Math.floor(timeMs / hourMs) % hours) + hours) % hours
}
