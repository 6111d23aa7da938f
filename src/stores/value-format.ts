import type { Bytes } from '../core/bytes.ts'
import { readLong, writeLong } from './longs.ts'

/** How an engine's map holds a row's value and timestamp in one array of bytes. */
export interface ValueFormat {
  encode(value: Bytes, timestamp: number): Bytes
  /** What is in front of the value. */
  readonly prefixBytes: number
  writePrefix(target: Bytes, at: number, timestamp: number): void
  value(bytes: Bytes): Bytes
  /** -1 where the format has none. */
  timestamp(bytes: Bytes): number
}

export const plainValueFormat: ValueFormat = Object.freeze({
  encode: (value: Bytes) => value,
  prefixBytes: 0,
  writePrefix: () => {},
  value: (bytes: Bytes) => bytes,
  timestamp: () => -1,
})

export const timestampBytes = 8

/**
 * Java's timestamped stores: the value 'abc' of timestamp 258 is 00 00 00 00 00 00 01 02 | 61 62 63.
 */
export const timestampedValueFormat: ValueFormat = Object.freeze({
  encode(value: Bytes, timestamp: number): Bytes {
    // LMDB asks for the address of each array's memory: a pool has one.
    const bytes = Buffer.allocUnsafe(timestampBytes + value.length)
    writeLong(bytes, 0, timestamp)
    bytes.set(value, timestampBytes)
    return bytes
  },
  prefixBytes: timestampBytes,
  writePrefix: writeLong,
  value: (bytes: Bytes) => bytes.subarray(timestampBytes),
  timestamp: (bytes: Bytes) => readLong(bytes, 0),
})
