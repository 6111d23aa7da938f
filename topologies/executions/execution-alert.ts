import type { AlertChange, Severity } from '../../src/alerts/index.ts'

/** An alert that fires. It is JSON. */
export interface FiringAlert {
  readonly startMs: number
  readonly severity: Severity
  readonly value: number
  /** Time of its last change. */
  readonly changeMs: number
}

/** Whose alert it is. */
export interface AlertSubject {
  readonly rule: 'executionFailure' | 'performanceDegradation' | 'creditThresholdReached'
  readonly group: Readonly<Record<string, string>>
}

/** What is to be said of it. */
export interface AlertFinding {
  readonly severity: Severity
  readonly timeMs: number
  readonly summary: string
  readonly value: number
  readonly threshold: number
  readonly baseline?: number
  readonly example?: string
  readonly eventCount?: number
}

/** What becomes of an alert; undefined: it stays as it is. */
export interface AlertStep {
  /** Null: it fires no longer. */
  readonly alert: FiringAlert | null
  readonly change: AlertChange | undefined
}

const ranks: readonly Severity[] = ['low', 'medium', 'high', 'critical']

/** The alert fires, or continues: said again only where it got worse, in severity or by twice the value. */
export function fire(subject: AlertSubject, before: FiringAlert | null, finding: AlertFinding): AlertStep {
  const { severity, value } = finding
  if (before === null) {
    const alert = { startMs: finding.timeMs, severity, value, changeMs: finding.timeMs }
    return { alert, change: changeOf(subject, alert, 'firing', finding) }
  }
  const isWorse = ranks.indexOf(severity) > ranks.indexOf(before.severity)
  if (!isWorse && value < 2 * before.value) return { alert: before, change: undefined }
  const changeMs = Math.max(finding.timeMs, before.changeMs + 1)
  const alert = { startMs: before.startMs, severity: isWorse ? severity : before.severity, value, changeMs }
  return { alert, change: changeOf(subject, alert, 'firing', finding) }
}

/** The end of the alert, where it fires. */
export function resolve(
  subject: AlertSubject,
  before: FiringAlert | null,
  finding: Omit<AlertFinding, 'severity'>,
): AlertStep {
  if (before === null) return { alert: null, change: undefined }
  const alert = { ...before, changeMs: Math.max(finding.timeMs, before.changeMs + 1) }
  return { alert: null, change: changeOf(subject, alert, 'resolved', { ...finding, severity: alert.severity }) }
}

function changeOf(
  { rule, group }: AlertSubject,
  { startMs, severity, changeMs }: FiringAlert,
  status: AlertChange['status'],
  { summary, value, threshold, baseline, example, eventCount = 1 }: AlertFinding,
): AlertChange {
  const names = Object.entries(group).map(([name, text]) => `${name}=${JSON.stringify(text)}`)
  const key = `${rule}{${names.join(',')}}`
  return {
    key,
    episode: `${key}@${new Date(startMs).toISOString()}`,
    rule,
    group,
    status,
    severity,
    startMs,
    timeMs: changeMs,
    summary,
    value,
    threshold,
    baseline: baseline ?? null,
    examples: example === undefined ? [] : [example],
    eventCount,
    links: {},
    labels: {},
  }
}
