import { consequenceOf, errorCode, errorMessage, type MillraceError } from '../../core/errors.ts'
import type { LogFields, Logger } from '../../core/logger.ts'
import { Trouble } from '../../core/trouble.ts'
import type { Assignment } from './assignment.ts'
import type { Membership } from './membership.ts'
import { Patience } from './patience.ts'
import type { ThreadEnvironment } from './thread-environment.ts'

const backoffMs = 200
const missingTopicCodes: ReadonlySet<string | undefined> = new Set(['UNKNOWN_TOPIC', 'UNKNOWN_TOPIC_OR_PARTITION'])

/**
 * The one place that acts on an error of a whole round, by its consequence; the round is then tried again.
 *
 * | consequence | then |
 * |---|---|
 * | `fatal`, `record` | thrown: the thread ends |
 * | `task-corrupted` | the state that the error is about is deleted and restored |
 * | `transaction-aborted` | all tasks begin again at their last commit |
 * | `task-migrated` | all tasks are dropped, the thread joins the group again |
 * | `retriable` | a pause, as after the two above |
 *
 * What is retriable is logged at growing intervals, with the number of failed rounds, and so is its end; the others each
 * time. Whatever is recovered from so often that no round succeeds for `taskTimeoutMs` ends the thread, with TASK_TIMEOUT.
 */
export class Recovery {
  readonly #environment: ThreadEnvironment
  readonly #threadName: string
  readonly #assignment: Assignment
  readonly #membership: Membership
  readonly #begin: () => Promise<void>
  readonly #logger: Logger
  readonly #patience = new Patience('the thread could not continue')
  readonly #trouble: Trouble

  /** `begin` makes commits possible again, after the tasks are dropped. */
  constructor(
    environment: ThreadEnvironment,
    threadName: string,
    assignment: Assignment,
    membership: Membership,
    begin: () => Promise<void>,
    logger: Logger,
  ) {
    this.#environment = environment
    this.#threadName = threadName
    this.#assignment = assignment
    this.#membership = membership
    this.#begin = begin
    this.#logger = logger
    this.#trouble = new Trouble(
      environment.clock,
      ({ failures, forMs, error }) =>
        logger.warn({ ...errorFields(error), failures, failingForMs: Math.round(forMs) }, 'recovering from an error'),
      (forMs) => logger.info({ failedForMs: Math.round(forMs) }, 'recovered'),
    )
  }

  /** A round has succeeded. */
  succeeded(): void {
    this.#patience.renew()
    this.#trouble.worked()
  }

  /** `onBegin` is called where the thread does not end. Throws what no retry mends, and TASK_TIMEOUT. */
  async recover(error: unknown, onBegin: () => void): Promise<void> {
    const { clock, settings, listener } = this.#environment
    if (await this.#isOfTopicThatLeft(error)) return
    const consequence = consequenceOf(error)
    if (consequence === 'fatal' || consequence === 'record') throw error
    onBegin()
    if (consequence === 'retriable') this.#trouble.failed(error)
    else this.#logger.warn(errorFields(error), 'recovering from an error')
    listener.onError?.(this.#threadName, error)
    this.#patience.spend(error, clock.monotonicMs(), settings.taskTimeoutMs)
    let failure: { readonly error: unknown } | undefined
    try {
      if (consequence === 'task-corrupted') await this.#assignment.reopenDamaged(error)
      else if (consequence === 'transaction-aborted') await this.#assignment.takeBackAll()
      else if (consequence === 'task-migrated') await this.#rejoin()
    } catch (caught) {
      failure = { error: caught }
    }
    await clock.sleep(backoffMs)
    // The recovery may fail too.
    if (failure !== undefined) await this.recover(failure.error, onBegin)
  }

  /**
   * Whether the error is about a topic that a pattern matched and that is gone: the next round removes it. A topic
   * that a source names may not go, as in Kafka Streams.
   */
  async #isOfTopicThatLeft(error: unknown): Promise<boolean> {
    const { topics, clock } = this.#environment
    if (!missingTopicCodes.has(errorCode(error))) return false
    const { topic } = (error as MillraceError).details
    if (topic === undefined || !topics.isMatched(topic)) return false
    try {
      await topics.refresh()
    } catch (failure) {
      if (consequenceOf(failure) === 'fatal') throw failure
      this.#logger.warn({ topic, error: errorMessage(failure) }, 'check for a deleted topic failed, retrying later')
      await clock.sleep(backoffMs)
      return true
    }
    return !topics.isMatched(topic)
  }

  /** Everything uncommitted is somebody else's by now: drop it, and come back as a new member. */
  async #rejoin(): Promise<void> {
    await this.#assignment.dropAll()
    // The group may have ended the member, and refused its commit before the thread has heard why.
    const { failure } = this.#membership.member
    if (failure !== undefined) throw failure
    await this.#membership.rejoin()
    // Before the next round: nothing is sent by tasks that the new member gets.
    await this.#begin()
  }
}

function errorFields(error: unknown): LogFields {
  return { consequence: consequenceOf(error), code: errorCode(error), error: errorMessage(error) }
}
