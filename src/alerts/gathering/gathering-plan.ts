import { type Condition, conditionFields } from '../../pipelines/conditions/condition.ts'
import type { RulePlan } from '../rules/plan.ts'
import { type Reading, readingOf } from './reading.ts'
import type { SharedConditions } from './shared-conditions.ts'

/** How logs are gathered for one rule, or for several that count them in the same way. */
export interface GatheringPlan {
  /** Names of the rules. */
  readonly names: readonly string[]
  /** A condition over the fields of the group alone: looked at once for each group. */
  readonly ofGroup: Condition | undefined
  /** Any other. */
  readonly where: Condition | undefined
  readonly reading: Reading
  /** Logs of so long a time are the same to the rule. */
  readonly bucketMs: number
}

/** The plans of rules that group by the same fields. */
export function gatheringPlans(plans: readonly RulePlan[], conditions: SharedConditions): readonly GatheringPlan[] {
  const ways = [...new Set(plans.map(wayOf))]
  return ways.map((way) => {
    const alike = plans.filter((plan) => wayOf(plan) === way)
    return { ...planOf(alike[0] as RulePlan, conditions), names: alike.map(({ name }) => name) }
  })
}

/** Everything that says how logs are counted. */
function wayOf({ definition, everyMs, watch, read }: RulePlan): string {
  const { where, bad, measure, steps } = definition as {
    where?: string
    bad?: string
    measure?: string
    steps?: unknown
  }
  const isOfTexts = watch.by === 'new-term' || (watch.by === 'window' && watch.measure.of === 'distinct')
  return JSON.stringify([
    where,
    bad,
    bad === undefined && measure,
    steps,
    read.field?.text,
    isOfTexts,
    bucketOf(watch, everyMs),
  ])
}

function planOf(plan: RulePlan, conditions: SharedConditions): Omit<GatheringPlan, 'names'> {
  const { read, everyMs, watch } = plan
  const { where: text } = plan.definition as { readonly where?: string }
  const names = new Set(read.groupBy.map((path) => path.text))
  const isOfGroup = text !== undefined && conditionFields(text).every((field) => names.has(field))
  const where = text === undefined || read.where === undefined ? undefined : conditions.shared(text, read.where)
  return {
    ofGroup: isOfGroup ? where : undefined,
    where: isOfGroup ? undefined : where,
    reading: readingOf(plan, conditions),
    bucketMs: bucketOf(watch, everyMs),
  }
}

function bucketOf({ by }: RulePlan['watch'], everyMs: number): number {
  return by === 'sequence' ? commonDivisor(everyMs, secondMs) : everyMs
}

/** Steps of a sequence are distinguished by their second. */
const secondMs = 1000

function commonDivisor(one: number, other: number): number {
  return other === 0 ? one : commonDivisor(other, one % other)
}
