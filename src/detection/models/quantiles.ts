/** The value below which so much of sorted values lies, between two of them where it falls between. */
export function quantileOf(sorted: ArrayLike<number>, share: number): number {
  const place = Math.max(0, Math.min(1, share)) * (sorted.length - 1)
  const below = sorted[Math.floor(place)] as number
  const above = sorted[Math.ceil(place)] as number
  return below + (above - below) * (place - Math.floor(place))
}

/** The values in their order, without those that are no numbers. */
export function sortedNumbers(values: Iterable<number>): Float64Array {
  return Float64Array.from([...values].filter((value) => Number.isFinite(value))).sort()
}

/** What a normal value exceeds with the probability `share`, in deviations (Acklam's approximation, 1e-9 exact). */
export function normalUpper(share: number): number {
  if (share > 0.5) return -normalUpper(1 - share)
  if (share < 0.02425) {
    const root = Math.sqrt(-2 * Math.log(share))
    return -polynomial(tailTop, root) / (polynomial(tailBottom, root) * root + 1)
  }
  const middle = 0.5 - share
  const square = middle * middle
  return (polynomial(middleTop, square) * middle) / (polynomial(middleBottom, square) * square + 1)
}

/** The probability that a normal value lies below so many deviations (Abramowitz and Stegun 7.1.26, 1e-7 exact). */
export function normalBelow(deviations: number): number {
  const distance = Math.abs(deviations) / Math.SQRT2
  const factor = 1 / (1 + 0.3275911 * distance)
  const tail = polynomial(errorTerms, factor) * factor * Math.exp(-distance * distance) * 0.5
  return deviations > 0 ? 1 - tail : tail
}

/** What a chi-squared value with so many degrees of freedom exceeds with the probability (Wilson and Hilferty). */
export function chiSquaredUpper(degrees: number, share: number): number {
  const spread = 2 / (9 * degrees)
  return degrees * Math.max(0, 1 - spread + normalUpper(share) * Math.sqrt(spread)) ** 3
}

function polynomial(terms: readonly number[], value: number): number {
  return terms.reduce((sum, term) => sum * value + term, 0)
}

const tailTop = [
  -7.784894002430293e-3, -3.223964580411365e-1, -2.400758277161838, -2.549732539343734, 4.374664141464968,
  2.938163982698783,
]
const tailBottom = [7.784695709041462e-3, 3.224671290700398e-1, 2.445134137142996, 3.754408661907416]
const middleTop = [
  -3.969683028665376e1, 2.209460984245205e2, -2.759285104469687e2, 1.38357751867269e2, -3.066479806614716e1,
  2.506628277459239,
]
const middleBottom = [
  -5.447609879822406e1, 1.615858368580409e2, -1.556989798598866e2, 6.680131188771972e1, -1.328068155288572e1,
]
const errorTerms = [1.061405429, -1.453152027, 1.421413741, -0.284496736, 0.254829592]
