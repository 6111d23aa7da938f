import type { GroupDescription, GroupMemberDescription } from '../../kafka/port.ts'
import { taskIdText } from '../../kafka/port.ts'
import type { WorkerLook } from './worker-look.ts'

/** Which member has a task. */
export interface TaskPlace {
  readonly taskId: string
  readonly role: 'active' | 'standby'
  readonly processId: string | undefined
  /** Names the thread: each thread of a process is a member with its own client id. */
  readonly clientId: string
  /** Of a static member. */
  readonly instanceId: string | undefined
  readonly host: string
  /** From a worker that was asked; undefined: none that answered has the task. */
  readonly state: string | undefined
  /** Records that are still to be restored; undefined: none, or not known. */
  readonly restoreRemaining: number | undefined
  /** The code of an error that is being retried; undefined: none, or not known. */
  readonly trouble: string | undefined
}

/** One row for each copy of each task, by task id. Members of other libraries have no tasks. */
export function taskPlaces({ members }: GroupDescription, looks: readonly WorkerLook[]): readonly TaskPlace[] {
  return members
    .flatMap((member) => [...placesOf(member, 'active', looks), ...placesOf(member, 'standby', looks)])
    .sort(
      (left, right) =>
        left.taskId.localeCompare(right.taskId, 'en', { numeric: true }) || (left.role < right.role ? -1 : 1),
    )
}

function placesOf(
  member: GroupMemberDescription,
  role: TaskPlace['role'],
  looks: readonly WorkerLook[],
): readonly TaskPlace[] {
  const { processId, clientId, instanceId, host } = member
  return (member[role] ?? []).map((task) => {
    const taskId = taskIdText(task)
    return { taskId, role, processId, clientId, instanceId, host, ...progressOf(taskId, role, looks) }
  })
}

/** A task is active in one process only. A standby may have several copies, which workers do not tell by process. */
function progressOf(
  taskId: string,
  role: TaskPlace['role'],
  looks: readonly WorkerLook[],
): Pick<TaskPlace, 'state' | 'restoreRemaining' | 'trouble'> {
  for (const { status } of looks) {
    const task = status?.tasks.find(
      (one) => one.taskId === taskId && (one.state === 'STANDBY') === (role === 'standby'),
    )
    if (task === undefined) continue
    const restoring = status?.threads.flatMap((thread) => thread.restoring).filter((one) => one.taskId === taskId) ?? []
    const restoreRemaining =
      restoring.length === 0 ? undefined : restoring.reduce((sum, { remaining }) => sum + remaining, 0)
    return { state: task.state, restoreRemaining, trouble: task.trouble?.code }
  }
  return { state: undefined, restoreRemaining: undefined, trouble: undefined }
}
