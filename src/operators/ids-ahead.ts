const idsMax = 10_000

/**
 * Ids of records that are ahead of all clocks, with the time of their last sight: in memory, the ones seen last. Kept in
 * a store they would move its time, and everything that follows would be too old for it.
 */
export class IdsAhead {
  readonly #ttlMs: number
  /** By id, the one seen longest ago first. */
  readonly #seenMs = new Map<unknown, number>()

  constructor(ttlMs: number) {
    this.#ttlMs = ttlMs
  }

  /** Notes the sight. True: the id was seen within the time. */
  see(id: unknown, timestamp: number): boolean {
    const key = typeof id === 'object' ? JSON.stringify(id) : id
    const before = this.#seenMs.get(key)
    this.#seenMs.delete(key)
    this.#seenMs.set(key, timestamp)
    if (this.#seenMs.size > idsMax) this.#seenMs.delete(this.#seenMs.keys().next().value)
    return before !== undefined && Math.abs(timestamp - before) <= this.#ttlMs
  }
}
