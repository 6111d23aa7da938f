const golden = 0x6d2b79f5

/** Numbers that look random and are the same for a seed; their state is one whole number (mulberry32). */
export class SeededNumbers {
  #state: number

  /** `state` of another one: continues where that one was. */
  constructor(state: number) {
    this.#state = state >>> 0
  }

  get state(): number {
    return this.#state
  }

  /** Even, from 0 to below 1. */
  next(): number {
    this.#state = (this.#state + golden) >>> 0
    const { state } = this
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }

  /** Whole, from 0 to below `end`. */
  below(end: number): number {
    return Math.floor(this.next() * end)
  }

  /** Puts the first `count` of the values into an order of chance, each of all equally likely. */
  shuffle(values: Int32Array, count = values.length): void {
    for (let index = 0; index < count; index++) {
      const other = index + this.below(values.length - index)
      const value = values[index] as number
      values[index] = values[other] as number
      values[other] = value
    }
  }
}
