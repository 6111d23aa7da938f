import { compareKeys } from './byte-keys.ts'
import type { Direction } from './direction.ts'
import type { Row, RowCursor } from './row.ts'

/** Two cursors of the same direction as one; of equal keys the upper's row alone is returned. */
export class MergedCursor implements RowCursor {
  readonly #upper: RowCursor
  readonly #lower: RowCursor
  readonly #isBackward: boolean
  #upperRow: Row | undefined
  #lowerRow: Row | undefined
  #started = false

  constructor(upper: RowCursor, lower: RowCursor, direction: Direction) {
    this.#upper = upper
    this.#lower = lower
    this.#isBackward = direction === 'backward'
  }

  next(): Row | undefined {
    if (!this.#started) {
      this.#started = true
      this.#upperRow = this.#upper.next()
      this.#lowerRow = this.#lower.next()
    }
    const upper = this.#upperRow
    const lower = this.#lowerRow
    if (lower === undefined) return this.#takeUpper()
    if (upper === undefined) return this.#takeLower()
    const order = compareKeys(upper.key, lower.key)
    if (order === 0) {
      this.#takeLower()
      return this.#takeUpper()
    }
    return order < 0 !== this.#isBackward ? this.#takeUpper() : this.#takeLower()
  }

  #takeUpper(): Row | undefined {
    const row = this.#upperRow
    if (row !== undefined) this.#upperRow = this.#upper.next()
    return row
  }

  #takeLower(): Row | undefined {
    const row = this.#lowerRow
    if (row !== undefined) this.#lowerRow = this.#lower.next()
    return row
  }
}
