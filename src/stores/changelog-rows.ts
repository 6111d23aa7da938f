import type { Bytes } from '../core/bytes.ts'
import { type Headers, noHeaders } from '../core/headers.ts'
import type { HashOrder } from './hash-order.ts'
import { type Row, type RowCursor, type Rows, rowsOfKey } from './row.ts'
import type { ChangelogMode, ChangelogWriter, RecordContext } from './task-stores.ts'

/** How the changelog of some stores differs from that of others. */
export interface ChangelogFormat {
  /** Go with values, not with deletions. */
  readonly valueHeaders?: Headers
  /** Each record carries the headers of the record that caused it. */
  readonly context?: RecordContext
  /** Order of the dirty rows of an interval; in order of their first write without it. */
  readonly order?: HashOrder
}

/** Logs what is put: at once, or each dirty row once an interval. */
export class ChangelogRows implements Rows {
  readonly #storeName: string
  readonly #rows: Rows
  readonly #writer: ChangelogWriter
  readonly #coalesced: boolean
  readonly #format: ChangelogFormat
  #pending: Row[] = []
  /** Headers of pending rows that have some. */
  readonly #pendingHeaders = new Map<Row, Headers>()

  constructor(
    storeName: string,
    rows: Rows,
    writer: ChangelogWriter,
    mode: ChangelogMode,
    format: ChangelogFormat = {},
  ) {
    this.#storeName = storeName
    this.#rows = rows
    this.#writer = writer
    this.#format = format
    this.#coalesced = mode === 'coalesced'
  }

  get(key: Bytes): Row | undefined {
    return this.#rows.get(key)
  }

  put(key: Bytes, value: Bytes | null, timestamp: number): Row | undefined {
    const row = this.#rows.put(key, value, timestamp)
    if (!this.#coalesced) {
      // Java logs a row even where the store below refused it as too old.
      this.#log(key, value, timestamp, this.#headersOf(value))
      return row
    }
    if (row === undefined) return row
    if (!row.logPending) {
      row.logPending = true
      this.#pending.push(row)
    }
    if (this.#format.context !== undefined) this.#keepHeaders(row, this.#format.context.headers)
    return row
  }

  range(from: Bytes | undefined, to: Bytes | undefined, reverse: boolean, fromMs: number, toMs: number): RowCursor {
    return this.#rows.range(from, to, reverse, fromMs, toMs)
  }

  ofKey(inner: Bytes, from: Bytes, to: Bytes, reverse: boolean, fromMs: number, toMs: number): RowCursor {
    return rowsOfKey(this.#rows, inner, from, to, reverse, fromMs, toMs)
  }

  mayHold(inner: Bytes, fromMs: number, toMs: number): boolean {
    return this.#rows.mayHold?.(inner, fromMs, toMs) ?? true
  }

  approximateCount(): number {
    return this.#rows.approximateCount()
  }

  logDirty(): void {
    const pending = this.#pending
    this.#pending = []
    this.#format.order?.sort(pending, (row) => row.key)
    for (const row of pending) {
      row.logPending = false
      const headers = this.#pendingHeaders.get(row) ?? (row.value === null ? noHeaders : this.#format.valueHeaders)
      this.#log(row.key, row.value, row.timestamp, headers ?? noHeaders)
    }
    this.#pendingHeaders.clear()
  }

  discard(): void {
    for (const row of this.#pending) row.logPending = false
    this.#pending = []
    this.#pendingHeaders.clear()
  }

  #headersOf(value: Bytes | null): Headers {
    if (this.#format.context !== undefined) return this.#format.context.headers
    return value === null ? noHeaders : (this.#format.valueHeaders ?? noHeaders)
  }

  #keepHeaders(row: Row, headers: Headers): void {
    if (headers.length > 0) this.#pendingHeaders.set(row, headers)
    else this.#pendingHeaders.delete(row)
  }

  #log(key: Bytes, value: Bytes | null, timestamp: number, headers: Headers): void {
    this.#writer.log(this.#storeName, key, value, timestamp, headers)
  }
}
