import type { Bytes } from '../core/bytes.ts'
import { prefixEnd, startsWith } from './byte-keys.ts'
import type { Direction } from './direction.ts'
import type { KeyValue, KeyValueStore } from './port.ts'
import type { RowCursor, Rows } from './row.ts'
import { checkEntries, checkPrefix } from './store-arguments.ts'
import type { StoreSerdes } from './store-serdes.ts'
import type { RecordContext } from './record-context.ts'

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
  readonly #context: RecordContext

  constructor(name: string, kind: string, rows: Rows, serdes: StoreSerdes, context: RecordContext) {
    this.name = name
    this.kind = kind
    this.#rows = rows
    this.#serdes = serdes
    this.#context = context
  }

  get(key: unknown): unknown {
    return this.#get(this.#serdes.keyBytes(key))
  }

  put(key: unknown, value: unknown): void {
    this.#put(this.#serdes.keyBytes(key), value)
  }

  putIfAbsent(key: unknown, value: unknown): unknown {
    const bytes = this.#serdes.keyBytes(key)
    const old = this.#get(bytes)
    if (old === undefined) this.#put(bytes, value)
    return old
  }

  putAll(entries: Iterable<KeyValue<unknown, unknown>>): void {
    checkEntries(this.name, entries)
    for (const { key, value } of entries) this.put(key, value)
  }

  delete(key: unknown): unknown {
    const bytes = this.#serdes.keyBytes(key)
    const old = this.#get(bytes)
    this.#put(bytes, null)
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

  #get(key: Bytes): unknown {
    const row = this.#rows.get(key)
    return row === undefined ? undefined : this.#serdes.value(row.value as Bytes, row.timestamp)
  }

  #put(key: Bytes, value: unknown): void {
    this.puts++
    const { timestamp } = this.#context
    const bytes = this.#serdes.valueBytes(value)
    this.#rows.put(key, bytes, bytes === null ? timestamp : this.#serdes.timestampOf(value, timestamp))
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
