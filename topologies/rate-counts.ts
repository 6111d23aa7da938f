import type { Serde } from '../src/index.ts'

/**
 * What one window counted: total, errors, and durations in buckets that double (1 ms, 2 ms, ... over 4 minutes).
 * Twenty-one numbers, of 32 bits in the store. An array, because many are made, and a typed one of this size is not on
 * the heap.
 */
export type RateCounts = number[]

const durationBuckets = 19
const longestMs = 2 ** (durationBuckets - 1)
const durationsFrom = 2
const size = durationsFrom + durationBuckets

export function emptyCounts(): RateCounts {
  return new Array<number>(size).fill(0)
}

/** Counts one event, in place. `durationMs`: undefined where the event has none. */
export function countEvent(counts: RateCounts, isError: boolean, durationMs: number | undefined): void {
  increment(counts, 0)
  if (isError) increment(counts, 1)
  if (durationMs !== undefined && durationMs >= 0) increment(counts, durationsFrom + bucketOf(durationMs))
}

/** The counts of both. */
export function addCounts(counts: RateCounts, more: RateCounts): RateCounts {
  return counts.map((count, index) => count + (more[index] ?? 0))
}

export function totalOf(counts: RateCounts): number {
  return counts[0] ?? 0
}

export function errorsOf(counts: RateCounts): number {
  return counts[1] ?? 0
}

/**
 * The upper bound of the bucket below which the share of durations lies, in milliseconds; 0 where none was reported.
 */
export function durationQuantile(counts: RateCounts, share: number): number {
  const durations = counts.slice(durationsFrom)
  const target = durations.reduce((sum, count) => sum + count, 0) * share
  if (target === 0) return 0
  let seen = 0
  for (const [bucket, count] of durations.entries()) {
    seen += count
    if (seen >= target) return 2 ** bucket
  }
  return 2 ** durationBuckets
}

/** The power of two that the duration does not go beyond. */
function bucketOf(durationMs: number): number {
  if (durationMs <= 1) return 0
  return durationMs > longestMs ? durationBuckets - 1 : 32 - Math.clz32(Math.ceil(durationMs) - 1)
}

function increment(counts: RateCounts, index: number): void {
  counts[index] = (counts[index] ?? 0) + 1
}

/** Little-endian, 84 bytes. */
export const rateCounts: Serde<RateCounts> = {
  name: 'rate-counts',
  serialize: (counts) => {
    const bytes = Buffer.allocUnsafe(4 * size)
    for (let index = 0; index < size; index++) bytes.writeUInt32LE((counts[index] ?? 0) >>> 0, 4 * index)
    return bytes
  },
  deserialize: (bytes) => {
    if (bytes.length !== size * 4) throw new RangeError(`rate counts are ${size * 4} bytes, these are ${bytes.length}`)
    const { buffer, byteOffset, byteLength } = bytes
    const numbers = new DataView(buffer, byteOffset, byteLength)
    const counts = emptyCounts()
    for (let index = 0; index < size; index++) counts[index] = numbers.getUint32(4 * index, true)
    return counts
  },
}
