import { readNumbers, writeNumbers } from '../models/model-bytes.ts'
import type { ByteReader, ByteWriter } from '../series/state-bytes.ts'

/** So many rows with neighboring scores make a step, so that few rows do not promise certainty. */
const stepRows = 40
const stepsMax = 1000

interface Step {
  readonly score: number
  readonly rows: number
  readonly positive: number
}

/**
 * Makes a probability of a score that only orders: the share of labelled rows with such a score that were positive, never
 * lower for a higher score (isotonic regression).
 */
export class Calibration {
  readonly #scores: Float64Array
  readonly #shares: Float64Array

  private constructor(scores: Float64Array, shares: Float64Array) {
    this.#scores = scores
    this.#shares = shares
  }

  /** From scores of rows that nothing was learned from, and their labels. */
  static of(scores: Float64Array, labels: Uint8Array): Calibration {
    const order = Array.from(scores.keys()).sort((left, right) => (scores[left] as number) - (scores[right] as number))
    const size = Math.max(stepRows, Math.ceil(order.length / stepsMax))
    const steps: Step[] = []
    for (let first = 0; first < order.length; first += size) {
      const members = order.slice(first, first + size)
      const score = members.reduce((sum, row) => sum + (scores[row] as number), 0) / members.length
      const positive = members.reduce((sum, row) => sum + (labels[row] as number), 0)
      push(steps, { score, rows: members.length, positive })
    }
    return new Calibration(
      Float64Array.from(steps, ({ score }) => score),
      // Half a row more of each kind: no step is certain.
      Float64Array.from(steps, ({ rows, positive }) => (positive + 0.5) / (rows + 1)),
    )
  }

  /** The calibration that `write` appended. */
  static read(reader: ByteReader): Calibration {
    const count = reader.whole()
    return new Calibration(readNumbers(reader, count), readNumbers(reader, count))
  }

  /** Between two steps, what lies between them. */
  probability(score: number): number {
    let after = 0
    while (after < this.#scores.length && (this.#scores[after] as number) < score) after++
    if (after === 0) return this.#shares[0] ?? 0
    const below = this.#shares[after - 1] as number
    if (after === this.#scores.length) return below
    const [from, to] = [this.#scores[after - 1] as number, this.#scores[after] as number]
    return below + (((this.#shares[after] as number) - below) * (score - from)) / (to - from)
  }

  /** Appends the calibration. */
  write(writer: ByteWriter): void {
    writer.whole(this.#scores.length)
    writeNumbers(writer, this.#scores)
    writeNumbers(writer, this.#shares)
  }
}

/** A step with a smaller share than the one before becomes one with it. */
function push(steps: Step[], step: Step): void {
  let next = step
  for (let last = steps.at(-1); last !== undefined; last = steps.at(-1)) {
    if (last.positive * next.rows < next.positive * last.rows) break
    steps.pop()
    const rows = last.rows + next.rows
    const score = (last.score * last.rows + next.score * next.rows) / rows
    next = { score, rows, positive: last.positive + next.positive }
  }
  steps.push(next)
}
