import { type AlertGroup, severities, type Severity } from './alert-snapshot.ts'

/** What the groups are listed by. */
export type Grouping = 'severity' | 'rule'

/** Groups under one heading. */
export interface AlertSection {
  readonly title: string
  readonly groups: readonly AlertGroup[]
}

/** The groups of these severities under headings, the worst and then the oldest first. Empty headings are left out. */
export function alertSections(
  groups: readonly AlertGroup[],
  wanted: readonly Severity[],
  grouping: Grouping,
): readonly AlertSection[] {
  const sorted = groups
    .filter(({ severity }) => wanted.includes(severity))
    .toSorted((left, right) => rankOf(left) - rankOf(right) || left.startMs - right.startMs)
  const sections = new Map<string, AlertGroup[]>()
  for (const group of sorted) {
    const title = grouping === 'severity' ? group.severity : rulesOf(group)
    sections.set(title, [...(sections.get(title) ?? []), group])
  }
  return [...sections].map(([title, list]) => ({ title, groups: list }))
}

/** The rules of its alerts: most routes have one rule per group. */
export function rulesOf({ alerts }: AlertGroup): string {
  return [...new Set(alerts.map(({ rule }) => rule))].sort().join(', ')
}

/** `3 min`: how long ago something was. */
export function ageOf(timeMs: number, nowMs: number): string {
  const seconds = Math.max(0, Math.floor((nowMs - timeMs) / 1000))
  if (seconds < 60) return `${seconds} s`
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)} min`
  return `${Math.floor(seconds / 86_400)} d ${Math.floor((seconds % 86_400) / 3600)} h`
}

function rankOf({ severity }: AlertGroup): number {
  return severities.indexOf(severity)
}
