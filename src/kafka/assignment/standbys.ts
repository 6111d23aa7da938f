import type { AssignorRules } from './assignor-input.ts'
import { taskIdText } from '../port.ts'
import { addStandby, hasInProcess, type Holder, lagOf, least, removeStandby, type Task } from './holder.ts'

/** With the active one, and one that warms up in addition. */
function copiesOf({ warmup }: Task, { standbyReplicas }: AssignorRules): number {
  return 1 + standbyReplicas + (warmup === undefined ? 0 : 1)
}

/**
 * How much a member is where other copies of the task are: 0 where all tags differ. The first tag counts more than all
 * others together. `moving`: the copy that would move there.
 */
function nearness(holder: Holder, task: Task, { rackAwareAssignmentTags }: AssignorRules, moving?: Holder): number {
  let sum = 0
  for (const tag of rackAwareAssignmentTags) {
    sum *= 2
    for (const place of task.places) {
      if (place === moving || place.member.tags[tag] !== holder.member.tags[tag]) continue
      sum += 1
      break
    }
  }
  return sum
}

/**
 * Standbys stay where they are, unless the process now has the task in another role, the tags of another process differ
 * more from those of the other copies, or there are enough of them.
 */
export function keepOwnedStandbys(tasks: readonly Task[], holders: readonly Holder[], rules: AssignorRules): void {
  const owned = new Map<string, Holder[]>()
  for (const holder of holders) {
    for (const id of holder.member.ownedStandby) {
      const list = owned.get(taskIdText(id)) ?? []
      if (!list.includes(holder)) owned.set(taskIdText(id), [...list, holder])
    }
  }
  for (const task of tasks) {
    if (!task.stateful) continue
    const free = new Set(owned.get(task.text))
    while (task.places.size < copiesOf(task, rules)) {
      const near = (holder: Holder) => nearness(holder, task, rules)
      const isFree = (holder: Holder) => !hasInProcess(holder, task)
      const chosen = least([...free].filter(isFree), near, (holder) => holder.standby.size)
      const best = least(holders.filter(isFree), near)
      if (chosen === undefined || best === undefined || near(chosen) > near(best)) break
      addStandby(chosen, task)
      free.delete(chosen)
    }
  }
}

/** Up to `standbyReplicas` processes per stateful task, in addition to the one that runs it; fewer where there are too few. */
export function placeStandbys(tasks: readonly Task[], holders: readonly Holder[], rules: AssignorRules): void {
  for (const task of tasks) {
    if (!task.stateful) continue
    while (task.places.size < copiesOf(task, rules)) {
      const chosen = least(
        holders.filter((holder) => !hasInProcess(holder, task)),
        (holder) => nearness(holder, task, rules),
        (holder) => lagOf(holder, task),
        (holder) => holder.standby.size,
        (holder) => holder.active.size,
      )
      if (chosen === undefined) break
      addStandby(chosen, task)
    }
  }
}

/** Each move evens two members out, so the moves come to an end. */
export function balanceStandbys(holders: readonly Holder[], rules: AssignorRules): void {
  for (;;) {
    const move = findMove(holders, rules)
    if (move === undefined) return
    removeStandby(move.giver, move.task)
    addStandby(move.taker, move.task)
  }
}

interface Move {
  readonly giver: Holder
  readonly taker: Holder
  readonly task: Task
}

function findMove(holders: readonly Holder[], rules: AssignorRules): Move | undefined {
  const byLoad = [...holders].sort((left, right) => left.standby.size - right.standby.size)
  for (const taker of byLoad) {
    for (const giver of byLoad.toReversed()) {
      if (giver.standby.size - taker.standby.size <= 1) break
      const movable = [...giver.standby].filter((task) => canMove({ giver, taker, task }, rules))
      const task = least(movable, (candidate) => lagOf(taker, candidate))
      if (task !== undefined) return { giver, taker, task }
    }
  }
  return undefined
}

/** Within a process a task may change its thread; another process must not have it in any role. */
function canMove({ giver, taker, task }: Move, rules: AssignorRules): boolean {
  if (task.warmup === giver) return false
  if (giver.processId === taker.processId) return true
  if (hasInProcess(taker, task)) return false
  return nearness(taker, task, rules, giver) <= nearness(giver, task, rules, giver)
}
