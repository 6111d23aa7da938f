import type { Bytes } from '../core/bytes.ts'
import { compareKeys } from './byte-keys.ts'
import type { Direction } from './direction.ts'
import type { Row, RowCursor } from './row.ts'

/** Reads rows that may move from one layer to another: it then continues with a new cursor. */
export class ResumingCursor implements RowCursor {
  readonly #open: (from: Bytes | undefined, to: Bytes | undefined) => RowCursor
  readonly #moves: () => number
  readonly #isBackward: boolean
  readonly #keyBytes: number | undefined
  #from: Bytes | undefined
  #to: Bytes | undefined
  #cursor: RowCursor
  #movesSeen: number
  #last: Bytes | undefined

  /** `moves` is a count of them. `keyBytes`: bounds may be keys of this length only. */
  constructor(
    open: (from: Bytes | undefined, to: Bytes | undefined) => RowCursor,
    moves: () => number,
    from: Bytes | undefined,
    to: Bytes | undefined,
    direction: Direction,
    keyBytes?: number,
  ) {
    this.#open = open
    this.#moves = moves
    this.#from = from
    this.#to = to
    this.#isBackward = direction === 'backward'
    this.#keyBytes = keyBytes
    this.#movesSeen = moves()
    this.#cursor = open(from, to)
  }

  next(): Row | undefined {
    const hasMoved = this.#moves() !== this.#movesSeen
    if (hasMoved) this.#reopen()
    let row = this.#cursor.next()
    while (hasMoved && row !== undefined && !this.#isBeyondLast(row.key)) row = this.#cursor.next()
    if (row !== undefined) this.#last = row.key
    return row
  }

  #reopen(): void {
    this.#movesSeen = this.#moves()
    const last = this.#last
    if (last !== undefined && (this.#keyBytes === undefined || last.length === this.#keyBytes)) {
      if (this.#isBackward) this.#to = last
      else this.#from = last
    }
    this.#cursor = this.#open(this.#from, this.#to)
  }

  #isBeyondLast(key: Bytes): boolean {
    if (this.#last === undefined) return true
    const order = compareKeys(key, this.#last)
    return this.#isBackward ? order < 0 : order > 0
  }
}
