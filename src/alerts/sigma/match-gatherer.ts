import type { SigmaRule } from '../../detection/index.ts'
import { bucketStart } from '../evaluation/buckets.ts'
import { binOf, middleOf } from '../evaluation/quantile.ts'
import type { GatheredGroup } from '../gathering/rule-gatherer.ts'
import type { RuleLog } from '../gathering/rule-log.ts'
import { groupKey } from '../rules/group-key.ts'
import { type Observation, sampleLengthMax } from '../rules/observation.ts'
import type { RulePlan } from '../rules/plan.ts'
import { groupValue, measuredNumber, measuredText } from '../rules/read-values.ts'
import type { SecurityRules } from './security-rules.ts'
import type { SigmaUse } from './sigma-plans.ts'

/** Rows that are held before a flush. */
const rowsMax = 20_000
/** What the group of a log is called that lacks a field, where it counts all the same. */
const unknownValue = 'unknown'
/** Steps of a sequence are distinguished by their second. */
const secondMs = 1000

/** Logs of one bucket that say the same to a plan. */
interface Row {
  readonly startMs: number
  readonly said: Pick<Observation, 'number' | 'text' | 'steps'>
  readonly rule: SigmaRule
  count: number
  sum: number | undefined
  sample: RuleLog
  sampleMs: number
}

interface Group {
  readonly values: readonly string[]
  readonly rules: Map<RulePlan, Map<string, Row>>
}

/**
 * Sums up the logs that Sigma rules fire for, by alert rule, group and bucket, as a RuleGatherer does for other rules. Most
 * logs match nothing and leave no trace.
 */
export class MatchGatherer {
  readonly #security: SecurityRules
  #groups = new Map<string, Group>()
  #rowCount = 0

  constructor(security: SecurityRules) {
    this.#security = security
  }

  /** So much is held that it should be flushed now. */
  get isFull(): boolean {
    return this.#rowCount >= rowsMax
  }

  /** Takes a log of an event time. */
  gather(log: RuleLog, timeMs: number): void {
    const counted = new Set<Map<string, Row>>()
    for (const rule of this.#security.matching(log))
      for (const use of this.#security.usesOf(rule)) this.#take(use, rule, log, timeMs, counted)
  }

  /** Passes on what was gathered, one call for each group, and holds nothing of it any longer. */
  flush(take: (key: string, gathered: GatheredGroup) => void): void {
    const groups = this.#groups
    this.#groups = new Map()
    this.#rowCount = 0
    for (const [key, { values, rules }] of groups) {
      const observed = [...rules].map(([plan, rows]) => {
        return [plan.name, [...rows.values()].map((row) => this.#observation(plan, row))] as const
      })
      take(key, { group: values, rules: Object.fromEntries(observed) })
    }
  }

  #take(use: SigmaUse, rule: SigmaRule, log: RuleLog, timeMs: number, counted: Set<Map<string, Row>>): void {
    const values = valuesOf(use, log)
    const said = values === undefined ? undefined : saidOf(use, log)
    if (values === undefined || said === undefined) return
    const rows = this.#rowsOf(use.plan, values)
    // A log that several rules of a correlation fire for is one event; of a sequence it is several steps.
    if (use.steps === undefined && counted.has(rows)) return
    counted.add(rows)
    const startMs = bucketStart(timeMs, use.plan.watch.by === 'sequence' ? secondMs : use.plan.everyMs)
    const { sum, ...same } = said
    const key = `${startMs} ${use.steps?.join() ?? ''} ${same.text ?? same.number ?? ''}`
    const known = rows.get(key)
    if (known === undefined) {
      this.#rowCount++
      rows.set(key, { startMs, said: same, rule, count: 1, sum, sample: log, sampleMs: timeMs })
      return
    }
    known.count++
    if (sum !== undefined) known.sum = (known.sum ?? 0) + sum
    if (timeMs >= known.sampleMs) Object.assign(known, { sample: log, sampleMs: timeMs })
  }

  #rowsOf(plan: RulePlan, values: readonly string[]): Map<string, Row> {
    const key = groupKey(plan.read.groupBy, values)
    let group = this.#groups.get(key)
    if (group === undefined) this.#groups.set(key, (group = { values, rules: new Map() }))
    let rows = group.rules.get(plan)
    if (rows === undefined) group.rules.set(plan, (rows = new Map()))
    return rows
  }

  #observation({ watch }: RulePlan, { said, rule, count, sum, sample, sampleMs }: Row): Observation {
    return {
      timeMs: sampleMs,
      count,
      ...said,
      ...(sum !== undefined && { sum }),
      ...(watch.by === 'matches' && { text: this.#security.explain(rule, sample) }),
      sample: sample.sample.slice(0, sampleLengthMax),
    }
  }
}

/** Undefined: the log is of no group. */
function valuesOf({ groupBy, isForAll }: SigmaUse, log: RuleLog): readonly string[] | undefined {
  const values: string[] = []
  for (const path of groupBy) {
    const value = groupValue(log.seen(path)) ?? (isForAll ? unknownValue : undefined)
    if (value === undefined) return undefined
    values.push(value)
  }
  return values
}

type Said = Pick<Observation, 'number' | 'text' | 'steps' | 'sum'>

/** Undefined: the log has nothing that is measured. */
function saidOf({ plan, field, steps }: SigmaUse, log: RuleLog): Said | undefined {
  if (steps !== undefined) return { steps }
  if (field === undefined) return {}
  const { watch } = plan
  const value = log.seen(field)
  if (watch.by === 'window' && watch.measure.of === 'distinct') {
    const text = measuredText(value)
    return text === undefined ? undefined : { text }
  }
  const number = measuredNumber(value)
  if (number === undefined) return undefined
  return watch.by === 'window' && watch.measure.of === 'quantile'
    ? { number: middleOf(binOf(number)) }
    : { sum: number }
}
