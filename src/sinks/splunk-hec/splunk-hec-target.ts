import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { MillraceError, errorMessage } from '../../core/errors.ts'
import { type BatchTarget, type SinkItem, type WriteResult, allWritten } from '../batch-target.ts'
import type { SinkRecord } from '../port.ts'
import { type HecAnswer } from './hec-answer.ts'
import { HecClient } from './hec-client.ts'
import { HecEventWriter } from './hec-event.ts'
import type { SplunkHecConfig } from './options.ts'

const compress = promisify(gzip)

export interface HecItem extends SinkItem {
  readonly event: string
}

/** The code of an empty request: whoever gets it has passed the check of the token. */
const noDataCode = 5
const incorrectIndexCode = 7

export class SplunkHecTarget implements BatchTarget<HecItem> {
  readonly #config: SplunkHecConfig
  readonly #events: HecEventWriter
  #client: HecClient | undefined

  constructor(config: SplunkHecConfig) {
    this.#config = config
    this.#events = new HecEventWriter(config)
  }

  async open(): Promise<void> {
    const client = new HecClient(this.#config)
    try {
      await this.#check(client)
    } catch (error) {
      await client.close()
      throw error
    }
    this.#client = client
  }

  encode(record: SinkRecord): HecItem {
    const event = this.#events.write(record)
    return { record, event, bytes: Buffer.byteLength(event) }
  }

  async write(items: readonly HecItem[], signal: AbortSignal): Promise<WriteResult<HecItem>> {
    const client = this.#client
    if (!client) throw new MillraceError('SINK_NOT_OPEN', 'fatal', `sink ${this.#config.name} is not open`)
    const plain = Buffer.from(items.map(({ event }) => event).join(''))
    const answer = await client.send(this.#config.gzip ? await compress(plain, { level: 1 }) : plain, signal)
    return this.#act(client, items, answer)
  }

  async close(): Promise<void> {
    await this.#client?.close()
    this.#client = undefined
  }

  #act(client: HecClient, items: readonly HecItem[], answer: HecAnswer): WriteResult<HecItem> {
    const { verdict, reason } = answer
    switch (verdict) {
      case 'taken':
        return allWritten
      case 'wait':
        client.nextReceiver()
        return { rejected: [], retry: items, before: 'backoff', reason }
      case 'new-channel':
        client.newChannel()
        return { rejected: [], retry: items, before: 'backoff', reason }
      case 'smaller':
        return this.#smaller(items, 'DOCUMENT_TOO_LARGE', reason)
      case 'event':
        return this.#badEvent(client, items, answer)
      case 'fatal':
        throw this.#fatal(client, reason)
    }
  }

  /**
   * One event out, the rest again. Whether events before the bad one were taken is not promised by anybody, so they go
   * once more and `event_id` tells.
   */
  #badEvent(
    client: HecClient,
    items: readonly HecItem[],
    { code, invalidEvent, reason }: HecAnswer,
  ): WriteResult<HecItem> {
    if (code === incorrectIndexCode && this.#config.indexIsFixed) throw this.#fatal(client, reason)
    const item = invalidEvent === undefined ? undefined : items[invalidEvent]
    if (!item) return this.#smaller(items, 'DOCUMENT_REFUSED', reason)
    const retry = items.filter((other) => other !== item)
    return { rejected: [{ item, code: 'DOCUMENT_REFUSED', reason }], retry, before: 'none', reason }
  }

  /** Halves until it passes or until one event is left, which then is the culprit. */
  #smaller(items: readonly HecItem[], code: string, reason: string): WriteResult<HecItem> {
    const [item] = items
    if (items.length > 1 || !item) return { rejected: [], retry: items, before: 'split', reason }
    return { rejected: [{ item, code, reason }], retry: [], before: 'none' }
  }

  /** Health, then the token: a request without events is refused by its code, after the token was looked at. */
  async #check(client: HecClient): Promise<void> {
    const answers: (() => Promise<HecAnswer>)[] = [
      () => client.health(),
      () => client.send(Buffer.alloc(0), undefined, false),
    ]
    for (const ask of answers) {
      const answer = await ask().catch((error: unknown) => {
        throw this.#unreachable(client, errorMessage(error))
      })
      if (answer.verdict === 'wait') throw this.#unreachable(client, answer.reason)
      if (answer.verdict === 'fatal' && answer.code !== noDataCode) throw this.#fatal(client, answer.reason)
    }
  }

  #unreachable(client: HecClient, reason: string): MillraceError {
    const text = `sink ${this.#config.name}: ${client.receiver} takes no events now (${reason}): check the address and the server`
    return new MillraceError('SINK_UNREACHABLE', 'retriable', text)
  }

  #fatal(client: HecClient, reason: string): MillraceError {
    const text = `sink ${this.#config.name}: ${client.receiver} refuses all events (${reason}): check url, token and index`
    return new MillraceError('SINK_MISCONFIGURED', 'fatal', text)
  }
}
