import type { ConnectionState, RefusedState } from './connection-state.ts'
import { type ServerEvent, ServerEventParser } from './server-events.ts'

/** Where a stream comes from. */
export interface ConnectionTarget {
  /** The address of the stream, with its parameters. */
  readonly url: string
  /** Sent as `Authorization: Bearer`. */
  readonly token: string | undefined
  /** Default: the fetch of the browser. */
  readonly fetch?: typeof fetch | undefined
  /** Resolves after so many milliseconds, or when the signal is aborted. Default: a timer. */
  readonly wait?: ((ms: number, signal: AbortSignal) => Promise<void>) | undefined
}

/** What a connection reports. */
export interface EventTaker {
  /** `placeBefore`: where the stream was before this event. */
  event(event: ServerEvent, placeBefore: string | undefined): void
  /** An attempt begins. */
  begins(): void
  state(state: ConnectionState): void
}

/** Heartbeats come every 30 seconds: a connection that is silent for longer is dead. */
const silenceMsMax = 75_000
const firstRetryMs = 500
const lastRetryMs = 10_000
/** Statuses that another attempt does not change. */
const finalStatuses: ReadonlySet<number> = new Set([400, 401, 403, 404, 405])

/** One stream of events, over as many connections as it takes: each continues where the one before it ended. */
export class EventConnection {
  readonly #target: ConnectionTarget
  readonly #taker: EventTaker
  readonly #abort = new AbortController()
  #place: string | undefined
  #isOver = false

  constructor(target: ConnectionTarget, taker: EventTaker, place?: string) {
    this.#target = target
    this.#taker = taker
    this.#place = place
  }

  /** Behind the last event: another connection continues there. */
  get place(): string | undefined {
    return this.#place
  }

  /** Reads until it is closed, refused for good or ended. Never rejects. */
  async run(): Promise<void> {
    const { signal } = this.#abort
    let retryMs = firstRetryMs
    while (!signal.aborted) {
      const placeBefore = this.#place
      const lost = await this.#attempt()
      if (signal.aborted || lost === undefined) return
      retryMs = this.#place === placeBefore ? Math.min(retryMs * 2, lastRetryMs) : firstRetryMs
      this.#taker.state({ kind: 'waiting', reason: lost, retryMs })
      await (this.#target.wait ?? waitFor)(retryMs, signal)
    }
  }

  close(): void {
    this.#isOver = true
    this.#abort.abort()
  }

  /** Resolves to the reason for another attempt; undefined: there is none. */
  async #attempt(): Promise<string | undefined> {
    const { url, token } = this.#target
    const attempt = new AbortController()
    const end = (): void => attempt.abort()
    this.#abort.signal.addEventListener('abort', end)
    const silence = new Silence(end)
    this.#taker.state({ kind: 'connecting' })
    this.#taker.begins()
    try {
      const headers: Record<string, string> = { accept: 'text/event-stream' }
      if (token !== undefined && token !== '') headers.authorization = `Bearer ${token}`
      if (this.#place !== undefined) headers['last-event-id'] = this.#place
      const request = { headers, signal: attempt.signal, cache: 'no-store' } as const
      const response = await (this.#target.fetch ?? fetch)(url, request)
      if (!response.ok || response.body === null) return await this.#refused(response)
      this.#taker.state({ kind: 'open' })
      await this.#read(response.body, silence)
      return this.#isOver ? undefined : 'the server ended the connection'
    } catch (error) {
      return silence.isOver ? 'the server was silent' : error instanceof Error ? error.message : String(error)
    } finally {
      silence.end()
      this.#abort.signal.removeEventListener('abort', end)
      attempt.abort()
    }
  }

  async #read(body: ReadableStream<Uint8Array>, silence: Silence): Promise<void> {
    const reader = body.getReader()
    const decoder = new TextDecoder()
    const parser = new ServerEventParser()
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return
      silence.restart()
      for (const event of parser.push(decoder.decode(value, { stream: true }))) {
        if (this.#isOver) return
        this.#take(event)
      }
    }
  }

  #take(event: ServerEvent): void {
    const placeBefore = this.#place
    if (event.id !== undefined) this.#place = event.id
    this.#taker.event(event, placeBefore)
  }

  /** The stream has come to its end. */
  finish(state: ConnectionState): void {
    this.#isOver = true
    this.#taker.state(state)
  }

  async #refused(response: Response): Promise<string | undefined> {
    const { status } = response
    const told = (await response.json().catch(() => ({}))) as Partial<RefusedState>
    const reason = told.reason ?? `the server answered ${status}`
    if (!finalStatuses.has(status)) return told.limit === undefined ? reason : limitInWords(reason, told)
    this.finish({ kind: 'refused', status, reason, limit: told.limit, owner: told.owner })
    return undefined
  }
}

function limitInWords(reason: string, { limit, owner }: Partial<RefusedState>): string {
  return `${reason}, limit ${limit}${owner === undefined ? '' : `, owner: ${owner}`}`
}

/** Ends what has been silent for too long. */
class Silence {
  readonly #end: () => void
  #timer: ReturnType<typeof setTimeout>
  isOver = false

  constructor(end: () => void) {
    this.#end = end
    this.#timer = this.#start()
  }

  restart(): void {
    clearTimeout(this.#timer)
    this.#timer = this.#start()
  }

  end(): void {
    clearTimeout(this.#timer)
  }

  #start(): ReturnType<typeof setTimeout> {
    return setTimeout(() => {
      this.isOver = true
      this.#end()
    }, silenceMsMax)
  }
}

function waitFor(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', end)
      resolve()
    }
    const timer = setTimeout(end, ms)
    signal.addEventListener('abort', end)
  })
}
