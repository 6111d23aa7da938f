import { describe, expect, test } from '@jest/globals'
import { loadNotices, notices, NoticesError } from '../../../../src/alerts/notices/load-notices.ts'

function mistakesOf(text: string): readonly string[] {
  try {
    loadNotices(text, 'notices.yaml')
    return []
  } catch (error) {
    if (!(error instanceof NoticesError)) throw error
    return error.mistakes.map(({ line, place, message }) => `${line}: ${place}: ${message}`)
  }
}

const whole = `
receivers:
  - name: pager
    minimumSeverity: high
  - name: chat
    repeat: false
    quietHours:
      zone: Europe/Berlin
      times:
        - { from: "22:00", to: "07:00" }
        - { from: "00:00", to: "24:00", days: [saturday, sunday] }
      passes: critical
routes:
  - name: payments
    match: { team: [payments, billing], service: "pay-*" }
    receivers: [pager, chat]
    groupBy: [rule, service]
    wait: 10s
    repeat: 2h
    continue: true
  - name: all
    receivers: [chat]
    repeat: never
escalations:
  critical:
    - { teams: [on-call] }
    - { after: 10m, teams: [lead], receivers: [pager] }
inhibitions:
  - { name: host-down, source: { rule: host-down }, target: { severity: [low, medium] }, equal: [host] }
flapping: { checks: 30 }
`

describe('a file of notices', () => {
  test('has receivers, routes, escalations, inhibitions and flapping', () => {
    const { receivers, routes, escalations, inhibitions, flapping } = loadNotices(whole, 'notices.yaml')
    expect([...receivers.keys()]).toEqual(['pager', 'chat'])
    expect(routes.map(({ waitMs, intervalMs, repeatMs }) => [waitMs, intervalMs, repeatMs])).toEqual([
      [10_000, 300_000, 7_200_000],
      [30_000, 300_000, null],
    ])
    expect(escalations.critical.map(({ afterMs, teams }) => [afterMs, ...teams])).toEqual([
      [0, 'on-call'],
      [600_000, 'lead'],
    ])
    expect(escalations.low.map(({ teams }) => teams)).toEqual([['development-team']])
    expect(inhibitions.map(({ name }) => name)).toEqual(['host-down'])
    expect(flapping).toEqual({ checkMs: 60_000, checks: 30, enter: 0.2, leave: 0.05 })
  })

  test('may switch flapping off', () => {
    const { flapping } = loadNotices(whole.replace('{ checks: 30 }', 'off'), 'notices.yaml')
    expect(flapping).toBeNull()
  })

  test('reports all its mistakes at once, each with line and fix', () => {
    const text = `receivers:
  - name: chat
    minimumSeverity: urgent
    reslove: true
    quietHours:
      zone: Europe/Bärlin
      times:
        - { from: "22:00", to: "22:00" }
  - name: chat
routes:
  - name: payments
    receivers: [chat, pager]
    groupBy: [rule, severity]
    repeat: 4 hours
    match: { severity: [high, '!urgent'] }
  - name: all
    match: { team: payments }
    receivers: [chat]
escalations:
  high:
    - { after: 5m, teams: [a] }
    - { after: 4m, teams: [b], receivers: [phone] }
    - { after: 4m, teams: [c] }
flapping: { enter: 5, leave: 10 }
`
    expect(mistakesOf(text)).toEqual([
      '3: receivers.0.minimumSeverity: "urgent" is none of low, medium, high, critical',
      '4: receivers.0.reslove: reslove is not an option: did you mean resolve?',
      "6: receivers.0.quietHours.zone: there is no zone 'Europe/Bärlin': write the name of a place, such as Europe/Berlin",
      '8: receivers.0.quietHours.times.0: it begins and ends at 22:00: for a whole day, write 00:00 to 24:00',
      "9: receivers.1.name: there is another 'chat' before: rename one of the two",
      "12: routes.0.receivers.1: there is no receiver 'pager': write one of chat",
      '13: routes.0.groupBy.1: the severity of an alert changes, and its resolve would miss its group: write two routes that match severities',
      '14: routes.0.repeat: "4 hours" does not fit: write a number and a unit, such as 30s, 5m or 1h, or never',
      "15: routes.0.match.severity: there is no severity 'urgent': write one of low, medium, high, critical",
      '17: routes.1.match: alerts that no route matches would reach nobody: add a last route without match',
      '21: escalations.high.0.after: the first step comes with the first notice: remove after',
      '22: escalations.high.1.after: it is not later than the step before: write a longer duration',
      "22: escalations.high.1.receivers.0: there is no receiver 'phone': write one of chat",
      '23: escalations.high.2.after: it is not later than the step before: write a longer duration',
      '24: flapping.leave: 10 is not below enter, which is 5: write a smaller number',
    ])
  })

  test('has no route that gets nothing, because one before it takes all', () => {
    const routes = (first: string) => `receivers: [{ name: chat }]
routes:
  - { name: first, receivers: [chat]${first} }
  - { name: payments, receivers: [chat], match: { team: payments } }
  - { name: all, receivers: [chat] }
`
    expect(mistakesOf(routes(''))).toEqual([expect.stringContaining('3: routes.0: it takes all alerts')])
    expect(mistakesOf(routes(', continue: true'))).toEqual([])
  })

  test('that is no YAML says where', () => {
    expect(mistakesOf('receivers: [\n')).toHaveLength(1)
  })

  test('that holds nothing says what it needs', () => {
    expect(mistakesOf('')).toHaveLength(1)
  })
})

test('notices from code have the same checks', () => {
  expect(() => notices({ receivers: [{ name: 'chat' }], routes: [{ name: 'all', receivers: ['pager'] }] })).toThrow(
    "notices: routes.0.receivers.0: there is no receiver 'pager': write one of chat",
  )
})
