import type { Bytes } from '../core/bytes.ts'

const twoTo32 = 4294967296

/** Java's Long.MAX_VALUE, as an unlimited window's end; as a number it is 2^63. */
export const longMax = 9223372036854775807n

/** Big-endian, two's complement. Infinity and everything from 2^63 on is Long.MAX_VALUE. */
export function writeLong(bytes: Uint8Array, at: number, value: number): void {
  if (value >= 9223372036854775808) {
    writeInt(bytes, at, 0x7fffffff)
    writeInt(bytes, at + 4, -1)
    return
  }
  const high = Math.floor(value / twoTo32)
  writeInt(bytes, at, high)
  writeInt(bytes, at + 4, value - high * twoTo32)
}

/** Exact for safe integers; Long.MAX_VALUE reads as 2^63. */
export function readLong(bytes: Bytes, at: number): number {
  return readInt(bytes, at) * twoTo32 + (readInt(bytes, at + 4) >>> 0)
}

export function writeInt(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 24
  bytes[at + 1] = value >>> 16
  bytes[at + 2] = value >>> 8
  bytes[at + 3] = value
}

export function readInt(bytes: Bytes, at: number): number {
  return (
    ((bytes[at] as number) << 24) |
    ((bytes[at + 1] as number) << 16) |
    ((bytes[at + 2] as number) << 8) |
    (bytes[at + 3] as number)
  )
}
