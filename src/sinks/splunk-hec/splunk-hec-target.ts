import { MillraceError, consequenceOf, errorMessage } from '../../core/errors.ts'
import type { BatchTarget, SinkFailure, WriteResult } from '../batch-target.ts'
import { BufferPool } from '../buffer-pool.ts'
import { compress } from '../compress.ts'
import { ItemBatch } from '../item-batch.ts'
import { allWritten, doubtful, halved, notTaken } from '../write-results.ts'
import { HecClient, type HecReply } from './hec-client.ts'
import { HecFormat } from './hec-format.ts'
import type { SplunkHecConfig } from './splunk-hec-options.ts'

/** The code of an empty request: whoever gets it has passed the check of the token. */
const noDataCode = 5
const invalidFormatCode = 6
const incorrectIndexCode = 7

/**
 * A target of Splunk's HTTP Event Collector. `open` passes as soon as one receiver is healthy and accepts the token;
 * `write` sends one batch and does what the verdict on the answer says:
 *
 * | verdict | then |
 * |---|---|
 * | taken | all is written |
 * | wait, person | nothing was taken: again later; `person` also logs that somebody has to act |
 * | new-channel | the same, on another channel |
 * | smaller | in halves |
 * | event | the event that is named is rejected, the others are sent again |
 * | doubtful | each document may be at fault; `Delivery` finds out |
 */
export class SplunkHecTarget implements BatchTarget<ItemBatch> {
  readonly #config: SplunkHecConfig
  readonly #format: HecFormat
  readonly #pool: BufferPool
  #client: HecClient | undefined

  constructor(config: SplunkHecConfig) {
    this.#config = config
    this.#format = new HecFormat(config)
    this.#pool = new BufferPool(config)
  }

  async open(signal: AbortSignal): Promise<void> {
    const client = new HecClient(this.#config)
    try {
      await this.#checkAny(client, signal)
    } catch (error) {
      await client.close()
      throw error
    }
    this.#client = client
  }

  newBatch(): ItemBatch {
    return new ItemBatch({ format: this.#format, pool: this.#pool, maxBytes: this.#config.maxBytes })
  }

  async write(batch: ItemBatch, signal: AbortSignal): Promise<WriteResult<ItemBatch>> {
    const client = this.#client
    if (!client) throw new MillraceError('SINK_NOT_OPEN', 'fatal', `sink ${this.#config.name} is not open`)
    const { body } = batch
    const answer = await client.send(this.#config.gzip ? await compress(body) : body, signal)
    return this.#act(client, batch, answer)
  }

  async close(): Promise<void> {
    const client = this.#client
    this.#client = undefined
    await client?.close()
  }

  #act(client: HecClient, batch: ItemBatch, answer: HecReply): WriteResult<ItemBatch> {
    switch (answer.verdict) {
      case 'taken':
        return allWritten
      case 'wait':
      case 'person':
        return notTaken(batch, this.#failure(answer))
      case 'new-channel':
        client.newChannel()
        return notTaken(batch, this.#failure(answer))
      case 'smaller':
        return halved(batch, 'DOCUMENT_TOO_LARGE', answer.reason, this.#failure(answer))
      case 'event':
        return this.#badEvent(batch, answer)
      case 'doubtful':
        return doubtful(batch, this.#failure(answer))
    }
  }

  /**
   * One event out, the rest again. Whether events before the bad one were taken is not promised by anybody, so they go
   * once more, and `event_id` shows the duplicate.
   */
  #badEvent(batch: ItemBatch, answer: HecReply): WriteResult<ItemBatch> {
    const { code, invalidEvent, reason } = answer
    if (code === incorrectIndexCode && this.#config.indexIsFixed) {
      return notTaken(batch, this.#failure({ ...answer, verdict: 'person' }))
    }
    const isNamed = invalidEvent !== undefined && invalidEvent >= 0 && invalidEvent < batch.records
    const broken = code === invalidFormatCode ? this.#brokenIn(batch) : []
    const bad = broken.length > 0 ? broken : isNamed ? [invalidEvent] : []
    if (bad.length === 0) return halved(batch, 'DOCUMENT_REFUSED', reason, this.#failure(answer))
    const others = [...Array(batch.records).keys()].filter((position) => !bad.includes(position))
    return {
      rejected: bad.map((position) => batch.rejection(position, 'DOCUMENT_REFUSED', reason)),
      rejectedAgain: () => batch.pick(bad),
      retry: others.length === 0 ? [] : [batch.pick(others)],
      before: 'none',
      failure: this.#failure(answer),
    }
  }

  /** Events that were given as bytes and are no JSON: behind one, the receiver's count may name an innocent. */
  #brokenIn(batch: ItemBatch): readonly number[] {
    return [...Array(batch.records).keys()].filter((position) => !isJson(batch.item(position).toString()))
  }

  /** A refusal that is no accident needs a person; anything else passes. */
  #failure({ receiver, verdict, code, reason, status, retryAfterMs }: HecReply): SinkFailure {
    const isNoAccident = status < 500 && (status !== 400 || code !== undefined)
    const isRefusal = verdict === 'person' || (verdict === 'doubtful' && isNoAccident)
    return {
      code: isRefusal ? 'SINK_MISCONFIGURED' : 'SINK_UNAVAILABLE',
      reason: isRefusal ? this.#refusal(receiver, reason) : `${receiver}: ${reason}`,
      needsPerson: isRefusal,
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    }
  }

  /** One receiver that takes events is enough; each failure leaves the client at the next one. */
  async #checkAny(client: HecClient, signal: AbortSignal): Promise<void> {
    for (let left = this.#config.urls.length; left > 0; left--) {
      try {
        return await this.#check(client, signal)
      } catch (error) {
        if (left === 1 || consequenceOf(error) !== 'retriable') throw error
      }
    }
  }

  /** Health, then the token: a request without events is refused by its code, after the token was looked at. */
  async #check(client: HecClient, signal: AbortSignal): Promise<void> {
    const answers: (() => Promise<HecReply>)[] = [() => client.health(signal), () => client.sendNothing(signal)]
    for (const ask of answers) {
      const { receiver } = client
      const answer = await ask().catch((error: unknown) => {
        throw this.#unreachable(receiver, errorMessage(error))
      })
      if (answer.verdict === 'wait') throw this.#unreachable(receiver, answer.reason)
      const isRefused = answer.verdict === 'person' || (answer.verdict === 'doubtful' && answer.code !== noDataCode)
      if (!isRefused) continue
      throw answer.status >= 500 ? this.#unreachable(receiver, answer.reason) : this.#fatal(receiver, answer.reason)
    }
  }

  #unreachable(receiver: string, reason: string): MillraceError {
    const text = `sink ${this.#config.name}: ${receiver} accepts no events now (${reason}): check the address and the server`
    return new MillraceError('SINK_UNREACHABLE', 'retriable', text)
  }

  #fatal(receiver: string, reason: string): MillraceError {
    return new MillraceError('SINK_MISCONFIGURED', 'fatal', this.#refusal(receiver, reason))
  }

  #refusal(receiver: string, reason: string): string {
    return `sink ${this.#config.name}: ${receiver} refuses all events (${reason}): check url, token and index`
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
