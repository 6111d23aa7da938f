import type {
  AssignorMember,
  AssignorRules,
  AssignorSubtopology,
} from '../../../src/kafka/assignment/assignor-input.ts'
import { assignTasks, type TaskAssignment } from '../../../src/kafka/assignor.ts'
import { type TaskId, taskIdText } from '../../../src/kafka/port.ts'

export type Assignment = ReadonlyMap<string, TaskAssignment>

export const rules: AssignorRules = {
  standbyReplicas: 0,
  acceptableRecoveryLag: 10_000,
  maxWarmupReplicas: 2,
  rackAwareAssignmentTags: [],
}

export function assigned(
  subtopologies: readonly AssignorSubtopology[],
  members: readonly AssignorMember[],
  changes: Partial<AssignorRules> = {},
  records?: ReadonlyMap<string, number>,
): Assignment {
  return assignTasks(subtopologies, members, { ...rules, ...changes }, records).byMember
}

export const texts = (tasks: readonly TaskId[]) => tasks.map(taskIdText)
export const task = (text: string): TaskId => {
  const [subtopology, partition] = text.split('_').map(Number)
  return { subtopology: subtopology ?? -1, partition: partition ?? -1 }
}

export function member(
  memberId: string,
  owned: {
    active?: string[]
    standby?: string[]
    lags?: Record<string, number>
    process?: string
    tags?: Record<string, string>
  } = {},
) {
  return {
    memberId,
    processId: owned.process ?? `process-of-${memberId}`,
    ownedActive: (owned.active ?? []).map(task),
    ownedStandby: (owned.standby ?? []).map(task),
    lags: new Map(Object.entries(owned.lags ?? {})),
    tags: owned.tags ?? {},
  }
}

export function readable(assignment: Assignment): Record<string, string> {
  return Object.fromEntries(
    [...assignment].map(([id, { active, standby }]) => [id, `${texts(active)} | ${texts(standby)}`]),
  )
}

export const stateful = (id: number, partitions: number): AssignorSubtopology => ({ id, partitions, stateful: true })
export const stateless = (id: number, partitions: number): AssignorSubtopology => ({ id, partitions, stateful: false })
