import { randomUUID } from 'node:crypto'
import { Agent, request } from 'undici'
import { MillraceError, errorMessage } from '../../core/errors.ts'
import { type HecAnswer, readHecAnswer } from './hec-answer.ts'
import type { SplunkHecConfig } from './options.ts'

const eventPath = '/services/collector/event'
const healthPath = '/services/collector/health'

export interface HecReply extends HecAnswer {
  /** Who answered. */
  readonly receiver: string
}

/** Speaks HTTP with the receivers, with one of them at a time: the next one when the current one is of no use now. */
export class HecClient {
  readonly #config: SplunkHecConfig
  readonly #agent: Agent
  #receiver = 0
  #channel = randomUUID()

  constructor(config: SplunkHecConfig) {
    this.#config = config
    this.#agent = new Agent({
      headersTimeout: config.requestTimeoutMs,
      bodyTimeout: config.requestTimeoutMs,
      connect: { timeout: config.requestTimeoutMs, ...(config.ca === undefined ? {} : { ca: config.ca }) },
    })
  }

  get receiver(): string {
    return (this.#config.urls[this.#receiver] as URL).origin
  }

  /** Throws SINK_UNAVAILABLE (retriable) when nobody answers. */
  send(body: Buffer, signal: AbortSignal | undefined, gzip = this.#config.gzip): Promise<HecReply> {
    return this.#request(eventPath, 'POST', { body, signal, gzip })
  }

  health(): Promise<HecReply> {
    return this.#request(healthPath, 'GET', {})
  }

  newChannel(): void {
    this.#channel = randomUUID()
  }

  /** At once: requests under way are of no interest any more. */
  close(): Promise<void> {
    return this.#agent.destroy()
  }

  async #request(
    path: string,
    method: 'GET' | 'POST',
    { body, signal, gzip = false }: { body?: Buffer; signal?: AbortSignal | undefined; gzip?: boolean },
  ): Promise<HecReply> {
    const { receiver } = this
    const position = this.#receiver
    try {
      const response = await request(new URL(path, receiver), {
        method,
        dispatcher: this.#agent,
        headers: {
          authorization: `Splunk ${this.#config.token}`,
          'x-splunk-request-channel': this.#channel,
          ...(body ? { 'content-type': 'application/json' } : {}),
          ...(gzip ? { 'content-encoding': 'gzip' } : {}),
        },
        ...(body ? { body } : {}),
        ...(signal ? { signal } : {}),
      })
      const answer = readHecAnswer(response.statusCode, await response.body.text())
      if (answer.verdict === 'wait') this.#leave(position)
      return { ...answer, receiver }
    } catch (error) {
      if (signal?.aborted !== true) this.#leave(position)
      throw new MillraceError('SINK_UNAVAILABLE', 'retriable', `${receiver} did not answer: ${errorMessage(error)}`)
    }
  }

  /** Requests that were under way together leave a receiver together. */
  #leave(position: number): void {
    if (position === this.#receiver) this.#receiver = (position + 1) % this.#config.urls.length
  }
}
