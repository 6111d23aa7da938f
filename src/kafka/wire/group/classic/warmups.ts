import { type GroupMemberOptions, type TaskId, taskIdText } from '../../../port.ts'

/**
 * Standby tasks of a member that become active there once they have caught up. The member says so to the group at once:
 * Kafka Streams for Java lets it wait until the probing interval is over.
 */
export class Warmups {
  readonly #options: Pick<GroupMemberOptions, 'taskLags' | 'acceptableRecoveryLag'>
  #tasks: readonly string[] = []
  /** The group has heard of them: it may have other rules than this member. */
  readonly #reported = new Set<string>()

  constructor(options: Pick<GroupMemberOptions, 'taskLags' | 'acceptableRecoveryLag'>) {
    this.#options = options
  }

  follow(tasks: readonly TaskId[]): void {
    this.#tasks = tasks.map(taskIdText)
    for (const task of this.#reported) if (!this.#tasks.includes(task)) this.#reported.delete(task)
  }

  /** True once for each task. */
  haveNewlyCaughtUp(): boolean {
    if (this.#tasks.length === 0) return false
    const lags = this.#options.taskLags()
    const isNew = (task: string) => !this.#reported.has(task)
    const caughtUp = this.#tasks.filter((task) => {
      const lag = lags.get(task)
      return lag !== undefined && lag <= this.#options.acceptableRecoveryLag && isNew(task)
    })
    for (const task of caughtUp) this.#reported.add(task)
    return caughtUp.length > 0
  }
}
