import type { Serde } from '../../src/index.ts'
import type { DecayedHistogram } from './decayed-histogram.ts'
import { components, type EnsembleState } from './ensemble.ts'

type Written = Omit<EnsembleState, 'histograms' | 'season'> & {
  readonly season: readonly (number | null)[]
  readonly histograms: readonly (readonly [
    unit: number,
    weight: number,
    counts: readonly (readonly [number, number])[],
  ])[]
}

function write(state: EnsembleState): Written {
  const histograms = components.map((component) => {
    const { unit, weight, counts } = state.histograms[component]
    return [unit, weight, [...counts]] as const
  })
  return { ...state, season: state.season.map((usual) => (Number.isNaN(usual) ? null : usual)), histograms }
}

function read(written: Written): EnsembleState {
  const histogram = (index: number): DecayedHistogram => {
    const [unit, weight, counts] = written.histograms[index] ?? [0, 0, []]
    return { unit, weight, counts: new Map(counts) }
  }
  return {
    ...written,
    season: written.season.map((usual) => usual ?? Number.NaN),
    histograms: { value: histogram(0), level: histogram(1), volatility: histogram(2), season: histogram(3) },
  }
}

/** States of several series under one key, by the series' name. */
export type EnsembleStates = Readonly<Record<string, EnsembleState>>

export const ensembleStates: Serde<EnsembleStates> = {
  name: 'ensemble-states',
  serialize: (states) =>
    Buffer.from(
      JSON.stringify(Object.fromEntries(Object.entries(states).map(([name, state]) => [name, write(state)]))),
    ),
  deserialize: (bytes) => {
    const written = JSON.parse(Buffer.from(bytes).toString()) as Record<string, Written>
    return Object.fromEntries(Object.entries(written).map(([name, state]) => [name, read(state)]))
  },
}
