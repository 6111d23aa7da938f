import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import {
  type AlertChange,
  AlertEvaluator,
  alertKey,
  type AlertState,
  MatchGatherer,
  type Observation,
  type RuleLog,
  SecurityRules,
} from '../../../../src/alerts/index.ts'
import { fieldAt, newFields } from '../../../../src/pipelines/index.ts'

const rules = `
title: Failure
name: failure
logsource: { product: all }
detection: { one: { action: failure }, condition: one }
---
title: Success
name: success
logsource: { product: all }
detection: { one: { action: success }, condition: one }
---
title: Any
name: any
logsource: { product: all }
detection: { one: { action: [failure, success] }, condition: one }
---
`

interface Log {
  readonly second: number
  readonly action?: string
  readonly user?: string
  readonly account?: string
  readonly host?: string
  readonly bytes?: number
}

function securityOf(correlation: string, more = ''): SecurityRules {
  const text = `${rules}title: It\nlevel: high\ncorrelation: { ${correlation} }\n${more}`
  const mapping = { name: 'mapping', text: 'logsources: [{ product: all }]' }
  return SecurityRules.load([{ name: 'rules', text }], mapping)
}

function ruleLog({ second, ...given }: Log): RuleLog {
  const fields = Object.assign(newFields(), given)
  const text = JSON.stringify({ second, ...given })
  return { seen: (path) => fieldAt(fields, path), login: undefined, sample: text, toText: () => text }
}

const startMs = Date.UTC(2026, 10, 24, 8)

/** Evaluates what a gatherer passes on; the state is what a store keeps of it. */
class Evaluation {
  readonly changes: AlertChange[] = []
  readonly #states = new Map<string, string>()
  readonly #evaluators: ReadonlyMap<string, AlertEvaluator>

  constructor({ plans }: SecurityRules) {
    this.#evaluators = new Map(plans.map((plan) => [plan.name, new AlertEvaluator(plan)]))
  }

  take(rule: string, group: readonly string[], observations: readonly Observation[], reachedMs: number): void {
    const evaluator = this.#evaluators.get(rule)
    if (evaluator === undefined) return
    const key = alertKey(evaluator.plan, group)
    const text = this.#states.get(key)
    const state =
      text === undefined ? evaluator.start(group, startMs - 60_000, startMs) : (JSON.parse(text) as AlertState)
    for (const observation of JSON.parse(JSON.stringify(observations)) as Observation[])
      evaluator.take(state, observation, reachedMs)
    this.changes.push(...evaluator.advance(state, startMs - 60_000, reachedMs))
    this.#states.set(key, JSON.stringify(state))
  }
}

/** What becomes of logs; a flush after so many. */
function changesOf(security: SecurityRules, logs: readonly Log[], perFlush = 1): readonly AlertChange[] {
  const gatherer = new MatchGatherer(security)
  const evaluation = new Evaluation(security)
  let reachedMs = startMs
  for (let at = 0; at < logs.length; at += perFlush) {
    for (const log of logs.slice(at, at + perFlush)) {
      const timeMs = startMs + log.second * 1000
      reachedMs = Math.max(reachedMs, timeMs)
      gatherer.gather(ruleLog(log), timeMs)
    }
    gatherer.flush((_, { group, rules: observed }) => {
      for (const [rule, observations] of Object.entries(observed)) evaluation.take(rule, group, observations, reachedMs)
    })
  }
  return evaluation.changes
}

const firing = (changes: readonly AlertChange[]): readonly string[] =>
  changes
    .filter(({ status, rule }) => status === 'firing' && rule === 'sigma-it')
    .map(({ key, value }) => `${key} ${value}`)

function found(correlation: string, logs: readonly Log[]): readonly string[] {
  return firing(changesOf(securityOf(correlation), logs))
}

const failures = (count: number, more: Partial<Log> = {}): readonly Log[] =>
  Array.from({ length: count }, (_, second) => ({ second, action: 'failure', user: 'ann', ...more }))

describe('a correlation', () => {
  test('counts events by group within its timespan', () => {
    const counts = 'type: event_count, rules: failure, group-by: [user], timespan: 1m, condition: { gte: 3 }'
    expect(found(counts, [...failures(2), ...failures(2, { user: 'bob' })])).toEqual([])
    expect(found(counts, failures(3))).toEqual(['sigma-it{user="ann"} 3'])
    expect(found(counts, [...failures(2), { second: 90, action: 'failure', user: 'ann' }])).toEqual([])
  })

  test('counts an event once that several of its rules fire for', () => {
    const counts = 'type: event_count, rules: [failure, any], group-by: [user], timespan: 1m, condition: { gte: 4 }'
    expect(found(counts, failures(3))).toEqual([])
    expect(found(counts, failures(4))).toEqual(['sigma-it{user="ann"} 4'])
  })

  test('leaves out events without a value of its group', () => {
    const counts = 'type: event_count, rules: failure, group-by: [user], timespan: 1m, condition: { gte: 1 }'
    expect(found(counts, [{ second: 0, action: 'failure' }])).toEqual([])
  })

  test('counts values, adds them, and takes their mean and quantile', () => {
    const of = (type: string, condition: string): string =>
      `type: ${type}, rules: failure, group-by: [user], timespan: 1m, condition: { ${condition} }`
    const hosts = ['a', 'b', 'b', 'c'].map((host, second) => ({ second, action: 'failure', user: 'ann', host }))
    expect(found(of('value_count', 'field: host, gte: 3'), hosts)).toEqual(['sigma-it{user="ann"} 3'])
    expect(found(of('value_count', 'field: host, gte: 4'), hosts)).toEqual([])
    const sizes = [10, 20, 60].map((bytes, second) => ({ second, action: 'failure', user: 'ann', bytes }))
    expect(found(of('value_sum', 'field: bytes, gt: 89'), sizes)).toEqual(['sigma-it{user="ann"} 90'])
    expect(found(of('value_avg', 'field: bytes, gt: 29'), sizes)).toEqual(['sigma-it{user="ann"} 30'])
    expect(found(of('value_percentile', 'field: bytes, percentile: 95, gt: 50'), sizes)).toHaveLength(1)
    expect(found(of('value_median', 'field: bytes, gt: 50'), sizes.slice(0, 2))).toEqual([])
  })

  const both =
    'rules: [failure, success], group-by: [who], timespan: 1m, aliases: { who: { failure: user, success: account } }'
  const success = { second: 20, action: 'success', account: 'ann' }

  test('finds events of all rules in any order, by another field of each', () => {
    const temporal = `type: temporal, ${both}`
    expect(found(temporal, [success, ...failures(1, { second: 30 })])).toEqual(['sigma-it{who="ann"} 2'])
    expect(found(temporal, [{ ...success, account: 'bob' }, ...failures(1)])).toEqual([])
    expect(found(temporal, [{ ...success, second: 90 }, ...failures(1)])).toEqual([])
  })

  test('finds events of all rules in their order', () => {
    const ordered = `type: temporal_ordered, ${both}`
    expect(found(ordered, [...failures(1), success])).toEqual(['sigma-it{who="ann"} 2'])
    expect(found(ordered, [...failures(1, { second: 30 }), success])).toEqual([])
  })

  test('raises no alerts of its rules, or all where it generates them', () => {
    const counts = 'type: event_count, rules: failure, group-by: [user], timespan: 1m, condition: { gte: 2 }'
    const names = (security: SecurityRules): readonly string[] => security.plans.map(({ name }) => name)
    expect(names(securityOf(counts))).toEqual(['sigma-success', 'sigma-any', 'sigma-it'])
    expect(names(securityOf(`${counts}, generate: true`))).toContain('sigma-failure')
  })

  const logOf = fc.record({
    second: fc.integer({ min: 0, max: 100 }),
    action: fc.constantFrom('failure', 'success', 'other'),
    user: fc.constantFrom('ann', 'bob'),
    host: fc.constantFrom('a', 'b', 'c', 'd'),
    bytes: fc.integer({ min: 0, max: 9 }),
  })

  test.each([
    'type: event_count, rules: failure, group-by: [user], timespan: 1m, condition: { gte: 3 }',
    'type: value_count, rules: any, group-by: [user], timespan: 1m, condition: { field: host, gte: 3 }',
    'type: value_sum, rules: any, group-by: [user], timespan: 1m, condition: { field: bytes, gte: 20 }',
    'type: temporal, rules: [failure, success], group-by: [user], timespan: 30s',
    'type: temporal_ordered, rules: [failure, success], group-by: [user], timespan: 30s',
  ])('says the same whether its state is read back after each log or after several: %s', (correlation) => {
    const security = securityOf(correlation)
    const last = (logs: readonly Log[], perFlush: number): readonly string[] => {
      const changes = changesOf(security, logs, perFlush).filter(({ rule }) => rule === 'sigma-it')
      return [...new Set(changes.filter(({ status }) => status === 'firing').map(({ key }) => key))].sort()
    }
    fc.assert(
      fc.property(fc.array(logOf, { maxLength: 20 }), fc.integer({ min: 2, max: 9 }), (logs, perFlush) => {
        const sorted = logs.toSorted((left, right) => left.second - right.second)
        expect(last(sorted, perFlush)).toEqual(last(sorted, 1))
      }),
      { numRuns: 50 },
    )
  })
})

describe('a gatherer', () => {
  const security = securityOf(
    'type: event_count, rules: failure, group-by: [user], timespan: 1m, condition: { gte: 9 }',
  )

  test('sums up logs that say the same, with the newest line', () => {
    const gatherer = new MatchGatherer(security)
    for (const log of failures(3)) gatherer.gather(ruleLog(log), startMs + log.second)
    const flushed: unknown[] = []
    gatherer.flush((key, gathered) => flushed.push([key, gathered.rules['sigma-it']]))
    expect(flushed).toContainEqual([
      'user="ann"',
      [
        {
          timeMs: startMs + 2,
          count: 3,
          text: "one (action 'failure')",
          sample: expect.stringContaining('"second":2'),
        },
      ],
    ])
  })

  test('is full before it holds many rows, and holds nothing after a flush', () => {
    const gatherer = new MatchGatherer(security)
    let logs = 0
    while (!gatherer.isFull) gatherer.gather(ruleLog({ second: 0, action: 'failure', user: `u${logs++}` }), startMs)
    expect(logs).toBeLessThanOrEqual(20_000)
    let groups = 0
    gatherer.flush(() => groups++)
    gatherer.flush(() => groups--)
    expect([groups > 0, gatherer.isFull]).toEqual([true, false])
  })

  test('keeps nothing of a log that no rule fires for', () => {
    const gatherer = new MatchGatherer(security)
    gatherer.gather(ruleLog({ second: 0, action: 'other', user: 'ann' }), startMs)
    const keys: string[] = []
    gatherer.flush((key) => keys.push(key))
    expect(keys).toEqual([])
  })
})
