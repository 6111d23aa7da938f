import type { Bytes } from '../core/bytes.ts'
import type { Row, RowCursor, Rows } from './row.ts'
import type { RecordContext } from './task-stores.ts'

/**
 * Keeps the most recently used rows of the rows below and deletes the eldest, through `rows`, so that its deletion is
 * logged too. Use is a get or a put.
 */
export class LruRows implements Rows {
  readonly #rows: Rows
  readonly #entriesMax: number
  readonly #context: RecordContext
  /** By key, eldest first. */
  readonly #used = new Map<string, Bytes>()

  constructor(rows: Rows, entriesMax: number, context: RecordContext) {
    this.#rows = rows
    this.#context = context
    this.#entriesMax = entriesMax
  }

  get(key: Bytes): Row | undefined {
    const row = this.#rows.get(key)
    if (row !== undefined) this.#touch(key)
    return row
  }

  put(key: Bytes, value: Bytes | null, timestamp: number): Row | undefined {
    if (value === null) {
      this.#used.delete(textOf(key))
    } else {
      this.#touch(key)
      this.#evict()
    }
    return this.#rows.put(key, value, timestamp)
  }

  range(from: Bytes | undefined, to: Bytes | undefined, reverse: boolean, fromMs: number, toMs: number): RowCursor {
    return this.#rows.range(from, to, reverse, fromMs, toMs)
  }

  approximateCount(): number {
    return this.#rows.approximateCount()
  }

  /** The rows below changed underneath (discard, restore): rows not known yet count as used now. */
  refresh(): void {
    const present = new Map<string, Bytes>()
    const cursor = this.#rows.range(undefined, undefined, false, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY)
    for (let row = cursor.next(); row !== undefined; row = cursor.next()) present.set(textOf(row.key), row.key)
    for (const text of this.#used.keys()) if (!present.has(text)) this.#used.delete(text)
    for (const [text, key] of present) if (!this.#used.has(text)) this.#used.set(text, key)
  }

  #touch(key: Bytes): void {
    const text = textOf(key)
    this.#used.delete(text)
    this.#used.set(text, key)
  }

  #evict(): void {
    while (this.#used.size > this.#entriesMax) {
      const eldest = this.#used.entries().next().value as [string, Bytes]
      this.#used.delete(eldest[0])
      this.#rows.put(eldest[1], null, this.#context.timestamp)
    }
  }
}

function textOf(key: Bytes): string {
  return Buffer.from(key.buffer, key.byteOffset, key.byteLength).toString('latin1')
}
