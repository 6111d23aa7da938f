import type { Clock } from '../../core/clock.ts'
import { errorMessage } from '../../core/errors.ts'
import type { Logger } from '../../core/logger.ts'
import type { Admin } from '../../kafka/port.ts'
import type { OwnedTask } from './owned-task.ts'

/**
 * Deletes what has been read from repartition topics, which keep everything otherwise. Never waited for: what one purge
 * misses, the next one takes.
 */
export class RepartitionPurge {
  readonly #admin: Admin
  readonly #topics: ReadonlySet<string>
  readonly #intervalMs: number
  readonly #clock: Clock
  readonly #logger: Logger
  #lastMs: number
  #isUnderWay = false
  #isBehind = false

  constructor(admin: Admin, topics: ReadonlySet<string>, intervalMs: number, clock: Clock, logger: Logger) {
    this.#admin = admin
    this.#topics = topics
    this.#intervalMs = intervalMs
    this.#clock = clock
    this.#logger = logger
    this.#lastMs = clock.monotonicMs()
  }

  /** Something was committed: there may be more to delete. */
  committed(): void {
    this.#isBehind = this.#topics.size > 0
  }

  /** Called in each round of the thread. */
  purgeWhenDue(tasks: readonly OwnedTask[]): void {
    const nowMs = this.#clock.monotonicMs()
    if (!this.#isBehind || this.#isUnderWay || nowMs - this.#lastMs < this.#intervalMs) return
    this.#lastMs = nowMs
    this.#isBehind = false
    const offsets = tasks.flatMap(({ committed }) =>
      [...committed.values()].filter(({ topic, offset }) => offset > 0 && this.#topics.has(topic)),
    )
    if (offsets.length === 0) return
    this.#isUnderWay = true
    this.#admin
      .deleteRecords(offsets.map(({ topic, partition, offset }) => ({ topic, partition, offset })))
      .catch((error: unknown) =>
        this.#logger.warn(
          { error: errorMessage(error) },
          'deleting read records of repartition topics failed, retrying later',
        ),
      )
      .finally(() => {
        this.#isUnderWay = false
      })
  }
}
