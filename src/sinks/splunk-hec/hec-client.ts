import { randomUUID } from 'node:crypto'
import { Agent, type Dispatcher, request } from 'undici'
import { MillraceError, errorCode, errorMessage } from '../../core/errors.ts'
import { wasNotReached } from '../not-reached.ts'
import { retryAfterMsOf } from '../retry-after.ts'
import { type HecAnswer, type HecVerdict, readHecAnswer } from './hec-answer.ts'
import type { SplunkHecConfig } from './splunk-hec-options.ts'

const eventPath = '/services/collector/event'
const healthPath = '/services/collector/health'

/** More than any answer of a collector; whoever sends more is none. */
const answerBytesMax = 1024 * 1024

/** Answers after which another receiver may be of more use. */
const uselessVerdicts: ReadonlySet<HecVerdict> = new Set(['wait', 'person', 'doubtful'])

export interface HecReply extends HecAnswer {
  /** Who answered. */
  readonly receiver: string
  readonly status: number
  readonly retryAfterMs: number | undefined
}

/** Sends HTTP requests to one of the receivers; changes to the next one when the current one fails. */
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

  /** Throws SINK_UNREACHABLE when nothing was sent, SINK_NO_ANSWER when nobody answers; both are retriable. */
  send(body: Buffer, signal: AbortSignal): Promise<HecReply> {
    return this.#request(eventPath, 'POST', { body, signal, gzip: this.#config.gzip })
  }

  /** A request without events: Splunk refuses it with code 5, after it has looked at the token. Throws as `send`. */
  sendNothing(signal: AbortSignal): Promise<HecReply> {
    return this.#request(eventPath, 'POST', { body: Buffer.alloc(0), signal })
  }

  health(signal: AbortSignal): Promise<HecReply> {
    return this.#request(healthPath, 'GET', { signal })
  }

  newChannel(): void {
    this.#channel = randomUUID()
  }

  /** At once: requests in flight are of no interest any more. */
  close(): Promise<void> {
    return this.#agent.destroy()
  }

  async #request(
    path: string,
    method: 'GET' | 'POST',
    { body, signal, gzip = false }: { body?: Buffer; signal: AbortSignal; gzip?: boolean },
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
        signal,
      })
      const answer = readHecAnswer(response.statusCode, await textOf(response.body))
      if (uselessVerdicts.has(answer.verdict)) this.#leave(position)
      const retryAfterMs = retryAfterMsOf(response.headers['retry-after'], this.#config.clock.nowMs())
      return { ...answer, receiver, status: response.statusCode, retryAfterMs }
    } catch (error) {
      this.#leave(position)
      const text = `${receiver} did not answer: ${errorCode(error) ?? ''} ${errorMessage(error)}`
      const code = wasNotReached(error) ? 'SINK_UNREACHABLE' : 'SINK_NO_ANSWER'
      throw new MillraceError(code, 'retriable', text, { cause: error })
    }
  }

  /** Requests that were in flight together leave a receiver together. */
  #leave(position: number): void {
    if (position === this.#receiver) this.#receiver = (position + 1) % this.#config.urls.length
  }
}

async function textOf(body: Dispatcher.ResponseData['body']): Promise<string> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of body as AsyncIterable<Buffer>) {
    length += chunk.length
    if (length > answerBytesMax) throw new Error(`the answer is larger than ${answerBytesMax} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString()
}
