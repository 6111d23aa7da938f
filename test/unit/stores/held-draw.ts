const names = ['total', 'errors', 'a', 'ä', '"', '1', '10', 'a longer name of a member', '\u2028'] as const
const texts = ['', 'WARN', 'ä', '\u{1f600}', '\ud800', 'quote " and \\', '\n', 'x'.repeat(70), '\u007f'] as const

/** Draws values from a seed: JSON, and what is nearly JSON. */
export class Draw {
  #state: number

  constructor(seed: number) {
    this.#state = seed
  }

  below(limit: number): number {
    this.#state = (Math.imul(this.#state, 1_664_525) + 1_013_904_223) >>> 0
    return (this.#state >>> 8) % limit
  }

  of<T>(list: readonly T[]): T {
    return list[this.below(list.length)] as T
  }

  /** Of any size at which it is exact. */
  number(): number {
    const size = 10 ** this.below(16)
    const number = (this.below(1 << 24) / (1 << 24)) * size
    const sign = this.below(2) === 0 ? 1 : -1
    return this.below(3) === 0 ? sign * number : sign * Math.floor(number)
  }

  json(depth: number): unknown {
    switch (this.below(depth === 0 ? 6 : 10)) {
      case 0:
        return this.below(8) === 0 ? this.of([undefined, new Date(5), 2 ** 60, Number.NaN]) : this.below(1000)
      case 1:
        return this.of(texts)
      case 2:
        return this.of([true, false, null])
      case 3:
        return this.number()
      case 4:
      case 5:
        return -this.below(100)
      case 6:
        return Array.from({ length: this.below(4) }, () => this.json(depth - 1))
      default:
        return Object.fromEntries(
          Array.from({ length: this.below(5) }, () => [this.of(names), this.json(depth - 1)] as const),
        )
    }
  }

  /** Changes an object in place, as a user may who has put it or has got it. */
  spoil(value: unknown): void {
    if (typeof value !== 'object' || value === null) return
    if (Array.isArray(value)) value.push('spoiled')
    else Object.assign(value, { total: 'spoiled', [`spoiled-${this.below(100)}`]: 1 })
    for (const part of Object.values(value)) this.spoil(part)
  }
}
