import type { Bytes } from '../../core/bytes.ts'
import { longKeyPrefix, shortKeyBytesMax, writeLongKey } from './long-keys.ts'

/** LMDB has no empty keys: each key gets this byte in front, which also leaves room below and above all keys. */
const keyPrefix = longKeyPrefix - 1

/** A bound of a read, as it is stored in LMDB. */
export class Bound extends Uint8Array {}

/** A short key within a larger piece of memory; moved from one key to the next. */
export class PlacedKey {
  readonly #bytes: Uint8Array
  start = 0
  end = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  writeTo(target: Uint8Array, at: number): number {
    const bytes = this.#bytes
    let to = at
    for (let from = this.start; from < this.end; from++) target[to++] = bytes[from] as number
    return to
  }
}

export const belowAll = new Bound(Buffer.of(keyPrefix - 1))
export const aboveAll = new Bound(Buffer.of(keyPrefix + 1))

export const keyEncoder = {
  writeKey(key: Bytes | PlacedKey, target: Uint8Array, start: number): number {
    if (key instanceof PlacedKey) {
      target[start] = keyPrefix
      return key.writeTo(target, start + 1)
    }
    if (key instanceof Bound) {
      target.set(key, start)
      return start + key.length
    }
    if (key.length > shortKeyBytesMax) return writeLongKey(key, target, start)
    target[start] = keyPrefix
    target.set(key, start + 1)
    return start + 1 + key.length
  },
  readKey(source: Uint8Array, start: number, end: number): Bytes {
    return Uint8Array.prototype.slice.call(source, start + 1, end)
  },
}

/** Bounds may be longer than any short key: what is cut off makes no difference to the keys within. */
export function boundOf(key: Bytes): Bytes {
  return key.length > shortKeyBytesMax ? new Bound(prefixed(key, 0)) : key
}

/** The short key right after: with a zero byte behind. */
export function successor(key: Bytes): Bound {
  return new Bound(prefixed(key, 1))
}

function prefixed(key: Bytes, zeroBytes: number): Bytes {
  const length = Math.min(key.length, shortKeyBytesMax)
  const bytes = Buffer.alloc(1 + length + zeroBytes)
  bytes[0] = keyPrefix
  bytes.set(key.subarray(0, length), 1)
  return bytes
}
