import { Agent, type Dispatcher, request } from 'undici'
import type { Clock } from '../../../core/clock.ts'
import { errorCode, errorMessage, isMillraceError } from '../../../core/errors.ts'
import { wasNotReached } from '../../../sinks/not-reached.ts'
import { retryAfterMsOf } from '../../../sinks/retry-after.ts'
import { isCertificateError } from '../certificate-errors.ts'
import type { Mask } from '../mask.ts'
import type { NotifierAnswer } from '../notifier.ts'
import { withinRequest } from '../within-request.ts'

/** The rest of an answer is of no interest. */
const answerBytesMax = 16 * 1024

export interface HttpRequest {
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** What a service answered. */
export interface HttpReply {
  readonly status: number
  /** The beginning of its text; empty if it did not come completely. */
  readonly text: string
  readonly retryAfterMs: number | undefined
}

export interface HttpClientOptions {
  readonly requestTimeoutMs: number
  readonly ca: string | undefined
  readonly clock: Clock
  readonly mask: Mask
}

/** Sends HTTP requests, each with its deadline. Redirects are not followed: they would carry the secret elsewhere. */
export class HttpClient {
  readonly #options: HttpClientOptions
  readonly #agent: Agent

  constructor(options: HttpClientOptions) {
    this.#options = options
    const { requestTimeoutMs, ca } = options
    this.#agent = new Agent({
      headersTimeout: requestTimeoutMs,
      bodyTimeout: requestTimeoutMs,
      // Half of the deadline, so that a server that cannot be reached is not taken for one that does not answer.
      connect: { timeout: requestTimeoutMs / 2, ...(ca === undefined ? {} : { ca }) },
    })
  }

  /** Never rejects: the reply of the server, or what it means that there is none. */
  async post(message: HttpRequest, signal: AbortSignal): Promise<HttpReply | NotifierAnswer> {
    const { clock, requestTimeoutMs } = this.#options
    const seen: { reply?: HttpReply } = {}
    try {
      return await withinRequest(clock, requestTimeoutMs, signal, async (within) => {
        const { url, headers, body } = message
        const options = { method: 'POST', dispatcher: this.#agent, headers, body, signal: within } as const
        const { statusCode: status, headers: answered, body: rest } = await request(url, options)
        const retryAfterMs = retryAfterMsOf(answered['retry-after'], clock.nowMs())
        seen.reply = { status, retryAfterMs, text: '' }
        return { ...seen.reply, text: await startOf(rest) }
      })
    } catch (error) {
      // The status is the answer: a text that does not come changes nothing, and what is taken is not sent again.
      return seen.reply ?? this.#withoutReply(message.url, error)
    }
  }

  /** At once: requests in flight are of no interest any more. */
  close(): Promise<void> {
    return this.#agent.destroy()
  }

  #withoutReply({ origin }: URL, error: unknown): NotifierAnswer {
    const text = isMillraceError(error)
      ? errorMessage(error)
      : `${errorCode(error) ?? ''} ${errorMessage(error)}`.trim()
    const reason = this.#options.mask.text(`${origin} did not answer: ${text}`)
    const retryAfterMs = undefined
    if (isCertificateError(error)) {
      const advice = 'check its certificate, and the option ca'
      return { verdict: 'person', code: 'SINK_MISCONFIGURED', reason: `${reason}: ${advice}`, retryAfterMs }
    }
    if (wasNotReached(error)) return { verdict: 'wait', code: 'SINK_UNREACHABLE', reason, retryAfterMs }
    const code = isMillraceError(error) ? error.code : 'SINK_NO_ANSWER'
    return { verdict: 'doubtful', code, reason, retryAfterMs }
  }
}

async function startOf(body: Dispatcher.ResponseData['body']): Promise<string> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of body as AsyncIterable<Buffer>) {
    chunks.push(chunk)
    length += chunk.length
    if (length > answerBytesMax) break
  }
  return Buffer.concat(chunks).toString('utf8', 0, answerBytesMax)
}
