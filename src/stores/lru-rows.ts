import type { Bytes } from '../core/bytes.ts'
import { owned } from './byte-keys.ts'
import type { Direction } from './direction.ts'
import type { Row, RowCursor, Rows } from './row.ts'
import type { RestoredRecord } from './state-part.ts'

/** Keeps the most recently used rows of the rows below; the eldest has to go. Use is a get or a put. */
export class LruRows implements Rows {
  readonly #rows: Rows
  readonly #entriesMax: number
  readonly #delete: (key: Bytes) => void
  /** By key, eldest first. */
  readonly #used = new Map<string, Bytes>()

  /** `evict` deletes a row; undefined: only from `rows`. */
  constructor(rows: Rows, entriesMax: number, evict: ((key: Bytes) => void) | undefined) {
    this.#rows = rows
    this.#delete = evict ?? ((key) => this.#drop(key))
    this.#entriesMax = entriesMax
  }

  get(key: Bytes): Row | undefined {
    const row = this.#rows.get(key)
    if (row !== undefined) this.#touch(key)
    return row
  }

  put(key: Bytes, value: Bytes | null, timestamp: number): Row | undefined {
    const row = this.#rows.put(key, value, timestamp)
    this.#note(key, value)
    this.#evict(this.#delete)
    return row
  }

  range(from: Bytes | undefined, to: Bytes | undefined, direction: Direction, fromMs: number, toMs: number): RowCursor {
    return this.#rows.range(from, to, direction, fromMs, toMs)
  }

  approximateCount(): number {
    return this.#rows.approximateCount()
  }

  /** The rows below were restored from a changelog, which holds what was evicted as well. */
  restored(records: readonly RestoredRecord[]): void {
    for (const { key, value } of records) this.#note(key, value)
    this.#evict((key) => this.#drop(key))
  }

  /** The rows below were rolled back: rows not known yet count as used now. */
  refresh(): void {
    const present = new Map<string, Bytes>()
    const cursor = this.#rows.range(undefined, undefined, 'forward', Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY)
    for (let row = cursor.next(); row !== undefined; row = cursor.next()) present.set(textOf(row.key), row.key)
    for (const text of this.#used.keys()) if (!present.has(text)) this.#used.delete(text)
    for (const [text, key] of present) if (!this.#used.has(text)) this.#used.set(text, key)
  }

  #note(key: Bytes, value: Bytes | null): void {
    if (value === null) this.#used.delete(textOf(key))
    else this.#touch(key)
  }

  #touch(key: Bytes): void {
    const text = textOf(key)
    const used = this.#used.get(text) ?? owned(key)
    this.#used.delete(text)
    this.#used.set(text, used)
  }

  #evict(evict: (key: Bytes) => void): void {
    while (this.#used.size > this.#entriesMax) {
      const [text, key] = this.#used.entries().next().value as [string, Bytes]
      this.#used.delete(text)
      evict(key)
    }
  }

  #drop(key: Bytes): void {
    this.#rows.put(key, null, -1)
  }
}

function textOf(key: Bytes): string {
  return Buffer.from(key.buffer, key.byteOffset, key.byteLength).toString('latin1')
}
