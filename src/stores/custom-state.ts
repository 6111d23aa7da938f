import type { CustomStore } from './port.ts'
import type { RestoredRecord, StatePart } from './state-part.ts'

/** Hands changelog records to a store that the user brings; what is in it is its own affair. */
export class CustomState implements StatePart {
  readonly dirtyEntries = 0
  readonly #store: CustomStore

  constructor(store: CustomStore) {
    this.#store = store
  }

  /** Nothing: the store keeps its rows itself, so there is nothing to write, to mark as clean or to roll back. */
  take(): void {}

  applied(): void {}

  discard(): void {}

  restore(records: readonly RestoredRecord[]): void {
    for (const { key, value, timestamp } of records) this.#store.restore?.(key, value, timestamp)
  }
}
