import type { DecayedHistogram } from './decayed-histogram.ts'
import { components, type EnsembleState } from './ensemble.ts'

/** The state of an ensemble as JSON. */
export type EnsembleJson = Omit<EnsembleState, 'histograms' | 'season'> & {
  /** Null where nothing was seen. */
  readonly season: readonly (number | null)[]
  /** In the order of the components. */
  readonly histograms: readonly (readonly [
    unit: number,
    weight: number,
    counts: readonly (readonly [number, number])[],
  ])[]
}

/** The state as JSON. */
export function ensembleJson(state: EnsembleState): EnsembleJson {
  const histograms = components.map((component) => {
    const { unit, weight, counts } = state.histograms[component]
    return [unit, weight, [...counts]] as const
  })
  return { ...state, season: state.season.map((usual) => (Number.isNaN(usual) ? null : usual)), histograms }
}

/** The state of its JSON. */
export function ensembleOf(json: EnsembleJson): EnsembleState {
  const histogram = (index: number): DecayedHistogram => {
    const [unit, weight, counts] = json.histograms[index] ?? [0, 0, []]
    return { unit, weight, counts: new Map(counts) }
  }
  return {
    ...json,
    season: json.season.map((usual) => usual ?? Number.NaN),
    histograms: { value: histogram(0), level: histogram(1), volatility: histogram(2), season: histogram(3) },
  }
}
