import type { Clock } from '../../../core/clock.ts'
import { errorMessage, MillraceError } from '../../../core/errors.ts'
import type { Logger } from '../../../core/logger.ts'
import { Trouble } from '../../../core/trouble.ts'

/** Who is in the group instead, and what to do about them. */
interface Others {
  readonly what: string
  readonly advice: string
}

const otherProtocol: Others = Object.freeze({
  what: 'members with another protocol',
  advice:
    'stop them and wait until their session is over (45 s by default), or close Java with LEAVE_GROUP and static members with leaveGroup',
})

/**
 * The first start after another client of the group, as Kafka Streams for Java: it leaves no word when it closes, and
 * the group refuses us until its session is over. That is waited for, and told, up to a bound.
 */
export class GroupTakeover {
  readonly #trouble: Trouble
  readonly #groupId: string
  readonly #waitMaxMs: number
  readonly #others: Others

  constructor(clock: Clock, logger: Logger, groupId: string, waitMaxMs: number, others = otherProtocol) {
    this.#others = others
    this.#groupId = groupId
    this.#waitMaxMs = waitMaxMs
    this.#trouble = new Trouble(
      clock,
      ({ forMs, error }) => logger.warn({ groupId, waitedMs: Math.round(forMs), waitMaxMs }, errorMessage(error)),
      (forMs) => logger.info({ groupId, waitedMs: Math.round(forMs) }, 'joined the group after waiting'),
    )
  }

  /** A join succeeded: the wait is over. */
  joined(): void {
    this.#trouble.worked()
  }

  /** The error of the refusal now: INCONSISTENT_GROUP_PROTOCOL, retriable until the bound, fatal after it. */
  refused(cause: unknown): MillraceError {
    const waitedMs = Math.round(this.#trouble.forMs ?? 0)
    const consequence = waitedMs >= this.#waitMaxMs ? 'fatal' : 'retriable'
    const { what, advice } = this.#others
    const has = waitedMs === 0 ? `has ${what}` : `has had ${what} for ${waitedMs} ms`
    const message = `group ${this.#groupId} ${has}: ${advice}`
    const error = new MillraceError('INCONSISTENT_GROUP_PROTOCOL', consequence, message, { cause })
    this.#trouble.failed(error)
    return error
  }
}
