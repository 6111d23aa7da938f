import { describe, expect, test } from '@jest/globals'
import {
  type AlertChange,
  AlertEvaluator,
  type AlertState,
  rule,
  type RuleDefinition,
} from '../../../../src/alerts/index.ts'

const base = {
  name: 'errors',
  kind: 'ratio',
  bad: "level == 'error'",
  window: '1m',
  every: '10s',
  groupBy: ['service'],
} as const

const numbers = {
  name: 'degrees',
  kind: 'threshold',
  measure: 'max(degrees)',
  window: '1m',
  every: '10s',
  groupBy: ['service'],
} as const

/** Logs of one service, one after another; times in seconds. */
class Logs {
  readonly evaluator: AlertEvaluator
  readonly state: AlertState
  readonly changes: AlertChange[] = []
  #timeMs = 0

  constructor(definition: RuleDefinition) {
    this.evaluator = new AlertEvaluator(rule(definition))
    this.state = this.evaluator.start(['shop'], 0)
  }

  log(second: number, bad: 0 | 1, sample?: string): this {
    this.#timeMs = Math.max(this.#timeMs, second * 1000)
    const observation = { timeMs: second * 1000, count: 1, bad, ...(sample !== undefined && { sample }) }
    this.changes.push(...this.evaluator.observe(this.state, observation, this.#timeMs))
    return this
  }

  number(second: number, number: number): this {
    this.#timeMs = Math.max(this.#timeMs, second * 1000)
    this.changes.push(...this.evaluator.observe(this.state, { timeMs: second * 1000, count: 1, number }, this.#timeMs))
    return this
  }

  until(second: number): this {
    this.#timeMs = second * 1000
    this.changes.push(...this.evaluator.advance(this.state, this.#timeMs))
    return this
  }

  get shown(): readonly string[] {
    return this.changes.map(({ status, timeMs }) => `${status} at ${timeMs / 1000}`)
  }
}

describe('an alert', () => {
  test('fires at once, is resolved when its window has passed, and keeps its key and episode', () => {
    const logs = new Logs({ ...base, fire: '> 50 %', noData: 'resolve' }).log(5, 1, 'disk is full').until(200)
    expect(logs.shown).toEqual(['firing at 0', 'resolved at 70'])
    const [fired, resolved] = logs.changes
    expect(fired).toMatchObject({
      key: 'errors{service="shop"}',
      episode: 'errors{service="shop"}@1970-01-01T00:00:00.000Z',
      group: { service: 'shop' },
      summary: 'errors of service shop: 100 %, the limit is 50 %',
      eventCount: 1,
      examples: ['disk is full'],
    })
    expect(resolved).toMatchObject({ key: fired?.key, episode: fired?.episode, startMs: fired?.startMs })
  })

  test('is pending for the time of the rule before it fires', () => {
    const logs = new Logs({ ...base, fire: '> 50 %', for: '2m' })
    for (let second = 5; second < 200; second += 10) logs.log(second, 1)
    expect(logs.shown).toEqual(['pending at 0', 'firing at 120'])
  })

  test('that was pending and does not fire is resolved', () => {
    const logs = new Logs({ ...base, fire: '> 50 %', for: '2m' }).log(5, 1)
    for (let second = 10; second < 100; second++) logs.log(second, 0)
    expect(logs.shown).toEqual(['pending at 0', 'resolved at 20'])
  })

  test('stays between its two limits', () => {
    const logs = new Logs({ ...base, fire: '> 50 %', clear: '< 10 %' }).log(5, 1)
    for (let second = 10; second < 19; second++) logs.log(second, 0)
    expect(logs.until(65).shown).toEqual(['firing at 0'])
    expect(logs.log(66, 0).until(300).shown).toEqual(['firing at 0', 'resolved at 70'])
  })

  test('fires again with a new episode', () => {
    const logs = new Logs({ ...base, fire: '> 50 %', noData: 'resolve' }).log(5, 1).log(205, 1)
    expect(logs.shown).toEqual(['firing at 0', 'resolved at 70', 'firing at 200'])
    expect(new Set(logs.changes.map(({ episode }) => episode)).size).toBe(2)
  })

  test('that fired by what came first is taken back when logs within the grace say otherwise', () => {
    const logs = new Logs({ ...base, fire: '> 50 %' }).log(15, 1).log(12, 0).log(13, 0).until(60)
    expect(logs.shown).toEqual(['firing at 10', 'resolved at 20'])
  })

  test('gets worse by late logs alone, within the grace, of a time before its last change', () => {
    const { bad: _, ...definition } = base
    const logs = new Logs({
      ...definition,
      kind: 'threshold',
      grace: '1m',
      window: '10s',
      fire: { low: '>= 1', critical: '>= 3' },
    })
    logs.log(12, 0).log(22, 0).log(13, 0).log(14, 0).until(200)
    expect(logs.changes.map(({ status, severity }) => [status, severity])).toEqual([
      ['firing', 'low'],
      ['firing', 'critical'],
      ['resolved', 'critical'],
    ])
  })

  test('of a negative value is not told again at every point', () => {
    const logs = new Logs({ ...numbers, fire: '> -5' })
    for (let second = 5; second < 100; second += 10) logs.number(second, -4)
    expect(logs.shown).toEqual(['firing at 0'])
  })

  test('gets worse without a new episode', () => {
    const logs = new Logs({ ...base, fire: { low: '> 0', critical: '> 50 %' } })
      .log(5, 0)
      .log(6, 0)
      .log(7, 1)
      .log(15, 1)
      .log(25, 1)
    expect(logs.changes.map(({ severity }) => severity)).toEqual(['low', 'critical'])
    expect(new Set(logs.changes.map(({ episode }) => episode)).size).toBe(1)
  })
})

describe('a log that comes later than the grace', () => {
  test('is counted, and changes nothing', () => {
    const logs = new Logs({ ...base, fire: '> 50 %', grace: '30s' }).log(5, 0).until(40)
    const before = structuredClone(logs.state)
    logs.log(6, 1)
    expect(logs.state).toEqual({ ...before, lateCount: 1 })
  })

  test('by less changes the result', () => {
    const logs = new Logs({ ...base, fire: '> 50 %', grace: '30s' }).log(5, 0).until(39).log(6, 1).log(7, 1)
    expect(logs.shown).toEqual(['firing at 0'])
  })
})

describe('a firing alert without logs', () => {
  const fired = (noData: 'hold' | 'resolve' | 'alert') => new Logs({ ...base, fire: '> 50 %', noData }).log(5, 1)

  test('is held', () => {
    expect(fired('hold').until(3600).shown).toEqual(['firing at 0'])
  })

  test('is resolved where the rule says so', () => {
    expect(fired('resolve').until(3600).shown).toEqual(['firing at 0', 'resolved at 70'])
  })

  test('is an alert of its own where the rule says so, and fires again with the next bad log', () => {
    const logs = fired('alert').until(3600)
    expect(logs.shown).toEqual(['firing at 0', 'no-data at 70'])
    expect(logs.log(3605, 1).until(3650).shown).toEqual(['firing at 0', 'no-data at 70', 'firing at 3600'])
  })

  test('is resolved when its group is forgotten', () => {
    const logs = new Logs({ ...base, fire: '> 50 %', forget: '1h' }).log(5, 1).until(7200)
    expect(logs.shown).toEqual(['firing at 0', 'resolved at 3610'])
    expect(logs.state.isOver).toBe(true)
  })
})

test('a group in which nothing happens any longer need not be kept', () => {
  expect(new Logs({ ...base, fire: '> 50 %' }).log(5, 0).until(200).state.isOver).toBe(true)
})
