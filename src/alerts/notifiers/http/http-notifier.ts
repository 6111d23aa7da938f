import { MillraceError } from '../../../core/errors.ts'
import type { Notice } from '../../notice.ts'
import type { Notifier, NotifierAnswer, NotifierMessage, NotifierVerdict } from '../notifier.ts'
import type { NotifierSettings } from '../notifier-options.ts'
import { Mask } from '../mask.ts'
import { httpAnswer, verdictOf } from './http-answer.ts'
import { HttpClient, type HttpReply, type HttpRequest } from './http-client.ts'

export interface HttpMessage extends NotifierMessage {
  /** The id of the notice. */
  readonly id: string
  readonly url: URL
  readonly body: string
}

/** What is particular to one service with an HTTP interface. */
export interface HttpService {
  /** Where a notice goes, and what it says there. */
  render(notice: Notice): { readonly url: URL; readonly body: string }
  /** The headers of a request that is sent at this time; the type of the content is JSON. */
  headers(message: HttpMessage, nowMs: number): Readonly<Record<string, string>>
  /** What an answer means; undefined: what its status says. */
  verdict?(reply: HttpReply, message: HttpMessage): NotifierVerdict | undefined
}

export interface HttpNotifierConfig {
  readonly settings: NotifierSettings
  readonly ca: string | undefined
  /** Texts that no error may show. */
  readonly secrets: readonly (string | undefined)[]
}

/** Notifies a service by HTTP requests with JSON. */
export class HttpNotifier implements Notifier<HttpMessage> {
  readonly #config: HttpNotifierConfig
  readonly #service: HttpService
  readonly #mask: Mask
  #client: HttpClient | undefined

  constructor(config: HttpNotifierConfig, service: HttpService) {
    this.#config = config
    this.#service = service
    this.#mask = new Mask(config.secrets)
  }

  /** A service that takes messages can be tried only with a message, which somebody would read. */
  async open(): Promise<void> {
    const { settings, ca } = this.#config
    const { requestTimeoutMs, clock } = settings
    this.#client ??= new HttpClient({ requestTimeoutMs, ca, clock, mask: this.#mask })
  }

  render(notice: Notice): HttpMessage {
    const { url, body } = this.#service.render(notice)
    return { id: notice.id, url, body, bytes: Buffer.byteLength(body) }
  }

  async send(message: HttpMessage, signal: AbortSignal): Promise<NotifierAnswer> {
    const { name, clock } = this.#config.settings
    const client = this.#client
    if (!client) throw new MillraceError('SINK_NOT_OPEN', 'fatal', `sink ${name} is not open`)
    const { url, body } = message
    const headers = { 'content-type': 'application/json', ...this.#service.headers(message, clock.nowMs()) }
    const request: HttpRequest = { url, body, headers }
    const reply = await client.post(request, signal)
    if ('verdict' in reply) return reply
    const verdict = this.#service.verdict?.(reply, message) ?? verdictOf(reply.status)
    return httpAnswer(reply, verdict, { origin: url.origin, mask: this.#mask })
  }

  async close(): Promise<void> {
    const client = this.#client
    this.#client = undefined
    await client?.close()
  }
}
