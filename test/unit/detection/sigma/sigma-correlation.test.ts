import { describe, expect, test } from '@jest/globals'
import { SigmaRules } from '../../../../src/detection/index.ts'

const rules = `
title: Failed login
name: failed
logsource: { product: linux }
detection: { one: { a: failed }, condition: one }
---
title: Login
name: login
logsource: { product: linux }
detection: { one: { a: login }, condition: one }
---
title: Many failures
name: many
correlation: { type: event_count, rules: failed, group-by: [user], timespan: 10m, condition: { gt: 4 } }
---
`

function loaded(correlation: string) {
  const files = [{ name: 'rules.yml', text: `${rules}title: it\ncorrelation: ${correlation}\n` }]
  return SigmaRules.load(files, { fields: { user: 'userId' } }).correlations.at(-1)
}

function mistakeOf(correlation: string): string {
  try {
    loaded(correlation)
  } catch (error) {
    return (error as Error).message
  }
  return ''
}

describe('a correlation', () => {
  test('knows its rules, fields, timespan and condition', () => {
    expect(
      loaded(
        '{ type: value_count, rules: [failed], group-by: [user], timespan: 1h, condition: { gte: 5, field: host } }',
      ),
    ).toMatchObject({
      title: 'it',
      type: 'value_count',
      members: [{ rule: { name: 'failed' }, groupBy: ['userId'], field: 'host', count: 1 }],
      groupBy: ['user'],
      timespanMs: 3_600_000,
      sign: '>=',
      limit: 5,
      generate: false,
    })
  })

  test('groups by another field of each rule', () => {
    const aliases = '{ who: { failed: user, login: account } }'
    expect(
      loaded(`{ type: temporal, rules: [failed, login], group-by: [who], timespan: 5m, aliases: ${aliases} }`),
    ).toMatchObject({ members: [{ groupBy: ['userId'] }, { groupBy: ['account'] }], limit: 2 })
  })

  test('may count the events of a rule that another correlation counts, as a step', () => {
    expect(
      loaded('{ type: temporal_ordered, rules: [many, login], group-by: [user], timespan: 10m }')?.members,
    ).toMatchObject([
      { rule: { name: 'failed' }, count: 5 },
      { rule: { name: 'login' }, count: 1 },
    ])
  })

  test.each([
    ['{ type: sum }', /the type 'sum' is unknown/],
    [
      '{ type: event_count, rules: [nobody], timespan: 5m, condition: { gte: 1 } }',
      /names nobody, which is no rule here/,
    ],
    ['{ type: event_count, rules: [many], timespan: 5m, condition: { gte: 1 } }', /names the correlation many: only/],
    ['{ type: temporal, rules: [many, login], timespan: 5m }', /the same group-by and timespan/],
    ['{ type: event_count, rules: [failed], timespan: 5, condition: { gte: 1 } }', /timespan '5' cannot be read/],
    ['{ type: event_count, rules: [failed], timespan: 5m, condition: { eq: 1 } }', /needs one of gte, gt, lte, lt/],
    ['{ type: value_count, rules: [failed], timespan: 5m, condition: { gte: 1 } }', /names no field/],
    ['{ type: event_count, timespan: 5m, condition: { gte: 1 } }', /names no rules/],
    [
      '{ type: temporal, rules: [failed, login], group-by: [w], timespan: 5m, aliases: { w: { login: a } } }',
      /the alias w says nothing of the rule failed/,
    ],
  ])('is refused: %s', (correlation, message) => {
    expect(mistakeOf(correlation)).toMatch(message)
  })

  test('is not taken by add', () => {
    expect(() => new SigmaRules().add(rules, 'rules.yml')).toThrow(/use SigmaRules.load/)
  })
})

test('a load names the mistakes of all files', () => {
  const files = ['a', 'b'].map((name) => ({ name, text: `title: ${name}` }))
  expect(() => SigmaRules.load(files)).toThrow(/rule a cannot be used: .*\n.*rule b cannot be used: /)
})

test.each([
  ['hour', 8],
  ['minute', 5],
  ['day', 24],
  ['week', 48],
  ['month', 11],
  ['year', 2026],
])('a rule may ask for the %s of a time', (part, value) => {
  const text = `title: t\ndetection: { one: { time|${part}: ${value} }, condition: one }`
  const [only] = new SigmaRules().add(text, 't')
  const times = ['2026-11-24T08:05:00Z', Date.UTC(2026, 10, 24, 8, 5), '2025-12-31T23:59:00Z', 'never']
  expect(times.map((time) => only?.matches({ time }))).toEqual([true, true, false, false])
})
