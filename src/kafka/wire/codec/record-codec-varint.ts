/** Zigzag varints of the record format, as numbers: exact up to 2^53, which no offset delta, length or timestamp leaves. */

/** Bytes that `value` takes as a zigzag varint of at most 32 bits. */
export function varintSize(value: number): number {
  const zigzag = ((value << 1) ^ (value >> 31)) >>> 0
  if (zigzag < 0x80) return 1
  if (zigzag < 0x4000) return 2
  if (zigzag < 0x200000) return 3
  if (zigzag < 0x10000000) return 4
  return 5
}

/** Writes at `position`, returns the position after. */
export function writeVarint(bytes: Buffer, position: number, value: number): number {
  let rest = ((value << 1) ^ (value >> 31)) >>> 0
  let at = position
  while (rest >= 0x80) {
    bytes[at++] = (rest & 0x7f) | 0x80
    rest >>>= 7
  }
  bytes[at++] = rest
  return at
}

const isSmall = (value: number): boolean => value >= -0x40000000 && value < 0x40000000

/** Bytes that `value` takes as a zigzag varint of at most 64 bits. */
export function varlongSize(value: number): number {
  if (isSmall(value)) return varintSize(value)
  let size = 1
  for (let rest = zigzagOf(value); rest >= 0x80; rest = Math.floor(rest / 0x80)) size++
  return size
}

/** Writes at `position`, returns the position after. */
export function writeVarlong(bytes: Buffer, position: number, value: number): number {
  if (isSmall(value)) return writeVarint(bytes, position, value)
  let rest = zigzagOf(value)
  let at = position
  while (rest >= 0x80) {
    bytes[at++] = (rest % 0x80) | 0x80
    rest = Math.floor(rest / 0x80)
  }
  bytes[at++] = rest
  return at
}

function zigzagOf(value: number): number {
  return value >= 0 ? value * 2 : -value * 2 - 1
}

/** Reads varints one after another; throws RangeError past the end or on one that does not end. */
export class VarintReader {
  readonly bytes: Buffer
  position: number

  constructor(bytes: Buffer, position: number) {
    this.bytes = bytes
    this.position = position
  }

  int(): number {
    const bytes = this.bytes
    let at = this.position
    let byte = bytes[at++]!
    let raw = byte & 0x7f
    for (let shift = 7; byte >= 0x80; shift += 7) {
      if (shift > 28) throw new RangeError(`a varint at byte ${this.position} does not end`)
      byte = bytes[at++]!
      raw |= (byte & 0x7f) << shift
    }
    if (at > bytes.length) throw new RangeError('a varint ends past the batch')
    this.position = at
    return (raw >>> 1) ^ -(raw & 1)
  }

  long(): number {
    const bytes = this.bytes
    let at = this.position
    let byte = bytes[at++]!
    let raw = byte & 0x7f
    for (let factor = 0x80, length = 1; byte >= 0x80; factor *= 0x80, length++) {
      if (length >= 10) throw new RangeError(`a varlong at byte ${this.position} does not end`)
      byte = bytes[at++]!
      raw += (byte & 0x7f) * factor
    }
    if (at > bytes.length) throw new RangeError('a varlong ends past the batch')
    this.position = at
    return raw % 2 === 0 ? raw / 2 : -(raw + 1) / 2
  }
}
