import { describe, expect, test } from '@jest/globals'
import type { NoticeKind, Severity } from '../../../../src/alerts/index.ts'
import { opsgenieRequest } from '../../../../src/alerts/notifiers/opsgenie/opsgenie-request.ts'
import { alertOf, noticeOf } from '../../../support/notices.ts'

interface Creation {
  readonly message: string
  readonly alias: string
  readonly description: string
  readonly entity: string
  readonly note: string
  readonly tags: readonly string[]
  readonly details: Readonly<Record<string, string>>
}

test('a firing creates an alert', () => {
  expect(opsgenieRequest(noticeOf({ alertCount: 3 }))).toEqual({
    path: '/v2/alerts',
    body: {
      message: '[high] error-rate on payments',
      alias: 'payments@1',
      description: [
        'payments: 34 % of logs are errors',
        'rule: error-rate',
        'status: firing',
        'severity: high',
        'service: payments',
        'value: 0.3425',
        'threshold: 0.2',
        'usually: 0.01',
        'events: 812',
        'since: 2026-11-29T09:30:00Z',
        'ERROR card refused <script> & "quotes"',
        'ERROR timeout after 3000 ms',
        'runbook: https://runbooks.example.com/payments',
        'search: https://search.example.com/?q=a|b&from=1',
        '',
        'and 2 more alerts, for security-team, operations-manager',
      ].join('\n'),
      priority: 'P2',
      source: 'millrace',
      entity: 'service=payments',
      tags: ['high', 'error-rate', 'security-team', 'operations-manager'],
      details: {
        rule: 'error-rate',
        status: 'firing',
        severity: 'high',
        service: 'payments',
        value: '0.3425',
        threshold: '0.2',
        usually: '0.01',
        events: '812',
        since: '2026-11-29T09:30:00Z',
        runbook: 'https://runbooks.example.com/payments',
      },
      note: '[high] error-rate on payments',
    },
  })
})

test('an acknowledgement acknowledges the alert of its alias', () => {
  const { path } = opsgenieRequest(noticeOf({ kind: 'acknowledge', dedupKey: 'a/b' }))
  expect(path).toBe('/v2/alerts/a%2Fb/acknowledge?identifierType=alias')
})

test('a resolve closes the alert of its alias, with a note', () => {
  expect(opsgenieRequest(noticeOf({ kind: 'resolve', dedupKey: 'a/b' }))).toEqual({
    path: '/v2/alerts/a%2Fb/close?identifierType=alias',
    body: { source: 'millrace', note: '[high] error-rate on payments' },
  })
})

describe('what says that an alert continues counts in the open alert', () => {
  test.each<[NoticeKind, string]>([
    ['repeat', '[high] error-rate on payments'],
    ['escalate', '[high] error-rate on payments'],
    ['flapping', '[high] error-rate on payments'],
    ['digest', '[high] error-rate on payments'],
  ])('%s', (kind, note) => {
    expect(opsgenieRequest(noticeOf({ kind }))).toMatchObject({
      path: '/v2/alerts',
      body: { alias: 'payments@1', note },
    })
  })
})

describe('every severity has a priority', () => {
  test.each<[Severity, string]>([
    ['low', 'P4'],
    ['medium', 'P3'],
    ['high', 'P2'],
    ['critical', 'P1'],
  ])('%s is %s', (severity, priority) => {
    expect(opsgenieRequest(noticeOf({ severity })).body).toMatchObject({ priority })
  })
})

test('limits of Opsgenie hold for long texts', () => {
  const text = '😀'.repeat(20_000)
  const group = Object.fromEntries(Array.from({ length: 30 }, (_, index) => [`${index}${text}`, text]))
  const alert = alertOf({ summary: text, rule: text, group, examples: [text, text, text] })
  const notice = noticeOf({ title: text, dedupKey: text, alerts: Array(50).fill(alert), teams: Array(50).fill(text) })
  const { message, alias, description, entity, note, tags, details } = opsgenieRequest(notice).body as Creation
  expect(message.length).toBeLessThanOrEqual(130)
  expect(alias.length).toBeLessThanOrEqual(512)
  expect(entity.length).toBeLessThanOrEqual(512)
  expect(description.length).toBeLessThanOrEqual(15_000)
  expect(note.length).toBeLessThanOrEqual(25_000)
  expect(tags.length).toBeLessThanOrEqual(20)
  for (const tag of tags) expect(tag.length).toBeLessThanOrEqual(50)
  expect(Object.entries(details).flat().join('').length).toBeLessThanOrEqual(8000)
})
