import type { FieldPath } from '../../pipelines/index.ts'

/** `service="checkout",host="a"`: the same text for the same group of all rules that group by the same fields. */
export function groupKey(groupBy: readonly FieldPath[], group: readonly string[]): string {
  return groupBy.map(({ text }, index) => `${text}=${JSON.stringify(group[index] ?? '')}`).join(',')
}
