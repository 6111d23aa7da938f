import type { Engine } from './engine.ts'

/** How often the stores of one task were written to. */
export interface StateChanges {
  count: number
}

/** The ground of a store's state: where rows end up, and who counts changes. Shared by all stores of a task. */
export interface StateBase {
  /** undefined: it lives in memory. */
  readonly engine: Engine | undefined
  readonly changes: StateChanges
}
