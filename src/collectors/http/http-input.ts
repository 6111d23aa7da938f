import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { errorMessage, MillraceError } from '../../core/errors.ts'
import { closeServer, denialOf, listen, listeningPort } from '../../core/http-access.ts'
import { type HttpRefusal, refuse } from '../../core/http-refusal.ts'
import type { CollectorConfig } from '../collector-options.ts'
import type { Input, InputParts } from '../input.ts'
import type { HttpAnswer, HttpRoute } from './http-answer.ts'
import { takeLogs } from './ingest.ts'
import { takeOtlp } from './otlp.ts'
import { unavailable } from './refusal.ts'

type HttpConfig = NonNullable<CollectorConfig['http']>

const routes: Readonly<Record<string, HttpRoute>> = Object.freeze({ '/ingest': takeLogs, '/v1/logs': takeOtlp })

const headersTimeoutMs = 5000
/** From the first byte of a request to its last: a sender that trickles is cut. */
const requestTimeoutMs = 30_000
const idleTimeoutMs = 60_000

/**
 * `POST /ingest` and `POST /v1/logs` (OTLP). A request is answered with success when Kafka has acknowledged its records;
 * with 429 or 503 and `Retry-After` where it has to be sent again.
 */
export class HttpInput implements Input {
  readonly #config: HttpConfig
  readonly #parts: InputParts
  readonly #server: Server
  #requests = 0
  #isClosing = false
  #idle: (() => void)[] = []

  static async start(config: HttpConfig, parts: InputParts): Promise<HttpInput> {
    const input = new HttpInput(config, parts)
    const { host, port } = config
    await listen(input.#server, host, port, (cause) => {
      const text = `the HTTP input cannot listen on ${host}:${port} (${errorMessage(cause)}): choose another port`
      return new MillraceError('COLLECTOR_PORT_IN_USE', 'fatal', text, { cause })
    })
    return input
  }

  private constructor(config: HttpConfig, parts: InputParts) {
    this.#config = config
    this.#parts = parts
    const timeouts = { headersTimeout: headersTimeoutMs, requestTimeout: requestTimeoutMs }
    this.#server = createServer({ ...timeouts, keepAliveTimeout: idleTimeoutMs }, (request, response) => {
      void this.#answer(request, response)
    })
    this.#server.maxConnections = config.connectionsMax
    this.#server.on('drop', (address) => {
      const text = `a connection from ${address?.remoteAddress}: ${config.connectionsMax} are open`
      parts.tally.refuse('http', 'connection', 1, text)
    })
  }

  get port(): number {
    return listeningPort(this.#server, this.#config.port)
  }

  get connections(): number {
    return this.#requests
  }

  /** Requests that have begun are answered; new ones are sent elsewhere. */
  async close(timeoutMs: number): Promise<void> {
    this.#isClosing = true
    this.#server.closeIdleConnections()
    if (this.#requests > 0) {
      let timer = { cancel: (): void => {} }
      const late = new Promise<void>((resolve) => {
        timer = this.#parts.config.clock.setTimer(timeoutMs, resolve)
      })
      await Promise.race([new Promise<void>((resolve) => this.#idle.push(resolve)), late])
      timer.cancel()
    }
    await closeServer(this.#server)
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.#requests++
    // A sender that goes away is noticed where its body is read.
    response.on('error', () => {})
    try {
      const answer = await this.#take(request)
      if ('reason' in answer) this.#refuse(request, response, answer)
      else send(response, answer)
    } catch (error) {
      this.#parts.config.logger.error({ error: errorMessage(error) }, 'a request has failed')
      this.#refuse(request, response, {
        status: 500,
        reason: 'the request has failed: the log of the collector says why',
      })
    }
    this.#requests--
    if (this.#requests === 0) for (const idle of this.#idle.splice(0)) idle()
  }

  async #take(request: IncomingMessage): Promise<HttpAnswer | HttpRefusal> {
    const [path = ''] = (request.url ?? '').split('?', 1)
    const route = Object.hasOwn(routes, path) ? routes[path] : undefined
    if (route === undefined) return { status: 404, reason: `no such path: send to ${Object.keys(routes).join(' or ')}` }
    if (request.method !== 'POST') return { status: 405, reason: 'only POST is answered', headers: { allow: 'POST' } }
    const denial = denialOf(request, this.#config.token)
    if (denial !== undefined) return denial
    // A page of another site could be made to send by a browser; with a token, only a program that knows it sends.
    if (this.#config.token === undefined && request.headers.origin !== undefined)
      return { status: 403, reason: 'requests of web pages are not answered' }
    if (this.#isClosing) return unavailable('the collector is closing: send this again, it may go to another one')
    return route(request, this.#parts, this.#config.bodyBytesMax)
  }

  #refuse(request: IncomingMessage, response: ServerResponse, refusal: HttpRefusal): void {
    const { tally, config } = this.#parts
    const { status, reason, headers } = refusal
    const from = request.socket.remoteAddress
    if (status === 429 || status === 503) tally.throttle(`${reason} (${from})`)
    else config.logger.info({ from, path: request.url?.split('?', 1)[0], status, reason }, 'a request was refused')
    if (hasAnswer(response)) return
    refuse(response, this.#isClosing ? { ...refusal, headers: { ...headers, connection: 'close' } } : refusal)
  }
}

function send(response: ServerResponse, { status, type, body }: HttpAnswer): void {
  if (hasAnswer(response)) return
  response.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(body) }).end(body)
}

/** Or nobody who takes one. */
function hasAnswer(response: ServerResponse): boolean {
  return response.headersSent || response.destroyed
}
