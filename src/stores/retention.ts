/** How long rows of a window or session store live and are seen. */
export interface Retention {
  readonly retentionMs: number
  readonly segmentMs: number
  /**
   * In-memory stores refuse rows that they would hide; disk stores accept them while their segment lives, and hide them.
   */
  readonly refusesHidden: boolean
  /** Time-ordered window stores on disk still show the row that lies exactly `retentionMs` back. */
  readonly showsOldest: boolean
}

const segmentMsMin = 60_000

/** Java's default: half of the retention, at least a minute. */
export function segmentMsOf(retentionMs: number): number {
  return Math.max(Math.floor(retentionMs / 2), segmentMsMin)
}

/** The lowest time that reads see; rows before it are hidden. */
export function visibleFromMs(retention: Retention, observedMs: number): number {
  return observedMs - retention.retentionMs + (retention.showsOldest ? 0 : 1)
}

export function segmentOf(retention: Retention, timeMs: number): number {
  // Toward zero, as Java divides: with a short history everything from -segment to +segment is segment 0.
  return Math.trunc(timeMs / retention.segmentMs)
}

/** The lowest segment that is kept. */
export function liveFromSegment(retention: Retention, observedMs: number): number {
  return segmentOf(retention, observedMs - retention.retentionMs)
}
