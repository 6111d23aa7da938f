import type { Bytes } from '../core/bytes.ts'
import type { Row, RowCursor } from './row.ts'

/** Rows whose time lies within bounds, both inclusive. */
export class TimeCursor implements RowCursor {
  readonly #rows: RowCursor
  readonly #timeOf: (key: Bytes) => number
  readonly #fromMs: number
  readonly #toMs: number

  constructor(rows: RowCursor, timeOf: (key: Bytes) => number, fromMs: number, toMs: number) {
    this.#rows = rows
    this.#timeOf = timeOf
    this.#fromMs = fromMs
    this.#toMs = toMs
  }

  next(): Row | undefined {
    for (;;) {
      const row = this.#rows.next()
      if (row === undefined) return undefined
      const timeMs = this.#timeOf(row.key)
      if (timeMs >= this.#fromMs && timeMs <= this.#toMs) return row
    }
  }
}
