import type { Bytes } from '../core/bytes.ts'
import { type Headers, noHeaders } from '../core/headers.ts'
import { unpinned } from './byte-keys.ts'
import type { CacheBudget } from './cache-budget.ts'
import type { Direction } from './direction.ts'
import { Row, type RowCursor } from './row.ts'
import { RowTable } from './row-table.ts'
import { SortedRows } from './sorted-rows.ts'

/** A row of a record cache, with the record context of its last write, and its neighbors by use and among dirty rows. */
export class CachedRow extends Row {
  dirty = false
  dirtyBefore: CachedRow | undefined = undefined
  dirtyAfter: CachedRow | undefined = undefined
  /** A value without bytes yet; undefined: `value` has them. Only dirty rows hold one. */
  held: unknown = undefined
  /** What `value` was read as when its key came again, held in the same way; undefined: nobody knows. */
  read: unknown = undefined
  /** The key that keeps this row while it is linked. */
  storeKey: { row: CachedRow | undefined } | undefined = undefined
  /** It is one of the rows of the cache. */
  isLinked = false
  byteCount = 0
  newer: CachedRow | undefined = undefined
  older: CachedRow | undefined = undefined
  contextTopic = ''
  contextPartition = -1
  contextOffset = -1
  contextTimestamp = -1
  contextHeaders: Headers = noHeaders
}

/**
 * The rows of one record cache: found by key, read in the order of keys, and linked from the newest to the eldest by
 * use. A row is in all three, or in none; what it counts against the budget is its `byteCount`, 0 once it is dropped.
 */
export class CachedRows {
  readonly #table = new RowTable<CachedRow>()
  readonly #sorted = new SortedRows()
  readonly #budget: CacheBudget
  #newest: CachedRow | undefined
  #eldest: CachedRow | undefined

  constructor(budget: CacheBudget) {
    this.#budget = budget
  }

  /** The row that was used longest ago. */
  get eldest(): CachedRow | undefined {
    return this.#eldest
  }

  /** Does not count as use. */
  find(key: Bytes, hash: number): CachedRow | undefined {
    return this.#table.find(key, hash)
  }

  range(from: Bytes | undefined, to: Bytes | undefined, direction: Direction): RowCursor {
    return this.#sorted.range(from, to, direction)
  }

  /** A new row, the newest, of 0 bytes until `resize`. The key is not there yet; a view of a batch is copied. */
  add(key: Bytes, hash: number, value: Bytes | null, timestamp: number): CachedRow {
    const row = new CachedRow(unpinned(key), hash, value, timestamp)
    this.#insert(row)
    return row
  }

  /** A row that was evicted is the newest again. False: the key has another row, which was put since. */
  restore(row: CachedRow): boolean {
    if (row.isLinked) return true
    if (this.#table.find(row.key, row.hash) !== undefined) return false
    this.#insert(row)
    return true
  }

  /** Does nothing where a listener that reads other rows has dropped it already. */
  drop(row: CachedRow): void {
    if (!row.isLinked) return
    this.#table.remove(row)
    this.#sorted.remove(row)
    this.#unlink(row)
    // A key that is kept would keep the row in memory, beyond the budget.
    if (row.storeKey !== undefined) row.storeKey.row = undefined
    row.storeKey = undefined
    row.read = undefined
    this.resize(row, 0)
  }

  dropAll(): void {
    while (this.#newest !== undefined) this.drop(this.#newest)
  }

  resize(row: CachedRow, byteCount: number): void {
    this.#budget.bytes += byteCount - row.byteCount
    row.byteCount = byteCount
  }

  /** The row becomes the newest. */
  touch(row: CachedRow): void {
    if (row === this.#newest) return
    this.#unlink(row)
    this.#link(row)
  }

  #insert(row: CachedRow): void {
    this.#table.add(row)
    this.#sorted.add(row)
    this.#link(row)
  }

  #link(row: CachedRow): void {
    row.isLinked = true
    row.older = this.#newest
    row.newer = undefined
    if (this.#newest !== undefined) this.#newest.newer = row
    this.#newest = row
    this.#eldest ??= row
  }

  #unlink(row: CachedRow): void {
    if (row.newer === undefined) this.#newest = row.older
    else row.newer.older = row.older
    if (row.older === undefined) this.#eldest = row.newer
    else row.older.newer = row.newer
    row.newer = undefined
    row.older = undefined
    row.isLinked = false
  }
}
