import { integer, type StoreSpec, string, windowStore, type WindowStore } from '../../src/index.ts'

export const occurrencesName = 'occurrences'

/** The store of `Occurrences`, which forgets what is older than two deliveries. */
export function occurrencesStore(deliveryMs: number): StoreSpec {
  const times = { windowSizeMs: deliveryMs, retentionMs: 2 * deliveryMs }
  return windowStore({ name: occurrencesName, key: string(), value: integer(), ...times })
}

/**
 * Numbers equal logs within one delivery. A delivery lasts for `deliveryMs` from the first of them, by the newest time at
 * which Kafka received a record of the partition. What comes later was sent again, and is counted from 1 again.
 */
export class Occurrences {
  readonly #store: WindowStore<string, number>
  readonly #deliveryMs: number
  #frontMs = 0

  constructor(store: WindowStore<string, number>, deliveryMs: number) {
    this.#store = store
    this.#deliveryMs = deliveryMs
  }

  /** Called for each record of the partition, with or without a number. */
  advance(receivedMs: number): void {
    this.#frontMs = Math.max(this.#frontMs, receivedMs)
  }

  /** 1 for the first one of a delivery. */
  next(content: string): number {
    const { startMs, value } = this.#latest(content) ?? { startMs: this.#frontMs, value: 0 }
    this.#store.put(content, value + 1, startMs)
    return value + 1
  }

  #latest(content: string): { readonly startMs: number; readonly value: number } | undefined {
    // After a restart the store may be ahead of the front.
    const [fromMs, toMs] = [Math.max(0, this.#frontMs - this.#deliveryMs), this.#frontMs + this.#deliveryMs]
    for (const row of this.#store.backwardFetch(content, fromMs, toMs)) return row
    return undefined
  }
}
