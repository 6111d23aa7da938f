/** The form of a layer. */
export interface LstmShape {
  readonly steps: number
  readonly inputs: number
  readonly hidden: number
  /** Where its weights begin among those of the network. */
  readonly offset: number
  /** Whether every step has the same input. */
  readonly isRepeated: boolean
}

/** Weights of a layer: of inputs, of the last outputs, and biases, each for the four gates. */
export function lstmWeightCount(inputs: number, hidden: number): number {
  return 4 * hidden * (inputs + hidden + 1)
}

/**
 * A layer of long short-term memory. Its gates are in the order input, forget, cell, output, as in PyTorch. It keeps what
 * the way back needs of the last way forward.
 */
export class LstmLayer {
  readonly #shape: LstmShape
  /** Outputs, step by step. */
  readonly outputs: Float64Array
  readonly #gates: Float64Array
  readonly #cells: Float64Array
  readonly #cellTangents: Float64Array
  readonly #fromInput: Float64Array
  readonly #gateErrors: Float64Array
  readonly #gateErrorSums: Float64Array
  readonly #outputErrors: Float64Array
  readonly #cellErrors: Float64Array

  constructor(shape: LstmShape) {
    const { steps, hidden } = shape
    this.#shape = shape
    this.outputs = new Float64Array(steps * hidden)
    this.#gates = new Float64Array(steps * 4 * hidden)
    this.#cells = new Float64Array(steps * hidden)
    this.#cellTangents = new Float64Array(steps * hidden)
    this.#fromInput = new Float64Array(4 * hidden)
    this.#gateErrors = new Float64Array(4 * hidden)
    this.#gateErrorSums = new Float64Array(4 * hidden)
    this.#outputErrors = new Float64Array(hidden)
    this.#cellErrors = new Float64Array(hidden)
  }

  /** Fills `outputs` from the inputs, of all steps or of the one that is repeated. */
  forward(weights: Float64Array, inputs: Float64Array): void {
    const { steps, hidden, isRepeated } = this.#shape
    if (isRepeated) this.#weighInputs(weights, inputs, 0)
    for (let step = 0; step < steps; step++) {
      if (!isRepeated) this.#weighInputs(weights, inputs, step * this.#shape.inputs)
      this.#openGates(weights, step)
      const [first, before] = [step * hidden, (step - 1) * hidden]
      const gate = 4 * first
      for (let unit = 0; unit < hidden; unit++) {
        const kept =
          step === 0 ? 0 : (this.#gates[gate + hidden + unit] as number) * (this.#cells[before + unit] as number)
        const taken = (this.#gates[gate + unit] as number) * (this.#gates[gate + 2 * hidden + unit] as number)
        const tangent = Math.tanh(kept + taken)
        this.#cells[first + unit] = kept + taken
        this.#cellTangents[first + unit] = tangent
        this.outputs[first + unit] = (this.#gates[gate + 3 * hidden + unit] as number) * tangent
      }
    }
  }

  /**
   * Adds to `gradients` what the errors of the outputs mean for the weights; `errorsOf` gives those of a step, undefined
   * where it has none of its own. Where `inputErrors` is given, adds to it what they mean for the input that is repeated.
   */
  backward(
    weights: Float64Array,
    inputs: Float64Array,
    outputErrors: Float64Array,
    isLastOnly: boolean,
    gradients: Float64Array,
    inputErrors?: Float64Array,
  ): void {
    const { steps, hidden, isRepeated } = this.#shape
    this.#outputErrors.fill(0)
    this.#cellErrors.fill(0)
    this.#gateErrorSums.fill(0)
    for (let step = steps - 1; step >= 0; step--) {
      if (!isLastOnly || step === steps - 1) {
        const first = isLastOnly ? 0 : step * hidden
        for (let unit = 0; unit < hidden; unit++)
          this.#outputErrors[unit] = (this.#outputErrors[unit] as number) + (outputErrors[first + unit] as number)
      }
      this.#gateErrorsOf(step)
      this.#addGradients(weights, inputs, step, gradients)
    }
    if (isRepeated) this.#addOfRepeated(weights, inputs, gradients, inputErrors)
  }

  #weighInputs(weights: Float64Array, inputs: Float64Array, first: number): void {
    const { inputs: size, hidden, offset } = this.#shape
    const biases = offset + 4 * hidden * (size + hidden)
    for (let row = 0, weight = offset; row < 4 * hidden; row++) {
      let sum = weights[biases + row] as number
      for (let input = 0; input < size; input++)
        sum += (weights[weight++] as number) * (inputs[first + input] as number)
      this.#fromInput[row] = sum
    }
  }

  #openGates(weights: Float64Array, step: number): void {
    const { inputs, hidden, offset } = this.#shape
    const gate = step * 4 * hidden
    const before = (step - 1) * hidden
    for (let row = 0, weight = offset + 4 * hidden * inputs; row < 4 * hidden; row++) {
      let sum = this.#fromInput[row] as number
      if (step > 0) {
        for (let unit = 0; unit < hidden; unit++)
          sum += (weights[weight++] as number) * (this.outputs[before + unit] as number)
      }
      const isCell = row >= 2 * hidden && row < 3 * hidden
      this.#gates[gate + row] = isCell ? Math.tanh(sum) : 1 / (1 + Math.exp(-sum))
    }
  }

  /** The errors of the gates before their functions; `cellErrors` becomes that of the step before. */
  #gateErrorsOf(step: number): void {
    const { hidden } = this.#shape
    const first = step * hidden
    const gate = 4 * first
    for (let unit = 0; unit < hidden; unit++) {
      const input = this.#gates[gate + unit] as number
      const forget = this.#gates[gate + hidden + unit] as number
      const cell = this.#gates[gate + 2 * hidden + unit] as number
      const output = this.#gates[gate + 3 * hidden + unit] as number
      const tangent = this.#cellTangents[first + unit] as number
      const before = step === 0 ? 0 : (this.#cells[first - hidden + unit] as number)
      const outputError = this.#outputErrors[unit] as number
      const cellError = (this.#cellErrors[unit] as number) + outputError * output * (1 - tangent * tangent)
      this.#gateErrors[unit] = cellError * cell * input * (1 - input)
      this.#gateErrors[hidden + unit] = cellError * before * forget * (1 - forget)
      this.#gateErrors[2 * hidden + unit] = cellError * input * (1 - cell * cell)
      this.#gateErrors[3 * hidden + unit] = outputError * tangent * output * (1 - output)
      this.#cellErrors[unit] = cellError * forget
    }
  }

  /** Also makes `outputErrors` those of the step before. */
  #addGradients(weights: Float64Array, inputs: Float64Array, step: number, gradients: Float64Array): void {
    const { inputs: size, hidden, offset, isRepeated } = this.#shape
    const before = (step - 1) * hidden
    const biases = offset + 4 * hidden * (size + hidden)
    this.#outputErrors.fill(0)
    let weight = offset + 4 * hidden * size
    for (let row = 0, input = offset; row < 4 * hidden; row++) {
      const error = this.#gateErrors[row] as number
      gradients[biases + row] = (gradients[biases + row] as number) + error
      if (isRepeated) this.#gateErrorSums[row] = (this.#gateErrorSums[row] as number) + error
      else {
        for (let place = step * size; place < (step + 1) * size; place++, input++)
          gradients[input] = (gradients[input] as number) + error * (inputs[place] as number)
      }
      if (step === 0) continue
      for (let unit = 0; unit < hidden; unit++, weight++) {
        gradients[weight] = (gradients[weight] as number) + error * (this.outputs[before + unit] as number)
        this.#outputErrors[unit] = (this.#outputErrors[unit] as number) + error * (weights[weight] as number)
      }
    }
  }

  #addOfRepeated(
    weights: Float64Array,
    inputs: Float64Array,
    gradients: Float64Array,
    inputErrors: Float64Array | undefined,
  ): void {
    const { inputs: size, hidden, offset } = this.#shape
    for (let row = 0, weight = offset; row < 4 * hidden; row++) {
      const error = this.#gateErrorSums[row] as number
      for (let input = 0; input < size; input++, weight++) {
        gradients[weight] = (gradients[weight] as number) + error * (inputs[input] as number)
        if (inputErrors !== undefined)
          inputErrors[input] = (inputErrors[input] as number) + error * (weights[weight] as number)
      }
    }
  }
}
