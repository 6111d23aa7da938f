import type { IncomingMessage, ServerResponse } from 'node:http'
import { gunzipSync } from 'node:zlib'
import { flood, trickle } from './endless-answers.ts'
import { FaultyServer } from './faulty-server.ts'
import { HecRefusal, type HecEnvelope, readEvents } from './hec-events.ts'

/** What the next requests to the event path meet instead of being served. */
export type HecFault =
  /** Splunk's JSON with this code; events are kept when the code is a success. */
  | { readonly kind: 'code'; readonly status: number; readonly code: number; readonly invalidEvent?: number }
  /** HTML, as a proxy sends it and as Splunk itself does for 413 and 415. */
  | { readonly kind: 'html'; readonly status: number }
  | { readonly kind: 'drop-connection' }
  /** The events are kept but the answer never comes. */
  | { readonly kind: 'lose-answer' }
  | { readonly kind: 'hang' }
  /** An answer that comes a byte at a time, and never ends. */
  | { readonly kind: 'trickle'; readonly everyMs: number }
  /** An answer without end, as fast as it is read. */
  | { readonly kind: 'flood' }

export interface HecServerOptions {
  readonly token?: string
  readonly tokenIsDisabled?: boolean
  /** The token asks for acknowledgements, and with them for a channel. */
  readonly acknowledges?: boolean
  /** Indexes that the token may write to; default: any. */
  readonly indexes?: readonly string[]
  readonly maxContentLength?: number
  readonly takesGzip?: boolean
  readonly health?: 17 | 18 | 19 | 20 | 23
}

const texts: Readonly<Record<number, string>> = {
  0: 'Success',
  1: 'Token disabled',
  2: 'Token is required',
  3: 'Invalid authorization',
  4: 'Invalid token',
  5: 'No data',
  6: 'Invalid data format',
  7: 'Incorrect index',
  8: 'Internal server error',
  9: 'Server is busy',
  10: 'Data channel is missing',
  11: 'Invalid data channel',
  12: 'Event field is required',
  13: 'Event field cannot be blank',
  14: 'ACK is disabled',
  15: 'Error in handling indexed fields',
  16: 'Query string authorization is not enabled',
  17: 'HEC is healthy',
  18: 'HEC is unhealthy, queues are full',
  19: 'HEC is unhealthy, ack service unavailable',
  20: 'HEC is unhealthy, queues are full, ack service unavailable',
  21: 'Invalid token',
  22: 'Token disabled',
  23: 'Server is shutting down',
  24: 'Success, queue approaching capacity',
  25: 'Success, ack channel approaching capacity',
  26: 'Queue at capacity',
  27: 'ACK channel at capacity',
}

const channelPattern = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

/**
 * A stand-in for Splunk's HTTP Event Collector with its whole table of codes, strict about all that it documents. Only
 * requests to the event path count and fail.
 */
export class HecServer extends FaultyServer<HecFault> {
  /** Events in the order in which they were taken. */
  readonly events: HecEnvelope[] = []
  options: HecServerOptions
  /** What was written of answers without end. */
  floodedBytes = 0
  readonly #acks = new Map<string, number>()

  constructor(options: HecServerOptions = {}) {
    super()
    this.options = options
  }

  protected override serve(request: IncomingMessage, response: ServerResponse, body: Buffer): void {
    try {
      this.#serve(request, response, body)
    } catch (error) {
      if (!(error instanceof HecRefusal)) throw error
      answer(response, error.status, error.code, error.more)
    }
  }

  #serve(request: IncomingMessage, response: ServerResponse, body: Buffer): void {
    const url = new URL(request.url ?? '/', 'http://localhost')
    const path = url.pathname.replace(/\/1\.0$/, '')
    if (path === '/services/collector/health') return this.#health(request, response)
    const isEvents = path === '/services/collector' || path === '/services/collector/event'
    if (!isEvents && path !== '/services/collector/raw' && path !== '/services/collector/ack') {
      return html(response, 404)
    }
    if (request.method !== 'POST') return html(response, 405)
    this.#checkToken(request, url)
    const channel = String(request.headers['x-splunk-request-channel'] ?? url.searchParams.get('channel') ?? '')
    if (path === '/services/collector/ack') return this.#acknowledge(response, channel, body)
    this.#takeEvents(request, response, { body, channel, raw: !isEvents })
  }

  #health(request: IncomingMessage, response: ServerResponse): void {
    const { token, tokenIsDisabled = false, health = 17 } = this.options
    const given = request.headers.authorization
    if (given !== undefined && token !== undefined && given !== `Splunk ${token}`) return answer(response, 400, 21)
    if (tokenIsDisabled) return answer(response, 400, 22)
    return answer(response, health === 17 ? 200 : 503, health)
  }

  #checkToken(request: IncomingMessage, url: URL): void {
    const { token = 'token', tokenIsDisabled = false } = this.options
    const { authorization } = request.headers
    if (url.searchParams.has('token')) throw new HecRefusal(400, 16)
    if (authorization === undefined) throw new HecRefusal(401, 2)
    if (!authorization.startsWith('Splunk ')) throw new HecRefusal(401, 3)
    if (authorization !== `Splunk ${token}`) throw new HecRefusal(403, 4)
    if (tokenIsDisabled) throw new HecRefusal(403, 1)
  }

  #takeEvents(
    request: IncomingMessage,
    response: ServerResponse,
    { body, channel, raw }: { readonly body: Buffer; readonly channel: string; readonly raw: boolean },
  ): void {
    const {
      acknowledges = false,
      maxContentLength = Number.POSITIVE_INFINITY,
      takesGzip = true,
      indexes,
    } = this.options
    const encoding = request.headers['content-encoding']
    if (body.length > maxContentLength) return html(response, 413)
    if (encoding !== undefined && (encoding !== 'gzip' || !takesGzip)) return html(response, 415)
    if ((acknowledges || raw) && channel === '') throw new HecRefusal(400, 10)
    if (channel !== '' && !channelPattern.test(channel)) throw new HecRefusal(400, 11)
    if (body.length === 0) throw new HecRefusal(400, 5)
    const fault = this.nextFault(request.url ?? '/')
    if (fault?.kind === 'flood') return flood(response, (bytes) => void (this.floodedBytes += bytes))
    if (fault && !keepsEvents(fault)) return fail(request, response, fault)
    const text = encoding === 'gzip' ? unzip(body) : body.toString()
    const events = raw
      ? text
          .split('\n')
          .filter((line) => line !== '')
          .map((event) => ({ event }))
      : readEvents(text, indexes)
    this.events.push(...events)
    if (fault) return fail(request, response, fault)
    answer(response, 200, 0, acknowledges ? { ackId: this.#nextAck(channel) } : {})
  }

  #nextAck(channel: string): number {
    const id = this.#acks.get(channel) ?? 0
    this.#acks.set(channel, id + 1)
    return id
  }

  #acknowledge(response: ServerResponse, channel: string, body: Buffer): void {
    if (!this.options.acknowledges) throw new HecRefusal(400, 14)
    if (channel === '') throw new HecRefusal(400, 10)
    const known = this.#acks.get(channel) ?? 0
    const { acks = [] } = JSON.parse(body.toString()) as { acks?: number[] }
    send(response, 200, JSON.stringify({ acks: Object.fromEntries(acks.map((id) => [id, id < known])) }))
  }
}

function keepsEvents(fault: HecFault): boolean {
  return fault.kind === 'lose-answer' || (fault.kind === 'code' && fault.status === 200)
}

function fail(request: IncomingMessage, response: ServerResponse, fault: HecFault): void {
  switch (fault.kind) {
    case 'code': {
      const { status, code, invalidEvent } = fault
      return answer(response, status, code, invalidEvent === undefined ? {} : { 'invalid-event-number': invalidEvent })
    }
    case 'html':
      return html(response, fault.status)
    case 'drop-connection':
    case 'lose-answer':
      request.socket.destroy()
      return
    case 'trickle':
      return trickle(response, fault.everyMs)
    case 'flood':
    case 'hang':
  }
}

function unzip(body: Buffer): string {
  try {
    return gunzipSync(body).toString()
  } catch {
    throw new HecRefusal(400, 6)
  }
}

function answer(
  response: ServerResponse,
  status: number,
  code: number,
  more: Readonly<Record<string, unknown>> = {},
): void {
  send(response, status, JSON.stringify({ text: texts[code], code, ...more }))
}

function html(response: ServerResponse, status: number): void {
  response.setHeader('content-type', 'text/html')
  send(response, status, `<!doctype html><html><head><title>${status}</title></head><body>${status}</body></html>`)
}

function send(response: ServerResponse, status: number, body: string): void {
  if (!response.hasHeader('content-type')) response.setHeader('content-type', 'application/json')
  response.statusCode = status
  response.end(body)
}
