import type { Bytes } from '../core/bytes.ts'

const high = 2 ** 32

/** Writes an integer within ±2^53 as 8 bytes, big-endian; 2^63 and above as the largest that fits. */
export function writeInt64(target: Uint8Array, at: number, value: number): void {
  if (value >= 2 ** 63) {
    target.fill(0xff, at, at + 8)
    target[at] = 0x7f
    return
  }
  writeInt32(target, at, Math.floor(value / high))
  writeInt32(target, at + 4, value % high)
}

export function writeInt32(target: Uint8Array, at: number, value: number): void {
  target[at] = value >>> 24
  target[at + 1] = value >>> 16
  target[at + 2] = value >>> 8
  target[at + 3] = value
}

/** Exact within ±2^53, the nearest double beyond. */
export function readInt64(bytes: Bytes, at: number): number {
  return readInt32(bytes, at) * high + (readInt32(bytes, at + 4) >>> 0)
}

export function readInt32(bytes: Bytes, at: number): number {
  return (
    ((bytes[at] as number) << 24) |
    ((bytes[at + 1] as number) << 16) |
    ((bytes[at + 2] as number) << 8) |
    (bytes[at + 3] as number)
  )
}
