import type { Row, RowCursor } from './row.ts'

export const emptyCursor: RowCursor = Object.freeze({ next: () => undefined })

/** Skips absent rows. */
export class PresentCursor implements RowCursor {
  readonly #rows: RowCursor

  constructor(rows: RowCursor) {
    this.#rows = rows
  }

  next(): Row | undefined {
    for (;;) {
      const row = this.#rows.next()
      if (row === undefined || row.value !== null) return row
    }
  }
}
