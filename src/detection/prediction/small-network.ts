import { Adam } from '../models/adam.ts'
import { FeatureScale } from '../models/feature-scale.ts'
import { readNumbers, writeNumbers } from '../models/model-bytes.ts'
import { SeededNumbers } from '../models/seeded-numbers.ts'
import type { ByteReader, ByteWriter } from '../series/state-bytes.ts'

/** How a network is trained. */
export interface SmallNetworkOptions {
  /** How many units the layer in the middle has. Default 16. */
  readonly hidden: number
  /** How often each row is learned from. */
  readonly epochs: number
  readonly seed: number
}

const batchRows = 128
const learningRate = 0.005

/** A network with one layer in the middle, which gives the logarithm of odds. */
export class SmallNetwork {
  readonly #hidden: number
  readonly #scale: FeatureScale
  /** For each unit its weights and bias; then the weights of the units and the last bias. */
  readonly #weights: Float64Array
  readonly #scaled: Float64Array
  readonly #units: Float64Array

  private constructor(hidden: number, scale: FeatureScale, weights: Float64Array) {
    this.#hidden = hidden
    this.#scale = scale
    this.#weights = weights
    this.#scaled = new Float64Array(scale.means.length)
    this.#units = new Float64Array(hidden)
  }

  /** Trains a network; missing numbers count as usual ones. */
  static train(
    rows: Float64Array,
    labels: Uint8Array,
    featureCount: number,
    { hidden, epochs, seed }: SmallNetworkOptions,
  ): SmallNetwork {
    const numbers = new SeededNumbers(seed)
    const range = 1 / Math.sqrt(featureCount)
    const weights = new Float64Array(hidden * (featureCount + 2) + 1).map(() => (2 * numbers.next() - 1) * range)
    const network = new SmallNetwork(hidden, FeatureScale.of(rows, featureCount), weights)
    const gradients = new Float64Array(weights.length)
    const adam = new Adam(weights.length)
    const order = Int32Array.from(labels.keys())
    for (let epoch = 0; epoch < epochs; epoch++) {
      numbers.shuffle(order)
      for (let first = 0; first < order.length; first += batchRows) {
        const members = order.subarray(first, first + batchRows)
        for (const row of members) network.#addGradients(rows, row, labels[row] as number, gradients)
        adam.step(weights, gradients, learningRate * (1 - (0.9 * epoch) / epochs), 1 / members.length)
      }
    }
    return network
  }

  /** The network that `write` appended. */
  static read(reader: ByteReader): SmallNetwork {
    const [hidden, featureCount] = [reader.whole(), reader.whole()]
    const scale = new FeatureScale(readNumbers(reader, featureCount), readNumbers(reader, featureCount))
    return new SmallNetwork(hidden, scale, readNumbers(reader, hidden * (featureCount + 2) + 1))
  }

  /** The logarithm of odds for the row of numbers that begins at a place. */
  logOdds(rows: Float64Array, first = 0): number {
    const size = this.#scaled.length
    this.#scale.scale(rows.subarray(first, first + size), this.#scaled)
    const top = this.#hidden * (size + 1)
    let sum = this.#weights[top + this.#hidden] as number
    for (let unit = 0, weight = 0; unit < this.#hidden; unit++) {
      let input = 0
      for (let feature = 0; feature < size; feature++)
        input += (this.#weights[weight++] as number) * (this.#scaled[feature] as number)
      const output = Math.tanh(input + (this.#weights[weight++] as number))
      this.#units[unit] = output
      sum += output * (this.#weights[top + unit] as number)
    }
    return sum
  }

  /** Appends the network. */
  write(writer: ByteWriter): void {
    writer.whole(this.#hidden)
    writer.whole(this.#scaled.length)
    for (const numbers of [this.#scale.means, this.#scale.deviations, this.#weights]) writeNumbers(writer, numbers)
  }

  #addGradients(rows: Float64Array, row: number, label: number, gradients: Float64Array): void {
    const size = this.#scaled.length
    const top = this.#hidden * (size + 1)
    const error = 1 / (1 + Math.exp(-this.logOdds(rows, row * size))) - label
    gradients[top + this.#hidden] = (gradients[top + this.#hidden] as number) + error
    for (let unit = 0, weight = 0; unit < this.#hidden; unit++) {
      const output = this.#units[unit] as number
      gradients[top + unit] = (gradients[top + unit] as number) + error * output
      const unitError = error * (this.#weights[top + unit] as number) * (1 - output * output)
      for (let feature = 0; feature < size; feature++, weight++)
        gradients[weight] = (gradients[weight] as number) + unitError * (this.#scaled[feature] as number)
      gradients[weight] = (gradients[weight] as number) + unitError
      weight++
    }
  }
}
