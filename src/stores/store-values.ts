import type { Bytes } from '../core/bytes.ts'
import type { RecordCache } from './record-cache.ts'
import type { RecordContext } from './record-context.ts'
import type { Rows } from './row.ts'
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
    const { held } = this.#serdes
    if (this.#cache === undefined || held === undefined) {
      const row = this.#rows.get(key.bytes)
      return row === undefined ? undefined : this.#serdes.value(row.value as Bytes, row.timestamp)
    }
    const cached = this.#cache.find(key)
    const known = cached?.held ?? cached?.read
    if (cached !== undefined && known !== undefined) return held.give(known, cached.timestamp)
    const row = cached ?? this.#cache.load(key)
    if (row === undefined || row.value === null) return undefined
    const value = this.#serdes.value(row.value, row.timestamp)
    // A row that is found in the cache may be read again and again.
    if (cached?.storeKey === key) cached.read = held.keep(value)
    return value
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
