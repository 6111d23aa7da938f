import type { AlertChange, AlertStatus, Severity } from '../src/alerts/index.ts'

export type { Severity }

/** An alert as the alert topics and the index have it: what became of it last. */
export interface Alert {
  /** Of the episode: the same while the alert fires, gets worse and is resolved. */
  readonly id: string
  readonly rule: string
  /** Of the alert: the same in all of its episodes. */
  readonly key: string
  readonly status: AlertStatus
  /** The worst of this episode so far. */
  readonly severity: Severity
  readonly summary: string
  /** Epoch milliseconds of the event time of the last change. */
  readonly timestamp: number
  /** Epoch milliseconds of the event time at which the episode began. */
  readonly startedAt: number
  readonly details: Readonly<Record<string, unknown>>
}

/** The alert after a change. */
export function alertOf(change: AlertChange): Alert {
  const { episode: id, key, rule, status, severity, summary, timeMs, startMs } = change
  const { group, value, threshold, baseline, eventCount, examples, links, labels } = change
  return {
    id,
    rule,
    key,
    status,
    severity,
    summary,
    timestamp: timeMs,
    startedAt: startMs,
    details: { group, value, threshold, baseline, eventCount, examples, links, labels },
  }
}
