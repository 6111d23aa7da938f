import { LogLine, type StreamedLine, type ViewRow } from './log-line.ts'

/** How much more than its maximum a view has before the oldest lines leave together, which costs less than one by one. */
const slack = 1.1
/** How much of its maximum a view keeps that nothing may leave. */
const heldFactor = 2

/** The lines of a view, oldest first. Bounded: the oldest leave, unless somebody reads them. */
export class LineStore {
  readonly linesMax: number
  #rows: ViewRow[] = []
  #nextNumber = 0
  #isHeld = false

  constructor(linesMax: number) {
    this.linesMax = linesMax
  }

  /** Not to be changed, and not to be kept: it is another list after `add`. */
  get rows(): readonly ViewRow[] {
    return this.#rows
  }

  /** The number of the first row; row `number` is at `number - firstNumber`. */
  get firstNumber(): number {
    return this.#nextNumber - this.#rows.length
  }

  /** The number of the row that comes next. */
  get nextNumber(): number {
    return this.#nextNumber
  }

  /** Nothing may leave, and there is no room for more. */
  get isFull(): boolean {
    return this.#isHeld && this.#rows.length >= this.linesMax * heldFactor
  }

  /** While somebody reads, no line leaves. */
  hold(isHeld: boolean): void {
    this.#isHeld = isHeld
    this.#trim()
  }

  add(lines: readonly StreamedLine[], placeBefore: string | undefined): void {
    for (const line of lines) this.#rows.push(new LogLine(this.#nextNumber++, line, placeBefore))
    this.#trim()
  }

  /** Two gaps in a row with one reason are one. */
  addGap(reason: string): void {
    const last = this.#rows.at(-1)
    if (last?.kind === 'gap' && last.reason === reason) return
    this.#rows.push({ kind: 'gap', number: this.#nextNumber++, reason })
    this.#trim()
  }

  row(number: number): ViewRow | undefined {
    return this.#rows[number - this.firstNumber]
  }

  clear(): void {
    this.#rows = []
  }

  #trim(): void {
    if (this.#isHeld || this.#rows.length <= this.linesMax * slack) return
    this.#rows = this.#rows.slice(-this.linesMax)
  }
}
