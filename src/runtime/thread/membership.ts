import type { GroupMember } from '../../kafka/port.ts'
import type { ThreadEnvironment } from './thread-environment.ts'

/** A thread's place in the group; after a fencing it takes a new one. */
export class Membership {
  readonly #environment: ThreadEnvironment
  readonly #threadName: string
  readonly #taskLags: () => ReadonlyMap<string, number>
  readonly #onEvent: () => void
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
    const { settings, processId, driver, topics } = this.#environment
    const { groupInstanceId } = settings
    return driver.groupMember({
      clientId: this.#threadName,
      groupId: settings.applicationId,
      instanceId: groupInstanceId === undefined ? undefined : `${groupInstanceId}-${this.#threadName}`,
      processId,
      applicationServer: settings.applicationServer,
      protocol: topics.groupProtocol,
      topology: topics.groupTopology,
      sessionTimeoutMs: settings.sessionTimeoutMs,
      heartbeatIntervalMs: settings.heartbeatIntervalMs,
      rebalanceTimeoutMs: settings.rebalanceTimeoutMs,
      standbyReplicas: settings.standbyReplicas,
      taskLags: this.#taskLags,
    })
  }
}
