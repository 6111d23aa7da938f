/**
 * A histogram that forgets: counts decay with each value, buckets are even on an asinh scale, the unit of the scale grows
 * when a value falls past the last bucket. About 2 kB a series, whatever its range. Plain data, to be kept in a store.
 */
export interface DecayedHistogram {
  /** Of the scale: values below it share the bucket 0. */
  readonly unit: number
  /** The sum of the counts. */
  readonly weight: number
  /** Bucket index (-127 to 127) to decayed count; only those above nothing. */
  readonly counts: ReadonlyMap<number, number>
}

const step = 0.08
const bucketMax = 127
const forgottenBelow = 1e-4

export const emptyHistogram: DecayedHistogram = Object.freeze({ unit: 0, weight: 0, counts: new Map() })

/** Adds a value; what was there keeps the share `1 - 1/memoryPoints`. */
export function addToHistogram(histogram: DecayedHistogram, value: number, memoryPoints: number): DecayedHistogram {
  const unit = unitFor(histogram.unit, value)
  const keep = 1 - 1 / memoryPoints
  const counts = new Map<number, number>()
  let weight = 1
  for (const [bucket, count] of histogram.counts) {
    const decayed = count * keep
    if (decayed < forgottenBelow) continue
    const target = unit === histogram.unit ? bucket : bucketOf(valueOf(bucket, histogram.unit), unit)
    counts.set(target, (counts.get(target) ?? 0) + decayed)
    weight += decayed
  }
  const bucket = bucketOf(value, unit)
  counts.set(bucket, (counts.get(bucket) ?? 0) + 1)
  return { unit, weight, counts }
}

/** The value below which the given share of the weight lies. */
export function quantile(histogram: DecayedHistogram, share: number): number {
  const target = histogram.weight * share
  let seen = 0
  let last = 0
  for (const bucket of [...histogram.counts.keys()].sort((left, right) => left - right)) {
    seen += histogram.counts.get(bucket) ?? 0
    last = bucket
    if (seen >= target) break
  }
  return valueOf(last, histogram.unit)
}

/** Width of the bucket that holds the value: the floor of any scale taken from this histogram. */
export function resolution(histogram: DecayedHistogram, value: number): number {
  const bucket = bucketOf(value, histogram.unit)
  return valueOf(bucket + 1, histogram.unit) - valueOf(bucket, histogram.unit)
}

/** How far a value lies outside the usual range (1 % to 99 %), in widths of that range; 0 inside. */
export function excess(histogram: DecayedHistogram, value: number): number {
  if (histogram.weight === 0) return 0
  const low = quantile(histogram, 0.01)
  const high = quantile(histogram, 0.99)
  const scale = Math.max(high - low, resolution(histogram, high))
  return Math.max(0, value - high, low - value) / scale
}

function unitFor(current: number, value: number): number {
  const size = Math.abs(value)
  let unit = current === 0 && size > 0 ? size / 16 : current
  if (unit === 0) return 0
  while (Math.asinh(size / unit) / step > bucketMax) unit *= 2
  return unit
}

function bucketOf(value: number, unit: number): number {
  if (unit === 0) return 0
  return Math.max(-bucketMax, Math.min(bucketMax, Math.round(Math.asinh(value / unit) / step)))
}

function valueOf(bucket: number, unit: number): number {
  return Math.sinh(bucket * step) * (unit === 0 ? 1 : unit)
}
