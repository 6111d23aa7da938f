/**
 * Multi-window burn rates (Google SRE workbook, chapter 5): how many times faster than allowed the error budget goes, over a
 * long and a short window. Both must burn, so that an alert starts soon and ends soon. Plain data, to be kept in a store.
 */
export interface BurnState {
  /** Rows of closed and open windows, oldest first: window start, total, errors. */
  readonly rows: readonly BurnRow[]
}

export type BurnRow = readonly [startMs: number, total: number, errors: number]

export interface BurnRule {
  readonly longMs: number
  readonly shortMs: number
  /** Times the budget's pace. */
  readonly factor: number
  readonly severity: 'high' | 'critical'
}

export interface BurnSettings {
  /** Share of events that must succeed. */
  readonly objective: number
  readonly volumeMin: number
  readonly rules: readonly BurnRule[]
}

export interface BurnFinding {
  readonly rule: BurnRule
  readonly longBurn: number
  readonly shortBurn: number
}

export const emptyBurn: BurnState = Object.freeze({ rows: [] })

/** Puts a window's counts (again, when they grew) and forgets what no rule looks at. */
export function putWindow(state: BurnState, row: BurnRow, settings: BurnSettings): BurnState {
  const newestMs = Math.max(row[0], state.rows.at(-1)?.[0] ?? row[0])
  const keepFromMs = newestMs - Math.max(...settings.rules.map((rule) => rule.longMs))
  const rows = state.rows.filter(([startMs]) => startMs !== row[0] && startMs > keepFromMs)
  const index = rows.findIndex(([startMs]) => startMs > row[0])
  if (row[0] <= keepFromMs) return { rows }
  return { rows: index === -1 ? [...rows, row] : rows.toSpliced(index, 0, row) }
}

/** The worst rule that burns now; undefined when none does. */
export function findBurn(state: BurnState, settings: BurnSettings): BurnFinding | undefined {
  const newestMs = state.rows.at(-1)?.[0]
  if (newestMs === undefined) return undefined
  const budget = 1 - settings.objective
  for (const rule of settings.rules) {
    const long = rate(state, newestMs - rule.longMs)
    const short = rate(state, newestMs - rule.shortMs)
    if (long.total < settings.volumeMin) continue
    const [longBurn, shortBurn] = [long.share / budget, short.share / budget]
    if (longBurn >= rule.factor && shortBurn >= rule.factor) return { rule, longBurn, shortBurn }
  }
  return undefined
}

function rate(state: BurnState, afterMs: number): { readonly total: number; readonly share: number } {
  let [total, errors] = [0, 0]
  for (const [startMs, rowTotal, rowErrors] of state.rows) {
    if (startMs <= afterMs) continue
    total += rowTotal
    errors += rowErrors
  }
  return { total, share: total === 0 ? 0 : errors / total }
}
