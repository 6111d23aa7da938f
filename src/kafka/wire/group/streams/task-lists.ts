import { type TaskId, taskIdText } from '../../../port.ts'

/** Tasks as requests and answers list them: the partitions of each subtopology. */
export interface TaskList {
  readonly subtopologyId: string
  readonly partitions: readonly number[]
}

/** The tasks that a member has, or is to have. */
export interface MemberTasks {
  readonly active: readonly TaskId[]
  readonly standby: readonly TaskId[]
}

export const noTasks: MemberTasks = Object.freeze({ active: [], standby: [] })

/** In the order of the tasks' names, so that equal sets are equal lists. */
export function taskLists(tasks: readonly TaskId[]): readonly TaskList[] {
  const partitions = new Map<number, number[]>()
  for (const { subtopology, partition } of tasks) {
    const list = partitions.get(subtopology)
    if (list === undefined) partitions.set(subtopology, [partition])
    else list.push(partition)
  }
  return [...partitions]
    .sort(([left], [right]) => left - right)
    .map(([id, list]) => ({ subtopologyId: String(id), partitions: list.sort((left, right) => left - right) }))
}

/** In ascending order: a broker lists them in the order of its maps. */
export function tasksOf(lists: readonly TaskList[]): readonly TaskId[] {
  const tasks = lists.flatMap(({ subtopologyId, partitions }) =>
    partitions.map((partition) => ({ subtopology: Number(subtopologyId), partition })),
  )
  return tasks.sort((left, right) => left.subtopology - right.subtopology || left.partition - right.partition)
}

/** Equal for equal sets of tasks. */
export function tasksText({ active, standby }: MemberTasks): string {
  return JSON.stringify([taskLists(active), taskLists(standby)])
}

/** Tasks of either, each once in its role. */
export function union(some: MemberTasks, others: MemberTasks): MemberTasks {
  const merge = (left: readonly TaskId[], right: readonly TaskId[]) => [
    ...new Map([...left, ...right].map((task) => [taskIdText(task), task])).values(),
  ]
  return { active: merge(some.active, others.active), standby: merge(some.standby, others.standby) }
}

/** Whether all tasks are among others, in the same role. */
export function areWithin(tasks: MemberTasks, all: MemberTasks): boolean {
  const [active, standby] = [all.active, all.standby].map((list) => new Set(list.map(taskIdText)))
  return (
    tasks.active.every((task) => active?.has(taskIdText(task))) &&
    tasks.standby.every((task) => standby?.has(taskIdText(task)))
  )
}
