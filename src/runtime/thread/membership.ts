import type { Logger } from '../../core/logger.ts'
import type { GroupMember, Rebalance } from '../../kafka/port.ts'
import { memberOptions } from './member-options.ts'
import type { ThreadEnvironment } from './thread-environment.ts'

/** A thread's place in the group; after a fencing it takes a new one. */
export class Membership {
  readonly #environment: ThreadEnvironment
  readonly #threadName: string
  readonly #taskLags: () => ReadonlyMap<string, number>
  readonly #onEvent: () => void
  readonly #logger: Logger
  #member: GroupMember
  #hasJoined = false

  /** `onEvent` wakes the thread when there is something to handle. */
  constructor(
    environment: ThreadEnvironment,
    threadName: string,
    taskLags: () => ReadonlyMap<string, number>,
    onEvent: () => void,
  ) {
    this.#environment = environment
    this.#threadName = threadName
    this.#taskLags = taskLags
    this.#onEvent = onEvent
    this.#logger = environment.logger.child({ thread: threadName })
    this.#member = this.#newMember()
  }

  get member(): GroupMember {
    return this.#member
  }

  join(): void {
    this.#hasJoined = true
    this.#member.join(this.#onEvent)
  }

  /** The tasks of the old member must be closed. */
  async rejoin(): Promise<void> {
    await this.leave(this.#environment.settings.commitTimeoutMs, { permanently: false })
    this.#member = this.#newMember()
    this.join()
  }

  async leave(timeoutMs: number, options: { readonly permanently: boolean }): Promise<void> {
    if (!this.#hasJoined) return
    // A group that does not answer notices by itself that the member is gone.
    await this.#member.leave(timeoutMs, options).catch(() => {})
  }

  #newMember(): GroupMember {
    const told = { taskLags: this.#taskLags, onRebalance: (rebalance: Rebalance) => this.#rebalanced(rebalance) }
    return this.#environment.driver.groupMember(memberOptions(this.#environment, this.#threadName, told))
  }

  #rebalanced({ cause, detail }: Rebalance): void {
    this.#logger.info({ cause, ...(detail === '' ? {} : { detail }) }, 'group rebalanced')
    this.#environment.listener.onRebalance?.({ thread: this.#threadName, cause, detail })
  }
}
