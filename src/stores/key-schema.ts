import type { Bytes } from '../core/bytes.ts'
import { readInt, readLong, writeInt, writeLong } from './longs.ts'

/*
 * The keys that Kafka Streams gives its stores and changelogs; all integers are big-endian. For the key 'ab', a window
 * that starts at 256 with the sequence number 1, and a session from 256 to 512:
 *
 *   window     61 62 | 00 00 00 00 00 00 01 00 | 00 00 00 01
 *              key     start (8)                 sequence (4)
 *
 *   session    61 62 | 00 00 00 00 00 00 02 00 | 00 00 00 00 00 00 01 00
 *              key     end (8)                   start (8)
 *
 *   by time    00 | 00 00 00 00 00 00 01 00 | 61 62 | 00 00 00 01
 *   (window)   0    start                     key     sequence
 *
 *   by time    00 | 00 00 00 00 00 00 02 00 | 00 00 00 00 00 00 01 00 | 61 62
 *   (session)  0    end                       start                     key
 *
 * Rows of one key lie together and by time, since what follows the key has a fixed length. A longer key that begins with
 * 'ab' may lie between them: readers of one key compare lengths too.
 */

const sequenceMax = 0x7fffffff

/** For window stores and their changelogs; the sequence is 0 unless duplicates are retained. */
export function windowKey(key: Bytes, startMs: number, sequence: number): Bytes {
  const length = key.length
  const bytes = new Uint8Array(length + 12)
  bytes.set(key)
  writeLong(bytes, length, startMs)
  writeInt(bytes, length + 8, sequence)
  return bytes
}

export function windowKeyStart(bytes: Bytes): number {
  return readLong(bytes, bytes.length - 12)
}

export function windowKeySequence(bytes: Bytes): number {
  return readInt(bytes, bytes.length - 4)
}

export function windowKeyInner(bytes: Bytes): Bytes {
  return bytes.subarray(0, bytes.length - 12)
}

/** The last key of a window store for that key and time. */
export function windowKeyUpper(key: Bytes, startMs: number): Bytes {
  return windowKey(key, startMs, sequenceMax)
}

/** The next sequence number of a store that retains duplicates: 1 first, wrapping as Java's int does. */
export function nextSequence(sequence: number): number {
  return (sequence + 1) & sequenceMax
}

/** For session stores, their changelogs, and records of windowed keys on ordinary topics. */
export function sessionKey(key: Bytes, startMs: number, endMs: number): Bytes {
  const length = key.length
  const bytes = new Uint8Array(length + 16)
  bytes.set(key)
  writeLong(bytes, length, endMs)
  writeLong(bytes, length + 8, startMs)
  return bytes
}

export function sessionKeyEnd(bytes: Bytes): number {
  return readLong(bytes, bytes.length - 16)
}

export function sessionKeyStart(bytes: Bytes): number {
  return readLong(bytes, bytes.length - 8)
}

export function sessionKeyInner(bytes: Bytes): Bytes {
  return bytes.subarray(0, bytes.length - 16)
}

/** For the index by time of a window store. */
export function timeFirstWindowKey(key: Bytes, startMs: number, sequence: number): Bytes {
  const bytes = new Uint8Array(key.length + 13)
  writeLong(bytes, 1, startMs)
  bytes.set(key, 9)
  writeInt(bytes, key.length + 9, sequence)
  return bytes
}

/** For the index by time of a session store. */
export function timeFirstSessionKey(key: Bytes, startMs: number, endMs: number): Bytes {
  const bytes = new Uint8Array(key.length + 17)
  writeLong(bytes, 1, endMs)
  writeLong(bytes, 9, startMs)
  bytes.set(key, 17)
  return bytes
}
