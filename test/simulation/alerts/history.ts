import type { AlertChange } from '../../../src/alerts/alert-change.ts'
import type { Severity } from '../../../src/alerts/severity.ts'

/**
 * Something that happens, so long after the start.
 * - `fire`, `resolve`: an alert changes; `again`: its rule sends the last changes once more
 * - `silence`: of a service, for a while; `acknowledge`: all that fires
 * - `kill`: the owner is gone, and another one starts after a pause; with `count`, after it committed and sent so many
 * - `handover`: the owner commits, and another one continues
 * - `outlive`: another owner continues, and the old one does not know for a while
 * - `clock`: the clock of the owner is set
 */
export type HappeningKind =
  | 'fire'
  | 'resolve'
  | 'again'
  | 'silence'
  | 'acknowledge'
  | 'kill'
  | 'handover'
  | 'outlive'
  | 'clock'

export interface Happening {
  readonly atMs: number
  readonly kind: HappeningKind
  readonly rule?: string
  readonly service?: string
  readonly severity?: Severity
  /** How long, or by how much. */
  readonly ms?: number
  /** How many. */
  readonly count?: number
}

/** A history as data: the same each time. */
export interface AlertHistory {
  /** A sentence: what this history is about. */
  readonly about: string
  /** Epoch milliseconds. */
  readonly startMs: number
  /** Between two commits. */
  readonly commitMs: number
  readonly happenings: readonly Happening[]
}

/** The change of an alert that a happening is. */
export function changeOf(
  { kind, rule = 'errors', service = 'a', severity = 'high' }: Happening,
  timeMs: number,
): AlertChange {
  const key = `${rule}/${service}`
  return {
    key,
    episode: key,
    rule,
    group: { service },
    status: kind === 'fire' ? 'firing' : 'resolved',
    severity,
    startMs: timeMs,
    timeMs,
    summary: key,
    value: 1,
    threshold: 0,
    baseline: null,
    examples: [],
    eventCount: 1,
    links: {},
    labels: {},
  }
}
