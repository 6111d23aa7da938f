import { DecayedQuantiles } from '../../src/detection/index.ts'
import type { AlertChange } from '../../src/alerts/index.ts'
import { type AlertSubject, type FiringAlert, fire, resolve } from './execution-alert.ts'
import type { ExecutionSettings } from './execution-settings.ts'
import type { Outcome } from './outcome.ts'

/** What is known of a scenario. It is JSON. */
export interface ScenarioState {
  readonly scenarioId: string
  organizationId: string | null
  /** Failed executions since the last that did not fail. */
  failures: number
  lastFailureMs: number
  lastSuccessMs: number
  failing: FiringAlert | null
  /** Of its durations, in base64. */
  usual: string
  /** The last five durations, the newest last. */
  recent: number[]
  slow: FiringAlert | null
  /** When its last outcome was received. */
  seenMs: number
}

/** What was said of an execution before. It is JSON. */
export interface JudgedOutcome {
  readonly revision: number
  /** Whether it counts among the failures of its scenario. */
  readonly isFailure: boolean
  readonly isMeasured: boolean
  readonly credits: number
  readonly period: string
}

/** So many failures in a row are severe. */
const severeFailures = 3
const recentMax = 5
/** What 95 % of the durations stay below is what is usual. */
const usualShare = 0.95
/** Slow executions count an eighth of others, so that they become usual after some hundred, not after forty. */
const slowWeight = 1

export function newScenario({ scenarioId, organizationId }: Outcome): ScenarioState {
  return {
    scenarioId,
    organizationId,
    failures: 0,
    lastFailureMs: 0,
    lastSuccessMs: 0,
    failing: null,
    usual: '',
    recent: [],
    slow: null,
    seenMs: 0,
  }
}

export function isFailed({ status }: Outcome): boolean {
  return status === 'error' || status === 'timed-out'
}

/** Whether its duration says something about the scenario. */
export function isMeasured({ status, durationMs }: Outcome): boolean {
  return (status === 'success' || status === 'warning') && durationMs !== null
}

/** Whether it failed, after all that did not. */
export function isNewFailure({ lastSuccessMs }: ScenarioState, outcome: Outcome): boolean {
  return isFailed(outcome) && (outcome.endMs ?? 0) >= lastSuccessMs
}

/** Counts failures in a row; an execution that was corrected is one no longer. Changes the state. */
export function judgeFailure(
  state: ScenarioState,
  outcome: Outcome,
  before: JudgedOutcome | undefined,
): AlertChange | undefined {
  const { scenarioId, executionId, endMs, status, error } = outcome
  if (endMs === null) return undefined
  const subject = subjectOf('executionFailure', state)
  const name = `scenario ${scenarioId}: execution ${executionId}`
  if (isFailed(outcome)) {
    if (before?.isFailure === true || !isNewFailure(state, outcome)) return undefined
    state.failures++
    state.lastFailureMs = Math.max(state.lastFailureMs, endMs)
    const what = status === 'timed-out' ? 'did not end in time' : 'failed'
    const reason = error === '' ? '' : ` (${error})`
    const row = state.failures === 1 ? '' : `, ${state.failures} in a row`
    const { alert, change } = fire(subject, state.failing, {
      severity: state.failures >= severeFailures ? 'high' : 'medium',
      timeMs: endMs,
      summary: `${name} ${what}${row}${reason}`,
      value: state.failures,
      threshold: 1,
      example: `${name} ${what}${reason}`,
      eventCount: state.failures,
    })
    state.failing = alert
    return change
  }
  if (endMs >= state.lastFailureMs) state.failures = 0
  else if (before?.isFailure === true) state.failures = Math.max(0, state.failures - 1)
  state.lastSuccessMs = Math.max(state.lastSuccessMs, endMs)
  if (state.failures > 0) return undefined
  const summary = `${name} ended with ${status}`
  const { alert, change } = resolve(subject, state.failing, { timeMs: endMs, summary, value: 0, threshold: 1 })
  state.failing = alert
  return change
}

/** Compares the last executions with the scenario's own past, and learns. Changes the state. */
export function judgeDuration(
  state: ScenarioState,
  { scenarioId, durationMs, endMs }: Outcome,
  { baselineRuns, slowPercent }: Pick<ExecutionSettings, 'baselineRuns' | 'slowPercent'>,
): AlertChange | undefined {
  if (durationMs === null || endMs === null) return undefined
  const usual = DecayedQuantiles.restore(Buffer.from(state.usual, 'base64'))
  const baseline = usual.quantile(usualShare)
  const isKnown = baseline !== undefined && usual.count >= baselineRuns
  const limit = isKnown ? Math.max(1, (baseline * slowPercent) / 100) : Number.POSITIVE_INFINITY
  state.recent = [...state.recent, durationMs].slice(-recentMax)
  usual.add(durationMs, durationMs > limit ? slowWeight : undefined)
  state.usual = Buffer.from(usual.toBytes()).toString('base64')
  if (!isKnown || state.recent.length < recentMax) return undefined
  const value = [...state.recent].sort((left, right) => left - right)[recentMax >> 1] as number
  const subject = subjectOf('performanceDegradation', state)
  const found = `takes ${shown(value)} (median of ${recentMax} executions), and usually less than ${shown(baseline)} (95 %)`
  const finding = {
    timeMs: endMs,
    summary: `scenario ${scenarioId} ${found}`,
    value,
    threshold: limit,
    baseline,
  }
  const { alert, change } =
    value > limit
      ? fire(subject, state.slow, { ...finding, severity: value > 2 * limit ? 'high' : 'medium' })
      : resolve(subject, state.slow, finding)
  state.slow = alert
  return change
}

/** The ends of the alerts of a scenario that runs no longer. */
export function forgetScenario(state: ScenarioState, timeMs: number): readonly AlertChange[] {
  const summary = `scenario ${state.scenarioId} has not run for a long time`
  const finding = { timeMs, summary, value: 0, threshold: 0 }
  const ends = [
    resolve(subjectOf('executionFailure', state), state.failing, finding),
    resolve(subjectOf('performanceDegradation', state), state.slow, finding),
  ]
  return ends.flatMap(({ change }) => change ?? [])
}

function subjectOf(rule: AlertSubject['rule'], { scenarioId, organizationId }: ScenarioState): AlertSubject {
  return { rule, group: { ...(organizationId === null ? {} : { organizationId }), scenarioId } }
}

function shown(durationMs: number): string {
  return durationMs < 1000 ? `${Math.round(durationMs)} ms` : `${(durationMs / 1000).toFixed(1)} s`
}
