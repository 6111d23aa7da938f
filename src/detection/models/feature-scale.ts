import { quantileOf, sortedNumbers } from './quantiles.ts'

/** As far as a number may lie outside, in deviations: what lies there is no value to learn from. */
export const deviationsMax = 10
/** A value farther outside of 1 % to 99 % than so many of that range is left out of mean and deviation. */
const rangesMax = 3

/** Means and deviations of the numbers of vectors. */
export class FeatureScale {
  readonly means: Float64Array
  /** 0 where a number is constant. */
  readonly deviations: Float64Array

  constructor(means: Float64Array, deviations: Float64Array) {
    this.means = means
    this.deviations = deviations
  }

  /** Of rows one after the other; what is missing or very far outside does not count. */
  static of(rows: Float64Array, featureCount: number): FeatureScale {
    const means = new Float64Array(featureCount)
    const deviations = new Float64Array(featureCount)
    for (let feature = 0; feature < featureCount; feature++) {
      const sorted = sortedNumbers(rows.filter((_, place) => place % featureCount === feature))
      if (sorted.length === 0) continue
      const [low, high] = [quantileOf(sorted, 0.01), quantileOf(sorted, 0.99)]
      const margin = high > low ? rangesMax * (high - low) : Number.POSITIVE_INFINITY
      const values = sorted.filter((value) => value >= low - margin && value <= high + margin)
      const mean = values.reduce((sum, value) => sum + value, 0) / values.length
      const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length
      means[feature] = mean
      deviations[feature] = Math.sqrt(variance) > 1e-9 * Math.abs(mean) ? Math.sqrt(variance) : 0
    }
    return new FeatureScale(means, deviations)
  }

  /** Writes the scaled vectors, 0 for what is missing or constant. */
  scale(vectors: Float64Array, scaled: Float64Array): void {
    const size = this.means.length
    for (
      let place = 0, feature = 0;
      place < vectors.length;
      place++, feature = feature + 1 === size ? 0 : feature + 1
    ) {
      const deviation = this.deviations[feature] as number
      const distance = ((vectors[place] as number) - (this.means[feature] as number)) / deviation
      scaled[place] =
        deviation === 0 || Number.isNaN(distance) ? 0 : Math.max(-deviationsMax, Math.min(deviationsMax, distance))
    }
  }

  /** The value of a scaled number. */
  valueOf(scaled: number, feature: number): number {
    return (this.means[feature] as number) + scaled * (this.deviations[feature] as number)
  }
}
