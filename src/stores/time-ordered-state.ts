import { type Bytes, emptyBytes } from '../core/bytes.ts'
import type { Direction } from './direction.ts'
import {
  sessionKey,
  sessionKeyEnd,
  sessionKeyInner,
  sessionKeyStart,
  timeFirstSessionKey,
  timeFirstWindowKey,
  windowKey,
  windowKeyInner,
  windowKeySequence,
  windowKeyStart,
} from './key-schema.ts'
import { readInt, readLong } from './longs.ts'
import type { Row, RowCursor, Rows } from './row.ts'
import type { SegmentKeys, SegmentedState } from './segmented-state.ts'
import type { BatchDraft, RestoredRecord, StatePart } from './state-part.ts'

/** How store keys and index keys (time first) turn into each other. */
export interface TimeIndexKeys {
  toIndex(storeKey: Bytes): Bytes
  toStore(indexKey: Bytes): Bytes
}

export const windowIndexKeys: TimeIndexKeys = Object.freeze({
  toIndex: (key: Bytes) => timeFirstWindowKey(windowKeyInner(key), windowKeyStart(key), windowKeySequence(key)),
  toStore: (key: Bytes) => windowKey(key.subarray(9, key.length - 4), readLong(key, 1), readInt(key, key.length - 4)),
})

export const sessionIndexKeys: TimeIndexKeys = Object.freeze({
  toIndex: (key: Bytes) => timeFirstSessionKey(sessionKeyInner(key), sessionKeyStart(key), sessionKeyEnd(key)),
  toStore: (key: Bytes) => sessionKey(key.subarray(17), readLong(key, 9), readLong(key, 1)),
})

/** Index keys are never read by inner key. */
export const indexSegmentKeys: SegmentKeys = Object.freeze({
  timeOf: (key: Bytes) => readLong(key, 1),
  suffixBytes: 0,
})

/**
 * A segmented store that can also be read by time first, as emit on window close needs it. The index has a row for each
 * row of the store and no values; it is written when a row comes or goes, not when it is updated.
 * ```
 * base    key | start | sequence         -> value         read by key
 * index   00 | start | key | sequence    -> nothing       read by time, then key
 * ```
 * Both are in the same batch of the engine, so that they agree after a crash; only the base has a changelog, and the
 * index is made again from it.
 */
export class TimeOrderedState implements Rows, StatePart {
  readonly #base: SegmentedState
  readonly #index: SegmentedState
  readonly #keys: TimeIndexKeys

  constructor(base: SegmentedState, index: SegmentedState, keys: TimeIndexKeys) {
    this.#base = base
    this.#index = index
    this.#keys = keys
  }

  get(key: Bytes): Row | undefined {
    return this.#base.get(key)
  }

  put(key: Bytes, value: Bytes | null, timestamp: number): Row | undefined {
    const isNew = this.#base.getLive(key) === undefined
    const row = this.#base.put(key, value, timestamp)
    if (row === undefined) return undefined
    if (value === null) this.#index.put(this.#keys.toIndex(key), null, -1)
    else if (isNew) this.#index.put(this.#keys.toIndex(key), emptyBytes, -1)
    return row
  }

  range(from: Bytes | undefined, to: Bytes | undefined, direction: Direction, fromMs: number, toMs: number): RowCursor {
    return this.#base.range(from, to, direction, fromMs, toMs)
  }

  ofKey(inner: Bytes, from: Bytes, to: Bytes, direction: Direction, fromMs: number, toMs: number): RowCursor {
    return this.#base.ofKey(inner, from, to, direction, fromMs, toMs)
  }

  mayHold(inner: Bytes, fromMs: number, toMs: number): boolean {
    return this.#base.mayHold(inner, fromMs, toMs)
  }

  /** Rows by time, then key bytes. */
  byTime(fromMs: number, toMs: number, direction: Direction): RowCursor {
    const index = this.#index.range(undefined, undefined, direction, fromMs, toMs)
    const base = this.#base
    const keys = this.#keys
    return {
      next() {
        for (let entry = index.next(); entry !== undefined; entry = index.next()) {
          // What is seen was decided by the index.
          const row = base.getLive(keys.toStore(entry.key))
          if (row !== undefined) return row
        }
        return undefined
      },
    }
  }

  approximateCount(): number {
    return this.#base.approximateCount()
  }

  get dirtyEntries(): number {
    return this.#base.dirtyEntries
  }

  take(draft: BatchDraft): void {
    this.#base.take(draft)
    this.#index.take(draft)
  }

  applied(): void {
    this.#base.applied()
    this.#index.applied()
  }

  discard(): void {
    this.#base.discard()
    this.#index.discard()
  }

  get isRestoredBlindly(): boolean {
    return this.#base.isRestoredBlindly && this.#index.isRestoredBlindly
  }

  restore(records: readonly RestoredRecord[], draft: BatchDraft): void {
    this.#base.restore(records, draft)
    const indexRecords = records.map((record) => ({
      key: this.#keys.toIndex(record.key),
      value: record.value === null ? null : emptyBytes,
      timestamp: -1,
    }))
    this.#index.restore(indexRecords, draft)
  }
}
