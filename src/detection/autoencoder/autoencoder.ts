import { MillraceError } from '../../core/errors.ts'
import { Adam } from '../models/adam.ts'
import { deviationsMax, FeatureScale } from '../models/feature-scale.ts'
import { readNumbers, sealed, unsealed, writeNumbers } from '../models/model-bytes.ts'
import { quantileOf, sortedNumbers } from '../models/quantiles.ts'
import { SeededNumbers } from '../models/seeded-numbers.ts'
import { ByteWriter } from '../series/state-bytes.ts'
import { contributionsOf, type Judgement, usual, type VectorModel } from '../vectors/vector-model.ts'
import { AutoencoderNetwork, firstWeights, type NetworkShape, networkWeightCount } from './autoencoder-network.ts'
import { type AutoencoderOptions, autoencoderSettings } from './autoencoder-options.ts'

const version = 1
const windowsMin = 32
/** The limit: so many times what this share of the learned windows stays below. */
const limitShare = 0.99
const limitFactor = 1.5
/** Gradients are no longer than this, so that one strange window spoils nothing. */
const gradientMax = 1

/**
 * An autoencoder of long short-term memory: it learns to make windows of vectors again from few numbers, and finds the
 * ones that it makes badly. It sees what happens in which order, which models of single vectors do not.
 * @example
 * ```ts
 * const rows = Float64Array.from({ length: 200 }, (_, place) => Math.sin(place / 5))
 * const model = Autoencoder.train(rows, { featureCount: 2, steps: 4, hidden: 3 })
 * const watch = new VectorWatch({ features: ['requests', 'errors'] }, model)
 * ```
 */
export class Autoencoder implements VectorModel {
  readonly featureCount: number
  readonly steps: number
  readonly learned: number
  /** The error from which a window is unusual. */
  readonly errorLimit: number
  readonly #hidden: number
  readonly #weights: Float64Array
  readonly #scale: FeatureScale
  readonly #network: AutoencoderNetwork
  readonly #scaled: Float64Array

  private constructor({ shape, weights, scale, learned, errorLimit }: AutoencoderParts) {
    this.featureCount = shape.features
    this.steps = shape.steps
    this.#hidden = shape.hidden
    this.learned = learned
    this.errorLimit = errorLimit
    this.#weights = weights
    this.#scale = scale
    this.#network = new AutoencoderNetwork(shape)
    this.#scaled = new Float64Array(shape.steps * shape.features)
  }

  /**
   * Trains a model from rows, one after the other in one array. A row without any number, or with
   * one that is wrong by far, is a gap: no window goes over it.
   * It blocks its thread for seconds: `trainAutoencoder` does the same in a thread of its own.
   * Throws TRAINING_DATA where there are fewer than 32 windows, INVALID_SETTINGS with all that is wrong with the options.
   */
  static train(rows: Float64Array, options: AutoencoderOptions): Autoencoder {
    const settings = autoencoderSettings(options)
    const { featureCount, steps, hidden, seed } = settings
    const shape = { steps, features: featureCount, hidden }
    const scale = FeatureScale.of(rows, featureCount)
    const scaled = new Float64Array(rows.length)
    scale.scale(rows, scaled)
    const firsts = windowsOf(rows, scaled, featureCount, steps)
    if (firsts.length < windowsMin) {
      const sentence = `autoencoder: ${firsts.length} windows of ${steps} rows have no gap: give at least ${windowsMin}`
      throw new MillraceError('TRAINING_DATA', 'fatal', sentence, {
        details: { count: firsts.length, needed: windowsMin },
      })
    }
    const windows = Array.from(firsts, (first) => scaled.subarray(first * featureCount, (first + steps) * featureCount))
    const weights = trainedWeights(windows, shape, settings, new SeededNumbers(seed))
    const parts = { shape, weights, scale, learned: windows.length, errorLimit: 0 }
    const model = new Autoencoder(parts)
    const errors = sortedNumbers(windows.map((window) => model.#errorOf(window)))
    return new Autoencoder({ ...parts, errorLimit: Math.max(1e-6, limitFactor * quantileOf(errors, limitShare)) })
  }

  /** The model of the bytes. Throws MODEL_UNREADABLE where they are damaged or of another form. */
  static fromBytes(bytes: Uint8Array): Autoencoder {
    const reader = unsealed('autoencoder', version, bytes)
    const [features, steps, hidden, learned] = [reader.whole(), reader.whole(), reader.whole(), reader.whole()]
    const shape = { steps, features, hidden }
    const errorLimit = reader.float64()
    const scale = new FeatureScale(readNumbers(reader, features), readNumbers(reader, features))
    return new Autoencoder({
      shape,
      learned,
      errorLimit,
      scale,
      weights: readNumbers(reader, networkWeightCount(shape)),
    })
  }

  /** How badly the window is made again: the mean distance in deviations. */
  error(window: Float64Array): number {
    this.#scale.scale(window, this.#scaled)
    return this.#errorOf(this.#scaled)
  }

  judge(window: Float64Array): Judgement {
    const excess = this.error(window) / this.errorLimit - 1
    if (!(excess > 0)) return usual
    const size = this.featureCount
    const parts = new Float64Array(size)
    for (const [place, made] of this.#network.made.entries())
      parts[place % size] = (parts[place % size] as number) + Math.abs(made - (this.#scaled[place] as number))
    const last = (this.steps - 1) * size
    const expected = (feature: number): number =>
      this.#scale.valueOf(this.#network.made[last + feature] as number, feature)
    return { excess, contributions: contributionsOf(window.subarray(last), expected, parts) }
  }

  toBytes(): Uint8Array {
    const writer = new ByteWriter()
    for (const count of [this.featureCount, this.steps, this.#hidden, this.learned]) writer.whole(count)
    writer.float64(this.errorLimit)
    for (const numbers of [this.#scale.means, this.#scale.deviations, this.#weights]) writeNumbers(writer, numbers)
    return sealed('autoencoder', version, writer)
  }

  #errorOf(scaled: Float64Array): number {
    this.#network.forward(this.#weights, scaled)
    let sum = 0
    for (let place = 0; place < scaled.length; place++)
      sum += Math.abs((this.#network.made[place] as number) - (scaled[place] as number))
    return sum / scaled.length
  }
}

interface AutoencoderParts {
  readonly shape: NetworkShape
  readonly weights: Float64Array
  readonly scale: FeatureScale
  readonly learned: number
  readonly errorLimit: number
}

/** The first rows of all windows without a gap and without a value that is wrong by far. */
function windowsOf(rows: Float64Array, scaled: Float64Array, featureCount: number, steps: number): Int32Array {
  const firsts: number[] = []
  const rowCount = Math.floor(rows.length / featureCount)
  let inRow = 0
  for (let row = 0; row < rowCount; row++) {
    const [first, end] = [row * featureCount, (row + 1) * featureCount]
    const isGap = !rows.subarray(first, end).some((value) => Number.isFinite(value))
    const isWrong = scaled.subarray(first, end).some((value) => Math.abs(value) >= deviationsMax)
    inRow = isGap || isWrong ? 0 : inRow + 1
    if (inRow >= steps) firsts.push(row - steps + 1)
  }
  return Int32Array.from(firsts)
}

function trainedWeights(
  windows: readonly Float64Array[],
  shape: NetworkShape,
  { epochs, batchWindows, learningRate }: Required<AutoencoderOptions>,
  numbers: SeededNumbers,
): Float64Array {
  const network = new AutoencoderNetwork(shape)
  const weights = firstWeights(shape, numbers)
  const gradients = new Float64Array(weights.length)
  const adam = new Adam(weights.length)
  const order = Int32Array.from(windows.keys())
  const batchCount = epochs * Math.ceil(windows.length / batchWindows)
  let batch = 0
  for (let epoch = 0; epoch < epochs; epoch++) {
    numbers.shuffle(order)
    for (let first = 0; first < order.length; first += batchWindows, batch++) {
      const members = order.subarray(first, first + batchWindows)
      for (const member of members) network.addGradients(weights, windows[member] as Float64Array, gradients)
      // Steps become shorter towards the end, so that the weights settle.
      const rate = learningRate * (1 - 0.9 * (batch / batchCount))
      adam.step(weights, gradients, rate, scaleWithin(gradients, members.length))
    }
  }
  return weights
}

/** What makes sums of gradients the mean of a batch, of a length that is no more than allowed. */
function scaleWithin(gradients: Float64Array, count: number): number {
  let squares = 0
  for (const gradient of gradients) squares += gradient * gradient
  const length = Math.sqrt(squares) / count
  return length > gradientMax ? gradientMax / length / count : 1 / count
}
