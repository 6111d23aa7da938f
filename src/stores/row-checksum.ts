import type { Bytes } from '../core/bytes.ts'

/** Behind each value. */
export const checksumBytes = 4

/** What the checksums of a map begin with: a row that is met in another one is damage as well. */
export function checksumSeed(name: string): number {
  const bytes = Buffer.from(name)
  return mixed(bytes.length, bytes, 0, bytes.length)
}

/** Of a key and a value, which are parts of byte arrays. Flipped bits, and bytes in other places, change it. */
export function checksumOf(
  seed: number,
  keys: Bytes,
  keyStart: number,
  keyEnd: number,
  values: Bytes,
  start: number,
  end: number,
): number {
  const hash = mixed(seed ^ (keyEnd - keyStart), keys, keyStart, keyEnd)
  const all = mixed(hash ^ (end - start), values, start, end)
  const last = Math.imul(all ^ (all >>> 13), 0xc2b2ae35)
  return (last ^ (last >>> 16)) >>> 0
}

function mixed(seed: number, bytes: Bytes, start: number, end: number): number {
  let hash = seed | 0
  let index = start
  for (; index + 4 <= end; index += 4) {
    const word =
      (bytes[index] as number) |
      ((bytes[index + 1] as number) << 8) |
      ((bytes[index + 2] as number) << 16) |
      ((bytes[index + 3] as number) << 24)
    hash = Math.imul(hash ^ word, 0x9e3779b1)
    hash ^= hash >>> 15
  }
  for (; index < end; index++) {
    hash = Math.imul(hash ^ (bytes[index] as number), 0x85ebca6b)
    hash ^= hash >>> 13
  }
  return hash
}

export function writeChecksum(target: Uint8Array, at: number, checksum: number): void {
  target[at] = checksum
  target[at + 1] = checksum >>> 8
  target[at + 2] = checksum >>> 16
  target[at + 3] = checksum >>> 24
}

export function readChecksum(bytes: Bytes, at: number): number {
  return (
    ((bytes[at] as number) |
      ((bytes[at + 1] as number) << 8) |
      ((bytes[at + 2] as number) << 16) |
      ((bytes[at + 3] as number) << 24)) >>>
    0
  )
}
