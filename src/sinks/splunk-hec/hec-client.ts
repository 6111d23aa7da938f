import { randomUUID } from 'node:crypto'
import { Agent, request } from 'undici'
import { MillraceError, errorMessage } from '../../core/errors.ts'
import { type HecAnswer, readHecAnswer } from './hec-answer.ts'
import type { SplunkHecConfig } from './options.ts'

const eventPath = '/services/collector/event'
const healthPath = '/services/collector/health'

/** Speaks HTTP with the receivers, with one of them at a time: the next one when the current one is of no use. */
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

  /** Throws SINK_UNAVAILABLE (retriable) when nobody answers; then the next receiver is the current one. */
  send(body: Buffer, signal: AbortSignal | undefined, gzip = this.#config.gzip): Promise<HecAnswer> {
    return this.#request(eventPath, 'POST', { body, signal, gzip })
  }

  health(): Promise<HecAnswer> {
    return this.#request(healthPath, 'GET', {})
  }

  nextReceiver(): void {
    this.#receiver = (this.#receiver + 1) % this.#config.urls.length
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
  ): Promise<HecAnswer> {
    const { receiver } = this
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
      return readHecAnswer(response.statusCode, await response.body.text())
    } catch (error) {
      this.nextReceiver()
      throw new MillraceError('SINK_UNAVAILABLE', 'retriable', `${receiver} did not answer: ${errorMessage(error)}`)
    }
  }
}
