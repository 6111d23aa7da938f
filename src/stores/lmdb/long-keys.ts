import { createHash } from 'node:crypto'
import type { Bytes } from '../../core/bytes.ts'
import type { Direction } from '../direction.ts'
import type { EngineEntry } from '../engine.ts'
import { prefixEnd } from '../byte-keys.ts'
import { readInt, writeInt } from '../longs.ts'

// LMDB holds keys of up to 1978 bytes. What is longer stands there as its first bytes, a hash of all but its last bytes,
// and its last bytes; the key itself is in front of the value. So long keys are in order as far as their first bytes
// differ, and rows of one window-store key, which differ in their last bytes, lie together by time.

/** Of a short key: LMDB's bound, less the byte in front and one for a successor. */
export const shortKeyBytesMax = 1976
/** In front of long keys; short keys have the byte below, so that neither is met where the other is read. */
export const longKeyPrefix = 2
const headBytes = 1900
const hashBytes = 32
const tailBytes = 16
const lengthBytes = 4

/** Writes the short form of a long key, and returns where it ends. */
export function writeLongKey(key: Bytes, target: Uint8Array, start: number): number {
  target[start] = longKeyPrefix
  target.set(key.subarray(0, headBytes), start + 1)
  const middle = start + 1 + headBytes
  const hash = createHash('sha256')
    .update(key.subarray(0, key.length - tailBytes))
    .digest()
  target.set(hash, middle)
  target.set(key.subarray(key.length - tailBytes), middle + hashBytes)
  return middle + hashBytes + tailBytes
}

/** The short form of a long key. */
export function longKeyBytes(key: Bytes): Buffer {
  const bytes = Buffer.alloc(1 + headBytes + hashBytes + tailBytes)
  writeLongKey(key, bytes, 0)
  return bytes
}

/**
 * Where reading up to a long key ends: right above its short form; backward: below it, and below all that differ in their
 * last bytes.
 */
export function longKeyEnd(key: Bytes, direction: Direction): Buffer {
  const bytes = longKeyBytes(key)
  return direction === 'backward'
    ? bytes.subarray(0, bytes.length - tailBytes)
    : Buffer.concat([bytes, Buffer.alloc(1)])
}

/** The value of a long key begins this far behind the start of what is stored. */
export function longValueAt(key: Bytes): number {
  return lengthBytes + key.length
}

export function encodeLongValue(key: Bytes, value: Bytes): Buffer {
  const bytes = Buffer.allocUnsafe(longValueAt(key) + value.length)
  writeInt(bytes, 0, key.length)
  bytes.set(key, lengthBytes)
  bytes.set(value, longValueAt(key))
  return bytes
}

export function decodeLongEntry(bytes: Bytes): EngineEntry {
  const valueAt = lengthBytes + readInt(bytes, 0)
  return { key: bytes.subarray(lengthBytes, valueAt), value: bytes.subarray(valueAt) }
}

/** Below the short form of any long key at or above `key`, above all others except those with the same beginning. */
export function belowLongKey(key: Bytes | undefined): Bytes {
  return headOf(key ?? emptyHead)
}

/** Above the short form of any long key at or below `key`, below all others except those with the same beginning. */
export function aboveLongKey(key: Bytes | undefined): Bytes {
  if (key === undefined) return Buffer.of(longKeyPrefix + 1)
  const head = headOf(key)
  // A long key that begins with all of a short one comes after it.
  return key.length < headBytes ? head : (prefixEnd(head) as Bytes)
}

const emptyHead: Bytes = Buffer.alloc(0)

function headOf(key: Bytes): Buffer {
  const length = Math.min(key.length, headBytes)
  const head = Buffer.allocUnsafe(length + 1)
  head[0] = longKeyPrefix
  head.set(key.subarray(0, length), 1)
  return head
}

/** Entries whose keys have the same beginning, sorted by the whole key, because their short forms are not in order. */
export class LongKeyGroup {
  #entries: EngineEntry[] = []

  /** False: it begins in another way. */
  add(entry: EngineEntry): boolean {
    const first = this.#entries[0]?.key
    if (first !== undefined && Buffer.compare(first.subarray(0, headBytes), entry.key.subarray(0, headBytes)) !== 0) {
      return false
    }
    this.#entries.push(entry)
    return true
  }

  /** Empties it. */
  take(direction: Direction): EngineEntry[] {
    const entries = this.#entries
    this.#entries = []
    const sign = direction === 'backward' ? -1 : 1
    return entries.sort((left, right) => sign * Buffer.compare(left.key, right.key))
  }
}
