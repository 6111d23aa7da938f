import type { Serde } from '../src/index.ts'

/**
 * What one window counted: total, errors, and durations in buckets that double (1 ms, 2 ms, ... over 4 minutes).
 * Twenty-one numbers of 32 bits, the same in memory and in the store.
 */
export type RateCounts = Uint32Array

/** One record on its way to a window: what is counted of it, and no more, goes over the repartition topic. */
export interface RatePoint {
  readonly isError: boolean
  /** -1: the record tells none. */
  readonly durationMs: number
}

const durationBuckets = 19
const durationsFrom = 2
const size = durationsFrom + durationBuckets

export function emptyCounts(): RateCounts {
  return new Uint32Array(size)
}

export function addPoint(counts: RateCounts, point: RatePoint): RateCounts {
  const next = counts.slice()
  increment(next, 0)
  if (point.isError) increment(next, 1)
  if (point.durationMs >= 0) increment(next, durationsFrom + bucketOf(point.durationMs))
  return next
}

export function totalOf(counts: RateCounts): number {
  return counts[0] ?? 0
}

export function errorsOf(counts: RateCounts): number {
  return counts[1] ?? 0
}

export function errorShare(counts: RateCounts): number {
  const total = totalOf(counts)
  return total === 0 ? 0 : errorsOf(counts) / total
}

/** The upper bound of the bucket below which the share of durations lies, in milliseconds; 0 where none was told. */
export function durationQuantile(counts: RateCounts, share: number): number {
  const durations = counts.subarray(durationsFrom)
  const target = durations.reduce((sum, count) => sum + count, 0) * share
  if (target === 0) return 0
  let seen = 0
  for (const [bucket, count] of durations.entries()) {
    seen += count
    if (seen >= target) return 2 ** bucket
  }
  return 2 ** durationBuckets
}

function bucketOf(durationMs: number): number {
  return Math.min(durationBuckets - 1, durationMs < 1 ? 0 : Math.ceil(Math.log2(durationMs)))
}

function increment(counts: RateCounts, index: number): void {
  counts[index] = (counts[index] ?? 0) + 1
}

/** Little-endian, as the machines of the fleet are; 84 bytes. */
export const rateCounts: Serde<RateCounts> = {
  name: 'rate-counts',
  serialize: (counts) => new Uint8Array(counts.buffer, counts.byteOffset, counts.byteLength),
  deserialize: (bytes) => {
    if (bytes.length !== size * 4) throw new RangeError(`rate counts are ${size * 4} bytes, these are ${bytes.length}`)
    // A copy of our own: the bytes may be a view over a store's buffer, at any alignment.
    return new Uint32Array(new Uint8Array(bytes).buffer)
  },
}

/** A flag and a 32-bit float: 5 bytes. */
export const ratePoint: Serde<RatePoint> = {
  name: 'rate-point',
  serialize: (point) => {
    const bytes = Buffer.allocUnsafe(5)
    bytes[0] = point.isError ? 1 : 0
    bytes.writeFloatBE(point.durationMs, 1)
    return bytes
  },
  deserialize: (bytes) => {
    if (bytes.length !== 5) throw new RangeError(`a rate point is 5 bytes, these are ${bytes.length}`)
    return { isError: bytes[0] === 1, durationMs: Buffer.from(bytes.buffer, bytes.byteOffset, 5).readFloatBE(1) }
  },
}
