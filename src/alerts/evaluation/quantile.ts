import type { Bucket } from './buckets.ts'
import type { Measure } from './measure.ts'

/** Each bin is 2 % wider than the one before, so that a result is off by 1 % at most. */
const growth = Math.log(1.02)
const zeroBin = -100_000

/** Counts by bin. */
type Bins = Record<string, number>

/** The bin that a number counts in. */
export function binOf(number: number): number {
  return number > 0 ? Math.max(zeroBin + 1, Math.ceil(Math.log(number) / growth)) : zeroBin
}

/** A number of the bin. */
export function middleOf(bin: number): number {
  return bin === zeroBin ? 0 : Math.exp((bin - 0.5) * growth)
}

/** The value below which a share of the logs lies, within 1 %. Negative values count as 0. */
export function quantile(share: number): Measure {
  return {
    add(cell, { number = 0, count }) {
      const bins = (cell as Bins | undefined) ?? {}
      const bin = binOf(number)
      bins[bin] = (bins[bin] ?? 0) + count
      return bins
    },
    value: (buckets) => (buckets.length === 0 ? undefined : valueAt(sumOf(buckets), share)),
  }
}

function sumOf(buckets: readonly Bucket[]): ReadonlyMap<number, number> {
  const sums = new Map<number, number>()
  for (const { cell } of buckets) {
    for (const [bin, count] of Object.entries(cell as Bins)) sums.set(Number(bin), (sums.get(Number(bin)) ?? 0) + count)
  }
  return sums
}

function valueAt(bins: ReadonlyMap<number, number>, share: number): number {
  const sorted = [...bins].sort(([left], [right]) => left - right)
  const target = sorted.reduce((sum, [, count]) => sum + count, 0) * share
  let seen = 0
  for (const [bin, count] of sorted) {
    seen += count
    if (seen >= target) return middleOf(bin)
  }
  return 0
}
