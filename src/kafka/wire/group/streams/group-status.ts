import type { Clock } from '../../../../core/clock.ts'
import { errorMessage, MillraceError } from '../../../../core/errors.ts'
import { groupShutdown } from '../../../group-shutdown.ts'
import type { Logger } from '../../../../core/logger.ts'
import { noticeableMs, Trouble } from '../../../../core/trouble.ts'
import type { StreamsGroupHeartbeatStatusResponse } from '../../protocol/generated/streams-group-heartbeat.ts'

type Status = StreamsGroupHeartbeatStatusResponse

/** What is waited for, by Kafka's number of the status. */
const waits: Readonly<Record<number, string>> = Object.freeze({
  1: 'source topics that are missing: create them',
  3: 'internal topics that the brokers create',
  5: 'the brokers, which delay the assignment',
})

/**
 * What a broker says of a streams group in addition to the tasks. Some of it passes, and is logged if it lasts; the rest
 * ends the member.
 */
export class GroupStatus {
  readonly #clock: Clock
  readonly #groupId: string
  readonly #trouble: Trouble
  #waitsSinceMs: number | undefined
  #waitsFor: string | undefined

  constructor(clock: Clock, logger: Logger, groupId: string) {
    this.#clock = clock
    this.#groupId = groupId
    this.#trouble = new Trouble(
      clock,
      ({ forMs, error }) => logger.warn({ groupId, forMs: Math.round(forMs) }, errorMessage(error)),
      (forMs) => logger.info({ groupId, lastedMs: Math.round(forMs) }, 'the group assigns tasks again'),
    )
  }

  /** No tasks are assigned until something has passed. */
  get isWaiting(): boolean {
    return this.#waitsSinceMs !== undefined
  }

  /** In words; undefined: nothing. */
  get waitsFor(): string | undefined {
    return this.#waitsFor
  }

  /** Takes what the last answer said. Returns the error that ends the member; undefined where there is none. */
  hear(statuses: readonly Status[]): MillraceError | undefined {
    const [waiting] = statuses.filter(({ statusCode }) => waits[statusCode] !== undefined)
    if (waiting === undefined) {
      this.#waitsSinceMs = undefined
      this.#waitsFor = undefined
      this.#trouble.worked()
    } else this.#wait(waiting)
    return statuses.map((status) => endOf(this.#groupId, status)).find((error) => error !== undefined)
  }

  #wait({ statusCode, statusDetail }: Status): void {
    const nowMs = this.#clock.monotonicMs()
    this.#waitsSinceMs ??= nowMs
    this.#waitsFor = waits[statusCode]
    if (nowMs - this.#waitsSinceMs < noticeableMs) return
    const what = `group ${this.#groupId} assigns no tasks, it waits for ${waits[statusCode]} (${statusDetail})`
    this.#trouble.failed(new MillraceError('GROUP_NOT_READY', 'retriable', what), this.#waitsSinceMs)
  }
}

function endOf(groupId: string, { statusCode, statusDetail }: Status): MillraceError | undefined {
  const about = `group ${groupId} (${statusDetail})`
  switch (statusCode) {
    case 0:
      return fatal(
        'STREAMS_TOPOLOGY_FENCED',
        `a newer topology runs in ${about}: start this process with that topology`,
      )
    case 2: {
      const grew = `source topics do not fit the internal topics of ${about}, nothing is processed: give all of them one partition count and restart, where keys are then in other partitions than their state, or reset the application`
      const unequal = `topics that are joined must have equal partition counts in ${about}: repartition one side`
      return statusDetail.startsWith('Existing topic')
        ? fatal('INTERNAL_TOPIC_PARTITIONS', grew)
        : fatal('NOT_COPARTITIONED', unequal)
    }
    case 4:
      return groupShutdown(groupId, statusDetail)
    default:
      return undefined
  }
}

function fatal(
  code: 'STREAMS_TOPOLOGY_FENCED' | 'INTERNAL_TOPIC_PARTITIONS' | 'NOT_COPARTITIONED',
  message: string,
): MillraceError {
  return new MillraceError(code, 'fatal', message)
}
