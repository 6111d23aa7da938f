import type { Bytes } from '../core/bytes.ts'

// Plain loops: keys are short, and a call into Buffer.compare costs more than the bytes it compares.

/** Unsigned lexicographic order. */
export function compareKeys(left: Bytes, right: Bytes): number {
  const length = left.length < right.length ? left.length : right.length
  for (let index = 0; index < length; index++) {
    const difference = (left[index] as number) - (right[index] as number)
    if (difference !== 0) return difference
  }
  return left.length - right.length
}

export function equalKeys(left: Bytes, right: Bytes): boolean {
  const length = left.length
  if (length !== right.length) return false
  // From the end: keys of one store tend to share how they begin.
  for (let index = length - 1; index >= 0; index--) if (left[index] !== right[index]) return false
  return true
}

export function startsWith(key: Bytes, prefix: Bytes): boolean {
  if (key.length < prefix.length) return false
  for (let index = 0; index < prefix.length; index++) if (key[index] !== prefix[index]) return false
  return true
}

/** The first key after all keys with this prefix, as a copy; undefined when there is none (all bytes 0xff). */
export function prefixEnd(prefix: Bytes): Bytes | undefined {
  for (let length = prefix.length; length > 0; length--) {
    const last = prefix[length - 1] as number
    if (last === 0xff) continue
    const end = Uint8Array.prototype.slice.call(prefix, 0, length)
    end[length - 1] = last + 1
    return end
  }
  return undefined
}

/** A 32-bit hash of the first `length` bytes, never 0. */
export function hashKey(key: Bytes, length: number): number {
  let hash = length
  let index = 0
  for (; index + 4 <= length; index += 4) {
    const word =
      (key[index] as number) |
      ((key[index + 1] as number) << 8) |
      ((key[index + 2] as number) << 16) |
      ((key[index + 3] as number) << 24)
    hash = Math.imul(hash ^ word, 0x9e3779b1)
    hash ^= hash >>> 15
  }
  for (; index < length; index++) hash = Math.imul(hash ^ (key[index] as number), 0x85ebca6b)
  hash ^= hash >>> 13
  hash = Math.imul(hash, 0xc2b2ae35)
  return hash ^ (hash >>> 16) || 1
}

const poolBytes = 8192

/** Memory for copies of small byte arrays, taken in turn from one piece; a piece is freed once no copy of it is left. */
class BytePool {
  #piece = Buffer.allocUnsafeSlow(poolBytes)
  #usedBytes = 0

  /** It is a copy of this pool, a recent one. */
  has(bytes: Bytes): boolean {
    return bytes.buffer === this.#piece.buffer
  }

  copy(bytes: Bytes): Bytes {
    const { length } = bytes
    if (this.#usedBytes + length > poolBytes) {
      this.#piece = Buffer.allocUnsafeSlow(poolBytes)
      this.#usedBytes = 0
    }
    const copy = this.#piece.subarray(this.#usedBytes, this.#usedBytes + length)
    this.#usedBytes += length
    copy.set(bytes)
    return copy
  }
}

/** One per process: it only saves memory, no result depends on it, and stores with few keys would waste pieces of their own. */
const pool = new BytePool()

/**
 * For bytes that stay: a slice of Node's pool, or of a fetched batch, would keep the whole of it in memory. Copies share
 * a pool among themselves, and stay Buffers: arrays of two kinds make every loop over keys slower.
 */
export function owned(bytes: Bytes): Bytes {
  const { length } = bytes
  const isOwned = isSmallArray(bytes) || pool.has(bytes) || length === bytes.buffer.byteLength
  return isOwned ? bytes : copyOf(bytes)
}

/** For bytes that stay, and whose memory is used again. */
export function copyOf(bytes: Bytes): Bytes {
  if (bytes.length <= poolBytes / 8) return pool.copy(bytes)
  const copy = Buffer.allocUnsafeSlow(bytes.length)
  copy.set(bytes)
  return copy
}

/** For bytes that stay until a commit: a slice of Node's pool may remain one, that of a fetched batch may not. */
export function unpinned(bytes: Bytes): Bytes {
  return isSmallArray(bytes) || bytes.buffer.byteLength <= 2 * poolBytes ? bytes : owned(bytes)
}

/** V8 keeps arrays of this size in its heap, and asking for their buffer would allocate one; slices of batches and pools begin further on. */
function isSmallArray(bytes: Bytes): boolean {
  return bytes.length <= 64 && bytes.byteOffset === 0
}
