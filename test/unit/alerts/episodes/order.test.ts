import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import type { AlertChange } from '../../../../src/alerts/index.ts'
import { AlertEvaluator } from '../../../../src/alerts/episodes/alert-evaluator.ts'
import type { AlertState } from '../../../../src/alerts/episodes/alert-state.ts'
import type { RuleDefinition } from '../../../../src/alerts/rules/definition.ts'
import type { RulePlan } from '../../../../src/alerts/rules/plan.ts'
import { rule } from '../../../../src/alerts/rules/rule.ts'
import { type ModelEvent, modelEpisodes, type ModelValue } from './alert-model.ts'

const graceMs = 30_000
const untilMs = 1200_000

interface Case {
  readonly definition: RuleDefinition
  readonly value: ModelValue
  readonly fires: (value: number) => boolean
  readonly clears: (value: number) => boolean
  /** What is missing in a window that begins before the first event says nothing. */
  readonly needsWhole?: boolean
}

const times = { grace: '30s', for: '20s', keep: '30s' } as const
const values = (events: readonly ModelEvent[]) => events.map(({ value }) => value)
const unless = (events: readonly ModelEvent[], value: () => number) => (events.length === 0 ? undefined : value())
const badOf = (events: readonly ModelEvent[]) => events.filter(({ isBad }) => isBad).length

const counts: Case = {
  definition: { name: 'counts', kind: 'threshold', window: '1m', every: '5s', fire: '>= 6', clear: '< 3', ...times },
  value: (events) => events.length,
  fires: (value) => value >= 6,
  clears: (value) => value < 3,
}

const cases: readonly Case[] = [
  counts,
  {
    definition: { name: 'rates', kind: 'rate', window: '30s', every: '10s', per: '1m', fire: '> 8', grace: '30s' },
    value: (events) => events.length * 2,
    fires: (value) => value > 8,
    clears: (value) => value <= 8,
  },
  {
    definition: { name: 'distinct', kind: 'cardinality', field: 'value', window: '1m', fire: '>= 4', ...times },
    value: (events) => new Set(values(events)).size,
    fires: (value) => value >= 4,
    clears: (value) => value < 4,
  },
  {
    definition: { name: 'largest', kind: 'threshold', measure: 'max(value)', window: '1m', fire: '> 8', ...times },
    value: (events) => unless(events, () => Math.max(...values(events))),
    fires: (value) => value > 8,
    clears: (value) => value <= 8,
  },
  {
    definition: {
      name: 'average',
      kind: 'threshold',
      measure: 'avg(value)',
      window: '1m',
      fire: '> 6',
      clear: '< 5',
      ...times,
    },
    value: (events) => unless(events, () => values(events).reduce((sum, value) => sum + value, 0) / events.length),
    fires: (value) => value > 6,
    clears: (value) => value < 5,
  },
  {
    definition: {
      name: 'share',
      kind: 'ratio',
      bad: 'bad == true',
      window: '1m',
      fire: '> 40 %',
      clear: '< 20 %',
      ...times,
    },
    value: (events) => unless(events, () => badOf(events) / events.length),
    fires: (value) => value > 0.4,
    clears: (value) => value < 0.2,
  },
  {
    definition: { name: 'few', kind: 'threshold', window: '1m', every: '10s', fire: '< 2', clear: '> 3', grace: '30s' },
    value: (events) => events.length,
    fires: (value) => value < 2,
    clears: (value) => value > 3,
    needsWhole: true,
  },
]

const eventOf = fc.record({
  second: fc.integer({ min: 0, max: 600 }),
  value: fc.integer({ min: 1, max: 9 }),
  isBad: fc.boolean(),
  /** How many seconds later than its time it comes. */
  delay: fc.integer({ min: 0, max: 29 }),
})
const events = fc.array(eventOf, { minLength: 1, maxLength: 80 })

type Arrival = ModelEvent & { readonly delay: number }

function play(plan: RulePlan, arrivals: readonly Arrival[]): { state: AlertState; changes: readonly AlertChange[] } {
  const evaluator = new AlertEvaluator(plan)
  let state: AlertState | undefined
  let timeMs = 0
  const changes: AlertChange[] = []
  for (const { second, value, isBad } of arrivals) {
    timeMs = Math.max(timeMs, second * 1000)
    const observation = { timeMs: second * 1000, count: 1, bad: isBad ? 1 : 0, number: value, text: String(value) }
    const { bad, ...others } = observation
    state ??= evaluator.start([], timeMs)
    changes.push(...evaluator.observe(state, plan.read.bad === undefined ? others : { ...others, bad }, timeMs))
    state = JSON.parse(JSON.stringify(state)) as AlertState
  }
  const last = state as AlertState
  changes.push(...evaluator.advance(last, untilMs + graceMs))
  return { state: last, changes }
}

const inOrder = (arrivals: readonly Arrival[]) => arrivals.toSorted((left, right) => left.second - right.second)
const asTheyCome = (arrivals: readonly Arrival[]) =>
  arrivals.toSorted((left, right) => left.second + left.delay - right.second - right.delay)

function starts(changes: readonly AlertChange[]): readonly AlertChange[] {
  return changes.filter(({ status, episode }, index) => {
    const before = changes.slice(0, index).some((one) => one.status === 'firing' && one.episode === episode)
    return status === 'firing' && !before
  })
}

function resolvedTimes(changes: readonly AlertChange[]): readonly number[] {
  const fired = new Set(starts(changes).map(({ episode }) => episode))
  return changes
    .filter(({ status, episode }) => status === 'resolved' && fired.has(episode))
    .map(({ timeMs }) => timeMs)
}

describe.each(cases)('$definition.name', (one) => {
  const plan = rule(one.definition)
  const model = (all: readonly ModelEvent[]) => modelEpisodes(plan, all, one.value, one, untilMs)

  test('fires and is over as the full list of events says, in whatever order within the grace they come', () => {
    fc.assert(
      fc.property(events, (all) => {
        const expected = model(all)
        const { state, changes } = play(plan, asTheyCome(all))
        const found = resolvedTimes(changes)
        const expectedTimes = expected.flatMap(({ resolvedMs }) => resolvedMs ?? [])
        expect(state.lateCount).toBe(0)
        expect(found).toEqual(expect.arrayContaining(expectedTimes))
        expect(starts(changes).length).toBeGreaterThanOrEqual(expected.length)
      }),
      { seed: 12, numRuns: 150 },
    )
  })

  test('ends in the same state for every order within the grace', () => {
    fc.assert(
      fc.property(events, (all) => {
        const { state: sorted } = play(plan, inOrder(all))
        const { state: shuffled } = play(plan, asTheyCome(all))
        expect(shuffled.fold).toEqual(sorted.fold)
        expect(shuffled.evaluation).toEqual(sorted.evaluation)
      }),
      { seed: 12, numRuns: 100 },
    )
  })
})

describe('a rule whose value can only grow', () => {
  test('tells the worst severity of each episode, in whatever order within the grace the events come', () => {
    const fire = { low: '>= 2', high: '>= 4', critical: '>= 5' }
    const plan = rule({
      name: 'counts',
      kind: 'threshold',
      window: '10s',
      every: '5s',
      fire,
      grace: '30s',
      keep: '20s',
    })
    const worst = (arrivals: readonly Arrival[]) =>
      play(plan, arrivals).changes.flatMap(({ status, severity }) => (status === 'resolved' ? [severity] : []))
    fc.assert(
      fc.property(events, (all) => expect(worst(asTheyCome(all))).toEqual(worst(inOrder(all)))),
      { seed: 7, numRuns: 300 },
    )
  })

  test('fires exactly once for each episode of the full list, and no later than the grace', () => {
    const plan = rule(counts.definition)
    fc.assert(
      fc.property(events, (all) => {
        const expected = modelEpisodes(plan, all, counts.value, counts, untilMs)
        const { changes } = play(plan, asTheyCome(all))
        expect(resolvedTimes(changes)).toEqual(expected.flatMap(({ resolvedMs }) => resolvedMs ?? []))
        const late = starts(changes).map(({ timeMs }, index) => timeMs - (expected[index]?.firedMs ?? 0))
        expect(late).toHaveLength(expected.length)
        for (const lateMs of late) {
          expect(lateMs).toBeGreaterThanOrEqual(0)
          expect(lateMs).toBeLessThanOrEqual(graceMs + plan.everyMs)
        }
      }),
      { seed: 7, numRuns: 200 },
    )
  })

  test('fires at the very points of the full list where events come in order', () => {
    const plan = rule(counts.definition)
    fc.assert(
      fc.property(events, (all) => {
        const { changes } = play(plan, inOrder(all))
        const expected = modelEpisodes(plan, all, counts.value, counts, untilMs)
        expect(starts(changes).map(({ timeMs }) => timeMs)).toEqual(expected.map(({ firedMs }) => firedMs))
      }),
      { seed: 7, numRuns: 200 },
    )
  })
})
