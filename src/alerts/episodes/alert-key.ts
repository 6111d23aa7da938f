import { groupKey } from '../rules/group-key.ts'
import type { RulePlan } from '../rules/plan.ts'
import type { GroupValues } from '../rules/read-log.ts'

/** `errors{service="checkout",host="a"}`: always the same text for the same rule and group. */
export function alertKey({ name, read }: RulePlan, group: GroupValues): string {
  return group.length === 0 ? name : `${name}{${groupKey(read.groupBy, group)}}`
}

/** Key and beginning. */
export function episodeId(key: string, startMs: number): string {
  return `${key}@${new Date(startMs).toISOString()}`
}
