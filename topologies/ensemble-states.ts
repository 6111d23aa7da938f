import { type EnsembleJson, ensembleJson, ensembleOf, type EnsembleState } from '../src/alerts/index.ts'
import type { Serde } from '../src/index.ts'

/** States of several series under one key, by the series' name. */
export type EnsembleStates = Readonly<Record<string, EnsembleState>>

export const ensembleStates: Serde<EnsembleStates> = {
  name: 'ensemble-states',
  serialize: (states) =>
    Buffer.from(
      JSON.stringify(Object.fromEntries(Object.entries(states).map(([name, state]) => [name, ensembleJson(state)]))),
    ),
  deserialize: (bytes) => {
    const written = JSON.parse(Buffer.from(bytes).toString()) as Record<string, EnsembleJson>
    return Object.fromEntries(Object.entries(written).map(([name, json]) => [name, ensembleOf(json)]))
  },
}
