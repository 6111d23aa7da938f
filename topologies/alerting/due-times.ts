/** When keys are due, each at most once. Times are of few different points: many keys share one. */
export class DueTimes {
  readonly #times = new Map<string, number>()
  readonly #keys = new Map<number, Set<string>>()
  #nextMs = Number.POSITIVE_INFINITY

  /** In place of the time that the key had; Infinity: never. */
  set(key: string, dueMs: number): void {
    const before = this.#times.get(key)
    if (before === dueMs) return
    this.forget(key)
    if (dueMs === Number.POSITIVE_INFINITY) return
    this.#times.set(key, dueMs)
    const keys = this.#keys.get(dueMs)
    if (keys === undefined) this.#keys.set(dueMs, new Set([key]))
    else keys.add(key)
    this.#nextMs = Math.min(this.#nextMs, dueMs)
  }

  forget(key: string): void {
    const dueMs = this.#times.get(key)
    if (dueMs !== undefined) this.#remove(key, dueMs)
  }

  /** The keys that are due then, at most so many, the longest due first. They have no time any longer. */
  take(timeMs: number, keysMax: number): readonly string[] {
    const due: string[] = []
    while (this.#nextMs <= timeMs && due.length < keysMax) {
      for (const key of this.#keys.get(this.#nextMs) ?? []) {
        if (due.length === keysMax) break
        due.push(key)
        this.#remove(key, this.#nextMs)
      }
      if (!this.#keys.has(this.#nextMs)) this.#nextMs = earliest(this.#keys.keys())
    }
    return due
  }

  #remove(key: string, dueMs: number): void {
    this.#times.delete(key)
    const keys = this.#keys.get(dueMs)
    keys?.delete(key)
    if (keys?.size === 0) this.#keys.delete(dueMs)
  }
}

function earliest(times: Iterable<number>): number {
  let earliestMs = Number.POSITIVE_INFINITY
  for (const timeMs of times) earliestMs = Math.min(earliestMs, timeMs)
  return earliestMs
}
