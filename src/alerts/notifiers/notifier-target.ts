import type { BatchTarget, SinkFailure, WriteResult } from '../../sinks/batch-target.ts'
import type { SinkRejection } from '../../sinks/port.ts'
import { HeldKeys } from './held-keys.ts'
import { NoticeBatch, type WaitingNotice } from './notice-batch.ts'
import type { Notifier, NotifierAnswer, NotifierMessage } from './notifier.ts'
import type { NotifierSettings } from './notifier-options.ts'
import { Pace } from './pace.ts'
import { readNotice } from './read-notice.ts'

/** The answer to a notice that may not be sent yet. */
const behindAnother: NotifierAnswer = Object.freeze({
  verdict: 'doubtful',
  code: 'SINK_UNAVAILABLE',
  reason: 'an earlier notice of the same alert is not taken yet',
  retryAfterMs: undefined,
})

/**
 * Sends notices to one receiver, one after another, at the pace of the receiver:
 *
 * | verdict on the answer | then |
 * |---|---|
 * | taken | the notice is written |
 * | wait, person | it is sent again after the backoff, in its place; `person` also logs that somebody has to act |
 * | notice | it is rejected, and becomes a dead letter |
 * | doubtful | it is tried separately while others pass, but none of its own key; `Delivery` gives it up in the end |
 */
export class NotifierTarget<Message extends NotifierMessage> implements BatchTarget<NoticeBatch<Message>> {
  readonly #settings: NotifierSettings
  readonly #notifier: Notifier<Message>
  readonly #held: HeldKeys
  readonly #pace: Pace

  constructor(settings: NotifierSettings, notifier: Notifier<Message>) {
    this.#settings = settings
    this.#notifier = notifier
    this.#held = new HeldKeys(settings.clock)
    this.#pace = new Pace(settings.ratePerMinute, settings.clock)
  }

  /** The longest time of a whole write: each notice may wait for its turn, and then for its answer. */
  get writeTimeoutMs(): number {
    const { maxRecords, requestTimeoutMs } = this.#settings
    const spareMs = 1000
    return maxRecords * (this.#pace.longestWaitMs + requestTimeoutMs) + spareMs
  }

  open(signal: AbortSignal): Promise<void> {
    return this.#notifier.open(signal)
  }

  newBatch(): NoticeBatch<Message> {
    return new NoticeBatch<Message>({
      maxBytes: this.#settings.maxBytes,
      noticeOf: (record) => readNotice(this.#settings.noticeOf(record)),
      render: (notice) => this.#notifier.render(notice),
      givenUp: ({ dedupKey, id }) => this.#held.release(dedupKey, id),
    })
  }

  async write(batch: NoticeBatch<Message>, signal: AbortSignal): Promise<WriteResult<NoticeBatch<Message>>> {
    const refused: WaitingNotice<Message>[] = []
    const rejected: SinkRejection[] = []
    const refusals = { rejected, rejectedAgain: () => batch.pick(refused) }
    for (const [position, notice] of batch.notices.entries()) {
      const answer = await this.#send(notice, signal)
      const { verdict, code, reason } = answer
      if (verdict === 'taken') continue
      if (verdict === 'notice') {
        refused.push(notice)
        rejected.push({ record: notice.record, code, reason })
        continue
      }
      const failure = failureOf(answer)
      if (verdict !== 'doubtful')
        return { ...refusals, retry: [batch.pick(batch.notices.slice(position))], before: 'backoff', failure }
      const rest = batch.notices.slice(position + 1)
      const retry = rest.length > 0 ? [batch.pick(rest)] : []
      return { ...refusals, retry, doubtful: { batch: batch.pick([notice]), fault: 'each' }, before: 'none', failure }
    }
    return { ...refusals, retry: [], before: 'none' }
  }

  close(): Promise<void> {
    return this.#notifier.close()
  }

  async #send({ dedupKey, id, message }: WaitingNotice<Message>, signal: AbortSignal): Promise<NotifierAnswer> {
    if (!this.#held.mayPass(dedupKey, id)) return behindAnother
    await this.#pace.turn(signal)
    signal.throwIfAborted()
    const answer = await this.#notifier.send(message, signal)
    if (answer.verdict === 'doubtful') this.#held.hold(dedupKey, id)
    if (answer.verdict === 'taken' || answer.verdict === 'notice') this.#held.release(dedupKey, id)
    return answer
  }
}

function failureOf({ verdict, code, reason, retryAfterMs }: NotifierAnswer): SinkFailure {
  const needsPerson = verdict === 'person'
  return { code, reason, needsPerson, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) }
}
