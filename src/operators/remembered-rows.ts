import type { Row, TableReader } from './table-view.ts'

/** What a store tells of its puts: rows that were read are as they were while the number stands still. */
export interface CountsPuts {
  readonly puts: number
}

const rowsMax = 4096

/** Rows of a table by text, as they were read; forgotten with the next put into the store, and when they are too many. */
export class RememberedRows {
  readonly #reader: TableReader
  readonly #store: CountsPuts
  readonly #rows = new Map<string, Row | undefined>()
  #puts = -1

  constructor(reader: TableReader, store: CountsPuts) {
    this.#reader = reader
    this.#store = store
  }

  get(key: string): Row | undefined {
    if (this.#puts !== this.#store.puts) {
      this.#rows.clear()
      this.#puts = this.#store.puts
    }
    const row = this.#rows.get(key)
    return row === undefined && !this.#rows.has(key) ? this.#read(key) : row
  }

  #read(key: string): Row | undefined {
    if (this.#rows.size === rowsMax) this.#rows.clear()
    const row = this.#reader.get(key)
    this.#rows.set(key, row)
    return row
  }
}
