import type { OperatorContext } from './operator.ts'
import { StreamClock } from './stream-clock.ts'

/**
 * The time that both sides of a stream-stream join share: the highest timestamp that either has processed. It also
 * holds what both know of the rows that wait.
 */
export class JoinClock extends StreamClock {
  /** Lowest timestamp of an unmatched row since the last scan, or where that one ended; Infinity when none is known. */
  earliestUnmatchedMs = Number.POSITIVE_INFINITY
  /** For a join with its own interval: the time past which a row must be emitted; unknown before the first scan. */
  dueMs = Number.NEGATIVE_INFINITY
  /** Wall clock before which no scan runs. */
  nextScanMs = 0
}

/** The clock of a join in a task; the side that opens first creates it. */
export function joinClock(context: OperatorContext, name: string): JoinClock {
  const known = context.time.clocks.running(name)
  if (known instanceof JoinClock) return known
  const clock = new JoinClock(context, name)
  // Rows may wait of which the clock that it follows knew.
  if (context.time.clocks.committedMs(name) !== undefined) clock.earliestUnmatchedMs = 0
  return clock
}
