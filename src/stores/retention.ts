/**
 * How long rows of a window or session store live and are seen. Example: retention 300 s, segments 150 s, stream time
 * 460 s (`SegmentedState` draws it):
 * ```
 * visibility             rows are seen from
 * window                 160.001 s   460 - 300, plus one millisecond
 * time-ordered-window    160 s
 * segment                150 s       the start of the lowest live segment
 * ```
 */
export interface Retention {
  readonly retentionMs: number
  readonly segmentMs: number
  /**
   * In-memory stores refuse rows that they would hide; disk stores accept them while their segment lives, and hide
   * them.
   */
  readonly refusesHidden: boolean
  /** Disk stores that retain duplicates: a null deletes nothing and does not even move stream time. */
  readonly ignoresNulls: boolean
  /**
   * From which time on rows are seen: `window` hides what lies the retention or more behind, `time-ordered-window`
   * still shows what lies exactly the retention behind, `segment` shows whatever lives.
   */
  readonly visibility: 'window' | 'time-ordered-window' | 'segment'
}

/** A window or session store, as aggregations that emit closed windows see it. */
export interface Expiring {
  /**
   * The lowest time that its scans by time will see once a row of `observedMs` is put: of starts, or ends of sessions.
   */
  visibleFromMs(observedMs: number): number
}

/** A window store, as an aggregation sees it whose task began again before its changelog. */
export interface HidingWindows extends Expiring {
  /** The highest start that was put, before a restart too; -1 before the first. */
  readonly observedMs: number
}

const segmentMsMin = 60_000

/** Java's default: half of the retention, at least a minute. */
export function segmentMsOf(retentionMs: number): number {
  return Math.max(Math.floor(retentionMs / 2), segmentMsMin)
}

/** The lowest time that reads see; rows before it are hidden. */
export function visibleFromMs(retention: Retention, observedMs: number): number {
  if (retention.visibility === 'segment') return liveFromSegment(retention, observedMs) * retention.segmentMs
  return observedMs - retention.retentionMs + (retention.visibility === 'window' ? 1 : 0)
}

/** Java's default for old versions: finer segments for longer histories. */
export function versionSegmentMsOf(historyMs: number): number {
  if (historyMs <= 60_000) return Math.max(Math.floor(historyMs / 3), 2_000)
  if (historyMs <= 300_000) return Math.max(Math.floor(historyMs / 5), 20_000)
  if (historyMs <= 3_600_000) return Math.max(Math.floor(historyMs / 12), 60_000)
  return Math.max(Math.floor(historyMs / 24), 300_000)
}

/** The number of the segment that holds a time. */
export function segmentOf(retention: Retention, timeMs: number): number {
  // Toward zero, as Java divides: with a short history everything from -segment to +segment is segment 0.
  return Math.trunc(timeMs / retention.segmentMs)
}

/** The lowest segment that is kept. */
export function liveFromSegment(retention: Retention, observedMs: number): number {
  return segmentOf(retention, observedMs - retention.retentionMs)
}
