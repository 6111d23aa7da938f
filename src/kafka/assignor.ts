import { type TaskId, taskIdText } from './port.ts'

export interface AssignorSubtopology {
  readonly id: number
  /** Number of tasks: the partition count of its source topics. */
  readonly partitions: number
  /** Whether it has changelogs; only then its tasks get standbys. */
  readonly stateful: boolean
}

export interface AssignorMember {
  readonly memberId: string
  /**
   * Members of one process share a disk: a task's state there serves each of them, and no standby is placed in the
   * process of its active task.
   */
  readonly processId: string
  readonly ownedActive: readonly TaskId[]
  readonly ownedStandby: readonly TaskId[]
  /** Tasks with state on this disk, by task id text, with their lag in records. */
  readonly lags: ReadonlyMap<string, number>
}

export interface TaskAssignment {
  readonly active: readonly TaskId[]
  readonly standby: readonly TaskId[]
}

/**
 * Hands out the tasks of a group; pure, and the same for every driver. By member id:
 * - every task is active exactly once; members differ by at most one active task
 * - as few active tasks move as that balance allows; a task that must find a new member goes where its state is
 * - `standbyReplicas` standbys of each stateful task, fewer where processes are few, each in a process of its own
 * - applied to its own result it changes nothing, and the order of the input does not matter
 */
export function assignTasks(
  subtopologies: readonly AssignorSubtopology[],
  members: readonly AssignorMember[],
  standbyReplicas: number,
): ReadonlyMap<string, TaskAssignment> {
  const tasks = listTasks(subtopologies)
  const holders = listHolders(members)
  if (holders.length === 0) return new Map()
  keepOwnedActives(tasks, holders)
  placeActivesNearState(tasks, holders)
  placeActivesAnywhere(tasks, holders)
  balanceActives(holders)
  keepOwnedStandbys(tasks, holders)
  placeStandbys(tasks, holders, standbyReplicas)
  balanceStandbys(holders)
  return new Map(holders.map((holder) => [holder.memberId, assignmentOf(holder)]))
}

interface Task {
  readonly id: TaskId
  readonly text: string
  readonly stateful: boolean
  /** Processes that run it, the active's first. */
  readonly processes: string[]
}

interface Holder {
  readonly memberId: string
  readonly processId: string
  readonly member: AssignorMember
  readonly lags: ReadonlyMap<string, number>
  readonly active: Set<Task>
  readonly standby: Set<Task>
  /** Active tasks by subtopology. */
  readonly spread: Map<number, number>
}

function compareTaskIds(left: TaskId, right: TaskId): number {
  return left.subtopology - right.subtopology || left.partition - right.partition
}

function listTasks(subtopologies: readonly AssignorSubtopology[]): readonly Task[] {
  const tasks: Task[] = []
  for (const { id, partitions, stateful } of subtopologies) {
    for (let partition = 0; partition < partitions; partition++) {
      const task = { subtopology: id, partition }
      tasks.push({ id: task, text: taskIdText(task), stateful, processes: [] })
    }
  }
  return tasks.sort((left, right) => compareTaskIds(left.id, right.id))
}

function listHolders(members: readonly AssignorMember[]): readonly Holder[] {
  const lagsByProcess = new Map<string, Map<string, number>>()
  for (const { processId, lags, ownedStandby } of members) {
    const known = lagsByProcess.get(processId) ?? new Map<string, number>()
    for (const [task, lag] of lags) known.set(task, Math.min(lag, known.get(task) ?? lag))
    for (const task of ownedStandby) known.set(taskIdText(task), known.get(taskIdText(task)) ?? Number.MAX_SAFE_INTEGER)
    lagsByProcess.set(processId, known)
  }
  return members
    .map((member) => ({
      memberId: member.memberId,
      processId: member.processId,
      member,
      lags: lagsByProcess.get(member.processId) ?? new Map<string, number>(),
      active: new Set<Task>(),
      standby: new Set<Task>(),
      spread: new Map<number, number>(),
    }))
    .sort((left, right) => (left.memberId < right.memberId ? -1 : 1))
}

/** In the order of task ids, so that equal inputs give equal bytes. */
function assignmentOf(holder: Holder): TaskAssignment {
  const ids = (tasks: Set<Task>) => [...tasks].map((task) => task.id).sort(compareTaskIds)
  return { active: ids(holder.active), standby: ids(holder.standby) }
}

function addActive(holder: Holder, task: Task): void {
  holder.active.add(task)
  holder.spread.set(task.id.subtopology, spreadOf(holder, task) + 1)
  task.processes[0] = holder.processId
}

function removeActive(holder: Holder, task: Task): void {
  holder.active.delete(task)
  holder.spread.set(task.id.subtopology, spreadOf(holder, task) - 1)
}

function spreadOf(holder: Holder, task: Task): number {
  return holder.spread.get(task.id.subtopology) ?? 0
}

/** Records that the process lacks to have the state of the task; infinite where it has none. */
function lagOf(holder: Holder, task: Task): number {
  return holder.lags.get(task.text) ?? Number.POSITIVE_INFINITY
}

/** The first of the least by these measures, the earlier measure first. */
function least<T>(items: Iterable<T>, ...measures: readonly ((item: T) => number)[]): T | undefined {
  let best: T | undefined
  for (const item of items) {
    if (best === undefined || isLess(item, best, measures)) best = item
  }
  return best
}

function isLess<T>(item: T, other: T, measures: readonly ((item: T) => number)[]): boolean {
  for (const measure of measures) {
    const left = measure(item)
    const right = measure(other)
    if (left !== right) return left < right
  }
  return false
}

/**
 * Step 1: whoever runs a task keeps it; balance comes later, and moves as little as it must. Of two that claim a task,
 * the first by member id keeps it.
 */
function keepOwnedActives(tasks: readonly Task[], holders: readonly Holder[]): void {
  const byText = new Map(tasks.map((task) => [task.text, task]))
  for (const holder of holders) {
    for (const id of holder.member.ownedActive) {
      const task = byText.get(taskIdText(id))
      if (task !== undefined && task.processes.length === 0) addActive(holder, task)
    }
  }
}

/** Only into room that the balance leaves anyway, so that no task that is kept has to move for it. */
function placeActivesNearState(tasks: readonly Task[], holders: readonly Holder[]): void {
  const floor = Math.floor(tasks.length / holders.length)
  const aboveFloorMax = tasks.length % holders.length
  for (const task of tasks) {
    if (task.processes.length > 0 || !task.stateful) continue
    const aboveFloor = holders.filter((holder) => holder.active.size > floor).length
    const room = aboveFloor < aboveFloorMax ? floor + 1 : floor
    const near = holders.filter((holder) => holder.lags.has(task.text) && holder.active.size < room)
    const chosen = least(
      near,
      (holder) => lagOf(holder, task),
      (holder) => holder.active.size,
    )
    if (chosen !== undefined) addActive(chosen, task)
  }
}

/**
 * Step 3: the rest goes to members with the fewest tasks, then to the process with the fewest per thread, then where
 * fewest tasks of the subtopology are.
 */
function placeActivesAnywhere(tasks: readonly Task[], holders: readonly Holder[]): void {
  for (const task of tasks) {
    if (task.processes.length > 0) continue
    const processLoad = processLoads(holders)
    const chosen = least(
      holders,
      (holder) => holder.active.size,
      (holder) => processLoad.get(holder.processId) ?? 0,
      (holder) => spreadOf(holder, task),
    )
    if (chosen !== undefined) addActive(chosen, task)
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

/** Spreads each subtopology, because its tasks cost alike; among equals a task moves to where its state is. */
function balanceActives(holders: readonly Holder[]): void {
  for (;;) {
    const giver = least(holders, (holder) => -holder.active.size)
    const taker = least(holders, (holder) => holder.active.size)
    if (giver === undefined || taker === undefined || giver.active.size - taker.active.size <= 1) return
    const task = least(
      giver.active,
      (candidate) => spreadOf(taker, candidate) - spreadOf(giver, candidate),
      (candidate) => lagOf(taker, candidate),
      (candidate) => candidate.id.subtopology,
      (candidate) => candidate.id.partition,
    )
    if (task === undefined) return
    removeActive(giver, task)
    addActive(taker, task)
  }
}

/** Step 5: standbys stay where they are, unless the process now has the task in another role. */
function keepOwnedStandbys(tasks: readonly Task[], holders: readonly Holder[]): void {
  const byText = new Map(tasks.map((task) => [task.text, task]))
  for (const holder of holders) {
    for (const id of holder.member.ownedStandby) {
      const task = byText.get(taskIdText(id))
      if (task?.stateful && !task.processes.includes(holder.processId)) addStandby(holder, task)
    }
  }
}

function addStandby(holder: Holder, task: Task): void {
  holder.standby.add(task)
  task.processes.push(holder.processId)
}

/**
 * Step 6: up to `replicas` processes per stateful task, in addition to the one that runs it; where there are too few
 * processes, fewer.
 */
function placeStandbys(tasks: readonly Task[], holders: readonly Holder[], replicas: number): void {
  for (const task of tasks) {
    if (!task.stateful) continue
    dropSurplusStandbys(task, holders, replicas)
    while (task.processes.length <= replicas) {
      const chosen = least(
        holders.filter((holder) => !task.processes.includes(holder.processId)),
        (holder) => lagOf(holder, task),
        (holder) => holder.standby.size,
        (holder) => holder.active.size,
      )
      if (chosen === undefined) break
      addStandby(chosen, task)
    }
  }
}

function dropSurplusStandbys(task: Task, holders: readonly Holder[], replicas: number): void {
  while (task.processes.length > replicas + 1) {
    const fullest = least(
      holders.filter((holder) => holder.standby.has(task)),
      (holder) => -holder.standby.size,
    )
    if (fullest === undefined) return
    removeStandby(fullest, task)
  }
}

function removeStandby(holder: Holder, task: Task): void {
  holder.standby.delete(task)
  task.processes.splice(task.processes.indexOf(holder.processId, 1), 1)
}

/** Each move evens two members out, so the moves come to an end. */
function balanceStandbys(holders: readonly Holder[]): void {
  for (;;) {
    const move = findStandbyMove(holders)
    if (move === undefined) return
    removeStandby(move.giver, move.task)
    addStandby(move.taker, move.task)
  }
}

function findStandbyMove(holders: readonly Holder[]): { giver: Holder; taker: Holder; task: Task } | undefined {
  const byLoad = [...holders].sort((left, right) => left.standby.size - right.standby.size)
  for (const taker of byLoad) {
    for (const giver of byLoad.toReversed()) {
      if (giver.standby.size - taker.standby.size <= 1) break
      const movable = [...giver.standby].filter((task) => canMoveStandby(task, giver, taker))
      const task = least(movable, (candidate) => lagOf(taker, candidate))
      if (task !== undefined) return { giver, taker, task }
    }
  }
  return undefined
}

/** Within a process a task may change its thread; another process must not have it in any role. */
function canMoveStandby(task: Task, giver: Holder, taker: Holder): boolean {
  return giver.processId === taker.processId || !task.processes.includes(taker.processId)
}
