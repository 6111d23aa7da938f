import type { EvaluationState } from '../evaluation/evaluation.ts'
import type { GroupValues } from '../rules/read-log.ts'
import type { Episode } from './episode.ts'
import type { Fold } from './fold.ts'

/** A line, and when it was. */
export type Sample = readonly [timeMs: number, line: string]

/** Everything that is known of a rule and one of its groups. It is JSON, to be kept in a store. */
export interface AlertState {
  /** The values of `groupBy`. */
  readonly group: GroupValues
  /** Buckets, and what the kind of the rule remembers. */
  readonly evaluation: EvaluationState
  /** The first point that is not closed: what is older is late. */
  nextMs: number
  /** The end of the newest bucket that holds logs. */
  lastMs: number
  /** What the closed points mean. */
  fold: Fold
  /** The open point at which it fired before the points up to there were closed; null: it did not. */
  earlyMs: number | null
  /** What was emitted last. */
  episode: Episode
  /** Events since the beginning of the episode. */
  eventCount: number
  /** The newest ones, oldest first. */
  samples: readonly Sample[]
  /** Observations that came later than the grace allows. They change nothing. */
  lateCount: number
  /** Observations from further ahead than a window. They change nothing. */
  aheadCount: number
  /** The group is forgotten, or there is nothing to remember: the state may be deleted. */
  isOver: boolean
}
