import type { Clock } from '../../core/clock.ts'
import type { Logger } from '../../core/logger.ts'
import type { Consumer, GroupMember } from '../../kafka/port.ts'
import type { OwnedTask } from './owned-task.ts'

/** Through which the group is asked. */
export interface GroupChannel {
  readonly consumer: Consumer
  member(): GroupMember
}

/**
 * Notices that the process did not run for a while (it was stopped, or something held its event loop), so that the group
 * may have given its tasks to others. What it sent then would land behind the records of their next owner.
 */
export class PauseWatch {
  readonly #channel: GroupChannel
  readonly #pauseMs: number
  readonly #clock: Clock
  readonly #logger: Logger
  #seenMs: number

  /** `pauseMs`: what is no pause yet; heartbeats were sent before it. */
  constructor(channel: GroupChannel, pauseMs: number, clock: Clock, logger: Logger) {
    this.#channel = channel
    this.#pauseMs = pauseMs
    this.#clock = clock
    this.#logger = logger
    this.#seenMs = clock.monotonicMs()
  }

  /**
   * To be called before anything is sent that must not come late. After a pause it asks the group whether this member is
   * still one of it, by committing again what is committed. Rejects with `task-migrated` when it is not; while nobody
   * answers the next call asks again.
   */
  async look(owned: readonly OwnedTask[], timeoutMs: number): Promise<void> {
    const pausedMs = this.#clock.monotonicMs() - this.#seenMs
    if (pausedMs >= this.#pauseMs) await this.#ask(owned, pausedMs, timeoutMs)
    this.#seenMs = this.#clock.monotonicMs()
  }

  async #ask(owned: readonly OwnedTask[], pausedMs: number, timeoutMs: number): Promise<void> {
    const known = owned.flatMap(({ committed }) => [...committed.values()])
    if (known.length === 0) return
    const fields = { tasks: owned.map(({ idText }) => idText), idleMs: Math.round(pausedMs) }
    this.#logger.warn(
      fields,
      'the thread did not run for a while, because Kafka did not answer or the process was paused: asking the group whether it still owns its tasks',
    )
    await this.#channel.consumer.commit(known, this.#channel.member().metadata(), timeoutMs)
  }
}
