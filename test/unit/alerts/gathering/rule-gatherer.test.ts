import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { AlertEvaluator } from '../../../../src/alerts/episodes/alert-evaluator.ts'
import type { AlertState } from '../../../../src/alerts/episodes/alert-state.ts'
import type { RuleLog } from '../../../../src/alerts/gathering/rule-log.ts'
import { RuleGatherer } from '../../../../src/alerts/gathering/rule-gatherer.ts'
import type { AlertChange, Observation, RuleDefinition, RulePlan } from '../../../../src/alerts/index.ts'
import { rule, RuleReader } from '../../../../src/alerts/index.ts'
import { failedLogin, fieldAt, LogEvent, newFields } from '../../../../src/pipelines/index.ts'

const times = { every: '5s', grace: '30s', for: '5s' } as const
const bad = "level in ['error', 'critical']"
const definitions: readonly RuleDefinition[] = [
  { name: 'counts', kind: 'threshold', window: '1m', fire: '>= 6', clear: '< 3', ...times },
  { name: 'errors', kind: 'threshold', where: bad, window: '1m', fire: '>= 2', ...times },
  { name: 'sums', kind: 'threshold', measure: 'sum(value)', window: '1m', fire: '> 20', ...times },
  { name: 'averages', kind: 'threshold', measure: 'avg(value)', window: '1m', fire: '> 5', ...times },
  { name: 'least', kind: 'threshold', measure: 'min(value)', window: '1m', fire: '< 2', ...times },
  { name: 'largest', kind: 'threshold', measure: 'max(value)', window: '1m', fire: '> 8', ...times },
  { name: 'slow', kind: 'threshold', measure: 'p90(value)', window: '1m', fire: '> 8', ...times },
  { name: 'logins', kind: 'threshold', measure: 'failedLogins', window: '1m', fire: '>= 3', ...times },
  { name: 'rates', kind: 'rate', window: '30s', per: '1m', fire: '> 8', every: '10s' },
  { name: 'shares', kind: 'ratio', bad, window: '1m', fire: '> 40 %', ...times },
  { name: 'quiet', kind: 'absence', window: '30s', minimum: 2, every: '10s' },
  {
    name: 'burning',
    kind: 'burn-rate',
    bad,
    objective: 0.9,
    windows: [{ long: '1m', short: '20s', factor: 2, severity: 'high' }],
  },
  { name: 'new', kind: 'new-term', field: 'value', window: '30s', learn: '1m', memory: '5m', every: '5s' },
  { name: 'many', kind: 'cardinality', field: 'value', window: '1m', fire: '>= 5', ...times },
  {
    name: 'in-order',
    kind: 'sequence',
    window: '1m',
    steps: [{ where: 'value < 3', count: 2 }, { where: 'value > 2' }, { where: "level == 'error'" }],
    every: '1500ms',
  },
  { name: 'unusual', kind: 'anomaly', measure: 'avg(value)', window: '10s', learn: '1m', fire: '> 0.5' },
  { name: 'unusual-share', kind: 'anomaly', bad, window: '10s', learn: '1m', fire: '> 0.5' },
  { name: 'grouped', kind: 'threshold', groupBy: ['service', 'value'], window: '1m', fire: '>= 2', ...times },
  { name: 'of-a', kind: 'threshold', groupBy: ['service'], where: "service == 'a'", window: '1m', fire: '>= 3' },
]

interface Log {
  readonly second: number
  readonly value: number | string | null
  readonly level: string
  readonly service: string
  readonly connection: string | undefined
}

const logOf: fc.Arbitrary<Log> = fc.record({
  second: fc.integer({ min: 0, max: 25 }),
  value: fc.oneof(fc.integer({ min: 0, max: 9 }), fc.constantFrom('7', 'much', null)),
  level: fc.constantFrom('info', 'error', 'critical'),
  service: fc.constantFrom('a', 'b'),
  connection: fc.constantFrom(undefined, undefined, 'c1', 'c2'),
})
/** What comes between two flushes, one after another. */
const chunks = fc.array(fc.array(logOf, { maxLength: 12 }), { minLength: 1, maxLength: 8 })

/** Lines of a daemon about a connection, or by themselves; a text, as the reader looks for logins. */
const lineOf = ({ connection }: Log) =>
  connection === undefined
    ? 'nothing'
    : `sshd[${connection === 'c1' ? 71 : 72}]: Failed password for root from 203.0.113.7 port 4711 ssh2`

function eventOf(log: Log, timeMs: number): LogEvent {
  const event = new LogEvent(lineOf(log), timeMs, 'test')
  const { value, level, service } = log
  event.fields = Object.assign(newFields(), { value, level, service, message: lineOf(log) })
  return event
}

/** The same log, as a worker has it. */
function ruleLog(log: Log, timeMs: number): RuleLog {
  const event = eventOf(log, timeMs)
  const text = event.original
  const { fields } = event
  const login = failedLogin({ text, message: text })
  return { seen: (path) => fieldAt(fields, path), login, sample: text, toText: () => JSON.stringify(fields) }
}

/** Evaluates what comes, a chunk at a time. */
class Evaluated {
  readonly changes: AlertChange[] = []
  readonly states = new Map<string, { evaluator: AlertEvaluator; state: AlertState }>()
  #reachedMs = 0

  chunk(observations: readonly (readonly [RulePlan, readonly string[], Observation])[], reachedMs: number): void {
    for (const [plan, group, observation] of observations) {
      const key = JSON.stringify([plan.name, group])
      const known = this.states.get(key) ?? this.#start(plan, group)
      this.states.set(key, known)
      known.evaluator.take(known.state, observation, reachedMs)
    }
    this.#reachedMs = reachedMs
    for (const key of [...this.states.keys()].sort()) {
      const { evaluator, state } = this.states.get(key) as { evaluator: AlertEvaluator; state: AlertState }
      this.changes.push(...evaluator.advance(state, reachedMs))
    }
  }

  #start(plan: RulePlan, group: readonly string[]) {
    const evaluator = new AlertEvaluator(plan)
    return { evaluator, state: evaluator.start(group, this.#reachedMs) }
  }

  /** Without the lines, of which a flush keeps the newest. */
  get told() {
    const states = [...this.states].map(([key, { state }]) => [key, { ...state, samples: state.samples.length > 0 }])
    return {
      changes: this.changes.map(({ examples, ...change }) => ({ ...change, hasExamples: examples.length > 0 })),
      states: new Map(states as [string, unknown][]),
    }
  }
}

describe.each(definitions)('$kind $name', (definition) => {
  const plan = rule(definition)

  test('says the same of logs that are gathered in chunks and one by one', () => {
    fc.assert(
      fc.property(chunks, (all) => {
        const [gathered, single] = [new Evaluated(), new Evaluated()]
        const gatherer = new RuleGatherer([plan])
        const reader = new RuleReader([plan])
        for (const [index, chunk] of all.entries()) {
          const ofLogs: [RulePlan, readonly string[], Observation][] = []
          let reachedMs = index * 20_000
          for (const log of chunk) {
            const timeMs = index * 20_000 + log.second * 1000
            reachedMs = Math.max(reachedMs, timeMs)
            gatherer.gather(ruleLog(log, timeMs), timeMs)
            reader.read(eventOf(log, timeMs), timeMs, lineOf(log), (_, group, one) => ofLogs.push([plan, group, one]))
          }
          const rows: [RulePlan, readonly string[], Observation][] = []
          gatherer.flush((_, { group, rules }) => {
            for (const one of rules[plan.name] ?? []) {
              rows.push([plan, group, JSON.parse(JSON.stringify(one)) as Observation])
            }
          })
          gathered.chunk(rows, reachedMs)
          single.chunk(ofLogs, reachedMs)
        }
        expect(gathered.told).toEqual(single.told)
      }),
      { numRuns: 50 },
    )
  })
})

describe('rules together', () => {
  const alike: readonly RuleDefinition[] = definitions.map((one) => ({ ...one, name: `${one.name}-too` }))
  const plans = [...definitions, ...alike].map(rule)

  function gathered(together: readonly RulePlan[], logs: readonly Log[]): ReadonlyMap<string, unknown> {
    const gatherer = new RuleGatherer(together)
    for (const log of logs) gatherer.gather(ruleLog(log, log.second * 1000), log.second * 1000)
    const found = new Map<string, unknown>()
    gatherer.flush((key, { rules }) => {
      for (const [name, observations] of Object.entries(rules)) found.set(`${name} ${key}`, observations)
    })
    return found
  }

  test('gather what each of them gathers by itself, also those that are alike', () => {
    fc.assert(
      fc.property(fc.array(logOf, { maxLength: 40 }), (logs) => {
        const byItself = plans.flatMap((plan) => [...gathered([plan], logs)])
        expect(gathered(plans, logs)).toEqual(new Map(byItself))
      }),
      { numRuns: 50 },
    )
  })
})

describe('a gatherer', () => {
  const counts = rule({ name: 'counts', kind: 'threshold', groupBy: ['service'], window: '1m', fire: '> 1' })
  const ofService = (service: string) =>
    ruleLog({ second: 0, value: 1, level: 'info', service, connection: undefined }, 0)

  test('is full before it holds many groups, and holds nothing after a flush', () => {
    const gatherer = new RuleGatherer([counts])
    let logs = 0
    while (!gatherer.isFull) gatherer.gather(ofService(`s${logs++}`), 0)
    expect(logs).toBeLessThanOrEqual(20_000)
    let groups = 0
    gatherer.flush(() => groups++)
    gatherer.flush(() => groups++)
    expect([groups, gatherer.isFull]).toEqual([logs, false])
  })

  test('looks once at a log for conditions of the same text', () => {
    let looks = 0
    const bad = "level in ['error']"
    const shares = (name: string, window: `${number}m`) =>
      rule({ name, kind: 'ratio', groupBy: ['service'], bad, window, every: '10s', fire: '> 20 %' })
    const gatherer = new RuleGatherer([
      shares('a', '1m'),
      rule({ name: 'b', kind: 'ratio', bad, window: '1m', fire: '> 0' }),
    ])
    const log = ofService('s')
    const counting: RuleLog = {
      ...log,
      login: undefined,
      sample: '',
      seen: (path) => (path.text === 'level' && looks++, log.seen(path)),
    }
    gatherer.gather(counting, 0)
    expect(looks).toBe(1)
  })

  const names = (gatherer: RuleGatherer) => {
    const found: (readonly [string, readonly string[]])[] = []
    gatherer.flush((_, { group, rules }) => found.push([group[0] ?? '', Object.keys(rules)]))
    return found
  }

  test('asks each log whose group value is cut for what comes behind the cut', () => {
    const gatherer = new RuleGatherer([
      rule({
        name: 'ends',
        kind: 'rate',
        groupBy: ['service'],
        where: "service contains 'end'",
        window: '1m',
        fire: '> 1',
      }),
    ])
    const long = 'x'.repeat(200)
    for (const service of [`${long} begin`, `${long} end`]) gatherer.gather(ofService(service), 0)
    expect(names(gatherer)).toEqual([[expect.stringMatching(/^x+~[0-9a-f]{12}$/), ['ends']]])
  })

  test('takes no text for a number, whatever character it begins with', () => {
    const ofFive = rule({
      name: 'five',
      kind: 'rate',
      groupBy: ['service'],
      where: 'service == 5',
      window: '1m',
      fire: '> 1',
    })
    const gatherer = new RuleGatherer([ofFive])
    gatherer.gather(ofService(5 as unknown as string), 0)
    gatherer.gather(ofService('\0number5'), 0)
    expect(names(gatherer)).toEqual([['5', ['five']]])
    gatherer.gather(ofService('\0number5'), 0)
    expect(names(gatherer)).toEqual([])
  })

  test('of thousands of rules that group by other fields begins within two seconds', () => {
    const many = Array.from({ length: 4000 }, (_, index) =>
      rule({ name: `r${index}`, kind: 'rate', groupBy: [`f${index}`], window: '1m', fire: '> 1' }),
    )
    const startMs = performance.now()
    new RuleGatherer(many)
    expect(performance.now() - startMs).toBeLessThan(2000)
  })
})
