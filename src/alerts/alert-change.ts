import type { Severity } from './severity.ts'

/** Where an alert is in its life. Before its condition is met and after it is resolved, there is no alert. */
export const alertStatuses = ['pending', 'firing', 'no-data', 'resolved'] as const
/** One of `alertStatuses`. */
export type AlertStatus = (typeof alertStatuses)[number]

/**
 * A change in the life of an alert: one per transition, and one when a firing alert gets worse: its severity rises, or its
 * value doubles (halves, where small values fire). It is JSON, so that stores and topics carry it as it is.
 *
 * A repeated commit interval makes the same changes again: two changes with the same `episode`, `status` and `timeMs` are
 * one.
 */
export interface AlertChange {
  /** `rule` and `group` in one text: always the same for the same alert. */
  readonly key: string
  /** The key and the time at which this episode began. A restart does not change it. */
  readonly episode: string
  /** Name of the rule. */
  readonly rule: string
  /** The fields that the rule groups by, with their values. */
  readonly group: Readonly<Record<string, string>>
  /** The status that the alert has from now on; the same as before where it got worse. */
  readonly status: AlertStatus
  /** The worst of this episode so far. */
  readonly severity: Severity
  /** Event time at which the condition was first met, epoch milliseconds. */
  readonly startMs: number
  /** Event time of this change, epoch milliseconds. */
  readonly timeMs: number
  /** One sentence for people. */
  readonly summary: string
  /** What was measured, in the unit of the rule. */
  readonly value: number
  /** What the value was compared with. */
  readonly threshold: number
  /** What is usual, in the unit of what was measured; null: the rule knows no usual value. */
  readonly baseline: number | null
  /** At most three log lines that show it, redacted. */
  readonly examples: readonly string[]
  /** Events that the rule counted since `startMs`. */
  readonly eventCount: number
  /** Addresses by name, such as `runbook` and `search`. */
  readonly links: Readonly<Record<string, string>>
  /** Labels of the rule, such as `team`. */
  readonly labels: Readonly<Record<string, string>>
}
