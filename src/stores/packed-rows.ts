import type { Bytes } from '../core/bytes.ts'
import { checksumBytes, checksumOf, checksumSeed, writeChecksum } from './row-checksum.ts'
import { placesByKey, type RowPlaces } from './row-places.ts'
import type { ValueFormat } from './value-format.ts'

const bytesAtFirst = 16 * 1024
const rowsAtFirst = 1024

/** The length of the value of a row that is deleted. */
export const noValue = 0xffffffff

/** null: it is deleted. */
export interface PackedRow {
  readonly key: Bytes
  readonly value: Bytes | null
}

/** How many bytes a row takes. */
export function packedBytes(key: Bytes, value: Bytes | null, prefixBytes: number): number {
  return key.length + (value === null ? 0 : prefixBytes + value.length) + checksumBytes
}

/**
 * What is written to one map of an engine, as one piece of memory: an object for each row would live until it is written,
 * and millions of those cost more time than the writing.
 * ```
 * bytes    key | value | checksum (4) | key | ...    in the order in which they were added
 * places   where the key begins, its length, that of the value (`noValue`: the row is deleted)
 * ```
 */
export class PackedRows implements Iterable<PackedRow>, RowPlaces {
  readonly #seed: number
  readonly #format: ValueFormat
  bytes = Buffer.allocUnsafeSlow(bytesAtFirst)
  places = new Uint32Array(3 * rowsAtFirst)
  count = 0
  byteLength = 0
  /** Of the longest key. */
  keyBytesMax = 0

  readonly #bytesExpected: number
  #order: Uint32Array | undefined

  /** `bytesExpected`: of all rows that may come. */
  constructor(map: string, format: ValueFormat, bytesExpected: number) {
    this.#seed = checksumSeed(map)
    this.#format = format
    this.#bytesExpected = bytesExpected
  }

  /** null deletes. */
  add(key: Bytes, value: Bytes | null, timestamp: number): void {
    const { prefixBytes } = this.#format
    const end = this.byteLength + packedBytes(key, value, prefixBytes)
    if (end > this.bytes.length) this.#growBytes(end)
    if (3 * this.count === this.places.length) this.#growPlaces()
    const at = this.byteLength
    this.bytes.set(key, at)
    if (value !== null) {
      this.#format.writePrefix(this.bytes, at + key.length, timestamp)
      this.bytes.set(value, at + key.length + prefixBytes)
    }
    const valueAt = at + key.length
    const checksum = checksumOf(this.#seed, this.bytes, at, valueAt, this.bytes, valueAt, end - checksumBytes)
    writeChecksum(this.bytes, end - checksumBytes, checksum)
    const place = 3 * this.count++
    this.places[place] = at
    this.places[place + 1] = key.length
    this.places[place + 2] = value === null ? noValue : prefixBytes + value.length
    this.byteLength = end
    this.#order = undefined
    if (key.length > this.keyBytesMax) this.keyBytesMax = key.length
  }

  /** Places of the rows by key, of each key the one that was added last. */
  sorted(): Uint32Array {
    this.#order ??= placesByKey(this)
    return this.#order
  }

  /** Sorted, as views of the rows. */
  *[Symbol.iterator](): Iterator<PackedRow> {
    for (const row of this.sorted()) yield this.row(row)
  }

  row(row: number): PackedRow {
    const at = this.places[3 * row] as number
    const valueAt = at + (this.places[3 * row + 1] as number)
    const valueLength = this.places[3 * row + 2] as number
    return {
      key: this.bytes.subarray(at, valueAt),
      value: valueLength === noValue ? null : this.bytes.subarray(valueAt, valueAt + valueLength),
    }
  }

  #growBytes(needed: number): void {
    const bytes = Buffer.allocUnsafeSlow(Math.max(needed, 2 * this.bytes.length, this.#bytesExpected))
    bytes.set(this.bytes.subarray(0, this.byteLength))
    this.bytes = bytes
  }

  #growPlaces(): void {
    const places = new Uint32Array(2 * this.places.length)
    places.set(this.places)
    this.places = places
  }
}
