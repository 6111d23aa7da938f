import type { Bucket } from './buckets.ts'
import type { Measure } from './measure.ts'

/** Each bin is 2 % wider than the one before, so that a result is off by 1 % at most. */
const growth = Math.log(1.02)
/** The bins of the smallest and of the largest number that there is; zero has the one below. */
const [binMin, binMax] = [-37_600, 35_850]
const zeroBin = binMin - 1

/** Pairs of a bin and its count, in the order of bins. It is JSON. */
type Bins = number[]

/** The bin that a number counts in. It is never -0, which JSON does not have. */
export function binOf(number: number): number {
  return number > 0 ? Math.min(binMax, Math.max(binMin, Math.ceil(Math.log(number) / growth))) + 0 : zeroBin
}

/** A number of the bin. */
export function middleOf(bin: number): number {
  return bin === zeroBin ? 0 : Math.exp((bin - 0.5) * growth)
}

/** The value below which a share of the logs lies, within 1 %. Negative values count as 0. */
export function quantile(share: number): Measure {
  return {
    add(cell, { number = 0, count }) {
      const bins = (cell as Bins | undefined) ?? []
      addTo(bins, binOf(number), count)
      return bins
    },
    value: (buckets) => (buckets.length === 0 ? undefined : middleOf(sums.binAt(buckets, share))),
  }
}

function addTo(bins: Bins, bin: number, count: number): void {
  let at = bins.length
  while (at > 0 && (bins[at - 2] as number) > bin) at -= 2
  if (bins[at - 2] === bin) (bins[at - 1] as number) += count
  else bins.splice(at, 0, bin, count)
}

/** The counts of a window by bin. A window is looked at with each log: its array is used again, and empty between two calls. */
class BinSums {
  readonly #counts = new Float64Array(binMax - zeroBin + 1)

  /** The first bin up to which the share of all counts lies. */
  binAt(buckets: readonly Bucket[], share: number): number {
    let total = 0
    let [firstBin, lastBin] = [binMax, zeroBin]
    for (const { cell } of buckets) {
      const bins = cell as Bins
      for (let at = 0; at < bins.length; at += 2) {
        const [place, count] = [(bins[at] as number) - zeroBin, bins[at + 1] as number]
        this.#counts[place] = (this.#counts[place] as number) + count
        total += count
      }
      firstBin = Math.min(firstBin, bins[0] ?? binMax)
      lastBin = Math.max(lastBin, bins.at(-2) ?? zeroBin)
    }
    const bin = this.#reaching(firstBin, lastBin, total * share)
    this.#counts.fill(0, firstBin - zeroBin, lastBin - zeroBin + 1)
    return bin
  }

  #reaching(firstBin: number, lastBin: number, target: number): number {
    let seen = 0
    for (let bin = firstBin; bin < lastBin; bin++) {
      seen += this.#counts[bin - zeroBin] as number
      if (seen >= target && seen > 0) return bin
    }
    return lastBin
  }
}

const sums = new BinSums()
