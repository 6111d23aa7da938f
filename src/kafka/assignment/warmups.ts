import type { AssignorRules } from './assignor-input.ts'
import { addStandby, compareTaskIds, type Holder, lagOf, least, setActive, type Task } from './holder.ts'

/** A task that belongs to a member whose process does not have its state yet. */
export interface WaitingTask {
  readonly task: Task
  readonly home: Holder
}

/**
 * Takes back moves that would restore much: the task stays with a process that is closer to the end of its changelogs.
 * `owners`: who had the tasks before.
 */
export function keepUntilWarm(
  tasks: readonly Task[],
  holders: readonly Holder[],
  owners: ReadonlyMap<Task, Holder | undefined>,
  rules: AssignorRules,
): readonly WaitingTask[] {
  const waiting: WaitingTask[] = []
  for (const task of tasks) {
    const home = task.holder
    if (!task.stateful || home === undefined) continue
    const source = closerSource(task, home, holders, owners.get(task), rules)
    if (source === undefined) continue
    setActive(source, task)
    waiting.push({ task, home })
  }
  return waiting
}

/** undefined: the task may be at home at once. */
function closerSource(
  task: Task,
  home: Holder,
  holders: readonly Holder[],
  owner: Holder | undefined,
  { acceptableRecoveryLag }: AssignorRules,
): Holder | undefined {
  const homeLag = lagOf(home, task)
  if (homeLag <= acceptableRecoveryLag) return undefined
  const closer = holders.filter((holder) => lagOf(holder, task) < homeLag)
  const caughtUp = closer.filter((holder) => lagOf(holder, task) <= acceptableRecoveryLag)
  const ownerFirst = (holder: Holder) => (holder === owner ? 0 : 1)
  const load = (holder: Holder) => holder.active.size
  if (caughtUp.length > 0) return least(caughtUp, ownerFirst, load)
  // It restores already: a process that lacks a little less is not worth another start.
  if (home === owner) return undefined
  return least(closer, ownerFirst, (holder) => lagOf(holder, task), load)
}

/** Standbys at the new homes of waiting tasks, first of those that lack least. */
export function placeWarmups(
  waiting: readonly WaitingTask[],
  holders: readonly Holder[],
  { maxWarmupReplicas }: AssignorRules,
): void {
  const byLag = [...waiting].sort(
    (left, right) => compare(lagOfHome(left), lagOfHome(right)) || compareTaskIds(left.task.id, right.task.id),
  )
  for (const { task, home } of byLag.slice(0, maxWarmupReplicas)) {
    const { subtopology, partition } = task.id
    // Another thread of that process may have it as a standby already.
    const present = holders.find(
      ({ processId, member }) =>
        processId === home.processId &&
        member.ownedStandby.some((id) => id.subtopology === subtopology && id.partition === partition),
    )
    task.warmup = present ?? home
    addStandby(task.warmup, task)
  }
}

function lagOfHome({ task, home }: WaitingTask): number {
  return lagOf(home, task)
}

/** Infinite ones are equal. */
function compare(left: number, right: number): number {
  return left === right ? 0 : left - right
}
