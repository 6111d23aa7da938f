import type { CachedRow } from './cached-rows.ts'

/**
 * The dirty rows of a record cache, in the order of their last write. They are linked among themselves, because each
 * record moves a row to the end.
 */
export class DirtyRows {
  #first: CachedRow | undefined
  #last: CachedRow | undefined
  #count = 0

  get count(): number {
    return this.#count
  }

  /** The row becomes the last. */
  add(row: CachedRow): void {
    if (row === this.#last) return
    if (row.dirty) this.remove(row)
    row.dirty = true
    row.dirtyBefore = this.#last
    if (this.#last === undefined) this.#first = row
    else this.#last.dirtyAfter = row
    this.#last = row
    this.#count++
  }

  /** The row is dirty. */
  remove(row: CachedRow): void {
    if (row.dirtyBefore === undefined) this.#first = row.dirtyAfter
    else row.dirtyBefore.dirtyAfter = row.dirtyAfter
    if (row.dirtyAfter === undefined) this.#last = row.dirtyBefore
    else row.dirtyAfter.dirtyBefore = row.dirtyBefore
    row.dirtyBefore = undefined
    row.dirtyAfter = undefined
    row.dirty = false
    this.#count--
  }

  /** All of them, clean from now on. */
  take(): CachedRow[] {
    const rows: CachedRow[] = []
    while (this.#first !== undefined) {
      rows.push(this.#first)
      this.remove(this.#first)
    }
    return rows
  }
}
