import type { Bytes } from '../core/bytes.ts'
import { compareKeys } from './byte-keys.ts'
import type { Row, RowCursor } from './row.ts'

/**
 * The first present row of a queue-like map. Where rows are taken from the front one by one, looking from the start
 * each time would pass over all rows taken before; this keeps the place, and goes back only for a row put before it.
 */
export class HeadCursor {
  readonly #open: (from: Bytes | undefined) => RowCursor
  #cursor: RowCursor | undefined
  #head: Row | undefined
  #from: Bytes | undefined

  constructor(open: (from: Bytes | undefined) => RowCursor) {
    this.#open = open
  }

  first(): Row | undefined {
    if (this.#head !== undefined) return this.#head
    this.#cursor ??= this.#open(this.#from)
    this.#head = this.#cursor.next()
    // An open cursor does not see rows that are put after it was opened.
    if (this.#head === undefined) this.#cursor = undefined
    else this.#from = this.#head.key
    return this.#head
  }

  noteRemoved(): void {
    this.#head = undefined
  }

  notePut(key: Bytes): void {
    this.#cursor = undefined
    if (this.#head !== undefined && compareKeys(key, this.#head.key) > 0) return
    // Without a place the next look is from the start, where rows may lie that this cursor never saw.
    if (this.#from !== undefined && compareKeys(key, this.#from) < 0) this.#from = key
    this.#head = undefined
  }

  /** The map changed in other ways: start again. */
  reset(): void {
    this.#cursor = undefined
    this.#head = undefined
    this.#from = undefined
  }
}
