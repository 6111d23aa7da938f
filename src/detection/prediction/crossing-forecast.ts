import { unknownNames } from '../../core/unknown-names.ts'
import { refuse } from '../integer-options.ts'
import { sealed, unsealed } from '../models/model-bytes.ts'
import { ByteWriter } from '../series/state-bytes.ts'
import { crossingFeatureCount, CrossingFeatures, type CrossingSeries, horizonPoints } from './crossing-features.ts'
import { type CrossingFigures, type CrossingModel, reportedFrom } from './crossing-model.ts'

/** A series to look ahead in, and from when on to report. */
export interface CrossingForecastOptions extends CrossingSeries {
  /** Reported from this probability on. Default 0.8. */
  readonly probability?: number
}

/** What is said of a point. */
export interface CrossingVerdict {
  /**
   * - `scored`: there is a probability
   * - `warming-up`: there is no model, or less than a day of points was seen
   * - `exceeded`: the limit is exceeded now
   * - `unusable`: the value is no finite number; it changed nothing
   * - `late`: a point of that time or a later one was seen; it changed nothing
   */
  readonly status: 'scored' | 'warming-up' | 'exceeded' | 'unusable' | 'late'
  /** That the limit is exceeded within the horizon. */
  readonly probability: number
  /** Whether it is to be reported: the first point with such a probability within a horizon. */
  readonly isAlert: boolean
  /** How good the model was on rows that it had not learned from; undefined without a model. */
  readonly figures: CrossingFigures | undefined
  /** How many points were seen. */
  readonly points: number
  /** How many it needs. */
  readonly needed: number
}

const version = 1
const names = ['intervalMs', 'limit', 'middle', 'horizonMs', 'probability']
const pointsNeeded = 288
const hourMs = 3_600_000

/** The options, checked. Throws INVALID_SETTINGS with everything that is wrong. */
function crossingSeries(options: CrossingForecastOptions): Required<CrossingForecastOptions> {
  const { intervalMs, limit, middle, horizonMs = hourMs, probability = reportedFrom } = options
  const problems = unknownNames(options, names)
  for (const [name, value] of [['intervalMs', intervalMs] as const, ['horizonMs', horizonMs] as const])
    if (!(value > 0 && value < Number.POSITIVE_INFINITY))
      problems.push(`${name} is ${String(value)}: give a number of milliseconds above 0`)
  if (!(Number.isFinite(limit) && Number.isFinite(middle) && limit > middle))
    problems.push(
      `limit is ${String(limit)} and middle is ${String(middle)}: give both, with limit above middle (a usual value)`,
    )
  if (!(probability > 0 && probability < 1))
    problems.push(`probability is ${String(probability)}: give a number above 0 and below 1`)
  refuse('crossing', problems)
  return Object.freeze({ intervalMs, limit, middle, horizonMs, probability })
}

/**
 * Says how likely one series exceeds its limit within the horizon, by a model that was trained on this or on other series.
 * Sudden events cannot be predicted: a verdict says how good the model was.
 * @example
 * ```ts
 * const forecast = new CrossingForecast({ intervalMs: 300_000, limit: 400, middle: 120 })
 * const verdict = forecast.observe(310, Date.UTC(2026, 0, 5))
 * crossingReasonOf(verdict) // 'warming up, 1 of 288 points': it also needs a model, forecast.use(model) gives it one
 * ```
 */
export class CrossingForecast {
  readonly #settings: Required<CrossingForecastOptions>
  readonly #features: CrossingFeatures
  #model: CrossingModel | undefined
  #reportedMs = Number.NEGATIVE_INFINITY

  /** Throws INVALID_SETTINGS with all that is wrong. */
  constructor(options: CrossingForecastOptions, model?: CrossingModel) {
    this.#settings = crossingSeries(options)
    this.#features = new CrossingFeatures(this.#settings)
    this.#model = model
  }

  /**
   * A forecast that continues where the bytes were taken; null and undefined are one that has seen nothing.
   * Throws MODEL_UNREADABLE where they are damaged or of another form.
   */
  static restore(
    bytes: Uint8Array | null | undefined,
    options: CrossingForecastOptions,
    model?: CrossingModel,
  ): CrossingForecast {
    const forecast = new CrossingForecast(options, model)
    if (bytes === null || bytes === undefined) return forecast
    const reader = unsealed('crossing-state', version, bytes)
    forecast.#reportedMs = reader.float64()
    forecast.#features.read(reader)
    return forecast
  }

  /** Uses this model from now on. */
  use(model: CrossingModel | undefined): void {
    this.#model = model
  }

  /** Takes a point and looks ahead. Points come in the order of their time. */
  observe(value: number, timeMs: number): CrossingVerdict {
    if (!Number.isFinite(value)) return this.#verdict('unusable')
    if (!(timeMs > this.#features.lastMs)) return this.#verdict('late')
    const row = this.#features.take(value, timeMs)
    if (value > this.#settings.limit) return this.#verdict('exceeded')
    if (this.#model === undefined || this.#features.points < pointsNeeded) return this.#verdict('warming-up')
    const probability = this.#model.probability(row)
    const isAlert = probability >= this.#settings.probability && timeMs - this.#reportedMs >= this.#settings.horizonMs
    if (isAlert) this.#reportedMs = timeMs
    return this.#verdict('scored', probability, isAlert)
  }

  /** The state as bytes, without the model: about 2.6 KB. */
  toBytes(): Uint8Array {
    const writer = new ByteWriter()
    writer.float64(this.#reportedMs)
    this.#features.write(writer)
    return sealed('crossing-state', version, writer)
  }

  #verdict(status: CrossingVerdict['status'], probability = 0, isAlert = false): CrossingVerdict {
    const { points } = this.#features
    return { status, probability, isAlert, figures: this.#model?.figures, points, needed: pointsNeeded }
  }
}

/**
 * The verdict in words, such as
 * `exceeds the limit within the horizon with probability 0.86; on 4,000 other rows the model was right in 78 % of its reports and found 4 %`.
 */
export function crossingReasonOf({ status, probability, figures, points, needed }: CrossingVerdict): string {
  if (status === 'warming-up') return `warming up, ${Math.min(points, needed)} of ${needed} points`
  const percent = (share: number): string => `${Math.round(100 * share)} %`
  const quality =
    figures === undefined
      ? ''
      : `; on ${figures.rows} other rows the model was right in ${percent(figures.atReport.precision)} of its reports and found ${percent(figures.atReport.recall)}`
  return `exceeds the limit within the horizon with probability ${probability.toFixed(2)}${quality}`
}

/** Rows to train from, and for each whether the limit was exceeded within the horizon. */
export interface CrossingRows {
  /** Numbers of `crossingFeatureNames`, row by row. */
  readonly rows: Float64Array
  /** For each row, 1 where the limit was exceeded. */
  readonly labels: Uint8Array
  /** For each row, the place of its point. */
  readonly places: Int32Array
}

/**
 * Rows of a series whose points are known, for `CrossingModel.train`: not those in which the limit was exceeded already,
 * and not the last ones, of which nobody knows what followed. Throws INVALID_SETTINGS with all that is wrong.
 */
export function crossingRows(
  points: readonly { readonly timeMs: number; readonly value: number }[],
  options: CrossingSeries,
): CrossingRows {
  const series = crossingSeries(options)
  const features = new CrossingFeatures(series)
  const { limit, horizonMs } = series
  const usable = points.filter(({ value, timeMs }) => Number.isFinite(value) && Number.isFinite(timeMs))
  const exceeded = exceededWithin(usable, limit, horizonMs)
  const rows = new Float64Array(usable.length * crossingFeatureCount)
  const [labels, places]: [number[], number[]] = [[], []]
  const lastPlace = usable.length - horizonPoints(series)
  for (const [place, { value, timeMs }] of usable.entries()) {
    if (timeMs <= features.lastMs) continue
    const row = features.take(value, timeMs)
    if (value > limit || place >= lastPlace) continue
    rows.set(row, labels.length * crossingFeatureCount)
    labels.push(exceeded[place] as number)
    places.push(place)
  }
  const used = rows.slice(0, labels.length * crossingFeatureCount)
  return { rows: used, labels: Uint8Array.from(labels), places: Int32Array.from(places) }
}

/** For each point, 1 where one of those within the horizon after it is above the limit. */
function exceededWithin(
  points: readonly { readonly timeMs: number; readonly value: number }[],
  limit: number,
  horizonMs: number,
): Uint8Array {
  const found = new Uint8Array(points.length)
  let nextMs = Number.POSITIVE_INFINITY
  for (let place = points.length - 1; place >= 0; place--) {
    const { timeMs, value } = points[place] as { timeMs: number; value: number }
    if (nextMs - timeMs <= horizonMs) found[place] = 1
    if (value > limit) nextMs = timeMs
  }
  return found
}
