import type { Firing } from './firings.ts'

/** How an alert of one version of the rules differs from that of the other. */
export type DifferenceKind = 'added' | 'gone' | 'longer' | 'shorter' | 'moved' | 'severity'

/** An alert that does not fire as before. */
export interface FiringDifference {
  readonly kinds: readonly DifferenceKind[]
  /** Of the version before; null: it did not fire. */
  readonly before: Firing | null
  /** Of the version now; null: it does not fire. */
  readonly now: Firing | null
}

/** Alerts with the same key that fire together are one alert. In the order of their beginning. */
export function firingDifferences(before: readonly Firing[], now: readonly Firing[]): readonly FiringDifference[] {
  const [beforeByKey, nowByKey] = [byKey(before), byKey(now)]
  const keys = new Set([...beforeByKey.keys(), ...nowByKey.keys()])
  return [...keys]
    .flatMap((key) => differencesOf(beforeByKey.get(key) ?? [], nowByKey.get(key) ?? []))
    .sort((left, right) => startOf(left) - startOf(right))
}

function byKey(firings: readonly Firing[]): ReadonlyMap<string, readonly Firing[]> {
  const found = new Map<string, Firing[]>()
  for (const firing of firings) {
    const list = found.get(firing.key)
    if (list === undefined) found.set(firing.key, [firing])
    else list.push(firing)
  }
  for (const list of found.values()) list.sort((left, right) => left.startMs - right.startMs)
  return found
}

function differencesOf(before: readonly Firing[], now: readonly Firing[]): readonly FiringDifference[] {
  const differences: FiringDifference[] = []
  let [left, right] = [0, 0]
  for (;;) {
    const [old, next] = [before[left] ?? null, now[right] ?? null]
    if (old === null && next === null) return differences
    if (old !== null && next !== null && areTogether(old, next)) {
      const kinds = kindsOf(old, next)
      if (kinds.length > 0) differences.push({ kinds, before: old, now: next })
      left++
      right++
    } else if (next === null || (old !== null && old.startMs <= next.startMs)) {
      differences.push({ kinds: ['gone'], before: old, now: null })
      left++
    } else {
      differences.push({ kinds: ['added'], before: null, now: next })
      right++
    }
  }
}

function areTogether(one: Firing, other: Firing): boolean {
  return one.startMs <= endOf(other) && other.startMs <= endOf(one)
}

function kindsOf(before: Firing, now: Firing): readonly DifferenceKind[] {
  const kinds: DifferenceKind[] = []
  const [lengthBefore, lengthNow] = [endOf(before) - before.startMs, endOf(now) - now.startMs]
  // Two that do not end are compared by their beginnings: both lengths are without end.
  const isEqual = lengthBefore === lengthNow
  if (!isEqual) kinds.push(lengthNow > lengthBefore ? 'longer' : 'shorter')
  else if (before.startMs !== now.startMs) kinds.push(before.endMs === null ? lengthKind(before, now) : 'moved')
  if (before.severity !== now.severity) kinds.push('severity')
  return kinds
}

function lengthKind(before: Firing, now: Firing): DifferenceKind {
  return now.startMs < before.startMs ? 'longer' : 'shorter'
}

function endOf({ endMs }: Firing): number {
  return endMs ?? Number.POSITIVE_INFINITY
}

function startOf({ before, now }: FiringDifference): number {
  return Math.min(before?.startMs ?? Number.POSITIVE_INFINITY, now?.startMs ?? Number.POSITIVE_INFINITY)
}
