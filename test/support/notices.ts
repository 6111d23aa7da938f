import { noHeaders } from '../../src/core/headers.ts'
import type { AlertChange, Notice } from '../../src/alerts/index.ts'
import type { SinkRecord } from '../../src/sinks/port.ts'

/** An alert about payments, with every member that a message shows. */
export function alertOf(more: Partial<AlertChange> = {}): AlertChange {
  const startMs = Date.UTC(2026, 10, 29, 9, 30)
  return {
    key: 'error-rate{service=payments}',
    episode: `error-rate{service=payments}@${startMs}`,
    rule: 'error-rate',
    group: { service: 'payments' },
    status: 'firing',
    severity: 'high',
    startMs,
    timeMs: startMs + 120_000,
    summary: 'payments: 34 % of logs are errors',
    value: 0.34251,
    threshold: 0.2,
    baseline: 0.01,
    examples: ['ERROR card refused <script> & "quotes"', 'ERROR timeout after 3000 ms'],
    eventCount: 812,
    links: { runbook: 'https://runbooks.example.com/payments', search: 'https://search.example.com/?q=a|b&from=1' },
    labels: { team: 'payments' },
    ...more,
  }
}

/** A notice of one alert. */
export function noticeOf(more: Partial<Notice> = {}): Notice {
  const alerts = more.alerts ?? [alertOf()]
  const { kind = 'fire', dedupKey = 'payments@1' } = more
  return {
    id: `${dedupKey}:${kind}:0`,
    kind,
    receiver: 'on-call',
    dedupKey,
    severity: 'high',
    timeMs: Date.UTC(2026, 10, 29, 9, 32, 30),
    title: 'error-rate on payments',
    alerts,
    alertCount: alerts.length,
    escalationStep: 0,
    teams: ['security-team', 'operations-manager'],
    ...more,
  }
}

/** A notice that says its number, for suites that count. */
export function numberedNotice(number: number, more: Partial<Notice> = {}): Notice {
  return noticeOf({ title: `number ${number}`, dedupKey: `key-${number}`, alerts: [], ...more })
}

/** The number of a `numberedNotice` in a message about it. */
export function numberIn(message: string): number {
  return Number(/number (\d+)/.exec(message)?.[1])
}

export function noticeRecord(offset: number, value: unknown): SinkRecord {
  return {
    topic: 'notices',
    partition: 0,
    offset,
    sequence: 0,
    timestamp: Date.UTC(2026, 10, 29),
    key: null,
    value,
    headers: noHeaders,
  }
}

/** An alert of the rule `errors`, by service. */
export function alertChange(
  service: string,
  status: AlertChange['status'],
  more: Partial<AlertChange> = {},
): AlertChange {
  const { startMs = 0, rule = 'errors' } = more
  const key = `${rule}/${service}`
  return {
    key,
    episode: `${key}@${startMs}`,
    rule,
    group: { service },
    status,
    severity: 'high',
    startMs,
    timeMs: startMs,
    summary: `${rule} of ${service}`,
    value: 1,
    threshold: 0.2,
    baseline: null,
    examples: [],
    eventCount: 1,
    links: {},
    labels: {},
    ...more,
  }
}
