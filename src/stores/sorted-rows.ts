import type { Bytes } from '../core/bytes.ts'
import { compareKeys } from './byte-keys.ts'
import type { Direction } from './direction.ts'
import { sortByKey } from './key-order.ts'
import type { Row, RowCursor } from './row.ts'

const chunkRowsMax = 256
const chunkRowsFilled = 170
const unseenRowsMin = 256

/**
 * Rows in byte order, sorted no earlier than somebody reads them in order: added rows wait in a list, which is merged
 * in on the next ordered read. A store that is only got and put never pays for order. Removed rows keep their place,
 * unseen, until they are many.
 * ```
 * chunks    [a b d] [f g k] [m]     at most 256 rows each, in order, over all chunks, too
 * pending   e, c                    added since the last ordered read
 * unseen    g                       removed: `ordered` is false, cursors pass it
 * ```
 * A few pending rows are inserted one by one, many are sorted and merged. Costs: `add` and `remove` are constant; an
 * ordered read finds its chunk and its row by halving. A cursor survives all of that: when `version` shows that rows
 * have moved, it looks up its place, the key that it returned last, again.
 */
export class SortedRows {
  #chunks: Row[][] = []
  #count = 0
  #pending: Row[] = []
  #unseen = 0
  /** Changes when rows move; cursors then look their place up again. */
  #version = 0

  /** A row that was removed and still has its place is only seen again. */
  add(row: Row): void {
    if (row.ordered) return
    row.ordered = true
    if (row.placed) {
      this.#unseen--
      return
    }
    row.placed = true
    this.#pending.push(row)
  }

  /** The row may be added again, at its old place. */
  remove(row: Row): void {
    if (!row.ordered) return
    row.ordered = false
    this.#unseen++
    if (this.#unseen > unseenRowsMin && this.#unseen * 2 > this.#count + this.#pending.length) this.#sweep()
  }

  clear(): void {
    for (const chunk of this.#chunks) for (const row of chunk) unplace(row)
    for (const row of this.#pending) unplace(row)
    this.#chunks = []
    this.#pending = []
    this.#count = 0
    this.#unseen = 0
    this.#version++
  }

  /** Rows with from <= key <= to. */
  range(from: Bytes | undefined, to: Bytes | undefined, direction: Direction): RowCursor {
    this.#settle()
    return new SortedCursor(this, from, to, direction)
  }

  /** Rises whenever rows change their place. */
  get version(): number {
    return this.#version
  }

  /** For cursors. */
  get chunks(): readonly (readonly Row[])[] {
    return this.#chunks
  }

  /** The chunk in which the row before this side of `key` lies, else the first. */
  chunkFor(key: Bytes, side: Side): number {
    const bound = side === 'after' ? 0 : -1
    let low = 0
    let high = this.#chunks.length - 1
    while (low < high) {
      const middle = (low + high + 1) >>> 1
      const first = this.#chunks[middle]?.[0] as Row
      if (compareKeys(first.key, key) <= bound) low = middle
      else high = middle - 1
    }
    return low
  }

  #settle(): void {
    const pending = this.#pending
    if (pending.length === 0) return
    this.#pending = []
    this.#version++
    if (pending.length < 32 || pending.length * 16 < this.#count) for (const row of pending) this.#insert(row)
    else this.#rebuild(pending)
  }

  #insert(row: Row): void {
    if (!row.ordered) {
      this.#unseen--
      row.placed = false
      return
    }
    this.#count++
    const index = this.chunkFor(row.key, 'after')
    const chunk = this.#chunks[index]
    if (chunk === undefined) {
      this.#chunks.push([row])
      return
    }
    chunk.splice(indexIn(chunk, row.key, 'after'), 0, row)
    if (chunk.length <= chunkRowsMax) return
    // Keys often rise (time): then a full chunk stays full and the new one takes what comes.
    const cut = index === this.#chunks.length - 1 && chunk.at(-1) === row ? chunkRowsMax - 1 : chunk.length >>> 1
    this.#chunks.splice(index + 1, 0, chunk.splice(cut))
  }

  /** Merges sorted pending rows with those in order, in one pass over all. */
  #rebuild(pending: Row[]): void {
    sortByKey(pending)
    const merged: Row[] = []
    let index = 0
    for (const chunk of this.#chunks) {
      for (const row of chunk) {
        for (; index < pending.length && compareKeys((pending[index] as Row).key, row.key) <= 0; index++) {
          keep(merged, pending[index] as Row)
        }
        keep(merged, row)
      }
    }
    for (; index < pending.length; index++) keep(merged, pending[index] as Row)
    this.#adopt(merged)
  }

  /** Takes unseen rows out for good, when more than half are unseen. */
  #sweep(): void {
    const merged: Row[] = []
    for (const chunk of this.#chunks) for (const row of chunk) keep(merged, row)
    const pending: Row[] = []
    for (const row of this.#pending) keep(pending, row)
    this.#pending = pending
    this.#adopt(merged)
  }

  #adopt(rows: Row[]): void {
    this.#version++
    this.#count = rows.length
    this.#unseen = 0
    for (const row of this.#pending) if (!row.ordered) this.#unseen++
    this.#chunks = []
    for (let start = 0; start < rows.length; start += chunkRowsFilled) {
      this.#chunks.push(rows.slice(start, start + chunkRowsFilled))
    }
  }
}

/** Before or after the rows that equal a key. */
type Side = 'before' | 'after'

function keep(into: Row[], row: Row): void {
  if (row.ordered) into.push(row)
  else row.placed = false
}

function unplace(row: Row): void {
  row.ordered = false
  row.placed = false
}

/** Index of the first row behind this side of the key. */
function indexIn(chunk: readonly Row[], key: Bytes, side: Side): number {
  const bound = side === 'after' ? 0 : -1
  let low = 0
  let high = chunk.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (compareKeys((chunk[middle] as Row).key, key) <= bound) low = middle + 1
    else high = middle
  }
  return low
}

/**
 * Reads in one direction from the place that it had last; rows that were added ahead of it are seen, those behind it
 * are not.
 */
class SortedCursor implements RowCursor {
  readonly #rows: SortedRows
  readonly #end: Bytes | undefined
  readonly #isBackward: boolean
  #version: number
  #chunk = 0
  #index = 0
  /** Where to continue when rows have moved: at this key, or beyond it once it was returned. */
  #place: Bytes | undefined
  #passed = false

  constructor(rows: SortedRows, from: Bytes | undefined, to: Bytes | undefined, direction: Direction) {
    this.#rows = rows
    this.#isBackward = direction === 'backward'
    this.#end = this.#isBackward ? from : to
    this.#place = this.#isBackward ? to : from
    this.#version = rows.version
    this.#seek()
  }

  next(): Row | undefined {
    if (this.#version !== this.#rows.version) this.#seek()
    const chunks = this.#rows.chunks
    for (;;) {
      const row = chunks[this.#chunk]?.[this.#index]
      if (row === undefined) {
        if (!this.#turnChunk()) return undefined
        continue
      }
      if (this.#end !== undefined) {
        const order = compareKeys(row.key, this.#end)
        if (this.#isBackward ? order < 0 : order > 0) return undefined
      }
      this.#index += this.#isBackward ? -1 : 1
      if (!row.ordered) continue
      this.#place = row.key
      this.#passed = true
      return row
    }
  }

  /** Moves to the next chunk in the direction; false at the end. */
  #turnChunk(): boolean {
    const chunks = this.#rows.chunks
    if (this.#isBackward) {
      if (this.#chunk === 0) return false
      this.#chunk--
      this.#index = (chunks[this.#chunk]?.length ?? 0) - 1
      return true
    }
    if (this.#chunk >= chunks.length - 1) return false
    this.#chunk++
    this.#index = 0
    return true
  }

  /** Looks up the place in the chunks as they are now. */
  #seek(): void {
    this.#version = this.#rows.version
    const chunks = this.#rows.chunks
    const key = this.#place
    if (key === undefined) {
      this.#chunk = this.#isBackward ? Math.max(0, chunks.length - 1) : 0
      this.#index = this.#isBackward ? (chunks[this.#chunk]?.length ?? 0) - 1 : 0
      return
    }
    // Forward: from the row at the place on, unless it was returned; backward the other way around.
    const side = this.#isBackward === this.#passed ? 'before' : 'after'
    this.#chunk = this.#rows.chunkFor(key, side)
    const chunk = chunks[this.#chunk]
    this.#index = (chunk === undefined ? 0 : indexIn(chunk, key, side)) - (this.#isBackward ? 1 : 0)
  }
}
