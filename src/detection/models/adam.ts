const keepMean = 0.9
const keepSquare = 0.999
const small = 1e-8

/** Moves weights along their gradients (Adam, Kingma and Ba 2015). */
export class Adam {
  readonly #means: Float64Array
  readonly #squares: Float64Array
  #steps = 0

  constructor(weightCount: number) {
    this.#means = new Float64Array(weightCount)
    this.#squares = new Float64Array(weightCount)
  }

  /** One step of the size `rate`, against the gradients times `scale`; sets them to 0. */
  step(weights: Float64Array, gradients: Float64Array, rate: number, scale: number): void {
    this.#steps++
    const meanScale = 1 / (1 - keepMean ** this.#steps)
    const squareScale = 1 / (1 - keepSquare ** this.#steps)
    for (let index = 0; index < weights.length; index++) {
      const gradient = (gradients[index] as number) * scale
      const mean = keepMean * (this.#means[index] as number) + (1 - keepMean) * gradient
      const square = keepSquare * (this.#squares[index] as number) + (1 - keepSquare) * gradient * gradient
      this.#means[index] = mean
      this.#squares[index] = square
      weights[index] =
        (weights[index] as number) - (rate * mean * meanScale) / (Math.sqrt(square * squareScale) + small)
      gradients[index] = 0
    }
  }
}
