import type { Bytes } from '../core/bytes.ts'
import { compareKeys, hashKey } from './byte-keys.ts'
import { emptyCursor } from './present-cursor.ts'
import type { Row, RowCursor } from './row.ts'
import { type Hashed, RowTable } from './row-table.ts'

interface Bucket extends Hashed {
  /** By store key, which within one inner key is by time. */
  readonly rows: Row[]
}

/**
 * Rows of window and session stores by their inner key. Joins and sessions read the few rows of one key for every
 * record: here that is a look-up, where a search among all rows of the segment would miss the processor's cache at
 * every step.
 */
export class KeyIndex {
  readonly #suffixBytes: number
  readonly #buckets = new RowTable<Bucket>()

  /** `suffixBytes`: what follows the inner key in a store key. */
  constructor(suffixBytes: number) {
    this.#suffixBytes = suffixBytes
  }

  add(row: Row): void {
    const inner = row.key.subarray(0, row.key.length - this.#suffixBytes)
    const hash = hashKey(inner)
    const bucket = this.#buckets.find(inner, hash)
    if (bucket === undefined) {
      this.#buckets.add({ key: inner, hash, rows: [row] })
      return
    }
    const { rows } = bucket
    // Time mostly rises.
    if (compareKeys((rows.at(-1) as Row).key, row.key) < 0) {
      rows.push(row)
      return
    }
    const index = firstFrom(rows, row.key)
    if (rows[index] !== row) rows.splice(index, 0, row)
  }

  remove(row: Row): void {
    const inner = row.key.subarray(0, row.key.length - this.#suffixBytes)
    const bucket = this.#buckets.find(inner, hashKey(inner))
    if (bucket === undefined) return
    const index = bucket.rows.indexOf(row)
    if (index < 0) return
    bucket.rows.splice(index, 1)
    if (bucket.rows.length === 0) this.#buckets.remove(bucket)
  }

  clear(): void {
    this.#buckets.clear()
  }

  /** Rows with from <= key <= to that are seen by ordered reads, as they are now. */
  range(inner: Bytes, from: Bytes, to: Bytes, reverse: boolean): RowCursor {
    const bucket = this.#buckets.find(inner, hashKey(inner))
    if (bucket === undefined) return emptyCursor
    const rows: Row[] = []
    for (let index = firstFrom(bucket.rows, from); index < bucket.rows.length; index++) {
      const row = bucket.rows[index] as Row
      if (compareKeys(row.key, to) > 0) break
      rows.push(row)
    }
    if (reverse) rows.reverse()
    return new ListCursor(rows)
  }
}

function firstFrom(rows: readonly Row[], key: Bytes): number {
  let low = 0
  let high = rows.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (compareKeys((rows[middle] as Row).key, key) < 0) low = middle + 1
    else high = middle
  }
  return low
}

class ListCursor implements RowCursor {
  readonly #rows: readonly Row[]
  #index = 0

  constructor(rows: readonly Row[]) {
    this.#rows = rows
  }

  next(): Row | undefined {
    for (;;) {
      const row = this.#rows[this.#index++]
      if (row === undefined || row.ordered) return row
    }
  }
}
