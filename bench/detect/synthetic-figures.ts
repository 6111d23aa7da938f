import { runDetector } from './detector-run.ts'
import { type NabResult, profiles, scoreAt } from './nab-score.ts'
import { type LabelledSeries, syntheticCorpus } from './synthetic-corpus.ts'

/** How many of something were found. */
export interface Share {
  readonly found: number
  readonly of: number
}

/** What the alerts with default settings are worth on series whose incidents are known. */
export interface SyntheticFigures {
  /** By the kind of the incident. */
  readonly byKind: Readonly<Record<string, Share>>
  /** By the family of the series, with false alerts per day of a series. */
  readonly byFamily: Readonly<Record<string, Share & { readonly falseAlertsPerDay: number }>>
  /** In the order of the profiles. */
  readonly nab: readonly NabResult[]
}

/** No other program looks at these seeds: nothing was chosen by them. */
export const heldBackSeed = 7001

/** An alert so many points after an incident still is about it. */
const afterPoints = 12
const pointsOfDay = 288

/** Runs the detector over series of all families, so many of each. */
export function syntheticFigures(firstSeed: number, count: number, falseAlarmEveryMs?: number): SyntheticFigures {
  const byKind: Record<string, Share> = {}
  const byFamily: Record<string, Share & { falseAlertsPerDay: number }> = {}
  const options = falseAlarmEveryMs === undefined ? {} : { falseAlarmEveryMs }
  const runs = syntheticCorpus(firstSeed, count).map((series) => {
    const windows = windowsOf(series)
    const { alerts } = runDetector({ ...series, windows }, options)
    const family = series.name.replace(/-\d+$/, '')
    const rows = alerts.scores.flatMap((score, row) => (score > 0 ? [row] : []))
    for (const [index, [first, last]] of windows.entries()) {
      const found = rows.some((row) => row >= first && row <= last) ? 1 : 0
      const { kind } = series.incidents[index] as LabelledSeries['incidents'][number]
      for (const [shares, name] of [[byKind, kind] as const, [byFamily, family] as const]) {
        const before = shares[name] ?? { found: 0, of: 0, falseAlertsPerDay: 0 }
        shares[name] = { ...before, found: before.found + found, of: before.of + 1 }
      }
    }
    const wrong = rows.filter((row) => !windows.some(([first, last]) => row >= first && row <= last)).length
    const ofFamily = byFamily[family] as Share & { falseAlertsPerDay: number }
    const days = series.points.length / pointsOfDay
    byFamily[family] = { ...ofFamily, falseAlertsPerDay: ofFamily.falseAlertsPerDay + wrong / days / count }
    return alerts
  })
  return { byKind, byFamily, nab: profiles.map((profile) => scoreAt(runs, profile, 1)) }
}

function windowsOf({ incidents }: LabelledSeries): readonly (readonly [number, number])[] {
  return incidents.map(({ first, last }) => [first, last + afterPoints] as const)
}
