import { readNumbers, sealed, unsealed, writeNumbers } from '../models/model-bytes.ts'
import { integerOptions } from '../integer-options.ts'
import { ByteWriter } from '../series/state-bytes.ts'

/** What vectors are remembered by. */
export interface MomentsOptions {
  /** How many numbers a vector has, 1 to 128. */
  readonly featureCount: number
  /** So many vectors are remembered; older ones fade. Default 2,016: 7 days of 5 minutes. */
  readonly memoryVectors?: number
}

const integers = {
  featureCount: { least: 1, most: 128, otherwise: 0 },
  memoryVectors: { least: 16, most: 10_000_000, otherwise: 2016 },
} as const

const version = 1
/** From so many vectors on, a number that lies far outside counts as one that lies no farther than this. */
const tamedFrom = 30
const deviationsMax = 10
const valueMax = 1e100

/**
 * Means and covariances of vectors that fade: all that `PcaModel` needs, in `8 * (1 + d + d * (d + 1) / 2)` bytes. One
 * wrong value moves them little, a number that is missing (NaN) not at all.
 */
export class VectorMoments {
  readonly #settings: Required<MomentsOptions>
  readonly #means: Float64Array
  /** Row by row, below the diagonal and on it. */
  readonly #products: Float64Array
  readonly #deltas: Float64Array
  #count = 0
  #weight = 0

  /** Moments of nothing. Throws INVALID_SETTINGS with all that is wrong. */
  constructor(options: MomentsOptions) {
    this.#settings = integerOptions('moments', options, integers)
    const { featureCount } = this.#settings
    this.#means = new Float64Array(featureCount)
    this.#products = new Float64Array((featureCount * (featureCount + 1)) / 2)
    this.#deltas = new Float64Array(featureCount)
  }

  /** The moments of the bytes. Throws MODEL_UNREADABLE where they are damaged or of another form. */
  static fromBytes(bytes: Uint8Array): VectorMoments {
    const reader = unsealed('moments', version, bytes)
    const moments = new VectorMoments({ featureCount: reader.whole(), memoryVectors: reader.whole() })
    moments.#count = reader.whole()
    moments.#weight = reader.float64()
    moments.#means.set(readNumbers(reader, moments.#means.length))
    moments.#products.set(readNumbers(reader, moments.#products.length))
    return moments
  }

  /** How many numbers a vector has. */
  get featureCount(): number {
    return this.#settings.featureCount
  }

  /** How many vectors were learned. */
  get count(): number {
    return this.#count
  }

  /** How many of the vectors still count: never more than are remembered. */
  get weight(): number {
    return this.#weight
  }

  /** The mean of a number. */
  mean(index: number): number {
    return this.#means[index] as number
  }

  /** The covariance of two numbers, or the variance of one. */
  covariance(left: number, right: number): number {
    const [low, high] = left < right ? [left, right] : [right, left]
    const products = this.#products[(high * (high + 1)) / 2 + low] as number
    return this.#weight > 1 ? products / (this.#weight - 1) : 0
  }

  /** Learns a vector; returns whether it did: not where no number is usable. */
  learn(vector: ArrayLike<number>): boolean {
    const { featureCount, memoryVectors } = this.#settings
    const deltas = this.#deltas
    let isUsable = false
    for (let index = 0; index < featureCount; index++) {
      const value = vector[index] as number
      const isNumber = Math.abs(value) < valueMax
      isUsable ||= isNumber
      deltas[index] = isNumber ? this.#tamed(index, value - (this.#means[index] as number)) : 0
    }
    if (!isUsable) return false
    const keep = this.#weight < memoryVectors ? 1 : 1 - 1 / memoryVectors
    this.#weight = this.#weight * keep + 1
    this.#count++
    const share = 1 - 1 / this.#weight
    for (let row = 0, place = 0; row < featureCount; row++) {
      const delta = deltas[row] as number
      for (let column = 0; column <= row; column++, place++)
        this.#products[place] = (this.#products[place] as number) * keep + share * delta * (deltas[column] as number)
    }
    for (let index = 0; index < featureCount; index++)
      this.#means[index] = (this.#means[index] as number) + (deltas[index] as number) / this.#weight
    return true
  }

  /** The moments as bytes: kind, version and checksum come first. */
  toBytes(): Uint8Array {
    const writer = new ByteWriter()
    writer.whole(this.#settings.featureCount)
    writer.whole(this.#settings.memoryVectors)
    writer.whole(this.#count)
    writer.float64(this.#weight)
    writeNumbers(writer, this.#means)
    writeNumbers(writer, this.#products)
    return sealed('moments', version, writer)
  }

  /** A number that was constant so far has no deviation to compare with. */
  #tamed(index: number, delta: number): number {
    if (this.#count < tamedFrom) return delta
    const most = deviationsMax * Math.sqrt(this.covariance(index, index))
    return most > 0 ? Math.max(-most, Math.min(most, delta)) : delta
  }
}
