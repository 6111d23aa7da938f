import { MillraceError } from '../../../core/errors.ts'

type Item<T> = (reader: Reader, version: number) => T

/**
 * Reads the primitives of Kafka's protocol from one frame. A connection makes one per response, past the header; the
 * generated decoders call it field by field. Every read moves on, is checked against the end of the frame, and throws
 * PROTOCOL_VIOLATION (retriable: the connection is closed and the request sent again on a new one). Bytes come back as
 * views of the frame, which they keep in memory.
 *
 * All numbers are big-endian. The same values, in the forms of old and of flexible versions (KIP-482), which write
 * lengths as length + 1 so that 0 is null:
 * ```
 * value            plain                       compact
 * 'ab'             00 02 61 62                 03 61 62
 * ''               00 00                       01
 * null (string)    ff ff                       00
 * bytes 07         00 00 00 01 07              02 07
 * null (bytes)     ff ff ff ff                 00
 * [int8 1, int8 2] 00 00 00 02 01 02           03 01 02
 * 300 (uvarint)    ac 02: seven bits per byte, lowest first, the top bit says that another byte follows
 * ```
 */
export class Reader {
  readonly #buffer: Buffer
  #position: number

  constructor(buffer: Buffer, position = 0) {
    this.#buffer = buffer
    this.#position = position
  }

  /** The index in the frame of the byte that is read next. */
  get position(): number {
    return this.#position
  }

  /** Bytes from the position to the end of the frame. */
  get remaining(): number {
    return this.#buffer.length - this.#position
  }

  /** Moves forward to the end of a tagged field; the field may be longer than what we know of it. */
  seek(position: number): void {
    if (position < this.#position || position > this.#buffer.length)
      throw this.#violation(`tagged field ends at ${position}`)
    this.#position = position
  }

  bool(): boolean {
    return this.int8() !== 0
  }

  int8(): number {
    return this.#buffer.readInt8(this.#advance(1))
  }

  int16(): number {
    return this.#buffer.readInt16BE(this.#advance(2))
  }

  /** The next 16-bit integer, without moving on. */
  peekInt16(): number {
    const value = this.int16()
    this.#position -= 2
    return value
  }

  uint16(): number {
    return this.#buffer.readUInt16BE(this.#advance(2))
  }

  int32(): number {
    return this.#buffer.readInt32BE(this.#advance(4))
  }

  /**
   * Offsets, timestamps and producer ids; none of them is beyond 2^53, so anything that is, is not one of them. Throws
   * PROTOCOL_VIOLATION beyond 2^53.
   */
  int64(): number {
    const at = this.#advance(8)
    const value = this.#buffer.readInt32BE(at) * 0x1_0000_0000 + this.#buffer.readUInt32BE(at + 4)
    if (!Number.isSafeInteger(value))
      throw this.#violation(`64-bit integer ${this.#buffer.readBigInt64BE(at)} is beyond 2^53`)
    return value
  }

  float64(): number {
    return this.#buffer.readDoubleBE(this.#advance(8))
  }

  /** At most five bytes, 32 bits. */
  uvarint(): number {
    let value = 0
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.#buffer[this.#advance(1)] as number
      value += (byte & 0x7f) * 2 ** shift
      if (byte < 0x80) {
        if (value > 0xffff_ffff) break
        return value
      }
    }
    throw this.#violation('variable-length integer is longer than 32 bits')
  }

  /** 22 characters of base64url, as Kafka's tools print a topic id. */
  uuid(): string {
    const at = this.#advance(16)
    return this.#buffer.toString('base64url', at, at + 16)
  }

  /** The four forms of a string; the two without `nullable` throw for null. */
  string(): string {
    return this.#text(this.int16(), 'string')
  }

  nullableString(): string | null {
    const length = this.int16()
    return length < 0 ? null : this.#text(length, 'string')
  }

  compactString(): string {
    return this.#text(this.uvarint() - 1, 'string')
  }

  nullableCompactString(): string | null {
    const length = this.uvarint() - 1
    return length < 0 ? null : this.#text(length, 'string')
  }

  /** The four forms of bytes; the two without `nullable` throw for null. */
  bytes(): Uint8Array {
    return this.#view(this.int32())
  }

  nullableBytes(): Uint8Array | null {
    const length = this.int32()
    return length < 0 ? null : this.#view(length)
  }

  compactBytes(): Uint8Array {
    return this.#view(this.uvarint() - 1)
  }

  nullableCompactBytes(): Uint8Array | null {
    const length = this.uvarint() - 1
    return length < 0 ? null : this.#view(length)
  }

  /** The four forms of an array; `item` reads one element at the current position, in the version of the message. */
  array<T>(item: Item<T>, version: number): T[] {
    return this.#items(this.int32(), item, version)
  }

  nullableArray<T>(item: Item<T>, version: number): T[] | null {
    const count = this.int32()
    return count < 0 ? null : this.#items(count, item, version)
  }

  compactArray<T>(item: Item<T>, version: number): T[] {
    return this.#items(this.uvarint() - 1, item, version)
  }

  nullableCompactArray<T>(item: Item<T>, version: number): T[] | null {
    const count = this.uvarint() - 1
    return count < 0 ? null : this.#items(count, item, version)
  }

  /**
   * Skips the tagged fields at the end of a structure, none of which this reader knows: a count, then for each field
   * its tag, its length and its bytes. `01 05 02 aa bb` is one field of tag 5 with two bytes; `00` is the usual case.
   */
  skipTags(): void {
    for (let count = this.uvarint(); count > 0; count--) {
      this.uvarint()
      this.#advance(this.uvarint())
    }
  }

  #text(length: number, kind: string): string {
    if (length < 0) throw this.#violation(`${kind} must not be null`)
    const at = this.#advance(length)
    return this.#buffer.toString('utf8', at, at + length)
  }

  #view(length: number): Uint8Array {
    if (length < 0) throw this.#violation('bytes must not be null')
    const at = this.#advance(length)
    return this.#buffer.subarray(at, at + length)
  }

  /** An item takes a byte or more, so a count beyond the rest of the frame is refused before anything is allocated. */
  #items<T>(count: number, item: Item<T>, version: number): T[] {
    if (count < 0) throw this.#violation('array must not be null')
    if (count > this.remaining) throw this.#violation(`array of ${count} items with ${this.remaining} bytes left`)
    const items = new Array<T>(count)
    for (let index = 0; index < count; index++) items[index] = item(this, version)
    return items
  }

  #advance(length: number): number {
    const at = this.#position
    if (length > this.#buffer.length - at) throw this.#violation(`${length} bytes wanted with ${this.remaining} left`)
    this.#position = at + length
    return at
  }

  #violation(what: string): MillraceError {
    return new MillraceError(
      'PROTOCOL_VIOLATION',
      'retriable',
      `broken frame of Kafka's protocol at byte ${this.#position}: ${what}`,
    )
  }
}
