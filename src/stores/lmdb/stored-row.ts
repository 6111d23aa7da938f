import type { Bytes } from '../../core/bytes.ts'
import {
  decodeLongEntry,
  encodeLongValue,
  longKeyBytes,
  longKeyPrefix,
  longValueAt,
  shortKeyBytesMax,
} from './long-keys.ts'
import { checksumBytes, checksumOf, checksumSeed, readChecksum, writeChecksum } from '../row-checksum.ts'

// A row of a database has a checksum behind its value:
//
//   short key   key           ->  value | checksum of key and value (4)
//   long key    short form    ->  length (4) | key | value | checksum of all of these (4)

/** In front of the names of maps, in those of their databases. */
export const storePrefix = 'store/'

/** Of the checksums in a database. */
export function seedOf(database: string): number {
  return checksumSeed(database.startsWith(storePrefix) ? database.slice(storePrefix.length) : database)
}

/** What a row is not: what was written. */
class DamagedRow extends Error {}

/** Length of a value with its checksum. */
export function storedBytes(key: Bytes, value: Bytes): number {
  return (key.length > shortKeyBytesMax ? longValueAt(key) : 0) + value.length + checksumBytes
}

/**
 * Values with their checksums in one piece of memory. What is returned is that memory; LMDB takes the part of it that its
 * `start` and `end` say, so it is put before the next one is asked for.
 */
export class StoredValues {
  readonly #bytes: Buffer & { start: number; end: number }
  readonly #seed: number
  #length = 0

  /** `bytes` begins where its memory does. */
  constructor(bytes: Buffer, seed: number) {
    this.#bytes = Object.assign(bytes, { start: 0, end: 0 })
    this.#seed = seed
  }

  add(key: Bytes, value: Bytes): Buffer {
    const bytes = this.#bytes
    const isLong = key.length > shortKeyBytesMax
    const stored = isLong ? encodeLongValue(key, value) : value
    bytes.start = this.#length
    bytes.set(stored, bytes.start)
    bytes.end = bytes.start + stored.length
    const checksum = checksumOf(this.#seed, key, 0, isLong ? 0 : key.length, bytes, bytes.start, bytes.end)
    writeChecksum(bytes, bytes.end, checksum)
    bytes.end += checksumBytes
    this.#length = bytes.end
    return bytes
  }
}

/** Where a value that was read ends; throws where the row is not as it was written. */
export function wholeEnd(seed: number, key: Bytes, stored: Bytes): number {
  const end = stored.length - checksumBytes
  const keyBytes = key.length > shortKeyBytesMax ? 0 : key.length
  if (end < 0 || readChecksum(stored, end) !== checksumOf(seed, key, 0, keyBytes, stored, 0, end)) {
    throw new DamagedRow('a row is not what was written')
  }
  return end
}

/** The same for a row as it is in the file; also that a long key is under its short form. */
export function isRowWhole(seed: number, key: Bytes, stored: Bytes): boolean {
  const end = stored.length - checksumBytes
  if (end < 0 || key.length === 0) return false
  const isLong = key[0] === longKeyPrefix
  if (readChecksum(stored, end) !== checksumOf(seed, key, 1, isLong ? 1 : key.length, stored, 0, end)) return false
  return !isLong || Buffer.compare(longKeyBytes(decodeLongEntry(stored.subarray(0, end)).key), key) === 0
}
