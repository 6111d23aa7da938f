import { CachedRow } from './cached-rows.ts'
import type { Row, RowCursor } from './row.ts'

/** Rows of a record cache and below it, of which `settle` makes sure that they have bytes. */
export class SettledCursor implements RowCursor {
  readonly #rows: RowCursor
  readonly #settle: (row: CachedRow) => void

  constructor(rows: RowCursor, settle: (row: CachedRow) => void) {
    this.#rows = rows
    this.#settle = settle
  }

  next(): Row | undefined {
    const row = this.#rows.next()
    if (row instanceof CachedRow) this.#settle(row)
    return row
  }
}
