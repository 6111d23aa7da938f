import { MillraceError } from '../../core/errors.ts'
import { unknownNames } from '../../core/unknown-names.ts'
import { refuse } from '../integer-options.ts'
import { readNumbers, sealed, unsealed, writeNumbers } from '../models/model-bytes.ts'
import { chiSquaredUpper, normalUpper } from '../models/quantiles.ts'
import { ByteWriter } from '../series/state-bytes.ts'
import { principalAxes } from './principal-axes.ts'
import { contributionsOf, type Judgement, usual, type VectorModel } from './vector-model.ts'
import type { VectorMoments } from './vector-moments.ts'

/** What counts as usual. */
export interface PcaOptions {
  /** The main axes explain at least this share of the variance. Default 0.85. */
  readonly explainedShare?: number
  /** Of usual vectors, this share lies beyond a limit. Default 0.001. */
  readonly falseAlarmShare?: number
}

/** A judgement with the two statistics that it was made from. */
export interface PcaJudgement extends Judgement {
  /** Distance from the mean along the main axes (Hotelling): all is larger or smaller than it ever is. */
  readonly t2: number
  /** What T2 exceeds in few usual vectors. */
  readonly t2Limit: number
  /** Distance from the main axes: numbers do not go together as they do. Always 0 where all axes are main ones. */
  readonly q: number
  /** What Q exceeds in few usual vectors. */
  readonly qLimit: number
}

const version = 1
/** A number that varies less than this, relative to its mean, is constant: the rest is rounding. */
const constantBelow = 1e-9
/** A variance along an axis below this, of numbers with variance 1, is rounding. */
const varianceMin = 1e-10
/** So many vectors for each number; with fewer, axes are chance. */
const vectorsPerFeature = 5
/** Numbers that always add up in the same way may differ from that by a tenth of a deviation. */
const qLimitMin = 0.01
/** A missing number comes nearer to what fits the others with each round. */
const fillRounds = 8
/** As far as a number may lie outside, in deviations: squares of more have no meaning. */
const deviationsMax = 1e6

/**
 * Judges vectors by their covariances (principal components). Two statistics: T2 finds vectors that are far from the mean
 * in a way that is known, Q finds numbers that do not go together as they usually do. Says which number it was.
 * @example
 * ```ts
 * const moments = new VectorMoments({ featureCount: 2 })
 * for (let load = 0; load < 500; load++) moments.learn([load + (load % 7), 2 * load])
 * const { excess, contributions } = PcaModel.of(moments).judge(Float64Array.of(250, 100))
 * ```
 */
export class PcaModel implements VectorModel {
  readonly steps = 1
  readonly featureCount: number
  readonly learned: number
  readonly #means: Float64Array
  /** 0 where a number was constant: it is left out. */
  readonly #deviations: Float64Array
  readonly #variances: Float64Array
  readonly #axes: Float64Array
  readonly #t2Limit: number
  readonly #qLimit: number
  readonly #scaled: Float64Array
  readonly #residuals: Float64Array
  /** How many numbers of the vector are missing. */
  #missing = 0

  private constructor(parts: PcaParts) {
    this.learned = parts.learned
    this.featureCount = parts.means.length
    this.#means = parts.means
    this.#deviations = parts.deviations
    this.#variances = parts.variances
    this.#axes = parts.axes
    this.#t2Limit = parts.t2Limit
    this.#qLimit = parts.qLimit
    this.#scaled = new Float64Array(this.featureCount)
    this.#residuals = new Float64Array(this.featureCount)
  }

  /**
   * The model of what the moments have learned. Numbers that were constant are left out.
   * Throws TRAINING_DATA where there were fewer than five vectors for each number, or all numbers were constant, and
   * INVALID_SETTINGS with all that is wrong with the options.
   */
  static of(moments: VectorMoments, options: PcaOptions = {}): PcaModel {
    const { explainedShare = 0.85, falseAlarmShare = 0.001 } = options
    const problems = unknownNames(options, ['explainedShare', 'falseAlarmShare'])
    for (const [name, value] of [
      ['explainedShare', explainedShare] as const,
      ['falseAlarmShare', falseAlarmShare] as const,
    ])
      if (!(value > 0 && value < 1)) problems.push(`${name} is ${String(value)}: give a number above 0 and below 1`)
    refuse('principal components', problems)
    return new PcaModel(partsOf(moments, explainedShare, falseAlarmShare))
  }

  /** The model of the bytes. Throws MODEL_UNREADABLE where they are damaged or of another form. */
  static fromBytes(bytes: Uint8Array): PcaModel {
    const reader = unsealed('pca', version, bytes)
    const [featureCount, mainCount, learned] = [reader.whole(), reader.whole(), reader.whole()]
    const [t2Limit, qLimit] = [reader.float64(), reader.float64()]
    const means = readNumbers(reader, featureCount)
    const deviations = readNumbers(reader, featureCount)
    const variances = readNumbers(reader, mainCount)
    const axes = readNumbers(reader, mainCount * featureCount)
    return new PcaModel({ learned, means, deviations, variances, axes, t2Limit, qLimit })
  }

  /** How many main axes there are. */
  get mainAxes(): number {
    return this.#variances.length
  }

  judge(vector: Float64Array): PcaJudgement {
    let t2 = this.#measure(this.#scale(vector))
    for (let round = 0; this.#missing > 0 && round < fillRounds; round++) t2 = this.#measure(this.#filled(vector))
    let q = 0
    for (const residual of this.#residuals) q += residual ** 2
    const statistics = { t2, t2Limit: this.#t2Limit, q, qLimit: this.#qLimit }
    const excess = Math.sqrt(Math.max(t2 / this.#t2Limit, q / this.#qLimit)) - 1
    if (!(excess > 0)) return { ...usual, ...statistics }
    // By T2 it is the fitting value itself that is unusual: the mean is what was expected.
    const isByQ = q / this.#qLimit >= t2 / this.#t2Limit
    const expected = (index: number): number => this.#mean(index) + (isByQ ? this.#fitting(index) : 0)
    const parts = isByQ ? this.#residuals.map((residual) => residual ** 2) : this.#partsOfT2()
    return { excess, contributions: contributionsOf(vector, expected, parts), ...statistics }
  }

  toBytes(): Uint8Array {
    const writer = new ByteWriter()
    writer.whole(this.featureCount)
    writer.whole(this.mainAxes)
    writer.whole(this.learned)
    writer.float64(this.#t2Limit)
    writer.float64(this.#qLimit)
    for (const numbers of [this.#means, this.#deviations, this.#variances, this.#axes]) writeNumbers(writer, numbers)
    return sealed('pca', version, writer)
  }

  /** Fills `residuals` with what the main axes do not explain; returns T2. */
  #measure(scaled: Float64Array): number {
    const size = this.featureCount
    const residuals = this.#residuals
    residuals.set(scaled)
    let t2 = 0
    for (let axis = 0; axis < this.#variances.length; axis++) {
      const place = this.#placeOn(axis)
      t2 += (place * place) / (this.#variances[axis] as number)
      for (let index = 0; index < size; index++)
        residuals[index] = (residuals[index] as number) - place * (this.#axes[axis * size + index] as number)
    }
    return t2
  }

  /** Where the scaled vector is on an axis. */
  #placeOn(axis: number): number {
    const size = this.featureCount
    let place = 0
    for (let index = 0; index < size; index++)
      place += (this.#axes[axis * size + index] as number) * (this.#scaled[index] as number)
    return place
  }

  #scale(vector: Float64Array): Float64Array {
    this.#missing = 0
    for (let index = 0; index < this.featureCount; index++) {
      const deviation = this.#deviations[index] as number
      const distance = ((vector[index] as number) - (this.#means[index] as number)) / deviation
      const isMissing = Number.isNaN(vector[index])
      if (isMissing) this.#missing++
      this.#scaled[index] =
        deviation === 0 || isMissing ? 0 : Math.max(-deviationsMax, Math.min(deviationsMax, distance))
    }
    return this.#scaled
  }

  /** The scaled vector, with what fits the others in the places of missing numbers. */
  #filled(vector: Float64Array): Float64Array {
    for (let index = 0; index < this.featureCount; index++)
      if (Number.isNaN(vector[index]))
        this.#scaled[index] = (this.#scaled[index] as number) - (this.#residuals[index] as number)
    return this.#scaled
  }

  #mean(index: number): number {
    return this.#means[index] as number
  }

  /** How far from its mean the number would be if it went together with the others as usual. */
  #fitting(index: number): number {
    return ((this.#scaled[index] as number) - (this.#residuals[index] as number)) * (this.#deviations[index] as number)
  }

  #partsOfT2(): Float64Array {
    const size = this.featureCount
    const parts = new Float64Array(size)
    for (let axis = 0; axis < this.#variances.length; axis++) {
      const place = this.#placeOn(axis)
      for (let index = 0; index < size; index++) {
        const part = (place / (this.#variances[axis] as number)) * (this.#axes[axis * size + index] as number)
        parts[index] = (parts[index] as number) + part * (this.#scaled[index] as number)
      }
    }
    return parts
  }
}

interface PcaParts {
  readonly learned: number
  readonly means: Float64Array
  readonly deviations: Float64Array
  readonly variances: Float64Array
  readonly axes: Float64Array
  readonly t2Limit: number
  readonly qLimit: number
}

function partsOf(moments: VectorMoments, explainedShare: number, falseAlarmShare: number): PcaParts {
  const { featureCount: size, count, weight } = moments
  const means = Float64Array.from({ length: size }, (_, index) => moments.mean(index))
  const deviations = Float64Array.from(means, (mean, index) => {
    const deviation = Math.sqrt(moments.covariance(index, index))
    return deviation > constantBelow * Math.abs(mean) ? deviation : 0
  })
  const varied = Array.from(deviations.keys()).filter((index) => deviations[index] !== 0)
  const needed = vectorsPerFeature * size
  if (count < needed || varied.length === 0) {
    const what =
      count < needed
        ? `${count} vectors were learned: give at least ${needed}`
        : 'all numbers are constant: give numbers that vary'
    throw new MillraceError('TRAINING_DATA', 'fatal', `principal components: ${what}`, { details: { count, needed } })
  }
  const matrix = new Float64Array(varied.length ** 2)
  for (const [row, left] of varied.entries()) {
    for (const [column, right] of varied.entries())
      matrix[row * varied.length + column] =
        moments.covariance(left, right) / ((deviations[left] as number) * (deviations[right] as number))
  }
  const principal = principalAxes(matrix, varied.length)
  const mainCount = mainCountOf(principal.variances, explainedShare)
  const axes = new Float64Array(mainCount * size)
  for (let axis = 0; axis < mainCount; axis++) {
    for (const [place, index] of varied.entries())
      axes[axis * size + index] = principal.axes[axis * varied.length + place] as number
  }
  const variances = principal.variances.slice(0, mainCount)
  const t2Limit =
    ((weight - 1) * (weight + 1) * chiSquaredUpper(mainCount, falseAlarmShare)) /
    (weight * Math.max(1, weight - mainCount))
  const qLimit = residualLimit(principal.variances.subarray(mainCount), falseAlarmShare)
  return { learned: count, means, deviations, variances, axes, t2Limit, qLimit }
}

/** As few axes as explain more than the share, of those that are more than rounding. */
function mainCountOf(variances: Float64Array, explainedShare: number): number {
  let total = 0
  for (const variance of variances) total += variance
  let explained = 0
  let count = 0
  for (const variance of variances) {
    if (variance < varianceMin) break
    explained += variance
    count++
    if (explained > explainedShare * total) break
  }
  return Math.max(1, count)
}

/** What the distance from the main axes exceeds with the probability (Jackson and Mudholkar 1979). */
function residualLimit(rest: Float64Array, falseAlarmShare: number): number {
  let [first, second, third] = [0, 0, 0]
  for (const variance of rest) {
    first += variance
    second += variance ** 2
    third += variance ** 3
  }
  if (rest.length === 0) return Number.POSITIVE_INFINITY
  if (first < varianceMin) return qLimitMin
  const power = 1 - (2 * first * third) / (3 * second ** 2)
  const spread = (normalUpper(falseAlarmShare) * Math.sqrt(2 * second * power ** 2)) / first
  const base = 1 + spread + (second * power * (power - 1)) / first ** 2
  const isUsable = power > 0.001 && base > 0
  const boxed = (second / first) * chiSquaredUpper(first ** 2 / second, falseAlarmShare)
  return Math.max(qLimitMin, isUsable ? first * base ** (1 / power) : boxed)
}
