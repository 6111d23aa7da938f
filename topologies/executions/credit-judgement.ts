import type { AlertChange } from '../../src/alerts/index.ts'
import { type AlertSubject, type FiringAlert, fire, resolve } from './execution-alert.ts'
import type { CreditThresholds } from './execution-settings.ts'

/** Credits that an organization has used in a period. It is JSON. */
export interface PeriodState {
  readonly organizationId: string
  /** Such as `2026-12`. */
  readonly period: string
  readonly endMs: number
  used: number
  reached: FiringAlert | null
}

/** The day or month of a time, in UTC. */
export function periodOf(timeMs: number, length: CreditThresholds['period']): { name: string; endMs: number } {
  const date = new Date(timeMs)
  const [year, month, day] = [date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate()]
  if (length === 'day') return { name: date.toISOString().slice(0, 10), endMs: Date.UTC(year, month, day + 1) }
  return { name: date.toISOString().slice(0, 7), endMs: Date.UTC(year, month + 1) }
}

/** Adds credits, fewer than 0 where an execution was corrected. Changes the state. `timeMs`: when they were used. */
export function judgeCredits(
  state: PeriodState,
  credits: number,
  timeMs: number,
  thresholds: CreditThresholds,
): AlertChange | undefined {
  // Sums of parts of credits stay as people would write them.
  state.used = Math.round((state.used + credits) * 1e6) / 1e6
  const { organizationId, period, used } = state
  const all = thresholds.own.get(organizationId) ?? thresholds.all
  const threshold = all.findLast((one) => used >= one)
  if (threshold === undefined || timeMs >= state.endMs) return undefined
  const { alert, change } = fire(subjectOf(state), state.reached, {
    severity: threshold === all.at(-1) ? 'high' : 'medium',
    timeMs,
    summary: `organization ${organizationId} has used ${used} credits in ${period}, and the threshold is ${threshold}`,
    value: used,
    threshold,
  })
  state.reached = alert
  return change
}

/** The end of the alert, at the end of the period. */
export function endPeriod(state: PeriodState): AlertChange | undefined {
  const { organizationId, period, used, endMs } = state
  const summary = `${period} is over: organization ${organizationId} has used ${used} credits in it`
  const { alert, change } = resolve(subjectOf(state), state.reached, {
    timeMs: endMs,
    summary,
    value: used,
    threshold: 0,
  })
  state.reached = alert
  return change
}

function subjectOf({ organizationId, period }: PeriodState): AlertSubject {
  return { rule: 'creditThresholdReached', group: { organizationId, period } }
}
