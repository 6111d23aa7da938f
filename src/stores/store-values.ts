import type { RecordCache } from './record-cache.ts'
import type { RecordContext } from './record-context.ts'
import type { Row, Rows } from './row.ts'
import type { StoreKey } from './store-keys.ts'
import type { StoreSerdes } from './store-serdes.ts'

/**
 * The values of a typed store by their store keys. Where the store has a record cache and the serde of values allows it,
 * a value that is put is held there as it is (`snapshots.ts`), and has bytes once it leaves the cache. So is a value
 * that is read again, as long as its key is one of those that were used last.
 */
export class StoreValues {
  readonly #rows: Rows
  readonly #cache: RecordCache | undefined
  readonly #serdes: StoreSerdes
  readonly #context: RecordContext

  /** `rows` is the cache where there is one. */
  constructor(rows: Rows, cache: RecordCache | undefined, serdes: StoreSerdes, context: RecordContext) {
    this.#rows = rows
    this.#cache = cache
    this.#serdes = serdes
    this.#context = context
  }

  /** undefined: there is none. */
  get(key: StoreKey): unknown {
    if (this.#cache === undefined) return this.#valueOf(this.#rows.get(key.bytes))
    const cached = this.#cache.find(key)
    if (cached === undefined) return this.#valueOf(this.#cache.load(key))
    const { held } = this.#serdes
    if (held === undefined) return this.#valueOf(cached)
    const known = cached.held ?? cached.read
    if (known !== undefined) return held.give(known, cached.timestamp)
    const value = this.#valueOf(cached)
    // A row that is found in the cache may be read again and again.
    if (value !== undefined && cached.storeKey === key) cached.read = held.keep(value)
    return value
  }

  #valueOf(row: Row | undefined): unknown {
    return row === undefined || row.value === null ? undefined : this.#serdes.value(row.value, row.timestamp)
  }

  /** null and undefined delete. */
  put(key: StoreKey, value: unknown): void {
    const { timestamp } = this.#context
    const { held } = this.#serdes
    if (this.#cache !== undefined && held !== undefined) {
      const taken = held.take(value)
      if (taken !== undefined) {
        this.#cache.hold(key, taken, held.byteLength, this.#serdes.timestampOf(value, timestamp))
        return
      }
    }
    const bytes = this.#serdes.valueBytes(value)
    this.#rows.put(key.bytes, bytes, bytes === null ? timestamp : this.#serdes.timestampOf(value, timestamp))
  }
}
