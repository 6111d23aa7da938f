import type { Bytes } from '../core/bytes.ts'
import type { Direction } from './direction.ts'
import { emptyIterator } from './empty-iterator.ts'
import { compareKeys, startsWith } from './byte-keys.ts'
import { windowKey, windowKeyInner, windowKeyStart, windowKeyUpper } from './key-schema.ts'
import type { KeyValue, Windowed, WindowEntry, WindowStore } from './port.ts'
import type { RecordCache } from './record-cache.ts'
import { type RowCursor, type Rows, rowsOfKey } from './row.ts'
import { checkBounds, checkTime } from './store-arguments.ts'
import { StoreKeys } from './store-keys.ts'
import type { StoreSerdes } from './store-serdes.ts'
import { StoreValues } from './store-values.ts'
import type { HidingWindows } from './retention.ts'
import type { RecordContext } from './record-context.ts'

export interface WindowStoreParts {
  readonly name: string
  readonly kind: string
  /** The end of the window with this start. */
  readonly endMs: (startMs: number) => number
  /** Numbers the rows of a store that retains duplicates. */
  readonly nextSequence: (() => number) | undefined
  /** Below the cache. */
  readonly rows: Rows
  readonly cache: RecordCache | undefined
  /** The highest time put; -1 before the first. */
  readonly observedMs: () => number
  readonly visibleFromMs: (observedMs: number) => number
  /** Time-ordered stores: all rows by time first. */
  readonly byTime: ((fromMs: number, toMs: number, direction: Direction) => RowCursor) | undefined
  readonly serdes: StoreSerdes
  readonly context: RecordContext
}

type WindowRow = KeyValue<Windowed<unknown>, unknown>

/**
 * Typed window store over rows whose keys are `windowKey`s: `key | start, 8 bytes | sequence, 4 bytes`. The sequence is
 * 0, except in stores that retain duplicates, which number their puts. Reads never return a row that has expired, even
 * while its segment is still there. Iterators see rows that are put or deleted while they are open, where their keys
 * lie ahead.
 *
 * All times are start times of windows, inclusive. Throws through `checkBounds` and `checkTime` for times that are
 * none.
 */
export class TypedWindowStore implements WindowStore<unknown, unknown>, HidingWindows {
  readonly name: string
  readonly kind: string
  readonly #parts: WindowStoreParts
  readonly #rows: Rows
  readonly #keys: StoreKeys
  readonly #values: StoreValues
  #sequence = 0

  constructor(parts: WindowStoreParts) {
    const { name, kind, rows, cache, serdes, context } = parts
    this.name = name
    this.kind = kind
    this.#parts = parts
    this.#rows = cache ?? rows
    this.#values = new StoreValues(this.#rows, cache, serdes, context)
    this.#keys = new StoreKeys(serdes, (inner, startMs) => this.#storeKey(inner, startMs))
  }

  get observedMs(): number {
    return this.#parts.observedMs()
  }

  visibleFromMs(observedMs: number): number {
    return this.#parts.visibleFromMs(observedMs)
  }

  get(key: unknown, startMs: number): unknown {
    if (this.#parts.nextSequence === undefined) return this.#values.get(this.#keys.of(key, startMs))
    const { serdes } = this.#parts
    const row = this.#rows.get(this.#storeKey(serdes.keyBytes(key), startMs))
    return row === undefined ? undefined : serdes.value(row.value as Bytes, row.timestamp)
  }

  put(key: unknown, value: unknown, startMs: number): void {
    if (this.#parts.nextSequence === undefined) this.#values.put(this.#keys.of(key, startMs), value)
    else this.#putNumbered(key, value, startMs, this.#parts.nextSequence)
  }

  #putNumbered(key: unknown, value: unknown, startMs: number, nextSequence: () => number): void {
    const { serdes, context } = this.#parts
    const bytes = serdes.valueBytes(value)
    // A null adds nothing, but it takes a number and is logged, as in Kafka Streams.
    this.#sequence = nextSequence()
    const { timestamp } = context
    const storeKey = this.#storeKey(serdes.keyBytes(key), startMs)
    this.#rows.put(storeKey, bytes, bytes === null ? timestamp : serdes.timestampOf(value, timestamp))
  }

  fetch(key: unknown, fromMs: number, toMs: number): IterableIterator<WindowEntry<unknown>> {
    return this.#windows(this.#parts.serdes.keyBytes(key), fromMs, toMs, 'forward')
  }

  backwardFetch(key: unknown, fromMs: number, toMs: number): IterableIterator<WindowEntry<unknown>> {
    return this.#windows(this.#parts.serdes.keyBytes(key), fromMs, toMs, 'backward')
  }

  fetchRange(fromKey: unknown, toKey: unknown, fromMs: number, toMs: number): IterableIterator<WindowRow> {
    return this.#entries(this.#bound(fromKey), this.#bound(toKey), fromMs, toMs, 'forward')
  }

  backwardFetchRange(fromKey: unknown, toKey: unknown, fromMs: number, toMs: number): IterableIterator<WindowRow> {
    return this.#entries(this.#bound(fromKey), this.#bound(toKey), fromMs, toMs, 'backward')
  }

  all(): IterableIterator<WindowRow> {
    return this.#entries(undefined, undefined, 0, Number.POSITIVE_INFINITY, 'forward')
  }

  backwardAll(): IterableIterator<WindowRow> {
    return this.#entries(undefined, undefined, 0, Number.POSITIVE_INFINITY, 'backward')
  }

  fetchAll(fromMs: number, toMs: number): IterableIterator<WindowRow> {
    return this.#entries(undefined, undefined, fromMs, toMs, 'forward')
  }

  backwardFetchAll(fromMs: number, toMs: number): IterableIterator<WindowRow> {
    return this.#entries(undefined, undefined, fromMs, toMs, 'backward')
  }

  #storeKey(inner: Bytes, startMs: number): Bytes {
    checkTime(this.name, 'startMs', startMs)
    return windowKey(inner, startMs, this.#sequence)
  }

  /** undefined or null: open on this side. */
  #bound(key: unknown): Bytes | undefined {
    return key === undefined || key === null ? undefined : this.#parts.serdes.keyBytes(key)
  }

  /** A key that certainly has no row within the times costs no iterator. */
  #windows(key: Bytes, fromMs: number, toMs: number, direction: Direction): IterableIterator<WindowEntry<unknown>> {
    checkBounds(this.name, fromMs, toMs)
    if (toMs < 0 || this.#rows.mayHold?.(key, fromMs, toMs) === false) return emptyIterator
    return this.#read(key, fromMs, toMs, direction)
  }

  *#read(key: Bytes, fromMs: number, toMs: number, direction: Direction): IterableIterator<WindowEntry<unknown>> {
    const rows = this.#rows
    const { serdes } = this.#parts
    const lower = windowKey(key, Math.max(0, fromMs), 0)
    const cursor = rowsOfKey(rows, key, lower, windowKeyUpper(key, toMs), direction, fromMs, toMs)
    for (let row = cursor.next(); row !== undefined; row = cursor.next()) {
      // Longer keys may lie in between when their bytes look like a start time.
      if (row.key.length !== lower.length || !startsWith(row.key, key)) continue
      yield { startMs: windowKeyStart(row.key), value: serdes.value(row.value as Bytes, row.timestamp) }
    }
  }

  #entries(
    fromKey: Bytes | undefined,
    toKey: Bytes | undefined,
    fromMs: number,
    toMs: number,
    direction: Direction,
  ): IterableIterator<WindowRow> {
    checkBounds(this.name, fromMs, toMs)
    const { byTime } = this.#parts
    const cursor =
      byTime !== undefined && fromKey === undefined && toKey === undefined
        ? byTime(fromMs, toMs, direction)
        : keyRange(this.#rows, fromKey, toKey, fromMs, toMs, direction, windowKeyInner)
    return this.#windowRows(cursor)
  }

  *#windowRows(cursor: RowCursor): IterableIterator<WindowRow> {
    const { serdes, endMs } = this.#parts
    for (let row = cursor.next(); row !== undefined; row = cursor.next()) {
      const startMs = windowKeyStart(row.key)
      yield {
        key: { key: serdes.key(windowKeyInner(row.key)), window: { startMs, endMs: endMs(startMs) } },
        value: serdes.value(row.value as Bytes, row.timestamp),
      }
    }
  }
}

/**
 * Rows of the inner keys within the bounds. The bytes behind an inner key are part of the order, so the upper bound of
 * the map is open and the inner keys are compared.
 */
export function keyRange(
  rows: Rows,
  fromKey: Bytes | undefined,
  toKey: Bytes | undefined,
  fromMs: number,
  toMs: number,
  direction: Direction,
  inner: (key: Bytes) => Bytes,
): RowCursor {
  const cursor = rows.range(fromKey, toKey === undefined ? undefined : afterAll(toKey), direction, fromMs, toMs)
  if (fromKey === undefined && toKey === undefined) return cursor
  return {
    next() {
      for (let row = cursor.next(); row !== undefined; row = cursor.next()) {
        const key = inner(row.key)
        if (fromKey !== undefined && compareKeys(key, fromKey) < 0) continue
        if (toKey !== undefined && compareKeys(key, toKey) > 0) continue
        return row
      }
      return undefined
    },
  }
}

/** At or above every store key whose inner key is at most `key`: times begin with a byte below 0x80. */
function afterAll(key: Bytes): Bytes {
  const bytes = new Uint8Array(key.length + 1)
  bytes.set(key)
  bytes[key.length] = 0x80
  return bytes
}
