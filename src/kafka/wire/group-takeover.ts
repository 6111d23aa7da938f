import type { Clock } from '../../core/clock.ts'
import { MillraceError } from '../../core/errors.ts'
import type { Logger } from '../../core/logger.ts'

/** Between two lines in the log. */
const silenceMs = 10_000

/**
 * The first start after another client of the group, as Kafka Streams for Java: it leaves no word when it closes, and
 * the group refuses us until its session is over. That is waited for, and told, up to a bound.
 */
export class GroupTakeover {
  readonly #clock: Clock
  readonly #logger: Logger
  readonly #groupId: string
  readonly #waitMaxMs: number
  #sinceMs: number | undefined
  #silentUntilMs = 0

  constructor(clock: Clock, logger: Logger, groupId: string, waitMaxMs: number) {
    this.#clock = clock
    this.#logger = logger
    this.#groupId = groupId
    this.#waitMaxMs = waitMaxMs
  }

  joined(): void {
    this.#sinceMs = undefined
  }

  /** What the refusal means now: INCONSISTENT_GROUP_PROTOCOL, retriable until the bound, fatal after it. */
  refused(cause: unknown): MillraceError {
    const nowMs = this.#clock.monotonicMs()
    this.#sinceMs ??= nowMs
    const waitedMs = Math.round(nowMs - this.#sinceMs)
    const isOver = waitedMs >= this.#waitMaxMs
    const what = `group '${this.#groupId}' has members that speak another protocol, as those of Kafka Streams for Java, since ${waitedMs} ms`
    const advice =
      'stop them; when they are stopped, wait until their session is over (45 s by default), or close Java with LEAVE_GROUP'
    if (nowMs >= this.#silentUntilMs && !isOver) {
      this.#silentUntilMs = nowMs + silenceMs
      this.#logger.warn({ groupId: this.#groupId, waitedMs, waitMaxMs: this.#waitMaxMs }, `${what}: ${advice}`)
    }
    return new MillraceError('INCONSISTENT_GROUP_PROTOCOL', isOver ? 'fatal' : 'retriable', `${what}: ${advice}`, {
      cause,
    })
  }
}
