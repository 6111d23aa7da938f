/** When an alert counts as flapping, as in Nagios: by the share of checks in which it changed, newer ones weigh more. */
export interface FlappingPlan {
  /** Length of a check. However often an alert changes within one, it is one change. */
  readonly checkMs: number
  /** Checks that count. */
  readonly checks: number
  /** Share of changes from which on it flaps, 0 to 1. */
  readonly enter: number
  /** Share of changes below which it has settled. */
  readonly leave: number
}

const oldestWeight = 0.8
const newestWeight = 1.2

/** The share of changes at this check. `changes` has the numbers of the checks in which there was one. */
function shareAt({ checks }: FlappingPlan, changes: readonly number[], check: number): number {
  let sum = 0
  for (const change of changes) {
    const age = check - change
    if (age >= 0 && age < checks) sum += newestWeight - ((newestWeight - oldestWeight) * age) / Math.max(1, checks - 1)
  }
  return sum / checks
}

/** The changes and one more, which is never in the future; those that count no more are left out. */
export function withChange(
  plan: FlappingPlan,
  changes: readonly number[],
  atMs: number,
  nowMs: number,
): readonly number[] {
  const check = Math.floor(Math.min(atMs, nowMs) / plan.checkMs)
  const oldest = Math.floor(nowMs / plan.checkMs) - plan.checks
  const kept = changes.filter((change) => change > oldest && change !== check)
  return check > oldest ? [...kept, check] : kept
}

/** Whether an alert that did not flap does now. */
export function entersFlapping(plan: FlappingPlan, changes: readonly number[], nowMs: number): boolean {
  return shareAt(plan, changes, Math.floor(nowMs / plan.checkMs)) >= plan.enter
}

/** When an alert has settled if it does not change again, epoch milliseconds: now or later. */
export function settlesMs(plan: FlappingPlan, changes: readonly number[], nowMs: number): number {
  const now = Math.floor(nowMs / plan.checkMs)
  let check = now
  while (shareAt(plan, changes, check) >= plan.leave && check < now + plan.checks) check++
  return check === now ? nowMs : check * plan.checkMs
}
