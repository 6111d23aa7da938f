import { balanceActives, keepOwnedActives, placeActivesAnywhere, placeActivesNearState } from './assignment/actives.ts'
import type { AssignorMember, AssignorRules, AssignorSubtopology } from './assignment/assignor-input.ts'
import { compareTaskIds, type Holder, listHolders, listTasks, type Task } from './assignment/holder.ts'
import { balanceStandbys, keepOwnedStandbys, placeStandbys } from './assignment/standbys.ts'
import { keepUntilWarm, placeWarmups, type WaitingTask } from './assignment/warmups.ts'
import type { TaskId } from './port.ts'

export interface TaskAssignment {
  readonly active: readonly TaskId[]
  readonly standby: readonly TaskId[]
  /** Those of the standby tasks that become active here once they have caught up. */
  readonly warmup: readonly TaskId[]
}

export interface GroupAssignment {
  readonly byMember: ReadonlyMap<string, TaskAssignment>
  /** Tasks that stay where their state is although they belong elsewhere: assign again when it may have caught up. */
  readonly waiting: readonly TaskId[]
}

/**
 * Hands out the tasks of a group; pure, and the same for every driver (ADR 32). By member id:
 * - every task is active exactly once; members differ by at most one active task as soon as no task waits
 * - as few active tasks move as that balance allows; a task that must find a new member goes where its state is
 * - a task with state moves only to a process that lacks few of its records, or where no process lacks fewer. Until then
 *   it stays, and waits; the first `maxWarmupReplicas` of those that wait have a standby at their new home
 * - `standbyReplicas` standbys of each stateful task, fewer where processes are few, each in a process of its own, at
 *   places with different tags
 * - applied to its own result it changes nothing, and the order of the members does not matter
 *
 * `records`: how many records the changelogs of a task hold, by task id text; a process without any state of it lacks
 * them all. It lacks infinitely many where that is not known.
 */
export function assignTasks(
  subtopologies: readonly AssignorSubtopology[],
  members: readonly AssignorMember[],
  rules: AssignorRules,
  records: ReadonlyMap<string, number> = new Map(),
): GroupAssignment {
  const tasks = listTasks(subtopologies, records)
  const holders = listHolders(members)
  if (holders.length === 0) return { byMember: new Map(), waiting: [] }
  keepOwnedActives(tasks, holders)
  const owners = ownersOf(tasks)
  placeActivesNearState(tasks, holders)
  placeActivesAnywhere(tasks, holders)
  const waiting = settleActives(tasks, holders, owners, rules)
  placeWarmups(waiting, holders, rules)
  keepOwnedStandbys(tasks, holders, rules)
  placeStandbys(tasks, holders, rules)
  balanceStandbys(holders, rules)
  const byMember = new Map(holders.map((holder) => [holder.memberId, assignmentOf(holder)]))
  return { byMember, waiting: waiting.map(({ task }) => task.id) }
}

type Owners = ReadonlyMap<Task, Holder | undefined>

function ownersOf(tasks: readonly Task[]): Owners {
  return new Map(tasks.map((task) => [task, task.holder]))
}

/**
 * Balances until nothing moves any more: a task that stays for its state leaves room for another one. Each round moves
 * tasks to where they are as good as at home, so it comes to an end.
 */
function settleActives(
  tasks: readonly Task[],
  holders: readonly Holder[],
  firstOwners: Owners,
  rules: AssignorRules,
): readonly WaitingTask[] {
  let owners = firstOwners
  for (;;) {
    balanceActives(holders, rules)
    const waiting = keepUntilWarm(tasks, holders, owners, rules)
    if (tasks.every((task) => task.holder === owners.get(task))) return waiting
    owners = ownersOf(tasks)
  }
}

/** In the order of task ids, so that equal inputs give equal bytes. */
function assignmentOf(holder: Holder): TaskAssignment {
  const ids = (tasks: Iterable<Task>) => [...tasks].map((task) => task.id).sort(compareTaskIds)
  const warmup = [...holder.standby].filter((task) => task.warmup === holder)
  return { active: ids(holder.active), standby: ids(holder.standby), warmup: ids(warmup) }
}
