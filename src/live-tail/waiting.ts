/** Work of which only so much runs at the same time; the rest waits for its turn, in order. */
export class Waiting {
  #free: number
  readonly #next: (() => void)[] = []

  constructor(concurrentMax: number) {
    this.#free = concurrentMax
  }

  async turn(work: () => Promise<void>): Promise<void> {
    if (this.#free > 0) this.#free--
    else await new Promise<void>((resolve) => this.#next.push(resolve))
    try {
      await work()
    } finally {
      const next = this.#next.shift()
      if (next === undefined) this.#free++
      else next()
    }
  }
}
