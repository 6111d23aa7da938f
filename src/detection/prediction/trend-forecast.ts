import { sealed, unsealed } from '../models/model-bytes.ts'
import { normalBelow } from '../models/quantiles.ts'
import { ByteWriter } from '../series/state-bytes.ts'
import { lineAt, type TrendLine, trendLine } from './trend-line.ts'
import { type TrendOptions, trendSettings } from './trend-options.ts'

/** When a limit is reached, in milliseconds since the epoch; undefined: not within ten horizons. */
export interface TrendInterval {
  /** In one of twenty cases it is sooner. */
  readonly earliestMs: number | undefined
  /** As likely sooner as later. */
  readonly likelyMs: number | undefined
  /** In one of twenty cases it is later, or never. */
  readonly latestMs: number | undefined
}

/** What the trend of a series says. */
export interface TrendVerdict {
  /**
   * - `scored`: there is a trend
   * - `warming-up`: there are too few points
   * - `unusable`: the value is no finite number; it changed nothing
   * - `late`: a point of that time or a later one was seen; it changed nothing
   */
  readonly status: 'scored' | 'warming-up' | 'unusable' | 'late'
  /** That the trend reaches the limit within the horizon, 0 to 1. */
  readonly probability: number
  /** Whether it is to be reported: the first point of those that say so. Again after the trend was below half of it. */
  readonly isAlert: boolean
  /** When the trend reaches the limit. */
  readonly reaches: TrendInterval
  /** Where the trend is now. */
  readonly level: number
  /** By how much the trend rises in an hour. */
  readonly slopePerHour: number
  /** How many points the trend is made of. */
  readonly points: number
  /** How many it needs. */
  readonly needed: number
}

const version = 1
const hourMs = 3_600_000
const valueMax = 1e100
/** So many points in a row that lie far on one side of the line begin a new trend. */
const breakPoints = 4
const breakDeviations = 3.5
/** The mean of the last quarter may lie so many of its deviations off the line. */
const fitDeviations = 2.5
/** Of a normal distribution, one in twenty on each side. */
const intervalDeviations = 1.645
const horizonsMax = 10
const noInterval: TrendInterval = Object.freeze({ earliestMs: undefined, likelyMs: undefined, latestMs: undefined })

/**
 * Says when a series reaches a limit: a disk that fills, a queue that grows, an error budget that is used up. A straight
 * line through the last points, with an interval that follows from their noise. After a jump it begins again.
 * @example
 * ```ts
 * const trend = new TrendForecast({ limit: 90 })
 * const verdict = trend.observe(71.5, Date.UTC(2026, 0, 5))
 * if (verdict.isAlert) console.log(trendReasonOf(verdict, Date.UTC(2026, 0, 5)))
 * TrendForecast.restore(trend.toBytes(), { limit: 90 })
 * ```
 */
export class TrendForecast {
  readonly #settings: Required<TrendOptions>
  /** The last points, the oldest first. */
  #timesMs: number[] = []
  #values: number[] = []
  /** Points in a row that said the limit is reached. */
  #sure = 0
  #isReported = false

  /** Throws INVALID_SETTINGS with all that is wrong. */
  constructor(options: TrendOptions) {
    this.#settings = trendSettings(options)
  }

  /**
   * A forecast that continues where the bytes were taken; null and undefined are one that has seen nothing.
   * Throws MODEL_UNREADABLE where they are damaged or of another form.
   */
  static restore(bytes: Uint8Array | null | undefined, options: TrendOptions): TrendForecast {
    const forecast = new TrendForecast(options)
    if (bytes === null || bytes === undefined) return forecast
    const reader = unsealed('trend', version, bytes)
    const count = reader.whole()
    forecast.#sure = reader.whole()
    forecast.#isReported = reader.whole() === 1
    for (let point = 0; point < count; point++) {
      forecast.#timesMs.push(reader.float64())
      forecast.#values.push(reader.float64())
    }
    return forecast
  }

  /** Learns a point and looks ahead. Points come in the order of their time, at any distance. */
  observe(value: number, timeMs: number): TrendVerdict {
    if (!(Math.abs(value) < valueMax)) return this.#silent('unusable')
    if (timeMs <= (this.#timesMs.at(-1) ?? Number.NEGATIVE_INFINITY)) return this.#silent('late')
    this.#learn(value, timeMs)
    const { warmUpPoints, side, probability: reported, patiencePoints } = this.#settings
    const line = this.#timesMs.length < warmUpPoints ? undefined : this.#line(warmUpPoints)
    if (line === undefined) {
      this.#sure = 0
      return this.#silent('warming-up')
    }
    const probability = this.#probability(line, timeMs)
    this.#sure = probability >= reported ? Math.min(this.#sure + 1, patiencePoints) : 0
    const isSure = this.#sure >= patiencePoints
    const isAlert = isSure && !this.#isReported
    this.#isReported = isSure || (this.#isReported && probability >= reported / 2)
    const sign = side === 'above' ? 1 : -1
    return {
      ...this.#silent('scored'),
      probability,
      isAlert,
      reaches: this.#interval(line, timeMs, sign),
      level: lineAt(line, timeMs).value,
      slopePerHour: line.slope * hourMs,
    }
  }

  /** The state as bytes, 16 for each point. */
  toBytes(): Uint8Array {
    const writer = new ByteWriter()
    for (const value of [this.#timesMs.length, this.#sure, this.#isReported ? 1 : 0]) writer.whole(value)
    for (const [point, timeMs] of this.#timesMs.entries()) {
      writer.float64(timeMs)
      writer.float64(this.#values[point] as number)
    }
    return sealed('trend', version, writer)
  }

  #learn(value: number, timeMs: number): void {
    this.#timesMs.push(timeMs)
    this.#values.push(value)
    if (this.#timesMs.length > this.#settings.points) {
      this.#timesMs.shift()
      this.#values.shift()
    }
    const older = this.#timesMs.length - breakPoints
    if (older < this.#settings.warmUpPoints / 2) return
    const line = trendLine(this.#timesMs.slice(0, older), this.#values.slice(0, older))
    if (line === undefined) return
    const distances = this.#values.slice(older).map((one, index) => {
      const { value: expected, deviation } = lineAt(line, this.#timesMs[older + index] as number)
      const usual = Math.max(Math.hypot(deviation, line.deviation), 1e-9 * Math.abs(expected))
      return (one - expected) / usual
    })
    const isBroken =
      distances.every((distance) => distance > breakDeviations) ||
      distances.every((distance) => distance < -breakDeviations)
    if (!isBroken) return
    this.#timesMs = this.#timesMs.slice(older)
    this.#values = this.#values.slice(older)
  }

  /** Through as many points as one line fits: half as many, while the last quarter lies off it. */
  #line(pointsMin: number): TrendLine | undefined {
    for (let points = this.#timesMs.length; ; points = points >>> 1) {
      const [timesMs, values] = [this.#timesMs.slice(-points), this.#values.slice(-points)]
      const line = trendLine(timesMs, values)
      const last = points >>> 2
      if (line === undefined || points >>> 1 < pointsMin || last === 0) return line
      let sum = 0
      for (let place = points - last; place < points; place++)
        sum += (values[place] as number) - lineAt(line, timesMs[place] as number).value
      if (Math.abs(sum) <= fitDeviations * line.deviation * line.worth * Math.sqrt(last)) return line
    }
  }

  /** That the line, which is not quite known, is beyond the limit at the end of the horizon. */
  #probability(line: TrendLine, timeMs: number): number {
    const { limit, side, horizonMs } = this.#settings
    const { value, deviation } = lineAt(line, timeMs + horizonMs)
    const beyond = side === 'above' ? value - limit : limit - value
    if (deviation === 0) return beyond >= 0 ? 1 : 0
    return normalBelow(beyond / deviation)
  }

  #interval(line: TrendLine, nowMs: number, sign: number): TrendInterval {
    return {
      earliestMs: this.#reached(line, nowMs, sign, intervalDeviations),
      likelyMs: this.#reached(line, nowMs, sign, 0),
      latestMs: this.#reached(line, nowMs, sign, -intervalDeviations),
    }
  }

  /** When the line, moved by so many deviations of it, is at the limit. It moves on as a curve: halves are tried. */
  #reached(line: TrendLine, nowMs: number, sign: number, deviations: number): number | undefined {
    const { limit, horizonMs } = this.#settings
    const isBeyond = (timeMs: number): boolean => {
      const { value, deviation } = lineAt(line, timeMs)
      return sign * (value - limit) + deviations * deviation >= 0
    }
    if (isBeyond(nowMs)) return nowMs
    let [before, after] = [0, horizonMs * horizonsMax]
    if (!isBeyond(nowMs + after)) return undefined
    while (after - before > horizonMs / 1000) {
      const middle = (before + after) / 2
      if (isBeyond(nowMs + middle)) after = middle
      else before = middle
    }
    return nowMs + Math.round(after)
  }

  #silent(status: TrendVerdict['status']): TrendVerdict {
    const level = this.#values.at(-1) ?? 0
    const [points, needed] = [this.#timesMs.length, this.#settings.warmUpPoints]
    return { status, probability: 0, isAlert: false, reaches: noInterval, level, slopePerHour: 0, points, needed }
  }
}

/**
 * The verdict in words, such as `rises by 12 per hour from 71: reaches the limit in 48 minutes (35 to 70), probability 0.93`.
 */
export function trendReasonOf(verdict: TrendVerdict, nowMs: number): string {
  const { status, slopePerHour, level, reaches, probability, points, needed } = verdict
  if (status === 'warming-up') return `warming up, ${points} of ${needed} points`
  const direction = slopePerHour < 0 ? 'falls' : 'rises'
  const minutes = (timeMs: number | undefined): string =>
    timeMs === undefined ? 'later' : String(Math.round((timeMs - nowMs) / 60_000))
  const when =
    reaches.likelyMs === undefined
      ? 'does not reach the limit'
      : `reaches the limit in ${minutes(reaches.likelyMs)} minutes (${minutes(reaches.earliestMs)} to ${minutes(reaches.latestMs)})`
  const shown = (value: number): string => String(Number(value.toPrecision(4)))
  return `${direction} by ${shown(Math.abs(slopePerHour))} per hour from ${shown(level)}: ${when}, probability ${probability.toFixed(2)}`
}
