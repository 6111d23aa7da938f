import type { Bytes } from '../core/bytes.ts'
import { type Headers, noHeaders } from '../core/headers.ts'
import { type Row, type RowCursor, type Rows, rowsOfKey } from './row.ts'
import type { ChangelogMode, ChangelogWriter } from './task-stores.ts'

/** Logs what is put: at once, or each dirty row once an interval. */
export class ChangelogRows implements Rows {
  readonly #storeName: string
  readonly #rows: Rows
  readonly #writer: ChangelogWriter
  readonly #coalesced: boolean
  readonly #valueHeaders: Headers
  #pending: Row[] = []

  /** `valueHeaders` go with values, not with deletions. */
  constructor(
    storeName: string,
    rows: Rows,
    writer: ChangelogWriter,
    mode: ChangelogMode,
    valueHeaders: Headers = noHeaders,
  ) {
    this.#storeName = storeName
    this.#rows = rows
    this.#writer = writer
    this.#valueHeaders = valueHeaders
    this.#coalesced = mode === 'coalesced'
  }

  get(key: Bytes): Row | undefined {
    return this.#rows.get(key)
  }

  put(key: Bytes, value: Bytes | null, timestamp: number): Row | undefined {
    const row = this.#rows.put(key, value, timestamp)
    if (!this.#coalesced) {
      // Java logs a row even where the store below refused it as too old.
      this.#log(key, value, timestamp)
    } else if (row !== undefined && !row.logPending) {
      row.logPending = true
      this.#pending.push(row)
    }
    return row
  }

  range(from: Bytes | undefined, to: Bytes | undefined, reverse: boolean, fromMs: number, toMs: number): RowCursor {
    return this.#rows.range(from, to, reverse, fromMs, toMs)
  }

  ofKey(inner: Bytes, from: Bytes, to: Bytes, reverse: boolean, fromMs: number, toMs: number): RowCursor {
    return rowsOfKey(this.#rows, inner, from, to, reverse, fromMs, toMs)
  }

  approximateCount(): number {
    return this.#rows.approximateCount()
  }

  logDirty(): void {
    const pending = this.#pending
    this.#pending = []
    for (const row of pending) {
      row.logPending = false
      this.#log(row.key, row.value, row.timestamp)
    }
  }

  discard(): void {
    for (const row of this.#pending) row.logPending = false
    this.#pending = []
  }

  #log(key: Bytes, value: Bytes | null, timestamp: number): void {
    this.#writer.log(this.#storeName, key, value, timestamp, value === null ? noHeaders : this.#valueHeaders)
  }
}
