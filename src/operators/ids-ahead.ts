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

  /** Within the time. */
  wasSeen(id: unknown, timestamp: number): boolean {
    const seenMs = this.#seenMs.get(identityOf(id))
    return seenMs !== undefined && Math.abs(timestamp - seenMs) <= this.#ttlMs
  }

  note(id: unknown, timestamp: number): void {
    const identity = identityOf(id)
    this.#seenMs.delete(identity)
    this.#seenMs.set(identity, timestamp)
    if (this.#seenMs.size > idsMax) this.#seenMs.delete(this.#seenMs.keys().next().value)
  }
}

function identityOf(id: unknown): unknown {
  return typeof id === 'object' ? JSON.stringify(id) : id
}
