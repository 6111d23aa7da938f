import { levels } from '../../pipelines/levels/level.ts'
import type { AlertEpisode } from './alert-episodes.ts'
import type {
  AlertNumbers,
  NamedSeries,
  Numbers,
  NumbersQuery,
  Quantiles,
  Series,
  ServiceSeries,
} from './numbers-shape.ts'
import type { HeldReport } from './held-report.ts'
import { otherName, type RateWindows } from './rate-windows.ts'

/** Rows of their own; the rest is added up as `otherName`. */
const servicesMax = 10
const componentsMax = 20
const rulesMax = 10

/** Adds up what is known of the steps that a query asks for. */
export function numbersOf(
  windows: RateWindows,
  episodes: Iterable<AlertEpisode> | undefined,
  query: NumbersQuery,
): Numbers {
  const { fromMs, toMs, service } = query
  const stepMs = Math.max(query.stepMs, windows.windowMs)
  const steps = new Steps(fromMs, toMs, stepMs)
  const all = [...windows.between(steps.fromMs, toMs)]
  const chosen = service === undefined ? all : all.filter((report) => report.service === service)
  const isKnown = (index: number): boolean => {
    const startMs = steps.startMs(index)
    return startMs >= windows.sinceMs && startMs < windows.untilMs
  }
  const known = (series: number[]): Series => series.map((value, index) => (isKnown(index) ? value : null))
  const total = steps.zeros()
  const errors = steps.zeros()
  const byLevel = levels.map(() => steps.zeros())
  const bounds = new Bounds(windows.boundsMs)
  const durations = Array.from({ length: steps.count }, () => bounds.zeros())
  for (const report of chosen) {
    const index = steps.indexOf(report.startMs)
    increase(total, index, report.total)
    increase(errors, index, report.errors)
    for (const [level, count] of report.levels.entries()) increase(byLevel[level], index, count)
    addDurations(durations[index], report.durations)
  }
  return {
    fromMs: steps.fromMs,
    toMs,
    stepMs,
    windowMs: windows.windowMs,
    knownFromMs: windows.sinceMs,
    knownToMs: windows.untilMs,
    times: steps.times(),
    total: known(total),
    errors: known(errors),
    levels: Object.fromEntries(levels.map((level, index) => [level, known(byLevel[index] ?? [])])),
    durations: quantilesOf(durations, bounds),
    services: servicesOf(all, steps, { known, bounds }),
    components: componentsOf(chosen, steps, known),
    alerts: episodes && alertsOf(episodes, steps),
  }
}

/** Equal parts of a range, the first of which begins at a multiple of their length. */
class Steps {
  readonly fromMs: number
  readonly count: number
  readonly #stepMs: number

  constructor(fromMs: number, toMs: number, stepMs: number) {
    this.fromMs = Math.floor(fromMs / stepMs) * stepMs
    this.count = Math.max(1, Math.ceil((toMs - this.fromMs) / stepMs))
    this.#stepMs = stepMs
  }

  startMs(index: number): number {
    return this.fromMs + index * this.#stepMs
  }

  /** Below 0, or `count` and above: it is in no step. */
  indexOf(timeMs: number): number {
    return Math.floor((timeMs - this.fromMs) / this.#stepMs)
  }

  zeros(): number[] {
    return new Array<number>(this.count).fill(0)
  }

  times(): readonly number[] {
    return Array.from({ length: this.count }, (_, index) => this.startMs(index))
  }
}

type Known = (series: number[]) => Series

function servicesOf(
  reports: readonly HeldReport[],
  steps: Steps,
  { known, bounds }: { readonly known: Known; readonly bounds: Bounds },
): readonly ServiceSeries[] {
  const sums = new Map<string, number>()
  for (const { service, total } of reports) sums.set(service, (sums.get(service) ?? 0) + total)
  const top = topOf(servicesMax, sums)
  const rows = new Map<string, { total: number[]; errors: number[]; durations: Float64Array }>()
  for (const { service, startMs, total, errors, durations } of reports) {
    const name = top.has(service) ? service : otherName
    let row = rows.get(name)
    if (row === undefined)
      rows.set(name, (row = { total: steps.zeros(), errors: steps.zeros(), durations: bounds.zeros() }))
    increase(row.total, steps.indexOf(startMs), total)
    increase(row.errors, steps.indexOf(startMs), errors)
    addDurations(row.durations, durations)
  }
  return inOrder(rows, top).map(([name, { total, errors, durations }]) => ({
    name,
    total: known(total),
    errors: known(errors),
    p95Ms: bounds.quantile(durations, 0.95),
  }))
}

function componentsOf(reports: readonly HeldReport[], steps: Steps, known: Known): readonly NamedSeries[] {
  const sums = new Map<string, number>()
  for (const { components, componentCounts } of reports)
    for (const [index, name] of components.entries())
      sums.set(name, (sums.get(name) ?? 0) + (componentCounts[index] ?? 0))
  const top = topOf(componentsMax, sums)
  const rows = new Map<string, number[]>()
  for (const { components, componentCounts, startMs } of reports) {
    const step = steps.indexOf(startMs)
    for (const [index, component] of components.entries()) {
      const name = top.has(component) ? component : otherName
      let series = rows.get(name)
      if (series === undefined) rows.set(name, (series = steps.zeros()))
      increase(series, step, componentCounts[index] ?? 0)
    }
  }
  return inOrder(rows, top).map(([name, total]) => ({ name, total: known(total) }))
}

function alertsOf(episodes: Iterable<AlertEpisode>, steps: Steps): AlertNumbers {
  const open = new Map<string, number>()
  const begun = new Map<string, number[]>()
  const rules = new Map<string, { begun: number; open: number }>()
  for (const { rule, severity, startMs, isResolved } of episodes) {
    const index = steps.indexOf(startMs)
    const isInRange = index >= 0 && index < steps.count
    if (!isResolved) open.set(severity, (open.get(severity) ?? 0) + 1)
    if (isResolved && !isInRange) continue
    const counts = rules.get(rule) ?? { begun: 0, open: 0 }
    rules.set(rule, counts)
    if (!isResolved) counts.open++
    if (!isInRange) continue
    counts.begun++
    let series = begun.get(severity)
    if (series === undefined) begun.set(severity, (series = steps.zeros()))
    increase(series, index, 1)
  }
  const sorted = [...rules].sort(([, one], [, other]) => other.open - one.open || other.begun - one.begun)
  return {
    open: Object.fromEntries(open),
    begun: Object.fromEntries(begun),
    rules: sorted.slice(0, rulesMax).map(([rule, counts]) => ({ rule, ...counts })),
    otherRules: Math.max(0, sorted.length - rulesMax),
  }
}

/** The names with the largest sums; what is summed up already is none of them. */
function topOf(namesMax: number, sums: Map<string, number>): ReadonlySet<string> {
  sums.delete(otherName)
  const sorted = [...sums].sort(([name, one], [other, two]) => two - one || (name < other ? -1 : 1))
  return new Set(sorted.slice(0, namesMax).map(([name]) => name))
}

/** The largest first, what was added up last. */
function inOrder<Row>(rows: ReadonlyMap<string, Row>, top: ReadonlySet<string>): readonly (readonly [string, Row])[] {
  const names = [...top, ...(top.has(otherName) ? [] : [otherName])]
  return names.flatMap((name) => {
    const row = rows.get(name)
    return row === undefined ? [] : [[name, row] as const]
  })
}

function quantilesOf(durations: readonly Float64Array[], bounds: Bounds): Quantiles {
  const at = (share: number): Series => durations.map((counts) => bounds.quantile(counts, share))
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99) }
}

/** Bounds of durations, by their index. */
class Bounds {
  readonly #boundsMs: readonly number[]
  /** Indexes, that of the lowest bound first. */
  readonly #rising: readonly number[]

  constructor(boundsMs: readonly number[]) {
    this.#boundsMs = boundsMs
    this.#rising = [...boundsMs.keys()].sort((one, other) => (boundsMs[one] ?? 0) - (boundsMs[other] ?? 0))
  }

  zeros(): Float64Array {
    return new Float64Array(this.#boundsMs.length)
  }

  /** The bound of a bucket, which is at most 9 % above the value; null: there are no durations. */
  quantile(counts: Float64Array, share: number): number | null {
    const all = counts.reduce((sum, count) => sum + count, 0)
    if (all === 0) return null
    let left = all * share
    for (const index of this.#rising) {
      left -= counts[index] ?? 0
      // Of several bounds with the same sum, the first one that has a duration.
      if (left <= 0 && (counts[index] ?? 0) > 0) return this.#boundsMs[index] ?? null
    }
    return null
  }
}

function addDurations(counts: Float64Array | undefined, durations: readonly number[]): void {
  if (counts === undefined) return
  for (let at = 0; at < durations.length; at += 2) {
    const bound = durations[at] ?? 0
    counts[bound] = (counts[bound] ?? 0) + (durations[at + 1] ?? 0)
  }
}

function increase(series: number[] | undefined, index: number, by: number): void {
  const before = series?.[index]
  if (series !== undefined && before !== undefined) series[index] = before + by
}
