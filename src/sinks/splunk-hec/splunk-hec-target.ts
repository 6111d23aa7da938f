import { MillraceError, consequenceOf, errorMessage } from '../../core/errors.ts'
import { type BatchTarget, type WriteResult, allWritten } from '../batch-target.ts'
import { BufferPool } from '../buffer-pool.ts'
import { compress } from '../compress.ts'
import { ItemBatch } from '../item-batch.ts'
import { HecClient, type HecReply } from './hec-client.ts'
import { HecFormat } from './hec-format.ts'
import type { SplunkHecConfig } from './options.ts'

/** The code of an empty request: whoever gets it has passed the check of the token. */
const noDataCode = 5
const incorrectIndexCode = 7

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

  async open(): Promise<void> {
    const client = new HecClient(this.#config)
    try {
      await this.#checkAny(client)
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
    await this.#client?.close()
    this.#client = undefined
  }

  #act(client: HecClient, batch: ItemBatch, answer: HecReply): WriteResult<ItemBatch> {
    const { verdict, receiver, reason } = answer
    switch (verdict) {
      case 'taken':
        return allWritten
      case 'wait':
        return { rejected: [], retry: [batch], before: 'backoff', reason }
      case 'new-channel':
        client.newChannel()
        return { rejected: [], retry: [batch], before: 'backoff', reason }
      case 'smaller':
        return this.#smaller(batch, 'DOCUMENT_TOO_LARGE', reason)
      case 'event':
        return this.#badEvent(batch, answer)
      case 'fatal':
        throw this.#fatal(receiver, reason)
    }
  }

  /**
   * One event out, the rest again. Whether events before the bad one were taken is not promised by anybody, so they go
   * once more and `event_id` tells.
   */
  #badEvent(batch: ItemBatch, { receiver, code, invalidEvent, reason }: HecReply): WriteResult<ItemBatch> {
    if (code === incorrectIndexCode && this.#config.indexIsFixed) throw this.#fatal(receiver, reason)
    if (invalidEvent === undefined || invalidEvent < 0 || invalidEvent >= batch.records)
      return this.#smaller(batch, 'DOCUMENT_REFUSED', reason)
    const others = [...Array(batch.records).keys()].filter((position) => position !== invalidEvent)
    const rejected = [batch.rejection(invalidEvent, 'DOCUMENT_REFUSED', reason)]
    return { rejected, retry: others.length === 0 ? [] : [batch.pick(others)], before: 'none', reason }
  }

  /** Halves until it passes or until one event is left, which then is the culprit. */
  #smaller(batch: ItemBatch, code: string, reason: string): WriteResult<ItemBatch> {
    if (batch.records > 1) return { rejected: [], retry: batch.halves(), before: 'none', reason }
    return { rejected: [batch.rejection(0, code, reason)], retry: [], before: 'none' }
  }

  /** One receiver that takes events is enough; each failure leaves the client at the next one. */
  async #checkAny(client: HecClient): Promise<void> {
    for (let left = this.#config.urls.length; left > 0; left--) {
      try {
        return await this.#check(client)
      } catch (error) {
        if (left === 1 || consequenceOf(error) !== 'retriable') throw error
      }
    }
  }

  /** Health, then the token: a request without events is refused by its code, after the token was looked at. */
  async #check(client: HecClient): Promise<void> {
    const answers: (() => Promise<HecReply>)[] = [
      () => client.health(),
      () => client.send(Buffer.alloc(0), undefined, false),
    ]
    for (const ask of answers) {
      const { receiver } = client
      const answer = await ask().catch((error: unknown) => {
        throw this.#unreachable(receiver, errorMessage(error))
      })
      if (answer.verdict === 'wait') throw this.#unreachable(receiver, answer.reason)
      if (answer.verdict === 'fatal' && answer.code !== noDataCode) throw this.#fatal(receiver, answer.reason)
    }
  }

  #unreachable(receiver: string, reason: string): MillraceError {
    const text = `sink ${this.#config.name}: ${receiver} takes no events now (${reason}): check the address and the server`
    return new MillraceError('SINK_UNREACHABLE', 'retriable', text)
  }

  #fatal(receiver: string, reason: string): MillraceError {
    const text = `sink ${this.#config.name}: ${receiver} refuses all events (${reason}): check url, token and index`
    return new MillraceError('SINK_MISCONFIGURED', 'fatal', text)
  }
}
