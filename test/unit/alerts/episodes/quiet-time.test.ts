import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { AlertEvaluator } from '../../../../src/alerts/episodes/alert-evaluator.ts'
import type { AlertState } from '../../../../src/alerts/episodes/alert-state.ts'
import type { AlertChange, RuleDefinition } from '../../../../src/alerts/index.ts'
import { rule } from '../../../../src/alerts/index.ts'

const times = { every: '10s', for: '20s', keep: '30s', grace: '20s', forget: '30m' } as const
const bad = "level == 'error'"
const definitions: readonly RuleDefinition[] = [
  { name: 'counts', kind: 'threshold', window: '1m', fire: '>= 6', clear: '< 3', ...times },
  { name: 'few', kind: 'threshold', window: '1m', fire: '< 2', clear: '> 3', ...times },
  { name: 'averages', kind: 'threshold', measure: 'avg(value)', window: '1m', fire: '> 2', ...times },
  { name: 'shares', kind: 'ratio', bad, window: '1m', fire: '> 40 %', noData: 'hold', ...times },
  { name: 'shares-resolved', kind: 'ratio', bad, window: '1m', fire: '> 40 %', noData: 'resolve', ...times },
  { name: 'shares-missed', kind: 'ratio', bad, window: '1m', fire: '> 40 %', noData: 'alert', ...times },
  { name: 'quiet', kind: 'absence', window: '1m', minimum: 2, ...times },
  { name: 'new', kind: 'new-term', field: 'value', window: '1m', learn: '30s', memory: '5m', every: '10s' },
  { name: 'unusual', kind: 'anomaly', measure: 'avg(value)', window: '10s', learn: '1m', fire: '> 0.5', forget: '1h' },
  {
    name: 'burning',
    kind: 'burn-rate',
    bad,
    objective: 0.9,
    windows: [{ long: '1m', short: '20s', factor: 2, severity: 'high' }],
    forget: '30m',
  },
]

const log = fc.record({ second: fc.integer({ min: 0, max: 180 }), bad: fc.nat(1), value: fc.nat(9), count: fc.nat(4) })

/** Logs of three minutes, then two hours without any, passed in steps of so long. */
function play(
  definition: RuleDefinition,
  logs: readonly (typeof log extends fc.Arbitrary<infer Log> ? Log : never)[],
  stepMs: number,
) {
  const plan = rule(definition)
  const evaluator = new AlertEvaluator(plan)
  const changes: AlertChange[] = []
  let state: AlertState = evaluator.start([], 0)
  for (const { second, bad: isBad, value, count } of logs.toSorted((left, right) => left.second - right.second)) {
    const shared = { timeMs: second * 1000, count: count + 1, number: value, text: String(value) }
    const observation = plan.read.bad === undefined ? shared : { ...shared, bad: isBad * shared.count }
    changes.push(...evaluator.observe(state, observation, second * 1000))
  }
  const advance = (fromMs: number, toMs: number, byMs: number): void => {
    for (let atMs = fromMs; atMs <= toMs && !state.isOver; atMs += byMs) {
      changes.push(...evaluator.advance(state, atMs))
      state = JSON.parse(JSON.stringify(state)) as AlertState
    }
  }
  // As long as logs are in a window, early results depend on how often somebody looks.
  advance(180_000, 300_000, 5000)
  advance(300_000 + stepMs, 7_500_000, stepMs)
  return { changes, state }
}

describe.each(definitions)('$kind $name', (definition) => {
  test('says the same of a long time without logs that is passed at once and second by second', () => {
    fc.assert(
      fc.property(fc.array(log, { minLength: 1, maxLength: 25 }), (logs) => {
        const [atOnce, inSteps] = [play(definition, logs, 7_200_000), play(definition, logs, 5000)]
        expect(atOnce.changes).toEqual(inSteps.changes)
        expect(atOnce.state.isOver).toBe(inSteps.state.isOver)
      }),
      { numRuns: 30 },
    )
  })
})

test('a month without logs is passed in no time', () => {
  const monthMs = 30 * 86_400_000
  const evaluator = new AlertEvaluator(
    rule({ name: 'held', kind: 'ratio', bad, window: '1m', every: '1s', fire: '> 40 %', forget: '60d' }),
  )
  const state = evaluator.start([], 0)
  evaluator.observe(state, { timeMs: 1000, count: 10, bad: 9 }, 1000)
  evaluator.advance(state, 120_000)
  const beforeMs = performance.now()
  expect(evaluator.advance(state, monthMs)).toEqual([])
  expect(performance.now() - beforeMs).toBeLessThan(100)
  expect(state.nextMs).toBe(monthMs - 30_000)
})
