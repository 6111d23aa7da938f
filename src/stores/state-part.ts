import type { Bytes } from '../core/bytes.ts'
import type { PackedRows } from './packed-rows.ts'
import type { Row } from './row.ts'
import type { ValueFormat } from './value-format.ts'

/** What the stores of a task add to the one atomic write that ends an interval. */
export interface BatchDraft {
  /** Rows that the interval changed, once per map. They are copied later, as they are when they are taken. */
  take(map: string, format: ValueFormat, rows: readonly Row[]): void
  /** Where rows of changelog records are added to a map, in any order. */
  restored(map: string, format: ValueFormat): PackedRows
  /** Deletes a map as a whole: an expired segment. Nothing else of the draft is for it. */
  drop(map: string): void
  /** A text of the engine's meta map, which is written with the rows that it is about. */
  setMeta(key: string, text: string): void
}

/** One restored changelog record. */
export interface RestoredRecord {
  readonly key: Bytes
  readonly value: Bytes | null
  readonly timestamp: number
}

/**
 * The innermost layer of a store: its rows, those of the interval included. `TaskStores` calls it: `take`, then `applied`
 * once the engine has written the draft, while the next interval already puts; or `discard`, which forgets the interval
 * and nothing of a draft in flight.
 */
export interface StatePart {
  readonly dirtyEntries: number
  /** Rows, those of the interval counted again. Not every kind of store counts them. */
  approximateCount?(): number
  /** Adds the interval's changes to the draft; they stay readable. Called again with the same when the write failed. */
  take(draft: BatchDraft): void
  /** The draft was written. */
  applied(): void
  discard(): void
  /**
   * What it restores does not depend on rows that are there: the records of a batch may come in several calls with the
   * same draft, and the next batch before `applied`.
   */
  readonly isRestoredBlindly?: boolean
  /** Adds changelog records to the draft, or to memory at once; no interval is open. */
  restore(records: readonly RestoredRecord[], draft: BatchDraft): void
}
