import type { Engine } from './engine.ts'
import { nextSequence, windowKeySequence } from './key-schema.ts'
import type { BatchDraft, RestoredRecord, StatePart } from './state-part.ts'

/**
 * Numbers the rows of a store that retains duplicates, around its state. Numbers continue after a restart: started
 * again they would meet a row of the same key and time, and replace it or come in front of it. The last number is in
 * the engine's meta map as `sequence:<store>`, written with the interval that used it; without an engine it follows
 * from the restored keys, which end in their number. A discarded interval leaves a gap, which does no harm.
 */
export class DuplicateSequence implements StatePart {
  readonly #state: StatePart
  readonly #metaKey: string
  readonly #durable: boolean
  #sequence: number
  #applied: number
  #taken: number

  constructor(name: string, engine: Engine | undefined, state: StatePart) {
    this.#state = state
    this.#metaKey = `sequence:${name}`
    this.#durable = engine !== undefined
    this.#sequence = Number(engine?.meta(this.#metaKey) ?? 0)
    this.#applied = this.#sequence
    this.#taken = this.#sequence
  }

  /** The number of the next put: rises by one, and begins again after 2^31 - 1. */
  next(): number {
    this.#sequence = nextSequence(this.#sequence)
    return this.#sequence
  }

  get dirtyEntries(): number {
    return this.#state.dirtyEntries
  }

  approximateCount(): number {
    return this.#state.approximateCount?.() ?? 0
  }

  take(draft: BatchDraft): void {
    this.#state.take(draft)
    this.#keep(draft)
  }

  applied(): void {
    this.#state.applied()
    this.#applied = this.#taken
  }

  discard(): void {
    this.#state.discard()
  }

  get isRestoredBlindly(): boolean {
    return this.#state.isRestoredBlindly ?? false
  }

  restore(records: readonly RestoredRecord[], draft: BatchDraft): void {
    this.#state.restore(records, draft)
    for (const { key } of records) this.#sequence = Math.max(this.#sequence, windowKeySequence(key))
    // Whatever was kept: the write before this one may be in flight, and fail.
    this.#keep(draft, true)
  }

  #keep(draft: BatchDraft, always = false): void {
    this.#taken = this.#sequence
    if (!this.#durable || (!always && this.#taken === this.#applied)) return
    draft.setMeta(this.#metaKey, String(this.#taken))
  }
}
