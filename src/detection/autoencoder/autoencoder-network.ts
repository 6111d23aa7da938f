import type { SeededNumbers } from '../models/seeded-numbers.ts'
import { LstmLayer, lstmWeightCount } from './lstm-layer.ts'

/** The form of a network. */
export interface NetworkShape {
  /** How many vectors a window has. */
  readonly steps: number
  /** How many numbers a vector has. */
  readonly features: number
  /** How many numbers a window is pressed into. */
  readonly hidden: number
}

/** How many weights a network has: those of both layers and of the output. */
export function networkWeightCount({ features, hidden }: NetworkShape): number {
  return lstmWeightCount(features, hidden) + lstmWeightCount(hidden, hidden) + features * (hidden + 1)
}

/** Weights of chance, even within the range that is usual for such layers. */
export function firstWeights(shape: NetworkShape, numbers: SeededNumbers): Float64Array {
  const range = 1 / Math.sqrt(shape.hidden)
  return new Float64Array(networkWeightCount(shape)).map(() => (2 * numbers.next() - 1) * range)
}

/**
 * A network that presses a window into few numbers, its encoder's last output, and makes the window of them again: LSTM,
 * LSTM with that output as the input of every step, and a linear layer. What it makes badly is not like what it learned.
 */
export class AutoencoderNetwork {
  readonly #shape: NetworkShape
  readonly #encoder: LstmLayer
  readonly #decoder: LstmLayer
  /** Where the weights of the linear layer begin. */
  readonly #linear: number
  readonly #code: Float64Array
  readonly #codeErrors: Float64Array
  readonly #decoderErrors: Float64Array
  /** The window as it was made again. */
  readonly made: Float64Array

  constructor(shape: NetworkShape) {
    const { steps, features, hidden } = shape
    this.#shape = shape
    const decoderOffset = lstmWeightCount(features, hidden)
    this.#encoder = new LstmLayer({ steps, inputs: features, hidden, offset: 0, isRepeated: false })
    this.#decoder = new LstmLayer({ steps, inputs: hidden, hidden, offset: decoderOffset, isRepeated: true })
    this.#linear = decoderOffset + lstmWeightCount(hidden, hidden)
    this.#code = this.#encoder.outputs.subarray((steps - 1) * hidden)
    this.#codeErrors = new Float64Array(hidden)
    this.#decoderErrors = new Float64Array(steps * hidden)
    this.made = new Float64Array(steps * features)
  }

  /** Fills `made` from a window; returns the mean of the squared errors. */
  forward(weights: Float64Array, window: Float64Array): number {
    const { steps, features, hidden } = this.#shape
    this.#encoder.forward(weights, window)
    this.#decoder.forward(weights, this.#code)
    const biases = this.#linear + features * hidden
    let loss = 0
    for (let step = 0, place = 0; step < steps; step++) {
      for (let feature = 0, weight = this.#linear; feature < features; feature++, place++) {
        let sum = weights[biases + feature] as number
        for (let unit = step * hidden; unit < (step + 1) * hidden; unit++)
          sum += (weights[weight++] as number) * (this.#decoder.outputs[unit] as number)
        this.made[place] = sum
        loss += (sum - (window[place] as number)) ** 2
      }
    }
    return loss / this.made.length
  }

  /** Adds the gradients of the loss of a window; returns the loss. */
  addGradients(weights: Float64Array, window: Float64Array, gradients: Float64Array): number {
    const { steps, features, hidden } = this.#shape
    const loss = this.forward(weights, window)
    const biases = this.#linear + features * hidden
    this.#decoderErrors.fill(0)
    for (let step = 0, place = 0; step < steps; step++) {
      for (let feature = 0, weight = this.#linear; feature < features; feature++, place++) {
        const error = (2 * ((this.made[place] as number) - (window[place] as number))) / this.made.length
        gradients[biases + feature] = (gradients[biases + feature] as number) + error
        for (let unit = step * hidden; unit < (step + 1) * hidden; unit++, weight++) {
          gradients[weight] = (gradients[weight] as number) + error * (this.#decoder.outputs[unit] as number)
          this.#decoderErrors[unit] = (this.#decoderErrors[unit] as number) + error * (weights[weight] as number)
        }
      }
    }
    this.#codeErrors.fill(0)
    this.#decoder.backward(weights, this.#code, this.#decoderErrors, false, gradients, this.#codeErrors)
    this.#encoder.backward(weights, window, this.#codeErrors, true, gradients)
    return loss
  }
}
