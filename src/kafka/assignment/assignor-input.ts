import type { TaskId } from '../port.ts'

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
  /** In the order in which the member got them: what came last is given away first. */
  readonly ownedActive: readonly TaskId[]
  readonly ownedStandby: readonly TaskId[]
  /** Tasks with state on this disk, by task id text, with their lag in records; 0 for a task that processes. */
  readonly lags: ReadonlyMap<string, number>
  /** Where the process is, such as `zone` and its value. */
  readonly tags: Readonly<Record<string, string>>
}

/** What the members of a group have agreed upon. */
export interface AssignorRules {
  readonly standbyReplicas: number
  /** A process whose state lacks at most this many records may take a task over at once. */
  readonly acceptableRecoveryLag: number
  /** How many tasks may have one more standby at their new home, before they move there. */
  readonly maxWarmupReplicas: number
  /** Tags in whose values the copies of a task should differ, the most important first. */
  readonly rackAwareAssignmentTags: readonly string[]
}
