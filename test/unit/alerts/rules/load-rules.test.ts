import { describe, expect, test } from '@jest/globals'
import { AlertRuleError, loadRules } from '../../../../src/alerts/rules/rule.ts'

function mistakesOf(text: string): readonly string[] {
  try {
    loadRules(text, 'alerts.yaml')
    return []
  } catch (error) {
    if (!(error instanceof AlertRuleError)) throw error
    return error.message.replace(' [INVALID_ALERT_RULE]', '').split('\n')
  }
}

const errors = `
rules:
  - name: errors
    kind: threshold
    severity: high
    where: level == 'error'
    groupBy: [service]
    window: 5m
    fire: '> 100'
    clear: '< 50'
`

describe('a rule file', () => {
  test('becomes frozen plans, with every default filled in', () => {
    const [plan] = loadRules(errors, 'alerts.yaml')
    expect(plan).toMatchObject({
      name: 'errors',
      windowMs: 300_000,
      everyMs: 15_000,
      graceMs: 30_000,
      forMs: 0,
      keepMs: 0,
      forgetMs: 86_400_000,
      minimum: 0,
      noData: 'hold',
      fire: [{ severity: 'high', limit: { sign: '>', limit: 100 } }],
      clear: { sign: '<', limit: 50 },
    })
    expect(Object.isFrozen(plan)).toBe(true)
  })

  test('in JSON is the same', () => {
    const text = '{"rules":[{"name":"quiet","kind":"absence","window":"15m"}]}'
    expect(loadRules(text, 'alerts.json')[0]).toMatchObject({
      name: 'quiet',
      fire: [{ limit: { sign: '<', limit: 1 } }],
    })
  })

  test('reports all its mistakes at once, each with line and fix', () => {
    const text = `rules:
  - name: Errors
    kind: threshold
    where: level = 'error'
    window: 5m
    fire: 100
  - name: slow
    kind: thresold
  - name: ratio
    kind: ratio
    window: 5m
    bad: level ==
    fire: '> 20 %'
    clear: '< 0.3'
    minimun: 50
    summary: '%{host} is bad'
  - name: sizes
    kind: threshold
    window: 50s
    every: 15s
    measure: median(bytes)
    fire: { high: '> 10', critical: '> 5' }
`
    expect(mistakesOf(text)).toEqual([
      expect.stringContaining('alerts.yaml:2: rules.0.name: "Errors" does not fit: write a name in small letters'),
      expect.stringContaining('alerts.yaml:4: rules.0.where: = at column 7'),
      expect.stringContaining(
        "alerts.yaml:6: rules.0.fire: 100 does not fit: give a sign and a number, such as '> 100'",
      ),
      expect.stringContaining('alerts.yaml:8: rules.1.kind: "thresold" is none of threshold, rate, ratio'),
      expect.stringContaining('alerts.yaml:12: rules.2.bad: the end at column 9 is no value'),
      'alerts.yaml:14: rules.2.clear: a value can meet both fire and clear: write one that no value meets together with fire, such as < 0.2',
      'alerts.yaml:15: rules.2.minimun: minimun is not an option: did you mean minimum?',
      expect.stringContaining('alerts.yaml:16: rules.2.summary: %{host} is not known here: put it into groupBy'),
      'alerts.yaml:20: rules.3.every: every (15000 ms) does not divide the window of 50000 ms: write one that does, such as every: 1m',
      expect.stringContaining('alerts.yaml:21: rules.3.measure: "median(bytes)" does not fit: write count'),
      'alerts.yaml:22: rules.3.fire: a lower severity needs more than critical: order the limits by severity',
    ])
  })

  test.each([
    ['{}', 'needs rules'],
    ['rules: []', 'is empty'],
    ['rules:\n  - name: a\n    kind: rate\n    window: 1m', 'needs fire'],
    [
      'rules:\n  - name: a\n    kind: rate\n    window: 1m\n    fire: "> 1"\n    noData: hold',
      'noData: is an option of threshold, ratio, burn-rate, anomaly, not of rate',
    ],
    ['rules:\n  - name: a\n    kind: absence\n    window: 0s', 'does not divide the window of 0 ms'],
    ['rules:\n  - name: a\n    kind: absence\n    window: 30d\n    every: 1s', 'is too short for the window'],
    [
      'rules:\n  - name: a\n    kind: absence\n    window: 1h\n    forget: 5m',
      'forget (5m) is shorter than the window',
    ],
    [
      'rules:\n  - name: a\n    kind: absence\n    window: 25h\n    every: 1h\n    forget: 25h',
      'forget (25h) is over before a group can fire: give 93600000 ms or more',
    ],
    [
      'rules:\n  - name: a\n    kind: ratio\n    window: 5m\n    bad: a == 1\n    fire: "> 20"',
      "fire: > 20 is never met, shares are 0 to 1: write a percentage, such as '> 20 %'",
    ],
    [
      'rules:\n  - name: a\n    kind: anomaly\n    window: 5m\n    fire: ">= 95"',
      'fire: >= 95 is never met, scores are 0 to 1',
    ],
    [
      'rules:\n  - name: a\n    kind: anomaly\n    window: 5m\n    fire: "< 0.1"',
      'fire: a score fires from a limit on, 0 to below 1',
    ],
    [
      'rules:\n  - name: a\n    kind: anomaly\n    window: 5m\n    fire: ">= 1"',
      'fire: a score fires from a limit on, 0 to below 1',
    ],
    [
      'rules:\n  - name: a\n    kind: anomaly\n    window: 5m\n    memory: 5m',
      'memory (5m) is not longer than the window',
    ],
    [
      'rules:\n  - name: a\n    kind: anomaly\n    window: 5m\n    timeZone: Europe/Atlantis',
      "timeZone: there is no zone 'Europe/Atlantis'",
    ],
    [`${burnRate(1, '{ long: 1h, factor: 2, severity: high }')}`, 'objective: an objective of 1 leaves no budget'],
    [
      `${burnRate(0.99, '{ long: 1h, factor: 101, severity: high }')}`,
      'windows.0.factor: 101 is never met: all logs that are bad spend 100 times the budget, give less',
    ],
    [
      `${burnRate(0.99, '{ long: 1h, short: 2h, factor: 2, severity: high }')}`,
      'windows.0.short: short (2h) is longer than long (1h): swap them',
    ],
    [exampleOf('{ at: 0s, times: 1000000000, log: { a: 1 } }'), 'examples.0.logs: 1000000000 logs are too many'],
    [exampleOf('{ at: 99999999999d, log: { a: 1 } }'), 'examples.0.logs: an example lasts 400 days at most'],
    [exampleOf('{ at: 0s, log: { a: 1 } }', '9999d'), 'examples.0.until: an example lasts 400 days at most'],
    ['rules:\n  - name: a\n    kind: absence\n    window: 1h\n    groupBy: [host, host]', 'a field is there twice'],
    [
      'rules:\n  - name: a\n    kind: threshold\n    window: 1m\n    fire: { high: "> 1", low: "< 1" }',
      'look in opposite directions',
    ],
    [
      'rules:\n  - name: a\n    kind: threshold\n    window: 1m\n    severity: low\n    fire: { high: "> 1" }',
      'remove severity',
    ],
    [
      'rules:\n  - name: a\n    kind: anomaly\n    window: 1m\n    measure: count\n    bad: level == "error"',
      'two measures',
    ],
  ])('%j is refused: %s', (text, message) => {
    expect(mistakesOf(text)).toEqual([expect.stringContaining(message)])
  })

  test.each([
    [
      'kind: absence, window: 1m, fire: "> 3"',
      'fire: is an option of threshold, rate, ratio, cardinality, anomaly, not of absence: remove it, or write one of severity, where, window, minimum',
    ],
    [
      'kind: threshold, window: 1m, fire: "> 3", groupBy: service',
      'groupBy: "service" does not fit: give a list, such as [service]',
    ],
    ['kind: sequence, window: 1m, steps: [{ where: exists(a) }]', 'is too short: give 2 or more, it has 1'],
  ])('{ %s } says what was probably meant', (options, message) => {
    expect(mistakesOf(`rules: [{ name: a, ${options} }]`)).toEqual([expect.stringContaining(message)])
  })

  test('reports a name that is there twice, and correlations of rules that it does not have', () => {
    const text = `rules:
  - { name: a, kind: absence, window: 15m, groupBy: [service] }
  - { name: a, kind: absence, window: 15m }
  - { name: b, kind: correlation, window: 15m, groupBy: [service, host], rules: [a, c] }
`
    expect(mistakesOf(text)).toEqual([
      'alerts.yaml:3: rules.1.name: a rule a is there twice: rename one',
      'alerts.yaml:4: rules.2.rules.0: a has no group by host: add it there, or remove it from groupBy here',
      'alerts.yaml:4: rules.2.rules.1: there is no rule c in this file: write the name of one that is',
    ])
  })

  test('reports aliases that repeat too much', () => {
    const lines = ['a: &a [x, x, x, x, x, x, x, x, x, x]']
    for (const [name, before] of ['ba', 'cb', 'dc']) {
      lines.push(`${name}: &${name} [${Array.from({ length: 10 }, () => `*${before}`).join(', ')}]`)
    }
    expect(mistakesOf([...lines, 'rules: *d'].join('\n'))).toEqual([
      'alerts.yaml:5: aliases repeat too much here: write out what they repeat, or use fewer of them',
    ])
  })

  test('reports a correlation of a rule with itself', () => {
    const text = `rules:
  - { name: a, kind: absence, window: 15m }
  - { name: b, kind: correlation, window: 15m, rules: [a, a] }
`
    expect(mistakesOf(text)).toEqual([
      'alerts.yaml:3: rules.1.rules.1: a is there twice: name another rule, or remove it',
    ])
  })
})

function burnRate(objective: number, windows: string): string {
  return `rules:\n  - name: a\n    kind: burn-rate\n    bad: a == 1\n    objective: ${objective}\n    windows: [${windows}]`
}

function exampleOf(log: string, until = '1h'): string {
  const example = `{ name: one, until: ${until}, logs: [${log}], expect: [] }`
  return `rules:\n  - name: a\n    kind: absence\n    window: 1h\n    examples: [${example}]`
}
