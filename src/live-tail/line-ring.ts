import type { Positions } from './positions.ts'
import type { TailLine } from './tail-line.ts'

export interface RingBounds {
  readonly bytesMax: number
  readonly ageMsMax: number
}

interface Entry {
  readonly line: TailLine
  readonly arrivedMs: number
}

/** The last lines, numbered from 0, for those who come back. Old ones go by size and by age. */
export class LineRing {
  readonly #bounds: RingBounds
  /** From these offsets on, it holds everything up to the last line. */
  readonly #floor: Positions
  #entries: (Entry | undefined)[] = []
  /** The index of the oldest entry; what is before it is gone. */
  #head = 0
  #byteLength = 0
  /** The number of the oldest entry. */
  #first = 0

  /** `start`: where the lines begin. */
  constructor(bounds: RingBounds, start: Positions) {
    this.#bounds = bounds
    this.#floor = start.copy()
  }

  /** The number of the oldest line. */
  get first(): number {
    return this.#first
  }

  /** The number that the next line will have. */
  get next(): number {
    return this.#first + this.#entries.length - this.#head
  }

  get byteLength(): number {
    return this.#byteLength
  }

  /** The line of a number from `first` to before `next`. */
  at(number: number): TailLine | undefined {
    return this.#entries[number - this.#first + this.#head]?.line
  }

  add(line: TailLine, nowMs: number): void {
    this.#entries.push({ line, arrivedMs: nowMs })
    this.#byteLength += line.byteLength
    this.expire(nowMs)
  }

  /** Lets lines go that are too old, or too many. */
  expire(nowMs: number): void {
    const { bytesMax, ageMsMax } = this.#bounds
    for (;;) {
      const oldest = this.#entries[this.#head]
      if (oldest === undefined) break
      if (this.#byteLength <= bytesMax && nowMs - oldest.arrivedMs <= ageMsMax) break
      this.#drop(oldest)
    }
    if (this.#head < 1024 || this.#head * 2 < this.#entries.length) return
    this.#entries = this.#entries.slice(this.#head)
    this.#head = 0
  }

  /** Whether every line from these positions on is here. */
  covers(positions: Positions): boolean {
    return positions.isAtLeast(this.#floor)
  }

  #drop({ line }: Entry): void {
    this.#floor.set(line.topic, line.partition, line.offset + 1)
    this.#byteLength -= line.byteLength
    this.#first++
    // Nothing holds it until the list is cut.
    this.#entries[this.#head++] = undefined
  }
}
