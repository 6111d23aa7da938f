/** Where the rows of a view are, in pixels. Rows are equally high, but for those that are expanded. */
export class RowLayout {
  readonly rowHeight: number
  /** What each expanded row has below it, in order. */
  readonly #extras: readonly (readonly [index: number, height: number])[]
  readonly #count: number

  /** `extras`: the heights of details by the index of their row. */
  constructor(count: number, rowHeight: number, extras: ReadonlyMap<number, number>) {
    this.#count = count
    this.rowHeight = rowHeight
    this.#extras = [...extras].toSorted(([left], [right]) => left - right)
  }

  get height(): number {
    return this.topOf(this.#count)
  }

  topOf(index: number): number {
    let top = index * this.rowHeight
    for (const [at, height] of this.#extras) if (at < index) top += height
    return top
  }

  /** The row at this height. */
  indexAt(y: number): number {
    let above = 0
    for (const [at, height] of this.#extras) {
      const top = at * this.rowHeight + above
      if (y < top + this.rowHeight) break
      if (y < top + this.rowHeight + height) return at
      above += height
    }
    return Math.max(0, Math.min(this.#count - 1, Math.floor((y - above) / this.rowHeight)))
  }

  /** The rows that can be seen, and some above and below: from the first to before the second. */
  range(scrollTop: number, viewHeight: number, overscan: number): readonly [number, number] {
    if (this.#count === 0) return [0, 0]
    const first = Math.max(0, this.indexAt(scrollTop) - overscan)
    return [first, Math.min(this.#count, this.indexAt(scrollTop + viewHeight) + 1 + overscan)]
  }
}
