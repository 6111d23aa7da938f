/** So many components of a service are compared: those with the most logs. */
const componentsMax = 10
/** So many windows are looked at. */
const windowsMax = 40
/** Fewer windows say nothing. */
const windowsLeast = 10

/** What the logs of a component said in one window. */
export interface ComponentWindow {
  /** Its name. */
  readonly component: string
  /** How many logs. */
  readonly count: number
  /** How many of them are errors. */
  readonly errorCount: number
}

/** How the logs of two components of a service move together. */
export interface ComponentCorrelation {
  /** Their names, in alphabetic order. */
  readonly components: readonly [string, string]
  /** Of their numbers of logs: -1 to 1 (Pearson). Undefined: the number of one of them did not change. */
  readonly count: number | undefined
  /** The same of their numbers of errors. */
  readonly errorCount: number | undefined
  /** How many windows were looked at. */
  readonly windows: number
}

/** The numbers of a component, window after window. */
export interface ComponentSeriesRow {
  /** Its name. */
  readonly component: string
  /** Logs of each window, the latest last. */
  readonly counts: readonly number[]
  /** Errors of each window, the latest last. */
  readonly errorCounts: readonly number[]
}

/** The series of a service as a store keeps them: plain data, at most 8 KB. */
export interface ServiceSeriesRow {
  /** The beginning of the latest window, in epoch milliseconds; null: there was none. */
  readonly startMs: number | null
  /** How many windows there were until now, at most 40. */
  readonly windows: number
  /** At most 10. */
  readonly components: readonly ComponentSeriesRow[]
}

interface Series {
  readonly counts: number[]
  readonly errorCounts: number[]
}

/**
 * How the components of one service move together: the correlation of each pair of them, over the last 40 windows. A window
 * without logs of a component has 0 of them. One that is made from the row of another continues as the other would have.
 */
export class ComponentSeries {
  readonly #windowMs: number
  readonly #series = new Map<string, Series>()
  #startMs: number
  #windows: number

  constructor(windowMs: number, row?: ServiceSeriesRow) {
    this.#windowMs = windowMs
    this.#startMs = row?.startMs ?? Number.NaN
    this.#windows = row?.windows ?? 0
    for (const { component, counts, errorCounts } of row?.components ?? [])
      this.#series.set(component, { counts: [...counts], errorCounts: [...errorCounts] })
  }

  /** The beginning of the latest window, in epoch milliseconds; NaN: there was none. */
  get startMs(): number {
    return this.#startMs
  }

  /** Adds a window, which is later than all before, and returns the correlations up to it, the strongest first. */
  add(startMs: number, components: readonly ComponentWindow[]): readonly ComponentCorrelation[] {
    const since = Number.isNaN(this.#startMs) ? 1 : Math.round((startMs - this.#startMs) / this.#windowMs)
    this.#continue(Math.min(since, windowsMax))
    this.#startMs = startMs
    for (const { component, count, errorCount } of components) {
      const { counts, errorCounts } = this.#seriesOf(component)
      counts[counts.length - 1] = count
      errorCounts[errorCounts.length - 1] = errorCount
    }
    this.#keepLargest()
    return this.#correlations()
  }

  /** As a store keeps it. */
  row(): ServiceSeriesRow {
    const components = Array.from(this.#series, ([component, { counts, errorCounts }]) => ({
      component,
      counts: [...counts],
      errorCounts: [...errorCounts],
    }))
    return { startMs: Number.isNaN(this.#startMs) ? null : this.#startMs, windows: this.#windows, components }
  }

  #continue(windows: number): void {
    this.#windows = Math.min(windowsMax, this.#windows + windows)
    for (const series of this.#series.values()) {
      for (const numbers of [series.counts, series.errorCounts]) {
        numbers.push(...new Array<number>(windows).fill(0))
        numbers.splice(0, Math.max(0, numbers.length - windowsMax))
      }
    }
  }

  #seriesOf(component: string): Series {
    let series = this.#series.get(component)
    if (series === undefined) {
      const zeros = new Array<number>(this.#windows).fill(0)
      series = { counts: zeros, errorCounts: [...zeros] }
      this.#series.set(component, series)
    }
    return series
  }

  /** The names decide between equal ones: the result is the same after a restart. */
  #keepLargest(): void {
    const totals = Array.from(this.#series, ([name, { counts }]) => ({ name, total: sumOf(counts) }))
    totals.sort((left, right) => right.total - left.total || (left.name < right.name ? -1 : 1))
    for (const [index, { name, total }] of totals.entries())
      if (index >= componentsMax || total === 0) this.#series.delete(name)
  }

  #correlations(): readonly ComponentCorrelation[] {
    const windows = this.#windows
    if (windows < windowsLeast) return []
    const names = [...this.#series.keys()].sort()
    const found = names.flatMap((left, index) =>
      names.slice(index + 1).map((right): ComponentCorrelation => {
        const [first, second] = [this.#series.get(left), this.#series.get(right)] as [Series, Series]
        const count = correlation(first.counts, second.counts)
        const errorCount = correlation(first.errorCounts, second.errorCounts)
        return { components: [left, right], count, errorCount, windows }
      }),
    )
    return found.sort((left, right) => strength(right) - strength(left))
  }
}

function strength({ count = 0, errorCount = 0 }: ComponentCorrelation): number {
  return Math.max(Math.abs(count), Math.abs(errorCount))
}

/** Pearson's. */
function correlation(left: readonly number[], right: readonly number[]): number | undefined {
  const [leftMean, rightMean] = [sumOf(left) / left.length, sumOf(right) / right.length]
  let both = 0
  let leftSquares = 0
  let rightSquares = 0
  for (const [index, one] of left.entries()) {
    const [x, y] = [one - leftMean, (right[index] as number) - rightMean]
    both += x * y
    leftSquares += x * x
    rightSquares += y * y
  }
  if (leftSquares === 0 || rightSquares === 0) return undefined
  return Math.max(-1, Math.min(1, both / Math.sqrt(leftSquares * rightSquares)))
}

function sumOf(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0)
}
