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
import type { Counts, RateReport } from './rate-report.ts'
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
  const byLevel = new Map<string, number[]>(levels.map((level) => [level, steps.zeros()]))
  const durations = Array.from({ length: steps.count }, () => new Map<number, number>())
  for (const report of chosen) {
    const index = steps.indexOf(report.startMs)
    increase(total, index, report.total)
    increase(errors, index, report.errors)
    for (const [level, count] of report.levels) increase(byLevel.get(level), index, count)
    addCounts(durations[index], report.durations)
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
    levels: Object.fromEntries([...byLevel].map(([level, series]) => [level, known(series)])),
    durations: quantilesOf(durations),
    services: servicesOf(all, steps, known),
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

function servicesOf(reports: readonly RateReport[], steps: Steps, known: Known): readonly ServiceSeries[] {
  const top = topOf(servicesMax, reports, ({ service, total }) => [[service, total]])
  const rows = new Map<string, { total: number[]; errors: number[]; durations: Map<number, number> }>()
  for (const { service, startMs, total, errors, durations } of reports) {
    const name = top.has(service) ? service : otherName
    let row = rows.get(name)
    if (row === undefined) rows.set(name, (row = { total: steps.zeros(), errors: steps.zeros(), durations: new Map() }))
    increase(row.total, steps.indexOf(startMs), total)
    increase(row.errors, steps.indexOf(startMs), errors)
    addCounts(row.durations, durations)
  }
  return inOrder(rows, top).map(([name, { total, errors, durations }]) => ({
    name,
    total: known(total),
    errors: known(errors),
    p95Ms: quantile(durations, 0.95),
  }))
}

/** What a service logged without a component is a row of the service alone. */
function componentsOf(reports: readonly RateReport[], steps: Steps, known: Known): readonly NamedSeries[] {
  const rowsOf = ({ service, components, total }: RateReport): Counts => {
    const named = components.map(([name, count]) => [`${service} / ${name}`, count] as const)
    const unnamed = total - components.reduce((sum, [, count]) => sum + count, 0)
    return unnamed > 0 ? [...named, [service, unnamed]] : named
  }
  const top = topOf(componentsMax, reports, rowsOf)
  const rows = new Map<string, number[]>()
  for (const report of reports) {
    for (const [row, count] of rowsOf(report)) {
      const name = top.has(row) ? row : otherName
      let series = rows.get(name)
      if (series === undefined) rows.set(name, (series = steps.zeros()))
      increase(series, steps.indexOf(report.startMs), count)
    }
  }
  return inOrder(rows, top).map(([name, total]) => ({ name, total: known(total) }))
}

function alertsOf(episodes: Iterable<AlertEpisode>, steps: Steps): AlertNumbers {
  const open: Record<string, number> = {}
  const begun = new Map<string, number[]>()
  const rules = new Map<string, { begun: number; open: number }>()
  for (const { rule, severity, startMs, isResolved } of episodes) {
    const index = steps.indexOf(startMs)
    const isInRange = index >= 0 && index < steps.count
    if (!isResolved) open[severity] = (open[severity] ?? 0) + 1
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
    open,
    begun: Object.fromEntries(begun),
    rules: sorted.slice(0, rulesMax).map(([rule, counts]) => ({ rule, ...counts })),
    otherRules: Math.max(0, sorted.length - rulesMax),
  }
}

/** The names with the largest sums; what is summed up already is none of them. */
function topOf(
  namesMax: number,
  reports: readonly RateReport[],
  countsOf: (report: RateReport) => Counts,
): ReadonlySet<string> {
  const sums = new Map<string, number>()
  for (const report of reports)
    for (const [name, count] of countsOf(report)) sums.set(name, (sums.get(name) ?? 0) + count)
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

function quantilesOf(durations: readonly ReadonlyMap<number, number>[]): Quantiles {
  const at = (share: number): Series => durations.map((counts) => quantile(counts, share))
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99) }
}

/** The bound of a bucket, which is at most 9 % above the value; null: there are no durations. */
function quantile(counts: ReadonlyMap<number, number>, share: number): number | null {
  const sorted = [...counts].sort(([one], [other]) => one - other)
  let left = sorted.reduce((sum, [, count]) => sum + count, 0) * share
  for (const [upToMs, count] of sorted) {
    left -= count
    if (left <= 0) return upToMs
  }
  return sorted.at(-1)?.[0] ?? null
}

function addCounts(counts: Map<number, number> | undefined, more: Counts<number>): void {
  for (const [key, count] of more) counts?.set(key, (counts.get(key) ?? 0) + count)
}

function increase(series: number[] | undefined, index: number, by: number): void {
  const before = series?.[index]
  if (series !== undefined && before !== undefined) series[index] = before + by
}
