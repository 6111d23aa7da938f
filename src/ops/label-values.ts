/** What values beyond the limit count as. */
const otherValue = 'other'
const valuesMax = 100

/**
 * The values of one label of one metric: the first 100 keep their own series, further ones count as `other`, so that
 * input never decides how many series there are.
 */
export class LabelValues {
  readonly #known = new Set<string>()

  /** The value itself for the first ones that are seen; `other` for all that come after the bound is reached. */
  of(value: string): string {
    if (this.#known.has(value)) return value
    if (this.#known.size >= valuesMax) return otherValue
    this.#known.add(value)
    return value
  }
}
