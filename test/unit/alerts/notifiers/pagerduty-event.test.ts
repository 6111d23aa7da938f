import { describe, expect, test } from '@jest/globals'
import type { NoticeKind, Severity } from '../../../../src/alerts/index.ts'
import { pagerDutyEvent } from '../../../../src/alerts/notifiers/pagerduty/pagerduty-event.ts'
import { alertOf, noticeOf } from '../../../support/notices.ts'

interface Event {
  readonly event_action: string
  readonly dedup_key: string
  readonly payload: { readonly severity: string; readonly summary: string }
}

test('a firing is an event that triggers', () => {
  expect(pagerDutyEvent(noticeOf(), 'key')).toEqual({
    routing_key: 'key',
    event_action: 'trigger',
    dedup_key: 'payments@1',
    payload: {
      summary: '[high] error-rate on payments',
      source: 'service=payments',
      severity: 'error',
      timestamp: '2026-11-29T09:32:30Z',
      class: 'error-rate',
      custom_details: {
        reason: 'Firing',
        notice: 'payments@1:fire:0',
        alertCount: 1,
        teams: 'security-team, operations-manager',
        alerts: [
          {
            rule: 'error-rate',
            group: { service: 'payments' },
            status: 'firing',
            severity: 'high',
            summary: 'payments: 34 % of logs are errors',
            value: 0.34251,
            threshold: 0.2,
            baseline: 0.01,
            events: 812,
            since: '2026-11-29T09:30:00Z',
            examples: ['ERROR card refused <script> & "quotes"', 'ERROR timeout after 3000 ms'],
            labels: { team: 'payments' },
          },
        ],
      },
    },
    links: [
      { href: 'https://runbooks.example.com/payments', text: 'runbook' },
      { href: 'https://search.example.com/?q=a|b&from=1', text: 'search' },
    ],
    client: 'millrace',
  })
})

test('a resolve has the key of its firing, and nothing else', () => {
  expect(pagerDutyEvent(noticeOf({ kind: 'resolve' }), 'key')).toEqual({
    routing_key: 'key',
    event_action: 'resolve',
    dedup_key: 'payments@1',
  })
})

describe('every kind has an action', () => {
  test.each<[NoticeKind, string]>([
    ['fire', 'trigger'],
    ['repeat', 'trigger'],
    ['escalate', 'trigger'],
    ['flapping', 'trigger'],
    ['digest', 'trigger'],
    ['acknowledge', 'acknowledge'],
    ['resolve', 'resolve'],
  ])('%s is a %s', (kind, action) => {
    expect(pagerDutyEvent(noticeOf({ kind }), 'key')).toMatchObject({ event_action: action })
  })
})

describe('every severity has a word', () => {
  test.each<[Severity, string]>([
    ['low', 'info'],
    ['medium', 'warning'],
    ['high', 'error'],
    ['critical', 'critical'],
  ])('%s is %s', (severity, word) => {
    expect(pagerDutyEvent(noticeOf({ severity }), 'key')).toMatchObject({ payload: { severity: word } })
  })
})

test('limits of PagerDuty hold for long texts, and keys stay different', () => {
  const text = '😀'.repeat(20_000)
  const alert = alertOf({ summary: text, rule: text, group: { [text]: text }, examples: [text, text, text] })
  const event = (dedupKey: string) =>
    pagerDutyEvent(noticeOf({ title: text, dedupKey, alerts: Array(50).fill(alert), teams: [text] }), 'key') as Event
  const first = event(`${text}1`)
  expect(first.payload.summary.length).toBeLessThanOrEqual(1024)
  expect(first.dedup_key.length).toBeLessThanOrEqual(255)
  expect(Buffer.byteLength(JSON.stringify(first))).toBeLessThan(512 * 1024)
  expect(event(`${text}2`).dedup_key).not.toBe(first.dedup_key)
})
