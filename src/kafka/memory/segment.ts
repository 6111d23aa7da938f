import type { Bytes } from '../../core/bytes.ts'
import { type Headers, noHeaders } from '../../core/headers.ts'
import type { LogTransaction } from './log-transactions.ts'

const absent = -1
/** Bytes that the columns need per record in addition to its own. */
const columnBytes = 72

/**
 * A run of records of one partition: columns over one arena of bytes. Only ever appended to, so that a batch over its
 * first records stays true; what is deleted or compacted is left behind in whole segments.
 * ```
 * append(7, 'k', 'one'), append(9, 'k', null)
 *
 * arena         6b 6f 6e 65 ...      offsets       7  9
 *               k  o  n  e           keyStarts     0  4    keyLengths    1  1
 *               (then k at 4)        valueStarts   1  5    valueLengths  3 -1 (null)
 * ```
 * The arena has a fixed size: a batch holds views of it, and of nothing else.
 */
export class Segment {
  readonly #arena: Uint8Array
  #used = 0
  readonly #offsets: number[] = []
  readonly #timestamps: number[] = []
  readonly #keyStarts: number[] = []
  readonly #valueStarts: number[] = []
  readonly #keyLengths: number[] = []
  readonly #valueLengths: number[] = []
  readonly #headers: Headers[] = []
  readonly #transactions: (LogTransaction | undefined)[] = []
  /** Bytes of the records up to and with this one. */
  readonly #byteEnds: number[] = []

  constructor(arenaBytes: number) {
    this.#arena = new Uint8Array(arenaBytes)
  }

  get count(): number {
    return this.#offsets.length
  }

  /** Bytes of keys, values and headers of all records. */
  get byteLength(): number {
    return this.#byteEnds.at(-1) ?? 0
  }

  /** Bytes that it holds in memory, roughly. */
  get retainedBytes(): number {
    return this.byteLength + this.count * columnBytes
  }

  /** The size of the arena, used or not. */
  get arenaBytes(): number {
    return this.#arena.length
  }

  /** Whether key and value fit the rest of the arena. */
  hasRoom(key: Bytes | null, value: Bytes | null): boolean {
    return this.#used + (key?.length ?? 0) + (value?.length ?? 0) <= this.#arena.length
  }

  /** The caller has asked `hasRoom`. Bytes are copied. */
  append(
    offset: number,
    key: Bytes | null,
    value: Bytes | null,
    timestamp: number,
    headers: Headers,
    transaction: LogTransaction | undefined,
  ): void {
    const bytes = (key?.length ?? 0) + (value?.length ?? 0) + headersByteLength(headers)
    this.#byteEnds.push(this.byteLength + bytes)
    this.#offsets.push(offset)
    this.#timestamps.push(timestamp)
    this.#keyStarts.push(this.#used)
    this.#keyLengths.push(this.#copy(key))
    this.#valueStarts.push(this.#used)
    this.#valueLengths.push(this.#copy(value))
    this.#headers.push(headers.length === 0 ? noHeaders : copyHeaders(headers))
    this.#transactions.push(transaction)
  }

  #copy(bytes: Bytes | null): number {
    if (bytes === null) return absent
    this.#arena.set(bytes, this.#used)
    this.#used += bytes.length
    return bytes.length
  }

  /** Columns by index, 0 up to but without `count`; the caller keeps to that. */
  offset(index: number): number {
    return this.#offsets[index] as number
  }

  timestamp(index: number): number {
    return this.#timestamps[index] as number
  }

  /** A view of the arena, not a copy. */
  key(index: number): Bytes | null {
    return this.#view(this.#keyStarts[index] as number, this.#keyLengths[index] as number)
  }

  /** A view of the arena, not a copy. */
  value(index: number): Bytes | null {
    return this.#view(this.#valueStarts[index] as number, this.#valueLengths[index] as number)
  }

  #view(start: number, length: number): Bytes | null {
    return length === absent ? null : this.#arena.subarray(start, start + length)
  }

  headers(index: number): Headers {
    return this.#headers[index] as Headers
  }

  /** The transaction that the record belongs to; undefined for a record of its own. */
  transaction(index: number): LogTransaction | undefined {
    return this.#transactions[index]
  }

  /** The first index from `from` up to `to` whose record is aborted, or is not (`isAborted` false); else `to`. */
  seek(from: number, to: number, isAborted: boolean): number {
    let index = from
    while (index < to && (this.#transactions[index]?.state === 'aborted') !== isAborted) index++
    return index
  }

  /** The index of the first record at or after the offset; `count` when there is none. */
  indexOf(offset: number): number {
    return lowerBound(this.#offsets, offset)
  }

  /** Bytes of the records from `from` up to but without `to`. */
  byteLengthOf(from: number, to: number): number {
    return (this.#byteEnds[to - 1] ?? 0) - (this.#byteEnds[from - 1] ?? 0)
  }

  /** The end of the longest run from `from` within the bytes; at least one record. */
  endWithin(from: number, bytesMax: number): number {
    const start = this.#byteEnds[from - 1] ?? 0
    return Math.max(from + 1, lowerBound(this.#byteEnds, start + bytesMax + 1))
  }
}

/** The first index whose value is not below; values rise. */
export function lowerBound(values: readonly number[], wanted: number): number {
  let low = 0
  let high = values.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((values[middle] as number) < wanted) low = middle + 1
    else high = middle
  }
  return low
}

/** About what a broker's framing adds to a record. */
const recordOverheadBytes = 70

export function recordBytes(key: Bytes | null, value: Bytes | null, headers: Headers): number {
  return (key?.length ?? 0) + (value?.length ?? 0) + headersByteLength(headers) + recordOverheadBytes
}

function headersByteLength(headers: Headers): number {
  let bytes = 0
  for (const { key, value } of headers) bytes += key.length + (value?.length ?? 0)
  return bytes
}

export function copyHeaders(headers: Headers): Headers {
  return headers.map(({ key, value }) => ({ key, value: copyBytes(value) }))
}

/** Not `slice`, which on a Buffer is a view. */
export function copyBytes(bytes: Bytes | null): Bytes | null {
  return bytes === null ? null : new Uint8Array(bytes)
}
