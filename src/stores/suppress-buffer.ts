import { type Bytes, emptyBytes } from '../core/bytes.ts'
import { noHeaders } from '../core/headers.ts'
import type { Serde } from '../serde/serde.ts'
import { bufferedBytes, decodeBufferValue, encodeBufferValue } from './buffer-value.ts'
import { HeadCursor } from './head-cursor.ts'
import { readLong, writeLong } from './longs.ts'
import { MapState } from './map-state.ts'
import type { BufferedContext, SuppressBuffer, SuppressedChange } from './port.ts'
import type { Rows } from './row.ts'
import type { StateChanges } from './state-base.ts'
import type { BatchDraft, RestoredRecord, StatePart } from './state-part.ts'
import { plainValueFormat } from './value-format.ts'

/** Changelog records of a suppress buffer carry no separate timestamp. */
const noTimestamp = -1

interface Counts {
  readonly entries: number
  readonly bytes: number
}

/**
 * The rows of a suppress buffer, by key as they are logged, and their order by time. Always in memory, as Java's: after
 * a restart all of it comes from the changelog.
 * ```
 * byKey   'a' -> { bufferTimeMs 20, prior, old, new, context }       what the changelog has (`buffer-value.ts`)
 *         'b' -> { bufferTimeMs 10, ... }
 * order   00 00 00 00 00 00 00 0a 'b' -> nothing                      8 bytes of time, big-endian, then the key
 *         00 00 00 00 00 00 00 14 'a' -> nothing
 * ```
 * An update of a key keeps its place in the order. Both maps and the counts roll back together. `byteCount` is counted
 * as Java does, since the limit of `maxBytes` decides when results are emitted.
 */
export class SuppressState implements StatePart {
  readonly byKey: MapState
  readonly #order: MapState
  readonly #head = new HeadCursor((from) => this.#order.range(from, undefined, 'forward'))
  #counts: Counts = { entries: 0, bytes: 0 }
  #appliedCounts: Counts = this.#counts

  constructor(changes: StateChanges) {
    this.byKey = new MapState('', { engine: undefined, changes }, plainValueFormat)
    this.#order = new MapState('', { engine: undefined, changes }, plainValueFormat)
  }

  get entryCount(): number {
    return this.#counts.entries
  }

  get byteCount(): number {
    return this.#counts.bytes
  }

  /** The order key of the first entry. */
  first(): Bytes | undefined {
    return this.#head.first()?.key
  }

  /** A key that is not in the buffer gets its place. */
  enter(bufferTimeMs: number, key: Bytes): void {
    const orderKey = toOrderKey(bufferTimeMs, key)
    this.#order.put(orderKey, emptyBytes, noTimestamp)
    this.#head.notePut(orderKey)
  }

  /** Takes the place away; the row is the caller's to delete. */
  leave(orderKey: Bytes): void {
    this.#order.put(orderKey, null, noTimestamp)
    this.#head.noteRemoved()
  }

  /** Adds to the counts, or takes away from them. */
  count(entries: number, bytes: number): void {
    this.#counts = { entries: this.#counts.entries + entries, bytes: this.#counts.bytes + bytes }
  }

  get dirtyEntries(): number {
    return this.byKey.dirtyEntries
  }

  take(draft: BatchDraft): void {
    this.byKey.take(draft)
    this.#order.take(draft)
    this.#appliedCounts = this.#counts
  }

  applied(): void {
    this.byKey.applied()
    this.#order.applied()
  }

  discard(): void {
    this.byKey.discard()
    this.#order.discard()
    this.#counts = this.#appliedCounts
    this.#head.reset()
  }

  restore(records: readonly RestoredRecord[], draft: BatchDraft): void {
    for (const record of records) {
      const old = this.byKey.get(record.key)
      if (old !== undefined) {
        const value = decodeBufferValue(old.value as Bytes)
        this.count(-1, -bufferedBytes(record.key, value))
        const orderKey = toOrderKey(value.bufferTimeMs, record.key)
        this.#order.restore([{ key: orderKey, value: null, timestamp: noTimestamp }], draft)
      }
      this.byKey.restore([record], draft)
      if (record.value === null) continue
      const value = decodeBufferValue(record.value)
      this.count(1, bufferedBytes(record.key, value))
      const orderKey = toOrderKey(value.bufferTimeMs, record.key)
      this.#order.restore([{ key: orderKey, value: emptyBytes, timestamp: noTimestamp }], draft)
    }
    this.#appliedCounts = this.#counts
    this.#head.reset()
  }
}

function toOrderKey(bufferTimeMs: number, key: Bytes): Bytes {
  const bytes = new Uint8Array(key.length + 8)
  writeLong(bytes, 0, bufferTimeMs)
  bytes.set(key, 8)
  return bytes
}

/** `topic` is passed to both. */
export interface SuppressSerdes {
  readonly key: Serde<unknown>
  readonly value: Serde<unknown>
  readonly topic: string
}

/**
 * Typed suppress buffer; `rows` is its state by key, with the changelog around it. Called by the operator `suppress`
 * only: it puts every change and takes the first ones as they fall due or the limit is reached. Its contract is
 * `SuppressBuffer` in `port.ts`.
 */
export class TypedSuppressBuffer implements SuppressBuffer<unknown, unknown> {
  readonly name: string
  readonly kind = 'suppress-buffer'
  readonly #state: SuppressState
  readonly #rows: Rows
  readonly #serdes: SuppressSerdes

  constructor(name: string, state: SuppressState, rows: Rows, serdes: SuppressSerdes) {
    this.name = name
    this.#state = state
    this.#rows = rows
    this.#serdes = serdes
  }

  get entryCount(): number {
    return this.#state.entryCount
  }

  get byteCount(): number {
    return this.#state.byteCount
  }

  /** Infinity while the buffer is empty. */
  get minBufferTimeMs(): number {
    const first = this.#state.first()
    return first === undefined ? Number.POSITIVE_INFINITY : readLong(first, 0)
  }

  put(bufferTimeMs: number, key: unknown, newValue: unknown, oldValue: unknown, context: BufferedContext): void {
    const keyBytes = this.#keyBytes(key)
    const oldBytes = this.#valueBytes(oldValue)
    const newBytes = this.#valueBytes(newValue)
    const buffered = this.#rows.get(keyBytes)
    if (buffered === undefined) {
      const value = { context, prior: oldBytes, old: oldBytes, new: newBytes, bufferTimeMs }
      this.#state.enter(bufferTimeMs, keyBytes)
      this.#state.count(1, bufferedBytes(keyBytes, value))
      this.#rows.put(keyBytes, encodeBufferValue(value), noTimestamp)
      return
    }
    const before = decodeBufferValue(buffered.value as Bytes)
    const value = { context, prior: before.prior, old: oldBytes, new: newBytes, bufferTimeMs: before.bufferTimeMs }
    this.#state.count(0, bufferedBytes(keyBytes, value) - bufferedBytes(keyBytes, before))
    this.#rows.put(keyBytes, encodeBufferValue(value), noTimestamp)
  }

  first(): SuppressedChange<unknown, unknown> | undefined {
    const orderKey = this.#state.first()
    if (orderKey === undefined) return undefined
    const keyBytes = orderKey.subarray(8)
    const value = decodeBufferValue(this.#rows.get(keyBytes)?.value as Bytes)
    return {
      key: this.#serdes.key.deserialize(keyBytes, this.#serdes.topic, noHeaders),
      newValue: this.#value(value.new),
      oldValue: this.#value(value.old),
      bufferTimeMs: value.bufferTimeMs,
      context: value.context,
    }
  }

  removeFirst(): void {
    const orderKey = this.#state.first()
    if (orderKey === undefined) return
    const keyBytes = orderKey.subarray(8)
    const value = decodeBufferValue(this.#rows.get(keyBytes)?.value as Bytes)
    this.#state.leave(orderKey)
    this.#state.count(-1, -bufferedBytes(keyBytes, value))
    this.#rows.put(keyBytes, null, noTimestamp)
  }

  has(key: unknown): boolean {
    return this.#rows.get(this.#keyBytes(key)) !== undefined
  }

  priorValue(key: unknown): unknown {
    const row = this.#rows.get(this.#keyBytes(key))
    return row === undefined ? undefined : this.#value(decodeBufferValue(row.value as Bytes).prior)
  }

  #keyBytes(key: unknown): Bytes {
    return this.#serdes.key.serialize(key, this.#serdes.topic, noHeaders)
  }

  #valueBytes(value: unknown): Bytes | null {
    if (value === undefined || value === null) return null
    return this.#serdes.value.serialize(value, this.#serdes.topic, noHeaders)
  }

  #value(bytes: Bytes | null): unknown {
    return bytes === null ? undefined : this.#serdes.value.deserialize(bytes, this.#serdes.topic, noHeaders)
  }
}
