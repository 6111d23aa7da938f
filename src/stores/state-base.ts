import type { Engine } from './engine.ts'

/** How often the stores of one task were written to. */
export interface StateChanges {
  count: number
}

/** What the state of a store rests on. */
export interface StateBase {
  /** undefined: it lives in memory. */
  readonly engine: Engine | undefined
  readonly changes: StateChanges
}
