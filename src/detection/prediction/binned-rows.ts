import { sortedNumbers } from '../models/quantiles.ts'

/** Numbers of a row as bins: 0 is a number that is missing, then as few as 255 bins that hold about as many rows each. */
export interface BinnedRows {
  readonly featureCount: number
  readonly rowCount: number
  /** Row by row. */
  readonly bins: Uint8Array
  /** For each number, the largest values of its bins from 1 on; what is larger lies in the last bin. */
  readonly edges: readonly Float64Array[]
}

const binsMax = 255
/** Quantiles of so many rows are those of all of them. */
const sampleMax = 50_000

/** Puts the numbers of rows into bins. */
export function binnedRows(rows: Float64Array, featureCount: number): BinnedRows {
  const rowCount = Math.floor(rows.length / featureCount)
  const bins = new Uint8Array(rowCount * featureCount)
  const stride = Math.max(1, Math.floor(rowCount / sampleMax))
  const edges = Array.from({ length: featureCount }, (_, feature) => {
    const sample: number[] = []
    for (let row = 0; row < rowCount; row += stride) sample.push(rows[row * featureCount + feature] as number)
    return edgesOf(sortedNumbers(sample))
  })
  for (let place = 0; place < bins.length; place++) {
    const value = rows[place] as number
    bins[place] = Number.isNaN(value) ? 0 : 1 + edgesBelow(edges[place % featureCount] as Float64Array, value)
  }
  return { featureCount, rowCount, bins, edges }
}

function edgesOf(sorted: Float64Array): Float64Array {
  const edges: number[] = []
  for (let bin = 1; bin < binsMax - 1; bin++) {
    const edge = sorted[Math.floor((bin * sorted.length) / (binsMax - 1))]
    if (edge !== undefined && edge < (sorted.at(-1) as number) && edge !== edges.at(-1)) edges.push(edge)
  }
  return Float64Array.from(edges)
}

/** How many edges are smaller than the value. */
function edgesBelow(edges: Float64Array, value: number): number {
  let [low, high] = [0, edges.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((edges[middle] as number) < value) low = middle + 1
    else high = middle
  }
  return low
}
