import type { Observation } from '../rules/observation.ts'
import type { Bucket, Cell } from './buckets.ts'

/** Reduces the logs of a window to a number, whatever their order. */
export interface Measure {
  /** What a bucket keeps. Undefined: it is empty so far. */
  readonly add: (cell: Cell | undefined, observation: Observation) => Cell
  /** Undefined: there is no value without logs. */
  readonly value: (buckets: readonly Bucket[]) => number | undefined
}
