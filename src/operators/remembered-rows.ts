import { copyOfPlain, isPlain } from './plain-data.ts'
import type { Row, TableReader } from './table-view.ts'

/** A store's counter of puts: rows that were read are unchanged while the number does not change. */
export interface CountsPuts {
  readonly puts: number
}

const rowsMax = 4096

/**
 * The rows of a global table, decoded once, by text keys. All are forgotten with the next put into the store, and when
 * they are too many (4096). Every caller gets its own copy, as if the store had been read: a joiner that changes its
 * value changes no row. A value that cannot be copied cheaply is read each time.
 */
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
    if (row === undefined) return this.#rows.has(key) ? undefined : this.#read(key)
    const { value } = row
    return typeof value === 'object' ? { value: copyOfPlain(value), timestamp: row.timestamp } : row
  }

  #read(key: string): Row | undefined {
    if (this.#rows.size === rowsMax) this.#rows.clear()
    const row = this.#reader.get(key)
    if (row === undefined || typeof row.value !== 'object') this.#rows.set(key, row)
    else if (isPlain(row.value)) this.#rows.set(key, { value: copyOfPlain(row.value), timestamp: row.timestamp })
    return row
  }
}
