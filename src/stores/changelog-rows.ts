import type { Bytes } from '../core/bytes.ts'
import { owned } from './byte-keys.ts'
import { type Headers, noHeaders } from '../core/headers.ts'
import type { Direction } from './direction.ts'
import type { HashOrder } from './hash-order.ts'
import { keptHeaders } from './kept-headers.ts'
import { type Row, type RowCursor, type Rows, rowsOfKey } from './row.ts'
import type { ChangelogMode, ChangelogWriter } from './task-stores.ts'
import type { RecordContext } from './record-context.ts'

/** How the changelog of some stores differs from that of others. */
export interface ChangelogFormat {
  /** Go with values, not with deletions. */
  readonly valueHeaders?: Headers
  /** Each record carries the headers of the record that caused it. */
  readonly context?: RecordContext
  /** Order of the dirty rows of an interval; in order of their first write without it. */
  readonly order?: HashOrder
}

/** A change that is not logged yet: a dirty row, or one put of several to its key. */
interface PendingRow {
  readonly key: Bytes
  readonly value: Bytes | null
  readonly timestamp: number
  logPending: boolean
}

/**
 * Keeps what is put until `logDirty`: each put, or each changed row once per interval. Nothing is logged before,
 * because the outputs of the interval must be acknowledged first (ADR 13).
 */
export class ChangelogRows implements Rows {
  readonly #storeName: string
  readonly #rows: Rows
  readonly #writer: ChangelogWriter
  readonly #coalesced: boolean
  readonly #format: ChangelogFormat
  #pending: PendingRow[] = []
  /** How many of the pending rows are logged. */
  #logged = 0
  /** Headers of pending rows that have some. */
  readonly #pendingHeaders = new Map<PendingRow, Headers>()

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
    // Java logs a row even where the store below refused it as too old.
    if (!this.#coalesced) this.#add({ key: row?.key ?? owned(key), value, timestamp, logPending: false })
    else if (row !== undefined) this.#add(row)
    return row
  }

  range(from: Bytes | undefined, to: Bytes | undefined, direction: Direction, fromMs: number, toMs: number): RowCursor {
    return this.#rows.range(from, to, direction, fromMs, toMs)
  }

  ofKey(inner: Bytes, from: Bytes, to: Bytes, direction: Direction, fromMs: number, toMs: number): RowCursor {
    return rowsOfKey(this.#rows, inner, from, to, direction, fromMs, toMs)
  }

  mayHold(inner: Bytes, fromMs: number, toMs: number): boolean {
    return this.#rows.mayHold?.(inner, fromMs, toMs) ?? true
  }

  approximateCount(): number {
    return this.#rows.approximateCount()
  }

  /** Puts that wait for `logDirty`, in addition to the changed rows of the store. */
  get heldPuts(): number {
    return this.#coalesced ? 0 : this.#pending.length - this.#logged
  }

  /**
   * Logs up to `rowsMax` pending rows and returns how many. What the writer throws leaves its row and those behind it
   * pending.
   */
  logDirty(rowsMax: number): number {
    const pending = this.#pending
    if (this.#logged === 0) this.#format.order?.sort(pending, (row) => row.key)
    const first = this.#logged
    const end = Math.min(pending.length, first + rowsMax)
    for (; this.#logged < end; this.#logged++) {
      const row = pending[this.#logged] as PendingRow
      const headers = this.#pendingHeaders.get(row) ?? (row.value === null ? noHeaders : this.#format.valueHeaders)
      this.#writer.log(this.#storeName, row.key, row.value, row.timestamp, headers ?? noHeaders)
      row.logPending = false
    }
    if (end === pending.length) this.#forget()
    return end - first
  }

  discard(): void {
    for (const row of this.#pending) row.logPending = false
    this.#forget()
  }

  #add(row: PendingRow): void {
    if (!row.logPending) {
      row.logPending = true
      this.#pending.push(row)
    }
    if (this.#format.context !== undefined) this.#keepHeaders(row, this.#format.context.headers)
  }

  #forget(): void {
    this.#pending = []
    this.#logged = 0
    this.#pendingHeaders.clear()
  }

  #keepHeaders(row: PendingRow, headers: Headers): void {
    if (headers.length > 0) this.#pendingHeaders.set(row, keptHeaders(headers))
    else this.#pendingHeaders.delete(row)
  }
}
