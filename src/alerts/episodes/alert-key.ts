import type { GroupValues } from '../rules/read-log.ts'
import type { RulePlan } from '../rules/plan.ts'

/** `errors{service="checkout",host="a"}`: always the same text for the same rule and group. */
export function alertKey({ name, read }: RulePlan, group: GroupValues): string {
  if (group.length === 0) return name
  const members = read.groupBy.map(({ text }, index) => `${text}=${JSON.stringify(group[index])}`)
  return `${name}{${members.join(',')}}`
}

/** Key and beginning. */
export function episodeId(key: string, startMs: number): string {
  return `${key}@${new Date(startMs).toISOString()}`
}
