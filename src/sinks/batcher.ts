import type { SinkItem } from './batch-target.ts'

/** When a batch is complete, and how much may be held at all. */
export interface BatchSettings {
  readonly maxRecords: number
  readonly maxBytes: number
  /** A batch is due this long after its first record. */
  readonly maxAgeMs: number
}

/** Collects items into batches: complete by count or bytes as items come, by age when asked. */
export class Batcher<Item extends SinkItem> {
  readonly #settings: BatchSettings
  #items: Item[] = []
  #bytes = 0
  #firstAddedMs = 0

  constructor(settings: BatchSettings) {
    this.#settings = settings
  }

  get isEmpty(): boolean {
    return this.#items.length === 0
  }

  /** Returns the batches that this item made complete: the one it did not fit in, the one it filled. */
  add(item: Item, nowMs: number): Item[][] {
    const complete: Item[][] = []
    if (this.#items.length > 0 && this.#bytes + item.bytes > this.#settings.maxBytes) complete.push(this.take())
    if (this.#items.length === 0) this.#firstAddedMs = nowMs
    this.#items.push(item)
    this.#bytes += item.bytes
    if (this.#items.length >= this.#settings.maxRecords || this.#bytes >= this.#settings.maxBytes)
      complete.push(this.take())
    return complete
  }

  isDue(nowMs: number): boolean {
    return this.#items.length > 0 && nowMs - this.#firstAddedMs >= this.#settings.maxAgeMs
  }

  /** What was collected, complete or not. */
  take(): Item[] {
    const items = this.#items
    this.#items = []
    this.#bytes = 0
    return items
  }
}
