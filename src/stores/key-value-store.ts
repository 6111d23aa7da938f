import type { Bytes } from '../core/bytes.ts'
import { prefixEnd, startsWith } from './byte-keys.ts'
import type { Direction } from './direction.ts'
import type { KeyValue, KeyValueStore } from './port.ts'
import type { RecordCache } from './record-cache.ts'
import type { RowCursor, Rows } from './row.ts'
import { checkEntries, checkPrefix } from './store-arguments.ts'
import { type StoreKey, StoreKeys } from './store-keys.ts'
import type { StoreSerdes } from './store-serdes.ts'
import { StoreValues } from './store-values.ts'
import type { RecordContext } from './record-context.ts'

export interface KeyValueStoreParts {
  readonly name: string
  readonly kind: string
  /** Below the cache. */
  readonly rows: Rows
  readonly cache: RecordCache | undefined
  readonly serdes: StoreSerdes
  readonly context: RecordContext
}

/**
 * Typed key-value store over rows; plain or timestamped by its serdes. The order of ranges is that of the serialized
 * keys, byte by byte without sign: for numbers below zero and texts beyond ASCII it is not the order of the values.
 * Iterators see changes ahead of them; null and undefined as a bound mean open.
 */
export class TypedKeyValueStore implements KeyValueStore<unknown, unknown> {
  readonly name: string
  readonly kind: string
  /** How often something was put: who keeps what was read sees by it whether that still holds. */
  puts = 0
  readonly #rows: Rows
  readonly #serdes: StoreSerdes
  readonly #keys: StoreKeys
  readonly #values: StoreValues

  constructor({ name, kind, rows, cache, serdes, context }: KeyValueStoreParts) {
    this.name = name
    this.kind = kind
    this.#rows = cache ?? rows
    this.#serdes = serdes
    this.#keys = new StoreKeys(serdes, (inner) => inner)
    this.#values = new StoreValues(this.#rows, cache, serdes, context)
  }

  get(key: unknown): unknown {
    return this.#values.get(this.#keys.of(key, 0))
  }

  put(key: unknown, value: unknown): void {
    this.#put(this.#keys.of(key, 0), value)
  }

  putIfAbsent(key: unknown, value: unknown): unknown {
    const storeKey = this.#keys.of(key, 0)
    const old = this.#values.get(storeKey)
    if (old === undefined) this.#put(storeKey, value)
    return old
  }

  putAll(entries: Iterable<KeyValue<unknown, unknown>>): void {
    checkEntries(this.name, entries)
    for (const { key, value } of entries) this.put(key, value)
  }

  delete(key: unknown): unknown {
    const storeKey = this.#keys.of(key, 0)
    const old = this.#values.get(storeKey)
    this.#put(storeKey, null)
    return old
  }

  range(from: unknown, to: unknown): IterableIterator<KeyValue<unknown, unknown>> {
    return this.#entries(this.#cursor(this.#bound(from), this.#bound(to), 'forward'))
  }

  reverseRange(from: unknown, to: unknown): IterableIterator<KeyValue<unknown, unknown>> {
    return this.#entries(this.#cursor(this.#bound(from), this.#bound(to), 'backward'))
  }

  all(): IterableIterator<KeyValue<unknown, unknown>> {
    return this.#entries(this.#cursor(undefined, undefined, 'forward'))
  }

  reverseAll(): IterableIterator<KeyValue<unknown, unknown>> {
    return this.#entries(this.#cursor(undefined, undefined, 'backward'))
  }

  prefixScan(prefix: Uint8Array): IterableIterator<KeyValue<unknown, unknown>> {
    checkPrefix(this.name, prefix)
    return this.#entries(this.#cursor(prefix, prefixEnd(prefix), 'forward'), prefix)
  }

  approximateNumEntries(): number {
    return this.#rows.approximateCount()
  }

  #put(key: StoreKey, value: unknown): void {
    this.puts++
    this.#values.put(key, value)
  }

  #bound(key: unknown): Bytes | undefined {
    return key === undefined || key === null ? undefined : this.#serdes.keyBytes(key)
  }

  #cursor(from: Bytes | undefined, to: Bytes | undefined, direction: Direction): RowCursor {
    return this.#rows.range(from, to, direction, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY)
  }

  /** `prefix`: ends at the first key without it. */
  *#entries(cursor: RowCursor, prefix?: Bytes): IterableIterator<KeyValue<unknown, unknown>> {
    for (let row = cursor.next(); row !== undefined; row = cursor.next()) {
      if (prefix !== undefined && !startsWith(row.key, prefix)) return
      yield { key: this.#serdes.key(row.key), value: this.#serdes.value(row.value as Bytes, row.timestamp) }
    }
  }
}
