import type { AssignorMember, AssignorSubtopology } from './assignor-input.ts'
import { type TaskId, taskIdText } from '../port.ts'

/** A task while the tasks of its group are handed out. */
export interface Task {
  readonly id: TaskId
  readonly text: string
  readonly stateful: boolean
  /** How many tasks its subtopology has. */
  readonly siblings: number
  /** In its changelogs; infinite where not known. */
  readonly records: number
  /** Who runs it. */
  holder: Holder | undefined
  /** Who has it as a standby until it moves there. */
  warmup: Holder | undefined
  /** All who have it, in the order in which they got it. */
  readonly places: Set<Holder>
}

/** A member while the tasks of its group are handed out. */
export interface Holder {
  readonly memberId: string
  readonly processId: string
  readonly member: AssignorMember
  /** Of its process. */
  readonly lags: ReadonlyMap<string, number>
  readonly active: Set<Task>
  readonly standby: Set<Task>
  /** Active tasks by subtopology. */
  readonly spread: Map<number, number>
  /** Of the active tasks that it had before: a higher number came later. */
  readonly ages: ReadonlyMap<string, number>
}

export function compareTaskIds(left: TaskId, right: TaskId): number {
  return left.subtopology - right.subtopology || left.partition - right.partition
}

/** In the order of their ids, so that equal inputs give equal results. */
export function listTasks(
  subtopologies: readonly AssignorSubtopology[],
  records: ReadonlyMap<string, number>,
): readonly Task[] {
  const tasks: Task[] = []
  for (const { id: subtopology, partitions, stateful } of subtopologies) {
    for (let partition = 0; partition < partitions; partition++) {
      const id = { subtopology, partition }
      const text = taskIdText(id)
      tasks.push({
        id,
        text,
        stateful,
        siblings: partitions,
        records: records.get(text) ?? Number.POSITIVE_INFINITY,
        holder: undefined,
        warmup: undefined,
        places: new Set(),
      })
    }
  }
  return tasks.sort((left, right) => compareTaskIds(left.id, right.id))
}

/** By member id. */
export function listHolders(members: readonly AssignorMember[]): readonly Holder[] {
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
      ages: new Map(member.ownedActive.map((task, index) => [taskIdText(task), index])),
    }))
    .sort((left, right) => (left.memberId < right.memberId ? -1 : 1))
}

/** Gives a task to a member to run it; whoever has run it so far does not any more. */
export function setActive(holder: Holder, task: Task): void {
  const before = task.holder
  if (before !== undefined) {
    before.active.delete(task)
    before.spread.set(task.id.subtopology, spreadOf(before, task) - 1)
    task.places.delete(before)
  }
  holder.active.add(task)
  holder.spread.set(task.id.subtopology, spreadOf(holder, task) + 1)
  task.holder = holder
  task.places.add(holder)
}

export function addStandby(holder: Holder, task: Task): void {
  holder.standby.add(task)
  task.places.add(holder)
}

export function removeStandby(holder: Holder, task: Task): void {
  holder.standby.delete(task)
  task.places.delete(holder)
}

/** How many active tasks of the same subtopology the member has. */
export function spreadOf(holder: Holder, task: Task): number {
  return holder.spread.get(task.id.subtopology) ?? 0
}

/** Records that the process lacks to have the state of the task. */
export function lagOf(holder: Holder, task: Task): number {
  return Math.min(holder.lags.get(task.text) ?? Number.POSITIVE_INFINITY, task.records)
}

/** The process has the task in some role. */
export function hasInProcess({ processId }: Holder, task: Task): boolean {
  for (const place of task.places) if (place.processId === processId) return true
  return false
}

/** The first of the least by these measures, the earlier measure first. */
export function least<T>(items: Iterable<T>, ...measures: readonly ((item: T) => number)[]): T | undefined {
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
