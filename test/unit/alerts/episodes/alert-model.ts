import type { RulePlan } from '../../../../src/alerts/rules/plan.ts'

/** An event of a property test: its time in seconds, a value, and whether it is bad. */
export interface ModelEvent {
  readonly second: number
  readonly value: number
  readonly isBad: boolean
}

/** What a rule says about all events of a window; undefined: nothing can be said. */
export type ModelValue = (events: readonly ModelEvent[]) => number | undefined

export interface ModelEpisode {
  readonly firedMs: number
  /** Undefined: it still fires. */
  readonly resolvedMs: number | undefined
}

/** When an alert fires and is over, computed at each point from the full list of events. */
export function modelEpisodes(
  { windowMs, everyMs, forMs, keepMs }: RulePlan,
  events: readonly ModelEvent[],
  valueOf: ModelValue,
  limits: {
    readonly fires: (value: number) => boolean
    readonly clears: (value: number) => boolean
    readonly needsWhole?: boolean
  },
  untilMs: number,
): readonly ModelEpisode[] {
  const times = events.map(({ second }) => second * 1000)
  const episodes: ModelEpisode[] = []
  let [metMs, clearMs, firedMs]: (number | undefined)[] = []
  const firstMs = Math.floor(Math.min(...times) / everyMs) * everyMs
  for (let atMs = firstMs; atMs + everyMs <= untilMs; atMs += everyMs) {
    const endMs = atMs + everyMs
    const value = valueOf(events.filter((_, index) => isWithin(times[index] ?? 0, endMs - windowMs, endMs)))
    const isPart = limits.needsWhole === true && endMs - windowMs < firstMs
    if (value === undefined || isPart) continue
    metMs = limits.fires(value) ? (metMs ?? atMs) : undefined
    if (firedMs === undefined) {
      if (metMs !== undefined && atMs - metMs >= forMs) firedMs = atMs
      continue
    }
    clearMs = limits.clears(value) ? (clearMs ?? atMs) : undefined
    if (clearMs === undefined || atMs - clearMs < keepMs) continue
    episodes.push({ firedMs, resolvedMs: endMs })
    firedMs = metMs = clearMs = undefined
  }
  return firedMs === undefined ? episodes : [...episodes, { firedMs, resolvedMs: undefined }]
}

function isWithin(timeMs: number, fromMs: number, toMs: number): boolean {
  return timeMs >= fromMs && timeMs < toMs
}
