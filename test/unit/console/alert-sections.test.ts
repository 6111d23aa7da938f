import { describe, expect, test } from '@jest/globals'
import { logsOf } from '../../../console/react/alerts/alert-logs.ts'
import { ageOf, alertSections } from '../../../console/react/alerts/alert-sections.ts'
import type { Alert, AlertGroup } from '../../../console/react/alerts/alert-snapshot.ts'

const startMs = Date.UTC(2026, 11, 1, 12)

function alertOf(more: Partial<Alert> = {}): Alert {
  return {
    id: 'a',
    rule: 'errors',
    status: 'firing',
    severity: 'high',
    group: {},
    summary: '',
    value: 1,
    threshold: 1,
    baseline: null,
    startMs,
    timeMs: startMs,
    eventCount: 1,
    links: {},
    labels: {},
    examples: [],
    isFlapping: false,
    silence: null,
    ...more,
  }
}

function groupOf(id: string, severity: Alert['severity'], ageMs: number, rule = 'errors'): AlertGroup {
  const alerts = [alertOf({ id, rule, severity })]
  const more = { route: 'all', acknowledgement: null, escalationStep: 0, asked: {}, receivers: [], alertCount: 1 }
  return { id, severity, startMs: startMs - ageMs, alerts, ...more }
}

describe('groups of alerts', () => {
  const groups = [
    groupOf('new', 'high', 1000),
    groupOf('old', 'high', 9000, 'latency'),
    groupOf('low', 'low', 99_000),
    groupOf('worst', 'critical', 0),
  ]
  const ids = (grouping: 'severity' | 'rule') =>
    alertSections(groups, ['critical', 'high'], grouping).map((section) => [
      section.title,
      section.groups.map(({ id }) => id),
    ])

  test('are under their severity, the worst and then the oldest first, without those that are not wanted', () => {
    expect(ids('severity')).toEqual([
      ['critical', ['worst']],
      ['high', ['old', 'new']],
    ])
  })

  test('are under their rule', () => {
    expect(ids('rule')).toEqual([
      ['errors', ['worst', 'new']],
      ['latency', ['old']],
    ])
  })
})

test.each([
  [-5, '0 s'],
  [59_999, '59 s'],
  [3_599_000, '59 min'],
  [3_661_000, '1 h 1 min'],
  [90_000_000, '1 d 1 h'],
])('%i ms are %s', (ms, text) => {
  expect(ageOf(startMs, startMs + ms)).toBe(text)
})

test('the logs around an alert have its fields and a minute before and after it', () => {
  const { filters } = logsOf(alertOf({ group: { service: 'shop', userId: '[redacted:person]', host: 'h1' } }))
  expect(filters).toEqual({
    services: ['shop'],
    since: '2026-12-01T11:59:00.000Z',
    until: '2026-12-01T12:01:00.000Z',
    from: '2026-12-01T11:59:00.000Z',
  })
})
