import { type Condition, conditionFields } from '../../pipelines/conditions/condition.ts'
import type { RulePlan } from '../rules/plan.ts'
import { type Reading, readingOf } from './reading.ts'
import type { SharedConditions } from './shared-conditions.ts'

/** How logs are gathered for one rule. */
export interface GatheringPlan {
  /** Name of the rule. */
  readonly name: string
  /** A condition over the fields of the group alone: looked at once for each group. */
  readonly ofGroup: Condition | undefined
  /** Any other. */
  readonly where: Condition | undefined
  readonly reading: Reading
  /** Logs of so long a time are the same to the rule. */
  readonly bucketMs: number
}

/** The plan of a rule. */
export function gatheringPlan(plan: RulePlan, conditions: SharedConditions): GatheringPlan {
  const { read, name, everyMs, watch } = plan
  const { where: text } = plan.definition as { readonly where?: string }
  const names = new Set(read.groupBy.map((path) => path.text))
  const isOfGroup = text !== undefined && conditionFields(text).every((field) => names.has(field))
  const where = text === undefined || read.where === undefined ? undefined : conditions.shared(text, read.where)
  return {
    name,
    ofGroup: isOfGroup ? where : undefined,
    where: isOfGroup ? undefined : where,
    reading: readingOf(plan, conditions),
    bucketMs: watch.by === 'sequence' ? commonDivisor(everyMs, secondMs) : everyMs,
  }
}

/** Steps of a sequence are distinguished by their second. */
const secondMs = 1000

function commonDivisor(one: number, other: number): number {
  return other === 0 ? one : commonDivisor(other, one % other)
}
