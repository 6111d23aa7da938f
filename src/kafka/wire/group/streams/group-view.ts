import { consequenceOf, errorMessage } from '../../../../core/errors.ts'
import type { Logger } from '../../../../core/logger.ts'
import type { GroupShape } from './epoch-causes.ts'
import type { StreamsRequests } from './streams-requests.ts'
import { type MemberTasks, tasksOf } from './task-lists.ts'

/** A member as its group describes it. */
export interface MemberView {
  readonly epoch: number
  /** The tasks that it has or may take now. */
  readonly assigned: MemberTasks
  /** Those that it is to have in the end; others may still have some of them. */
  readonly target: MemberTasks
  /** All of the group. */
  readonly group: GroupShape
}

/** Looks at the description of a group, which says what answers to heartbeats say only once. */
export class GroupView {
  readonly #requests: Pick<StreamsRequests, 'describe'>
  readonly #logger: Logger

  constructor(requests: Pick<StreamsRequests, 'describe'>, logger: Logger) {
    this.#requests = requests
    this.#logger = logger
  }

  /** undefined where the group does not show the member; rejects with what a retry may mend. */
  async of(memberId: string, coordinator: number, timeoutMs: number): Promise<MemberView | undefined> {
    try {
      const { groupEpoch, members } = await this.#requests.describe(coordinator, timeoutMs)
      const member = members.find((each) => each.memberId === memberId)
      if (member === undefined) return undefined
      const { memberEpoch, assignment, targetAssignment } = member
      const tasks = ({ activeTasks, standbyTasks }: typeof assignment): MemberTasks => ({
        active: tasksOf(activeTasks),
        standby: tasksOf(standbyTasks),
      })
      const group = { epoch: groupEpoch, members: members.map((each) => each.memberId) }
      return { epoch: memberEpoch, assigned: tasks(assignment), target: tasks(targetAssignment), group }
    } catch (error) {
      if (consequenceOf(error) === 'retriable') throw error
      this.#logger.debug({ memberId, reason: errorMessage(error) }, 'the group is not described')
      return undefined
    }
  }
}
