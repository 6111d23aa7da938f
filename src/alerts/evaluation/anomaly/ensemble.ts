import { addToHistogram, type DecayedHistogram, emptyHistogram, excess } from './decayed-histogram.ts'

/**
 * The statistical ensemble over one series of evenly spaced points: four views of what is unusual, added and squashed.
 * - `value`: outside the range of its recent past
 * - `level`: the mean of the last 24 points against its history
 * - `volatility`: the deviation of the last 48 points against its history
 * - `season`: distance from what this hour of this kind of day usually shows
 * Scores pass only when they are the highest of the cool-down, so that one event is reported once.
 */
export interface EnsembleState {
  /** How many points it has seen. */
  readonly points: number
  /** The last 48 points, newest last. */
  readonly recent: readonly number[]
  /** The past of each view. */
  readonly histograms: Readonly<Record<Component, DecayedHistogram>>
  /** Running mean by hour and weekday or weekend: 48 places, NaN where nothing was seen. */
  readonly season: readonly number[]
  /** Scores of the cool-down that are still the highest after theirs, newest last: [point, score]. */
  readonly peaks: readonly (readonly [number, number])[]
}

/** How far an ensemble looks back. */
export interface EnsembleSettings {
  /** How many points the memory spans: 7 days of 5-minute points are 2016. */
  readonly memoryPoints: number
  /** No score before so many points. */
  readonly warmUpPoints: number
  /** Only the highest score of so many points passes. */
  readonly cooldownPoints: number
}

/** How unusual a point is. */
export interface EnsembleScore {
  /** 0 to below 1; 0.95 is the fleet's threshold. */
  readonly score: number
  /** Whether this score is the highest of its cool-down. */
  readonly isPeak: boolean
  /** What each view added, before squashing: the reason that an alert gives. */
  readonly parts: Readonly<Record<Component, number>>
}

/** What an ensemble looks at. */
export const components = ['value', 'level', 'volatility', 'season'] as const
/** One of `components`. */
export type Component = (typeof components)[number]

const levelPoints = 24
const volatilityPoints = 48
const seasonMemory = 0.1

/** Has seen nothing. */
export const emptyEnsemble: EnsembleState = Object.freeze({
  points: 0,
  recent: [],
  histograms: { value: emptyHistogram, level: emptyHistogram, volatility: emptyHistogram, season: emptyHistogram },
  season: new Array<number>(48).fill(Number.NaN),
  peaks: [],
})

/** Scores the point against the past, then makes it part of the past. Pure. */
export function scored(
  state: EnsembleState,
  value: number,
  timestampMs: number,
  settings: EnsembleSettings,
): { readonly state: EnsembleState; readonly score: EnsembleScore } {
  const recent = [...state.recent, value].slice(-volatilityPoints)
  const place = seasonPlace(timestampMs)
  const usual = state.season[place] ?? Number.NaN
  const observed: Readonly<Record<Component, number>> = {
    value,
    level: mean(recent.slice(-levelPoints)),
    volatility: deviation(recent),
    season: Number.isNaN(usual) ? 0 : value - usual,
  }
  const parts = mapComponents((component) => excess(state.histograms[component], observed[component]))
  const warm = state.points >= settings.warmUpPoints
  const score = warm ? squash(components.reduce((sum, component) => sum + parts[component], 0)) : 0
  const peaks = state.peaks.filter(([point, peak]) => point > state.points - settings.cooldownPoints && peak >= score)
  const isPeak = score > 0 && peaks.length === 0
  return {
    score: { score, isPeak, parts },
    state: {
      points: state.points + 1,
      recent,
      histograms: mapComponents((component) =>
        addToHistogram(state.histograms[component], observed[component], settings.memoryPoints),
      ),
      season: state.season.with(place, Number.isNaN(usual) ? value : usual + seasonMemory * (value - usual)),
      peaks: score > 0 ? [...peaks, [state.points, score]] : peaks,
    },
  }
}

function mapComponents<T>(map: (component: Component) => T): Readonly<Record<Component, T>> {
  return { value: map('value'), level: map('level'), volatility: map('volatility'), season: map('season') }
}

/** 0 for nothing unusual, 0.95 where the views together lie three usual ranges outside. */
function squash(sum: number): number {
  return 1 - Math.exp(-sum)
}

function seasonPlace(timestampMs: number): number {
  const time = new Date(timestampMs)
  const weekend = time.getUTCDay() === 0 || time.getUTCDay() === 6
  return time.getUTCHours() + (weekend ? 24 : 0)
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

function deviation(values: readonly number[]): number {
  const middle = mean(values)
  return Math.sqrt(mean(values.map((value) => (value - middle) ** 2)))
}
