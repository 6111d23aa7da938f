import { unknownNames } from '../../core/unknown-names.ts'
import { integersOf, refuse } from '../integer-options.ts'
import { readNumbers, sealed, unsealed, writeNumbers } from '../models/model-bytes.ts'
import { scoreOf } from '../series/detector-settings.ts'
import { ByteWriter } from '../series/state-bytes.ts'
import { type Contribution, type Judgement, usual, type VectorModel } from './vector-model.ts'

/** What is reported of the judgements of a model. */
export interface WatchOptions {
  /** What the numbers of a vector are called, in their order; a verdict names them. */
  readonly features: readonly string[]
  /** Nothing is reported before the model has learned from so many vectors. Default 288: a day of 5 minutes. */
  readonly warmUpVectors?: number
  /** Of so many vectors in a row, more than half have to be unusual. 1: each is looked at by itself. Default 5. */
  readonly patienceVectors?: number
  /** After an alert, no other one for so many vectors. Default 288. */
  readonly cooldownVectors?: number
  /** A vector is unusual from this score on: 0 is the limit of the model, 0.95 is four times as far. Default 0. */
  readonly threshold?: number
}

/** A number that has to do with what is unusual, by its name. */
export interface NamedContribution extends Contribution {
  /** Its name. */
  readonly feature: string
}

/** What is said of a vector. */
export interface VectorVerdict {
  /**
   * - `scored`: the model judged it
   * - `warming-up`: there is no model, it has learned from too few vectors, or it needs more vectors in a row
   * - `unusable`: more than half of its numbers are missing, or their count is wrong; it changed nothing
   * - `late`: a vector of that time or a later one was seen; it changed nothing
   */
  readonly status: 'scored' | 'warming-up' | 'unusable' | 'late'
  /** 0 within the limit of the model, 0.63 at twice the distance, to below 1. */
  readonly score: number
  /** Whether this vector and most of the last ones are unusual. */
  readonly isUnusual: boolean
  /** Whether it is to be reported: the first one that is unusual, and not within the cool-down. */
  readonly isAlert: boolean
  /** What is unusual, the largest part first. */
  readonly contributions: readonly NamedContribution[]
  /** How many vectors the model has learned from; 0 without one. */
  readonly learned: number
  /** How many it needs before anything is reported. */
  readonly needed: number
}

const version = 1
const integers = {
  warmUpVectors: { least: 0, most: 10_000_000, otherwise: 288 },
  patienceVectors: { least: 1, most: 30, otherwise: 5 },
  cooldownVectors: { least: 0, most: 10_000_000, otherwise: 288 },
} as const
const names = ['features', 'threshold', ...Object.keys(integers)]

/**
 * Watches the vectors of one key with a model: how long something is unusual before it is reported, and how often. It
 * keeps the last vectors that the model needs. The model may be replaced at any time, such as every day.
 * @example
 * ```ts
 * const watch = new VectorWatch({ features: ['requests', 'errorShare', 'p95Ms'] })
 * const verdict = watch.observe([412, 0.02, 80], Date.UTC(2026, 0, 5))
 * if (verdict.isAlert) console.log(vectorReasonOf(verdict))
 * vectorReasonOf(verdict) // 'warming up, 0 of 288 vectors': it has no model yet, watch.use(model) gives it one
 * ```
 */
export class VectorWatch {
  readonly #settings: Required<WatchOptions>
  #model: VectorModel | undefined
  /** The last vectors, the newest at the end. */
  #recent: Float64Array
  #recentCount = 0
  /** One bit per vector, the newest the lowest: whether it was unusual. */
  #unusualBits = 0
  #lastMs = Number.NEGATIVE_INFINITY
  /** How many vectors are left of the cool-down. */
  #quietVectors = 0
  /** Whether what is unusual now was reported. */
  #isReported = false

  /** Throws INVALID_SETTINGS with all that is wrong, also where the model is one of vectors of another length. */
  constructor(options: WatchOptions, model?: VectorModel) {
    this.#settings = watchSettings(options)
    this.#recent = new Float64Array(0)
    this.use(model)
  }

  /**
   * A watch that continues where the bytes were taken; null and undefined are one that has seen nothing.
   * Throws MODEL_UNREADABLE where they are damaged or of another form.
   */
  static restore(bytes: Uint8Array | null | undefined, options: WatchOptions, model?: VectorModel): VectorWatch {
    const watch = new VectorWatch(options, model)
    if (bytes === null || bytes === undefined) return watch
    const reader = unsealed('watch', version, bytes)
    const [length, recentCount] = [reader.whole(), reader.whole()]
    watch.#unusualBits = reader.whole()
    watch.#quietVectors = reader.whole()
    watch.#isReported = reader.whole() === 1
    watch.#lastMs = reader.float64()
    const recent = readNumbers(reader, length)
    if (length !== watch.#recent.length) return watch
    watch.#recentCount = recentCount
    watch.#recent = recent
    return watch
  }

  /** Judges by this model from now on. Throws INVALID_SETTINGS where its vectors have another length. */
  use(model: VectorModel | undefined): void {
    const { length } = this.#settings.features
    if (model !== undefined && model.featureCount !== length)
      refuse('watch', [
        `the model has vectors of ${model.featureCount} numbers: give one with ${length}, as features has`,
      ])
    this.#model = model
    const size = length * (model?.steps ?? 1)
    if (this.#recent.length === size) return
    this.#recent = new Float64Array(size)
    this.#recentCount = 0
  }

  /**
   * Judges a vector. Vectors come in the order of their time; NaN and infinite numbers are missing ones.
   * @param mayReport False: it is no alert, such as one that was made of few records.
   * @param strictness So many times as far outside it has to lie, as `strictnessAt` says. Default 1.
   */
  observe(vector: ArrayLike<number>, timeMs: number, mayReport = true, strictness = 1): VectorVerdict {
    if (!this.#isUsable(vector)) return this.#verdict('unusable')
    if (!(timeMs > this.#lastMs)) return this.#verdict('late')
    this.#lastMs = timeMs
    this.#remember(vector)
    const model = this.#model
    if (this.#quietVectors > 0) this.#quietVectors--
    const { warmUpVectors, threshold, patienceVectors, cooldownVectors } = this.#settings
    if (model === undefined || model.learned < warmUpVectors || this.#recentCount < model.steps)
      return this.#verdict('warming-up')
    const judgement = model.judge(this.#recent)
    const excess = Math.max(0, (1 + judgement.excess) / strictness - 1)
    const score = judgement.excess > 0 ? scoreOf(excess) : 0
    const isOver = judgement.excess > 0 && excess > 0 && score >= threshold
    this.#unusualBits = ((this.#unusualBits << 1) | (isOver ? 1 : 0)) & (2 ** patienceVectors - 1)
    const isUnusual = 2 * bitCount(this.#unusualBits) > patienceVectors
    const isAlert = isUnusual && mayReport && this.#quietVectors === 0 && !this.#isReported
    if (isAlert) this.#quietVectors = cooldownVectors
    this.#isReported = isUnusual && (this.#isReported || isAlert)
    return this.#verdict('scored', judgement, score, isUnusual, isAlert)
  }

  /** The state as bytes, without the model: the last vectors and what was reported. */
  toBytes(): Uint8Array {
    const writer = new ByteWriter()
    const reported = this.#isReported ? 1 : 0
    for (const value of [this.#recent.length, this.#recentCount, this.#unusualBits, this.#quietVectors, reported])
      writer.whole(value)
    writer.float64(this.#lastMs)
    writeNumbers(writer, this.#recent)
    return sealed('watch', version, writer)
  }

  #isUsable(vector: ArrayLike<number>): boolean {
    const { length } = this.#settings.features
    let missing = 0
    for (let index = 0; index < length; index++) if (!Number.isFinite(vector[index])) missing++
    return vector.length === length && 2 * missing <= length
  }

  #remember(vector: ArrayLike<number>): void {
    const { length } = this.#settings.features
    const first = this.#recent.length - length
    this.#recent.copyWithin(0, length)
    for (let index = 0; index < length; index++) {
      const value = vector[index] as number
      this.#recent[first + index] = Number.isFinite(value) ? value : Number.NaN
    }
    this.#recentCount = Math.min(this.#recent.length / length, this.#recentCount + 1)
  }

  #verdict(
    status: VectorVerdict['status'],
    judgement: Judgement = usual,
    score = 0,
    isUnusual = false,
    isAlert = false,
  ): VectorVerdict {
    const { features, warmUpVectors } = this.#settings
    const contributions = judgement.contributions.map((one) => ({ ...one, feature: features[one.index] as string }))
    return {
      status,
      score,
      isUnusual,
      isAlert,
      contributions,
      learned: this.#model?.learned ?? 0,
      needed: warmUpVectors,
    }
  }
}

/**
 * The verdict in words: which numbers, what they usually are, and how much was learned where that is too little. Such as
 * `errorShare 0.31, usually 0.02 (74 %); p95Ms 900, usually 120 (20 %)`.
 */
export function vectorReasonOf({ contributions, learned, needed, status }: VectorVerdict): string {
  const parts = contributions.map(({ feature, observed, expected, share }) => {
    return `${feature} ${shown(observed)}, usually ${shown(expected)} (${Math.round(100 * share)} %)`
  })
  if (status === 'warming-up') parts.push(`warming up, ${Math.min(learned, needed)} of ${needed} vectors`)
  return parts.join('; ')
}

function shown(value: number): string {
  return String(Number(value.toPrecision(4)))
}

function bitCount(bits: number): number {
  let count = 0
  for (let rest = bits; rest > 0; rest >>>= 1) count += rest & 1
  return count
}

function watchSettings(options: WatchOptions): Required<WatchOptions> {
  const { features, threshold = 0 } = options
  const problems = unknownNames(options, names)
  const settings = integersOf(options, integers, problems)
  if (features.length === 0 || new Set(features).size < features.length)
    problems.push(`features has ${features.length} names: give each number of a vector a name of its own`)
  if (!(threshold >= 0 && threshold < 1))
    problems.push(`threshold is ${String(threshold)}: give a number from 0 to below 1`)
  refuse('watch', problems)
  return Object.freeze({ ...settings, features: Object.freeze([...features]), threshold })
}
