import type { AssignorRules } from './assignor-input.ts'
import { taskIdText } from '../port.ts'
import { type Holder, lagOf, least, setActive, spreadOf, type Task } from './holder.ts'

/**
 * Whoever runs a task keeps it; balance comes later, and moves as little as it must. Of two that claim a task, the first
 * by member id keeps it.
 */
export function keepOwnedActives(tasks: readonly Task[], holders: readonly Holder[]): void {
  const byText = new Map(tasks.map((task) => [task.text, task]))
  for (const holder of holders) {
    for (const id of holder.member.ownedActive) {
      const task = byText.get(taskIdText(id))
      if (task !== undefined && task.holder === undefined) setActive(holder, task)
    }
  }
}

/** Only into room that the balance leaves anyway, so that no task that is kept has to move for it. */
export function placeActivesNearState(tasks: readonly Task[], holders: readonly Holder[]): void {
  const floor = Math.floor(tasks.length / holders.length)
  const aboveFloorMax = tasks.length % holders.length
  for (const task of tasks) {
    if (task.holder !== undefined || !task.stateful) continue
    const aboveFloor = holders.filter((holder) => holder.active.size > floor).length
    const room = aboveFloor < aboveFloorMax ? floor + 1 : floor
    const near = holders.filter((holder) => holder.lags.has(task.text) && holder.active.size < room)
    const chosen = least(
      near,
      (holder) => lagOf(holder, task),
      (holder) => holder.active.size,
    )
    if (chosen !== undefined) setActive(chosen, task)
  }
}

/**
 * The rest goes to members with the fewest tasks, then to the process with the fewest per thread, then where fewest
 * tasks of the subtopology are.
 */
export function placeActivesAnywhere(tasks: readonly Task[], holders: readonly Holder[]): void {
  for (const task of tasks) {
    if (task.holder !== undefined) continue
    const processLoad = processLoads(holders)
    const chosen = least(
      holders,
      (holder) => holder.active.size,
      (holder) => processLoad.get(holder.processId) ?? 0,
      (holder) => spreadOf(holder, task),
    )
    if (chosen !== undefined) setActive(chosen, task)
  }
}

/** Active tasks per thread of each process: the odd tasks go to different processes. */
function processLoads(holders: readonly Holder[]): ReadonlyMap<string, number> {
  const totals = new Map<string, { tasks: number; threads: number }>()
  for (const { processId, active } of holders) {
    const total = totals.get(processId) ?? { tasks: 0, threads: 0 }
    totals.set(processId, { tasks: total.tasks + active.size, threads: total.threads + 1 })
  }
  return new Map([...totals].map(([processId, { tasks, threads }]) => [processId, tasks / threads]))
}

/**
 * Moves tasks from the member with most to the one with fewest, until they differ by at most one. Each subtopology is
 * spread, because its tasks cost alike. Within that, tasks go where their state is, and of those the one that came last
 * to its present member: it has been there for the shortest time.
 */
export function balanceActives(holders: readonly Holder[], { acceptableRecoveryLag }: AssignorRules): void {
  for (;;) {
    const giver = least(holders, (holder) => -holder.active.size)
    const taker = least(holders, (holder) => holder.active.size)
    if (giver === undefined || taker === undefined || giver.active.size - taker.active.size <= 1) return
    const isAtHome = (task: Task) => taker.lags.has(task.text) && lagOf(taker, task) <= acceptableRecoveryLag
    const task = least(
      giver.active,
      (candidate) => (spreadOf(taker, candidate) < Math.ceil(candidate.siblings / holders.length) ? 0 : 1),
      (candidate) => (isAtHome(candidate) ? 0 : 1),
      (candidate) => (isAtHome(candidate) ? -(giver.ages.get(candidate.text) ?? giver.ages.size) : 0),
      (candidate) => spreadOf(taker, candidate) - spreadOf(giver, candidate),
      (candidate) => lagOf(taker, candidate),
      (candidate) => candidate.id.subtopology,
      (candidate) => candidate.id.partition,
    )
    if (task === undefined) return
    setActive(taker, task)
  }
}
