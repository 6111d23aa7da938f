import type { Observation } from '../rules/observation.ts'

/** What a measure keeps of one bucket. It is JSON. */
export type Cell = number | object

/** What came within `everyMs` from `startMs` on. */
export interface Bucket {
  readonly startMs: number
  /** All logs. */
  count: number
  cell: Cell
}

/** Those that hold something, oldest first. It is JSON. */
export type Buckets = Bucket[]

/** The bucket that holds a time. */
export function bucketStart(timeMs: number, everyMs: number): number {
  return Math.floor(timeMs / everyMs) * everyMs
}

/** Counts an observation in its bucket. */
export function addToBucket(
  buckets: Buckets,
  startMs: number,
  observation: Observation,
  add: (cell: Cell | undefined, observation: Observation) => Cell,
): void {
  let at = buckets.length
  while (at > 0 && (buckets[at - 1] as Bucket).startMs > startMs) at--
  const before = buckets[at - 1]
  if (before?.startMs === startMs) {
    before.count += observation.count
    before.cell = add(before.cell, observation)
  } else buckets.splice(at, 0, { startMs, count: observation.count, cell: add(undefined, observation) })
}

/** The buckets of the window that ends with the bucket of the point. */
export function windowOf(buckets: Buckets, pointMs: number, windowMs: number): readonly Bucket[] {
  let to = buckets.length
  while (to > 0 && (buckets[to - 1] as Bucket).startMs > pointMs) to--
  let from = to
  while (from > 0 && (buckets[from - 1] as Bucket).startMs > pointMs - windowMs) from--
  return from === 0 && to === buckets.length ? buckets : buckets.slice(from, to)
}

/** Removes what no window looks at any longer. */
export function forgetBuckets(buckets: Buckets, throughMs: number): void {
  const kept = buckets.findIndex(({ startMs }) => startMs > throughMs)
  if (kept !== 0) buckets.splice(0, kept === -1 ? buckets.length : kept)
}

/** How many logs. */
export function countOf(buckets: readonly Bucket[]): number {
  let count = 0
  for (const bucket of buckets) count += bucket.count
  return count
}
