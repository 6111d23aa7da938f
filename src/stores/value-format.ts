import type { Bytes } from '../core/bytes.ts'
import { readLong, writeLong } from './longs.ts'

/** How an engine's map holds a row's value and timestamp in one array of bytes. */
export interface ValueFormat {
  /** What is in front of the value. */
  readonly prefixBytes: number
  writePrefix(target: Bytes, at: number, timestamp: number): void
  value(bytes: Bytes): Bytes
  /** -1 where the format has none. */
  timestamp(bytes: Bytes): number
}

export const plainValueFormat: ValueFormat = Object.freeze({
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
  prefixBytes: timestampBytes,
  writePrefix: writeLong,
  value: (bytes: Bytes) => bytes.subarray(timestampBytes),
  timestamp: (bytes: Bytes) => readLong(bytes, 0),
})
