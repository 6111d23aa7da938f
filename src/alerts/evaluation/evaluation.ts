import type { Observation } from '../rules/observation.ts'
import type { Buckets, Cell } from './buckets.ts'
import type { Reading } from './reading.ts'

/** What a rule keeps of one group. It is JSON. */
export interface EvaluationState {
  /** The first bucket in which something came, or in which the group was made known. */
  sinceMs: number
  readonly buckets: Buckets
  /** What the kind of the rule remembers beyond its window. */
  memory: unknown
}

/**
 * How a kind of rules reads a group at a point of time. A point is the start of a bucket; its window ends with that bucket.
 * No method looks at a clock, and none depends on the order in which observations of a bucket came.
 */
export interface Evaluation {
  /** What a bucket keeps. Undefined: it is empty so far. */
  readonly add: (cell: Cell | undefined, observation: Observation) => Cell
  /** What is remembered of a group at its beginning. Default: nothing. */
  readonly memory?: () => unknown
  /**
   * Called once for each point, in order, when its bucket can change no longer. `strictness`: so many times as far outside
   * an unusual value has to lie, by what people said of earlier alerts.
   */
  readonly close: (state: EvaluationState, pointMs: number, strictness: number) => Reading
  /** As far as is known now, for a point that is not closed. Changes nothing. Without it, the rule waits for `close`. */
  readonly peek?: (state: EvaluationState, pointMs: number) => Reading
}
