import { MillraceError } from '../../../core/errors.ts'

type Item<T> = (writer: Writer, version: number, item: T) => void

/** Bytes from this size on are handed on as they are instead of being copied. */
const viewBytesMin = 16 * 1024

/**
 * Writes the primitives of Kafka's protocol, for the generated encoders, into a buffer that grows by doubling. The
 * forms of values are those of `Reader`. One writer is used for one message: `finish` or `finishParts` ends its use.
 *
 * Bytes of `viewBytesMin` or more are not copied: they become a part of their own, between two parts of the buffer, so
 * that a batch of records goes to the socket from where it was built. Their owner must not write to them before the
 * request is sent.
 * ```
 * int32 size   string topic   compactBytes 1 MiB   uvarint 0
 * [------- part 1: our buffer -------][part 2: view][part 3: our buffer]
 * ```
 */
export class Writer {
  #buffer: Buffer
  /** Where the next part begins in the buffer, and how far it is written. */
  #start = 0
  #position = 0
  readonly #parts: Buffer[] = []
  #partsBytes = 0

  constructor(sizeHintBytes = 256) {
    this.#buffer = Buffer.allocUnsafe(sizeHintBytes)
  }

  /** Bytes written so far, over all parts; what a frame's size field says. */
  get byteLength(): number {
    return this.#partsBytes + this.#position - this.#start
  }

  /** Everything written, in one piece. Ends the writer's use. */
  finish(): Buffer {
    const parts = this.finishParts()
    return parts.length === 1 ? parts[0]! : Buffer.concat(parts)
  }

  /** Everything written, in pieces to be read one after another; large bytes are the caller's own. Ends the writer's use. */
  finishParts(): readonly Buffer[] {
    if (this.#position > this.#start || this.#parts.length === 0) this.#endPart()
    return this.#parts
  }

  bool(value: boolean): void {
    this.int8(value ? 1 : 0)
  }

  /** The range is checked by Node, which throws a RangeError: a number that does not fit is an error of the caller. */
  int8(value: number): void {
    const at = this.#advance(1)
    this.#buffer.writeInt8(value, at)
  }

  int16(value: number): void {
    const at = this.#advance(2)
    this.#buffer.writeInt16BE(value, at)
  }

  uint16(value: number): void {
    const at = this.#advance(2)
    this.#buffer.writeUInt16BE(value, at)
  }

  int32(value: number): void {
    const at = this.#advance(4)
    this.#buffer.writeInt32BE(value, at)
  }

  /** Throws UNSAFE_INTEGER for what is not a whole number within 2^53, as `Reader.int64` could not read it back. */
  int64(value: number): void {
    if (!Number.isSafeInteger(value)) {
      throw new MillraceError(
        'UNSAFE_INTEGER',
        'fatal',
        `${value} cannot be written as a 64-bit integer: it is not a whole number below 2^53`,
      )
    }
    const at = this.#advance(8)
    const high = Math.floor(value / 0x1_0000_0000)
    this.#buffer.writeInt32BE(high, at)
    this.#buffer.writeUInt32BE(value - high * 0x1_0000_0000, at + 4)
  }

  float64(value: number): void {
    const at = this.#advance(8)
    this.#buffer.writeDoubleBE(value, at)
  }

  /** An unsigned 32-bit number in one to five bytes, seven bits in each, lowest first. */
  uvarint(value: number): void {
    let rest = value >>> 0
    while (rest > 0x7f) {
      const at = this.#advance(1)
      this.#buffer[at] = (rest & 0x7f) | 0x80
      rest >>>= 7
    }
    const at = this.#advance(1)
    this.#buffer[at] = rest
  }

  /** 22 characters of base64url as 16 bytes. Throws INVALID_UUID. */
  uuid(value: string): void {
    const at = this.#advance(16)
    const written = this.#buffer.write(value, at, 16, 'base64url')
    if (written !== 16)
      throw new MillraceError('INVALID_UUID', 'fatal', `'${value}' is not a uuid of 22 base64url characters`)
  }

  /**
   * The four forms of a string. Throw STRING_TOO_LONG beyond 32767 bytes of UTF-8, in all versions the limit of
   * brokers.
   */
  string(value: string): void {
    const length = Buffer.byteLength(value)
    if (length > 0x7fff) throw tooLong(length)
    this.int16(length)
    this.#text(value, length)
  }

  nullableString(value: string | null): void {
    if (value === null) this.int16(-1)
    else this.string(value)
  }

  compactString(value: string): void {
    const length = Buffer.byteLength(value)
    if (length > 0x7fff) throw tooLong(length)
    this.uvarint(length + 1)
    this.#text(value, length)
  }

  nullableCompactString(value: string | null): void {
    if (value === null) this.uvarint(0)
    else this.compactString(value)
  }

  /** The four forms of bytes. */
  bytes(value: Uint8Array): void {
    this.int32(value.length)
    this.raw(value)
  }

  nullableBytes(value: Uint8Array | null): void {
    if (value === null) this.int32(-1)
    else this.bytes(value)
  }

  compactBytes(value: Uint8Array): void {
    this.uvarint(value.length + 1)
    this.raw(value)
  }

  nullableCompactBytes(value: Uint8Array | null): void {
    if (value === null) this.uvarint(0)
    else this.compactBytes(value)
  }

  /** Bytes without a length. Large ones are not copied, see the class. */
  raw(value: Uint8Array): void {
    if (value.length >= viewBytesMin) {
      this.#endPart()
      return this.#addPart(Buffer.from(value.buffer, value.byteOffset, value.length))
    }
    const at = this.#advance(value.length)
    this.#buffer.set(value, at)
  }

  /** The four forms of an array; `item` writes one element in the version of the message. */
  array<T>(items: readonly T[], item: Item<T>, version: number): void {
    this.int32(items.length)
    for (const value of items) item(this, version, value)
  }

  nullableArray<T>(items: readonly T[] | null, item: Item<T>, version: number): void {
    if (items === null) this.int32(-1)
    else this.array(items, item, version)
  }

  compactArray<T>(items: readonly T[], item: Item<T>, version: number): void {
    this.uvarint(items.length + 1)
    for (const value of items) item(this, version, value)
  }

  nullableCompactArray<T>(items: readonly T[] | null, item: Item<T>, version: number): void {
    if (items === null) this.uvarint(0)
    else this.compactArray(items, item, version)
  }

  /** A structure that may be missing: -1 for null, else 1 before its fields. */
  nullable<T>(value: T | null, item: Item<T>, version: number): void {
    this.int8(value === null ? -1 : 1)
    if (value !== null) item(this, version, value)
  }

  #text(value: string, length: number): void {
    const at = this.#advance(length)
    this.#buffer.write(value, at, length, 'utf8')
  }

  #endPart(): void {
    this.#addPart(this.#buffer.subarray(this.#start, this.#position))
    this.#start = this.#position
  }

  #addPart(part: Buffer): void {
    this.#parts.push(part)
    this.#partsBytes += part.length
  }

  #advance(length: number): number {
    if (this.#position + length > this.#buffer.length) this.#grow(length)
    const at = this.#position
    this.#position = at + length
    return at
  }

  /** Parts that ended keep the buffer in which they were written. */
  #grow(length: number): void {
    const written = this.#position - this.#start
    const grown = Buffer.allocUnsafe(Math.max(written + length, this.#buffer.length * 2))
    this.#buffer.copy(grown, 0, this.#start, this.#position)
    this.#buffer = grown
    this.#start = 0
    this.#position = written
  }
}

function tooLong(length: number): MillraceError {
  return new MillraceError(
    'STRING_TOO_LONG',
    'fatal',
    `a string of ${length} bytes does not fit Kafka's protocol, which allows 32767`,
  )
}
