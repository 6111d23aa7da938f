const idsMax = 10_000

/**
 * Ids of records that are ahead of all clocks, with the time at which each was last seen: the latest 10,000, in memory.
 * In the store they would move its time, and make the records that follow too old for it.
 */
export class IdsAhead {
  readonly #ttlMs: number
  /** By id, the one seen longest ago first. */
  readonly #seenMs = new Map<unknown, number>()

  constructor(ttlMs: number) {
    this.#ttlMs = ttlMs
  }

  /** Whether the id was seen at most `ttlMs` before or after. */
  wasSeen(id: unknown, timestamp: number): boolean {
    const seenMs = this.#seenMs.get(identityOf(id))
    return seenMs !== undefined && Math.abs(timestamp - seenMs) <= this.#ttlMs
  }

  /** Called after the record went downstream. */
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
