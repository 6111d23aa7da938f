import type { ConnectionState, NotShown, RefusedState } from './connection-state.ts'
import type { StreamedLine } from './log-line.ts'
import { type ServerEvent, ServerEventParser } from './server-events.ts'

/** Where a stream comes from. */
export interface ConnectionTarget {
  /** The address of the stream, with the parameters of its filter. */
  readonly url: string
  /** Sent as `Authorization: Bearer`. */
  readonly token: string | undefined
  /** Default: the fetch of the browser. */
  readonly fetch?: typeof fetch | undefined
  /** Resolves after so many milliseconds, or when the signal is aborted. Default: a timer. */
  readonly wait?: ((ms: number, signal: AbortSignal) => Promise<void>) | undefined
}

/** What a connection reports. */
export interface ConnectionEvents {
  lines(lines: readonly StreamedLine[], placeBefore: string | undefined): void
  gap(reason: string, records: number | undefined): void
  /** Lines that were not sent since the connection of this attempt began. */
  notShown(counts: NotShown): void
  /** An attempt begins: counts start at 0 again. */
  begins(): void
  state(state: ConnectionState): void
}

interface EventData {
  readonly lines?: readonly StreamedLine[]
  readonly notShown?: NotShown
  readonly reason?: string
  readonly records?: number
}

/** Heartbeats come every 30 seconds: a connection that is silent for longer is dead. */
const silenceMsMax = 75_000
const firstRetryMs = 500
const lastRetryMs = 10_000
/** Statuses that another attempt does not change. */
const finalStatuses: ReadonlySet<number> = new Set([400, 401, 403, 404, 405])

/** One stream of lines, over as many connections as it takes: each continues where the one before it ended. */
export class LogConnection {
  readonly #target: ConnectionTarget
  readonly #events: ConnectionEvents
  readonly #abort = new AbortController()
  #place: string | undefined
  #isOver = false

  constructor(target: ConnectionTarget, events: ConnectionEvents, place?: string) {
    this.#target = target
    this.#events = events
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
      this.#events.state({ kind: 'waiting', reason: lost, retryMs })
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
    this.#events.state({ kind: 'connecting' })
    this.#events.begins()
    try {
      const headers: Record<string, string> = { accept: 'text/event-stream' }
      if (token !== undefined && token !== '') headers.authorization = `Bearer ${token}`
      if (this.#place !== undefined) headers['last-event-id'] = this.#place
      const request = { headers, signal: attempt.signal, cache: 'no-store' } as const
      const response = await (this.#target.fetch ?? fetch)(url, request)
      if (!response.ok || response.body === null) return await this.#refused(response)
      this.#events.state({ kind: 'open' })
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

  #take({ type, id, data: text }: ServerEvent): void {
    const data = JSON.parse(text) as EventData
    const placeBefore = this.#place
    if (id !== undefined) this.#place = id
    if (data.notShown !== undefined) this.#events.notShown(data.notShown)
    if (type === 'lines') this.#events.lines(data.lines ?? [], placeBefore)
    else if (type === 'gap') this.#events.gap(data.reason ?? 'no reason was given', data.records)
    else if (type === 'end') this.#finish({ kind: 'ended' })
    else if (type === 'failed') this.#events.gap(data.reason ?? 'the server cannot read any longer', undefined)
  }

  #finish(state: ConnectionState): void {
    this.#isOver = true
    this.#events.state(state)
  }

  async #refused(response: Response): Promise<string | undefined> {
    const { status } = response
    const told = (await response.json().catch(() => ({}))) as Partial<RefusedState>
    const reason = told.reason ?? `the server answered ${status}`
    if (!finalStatuses.has(status)) return told.limit === undefined ? reason : limitInWords(reason, told)
    this.#finish({ kind: 'refused', status, reason, limit: told.limit, owner: told.owner })
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
