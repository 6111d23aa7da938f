import type { PictureGraph } from '../../../src/topology/picture/picture.ts'
import { ServerEventParser } from '../stream/server-events.ts'
import type { FleetReport } from './fleet-report.ts'

/** Where the live tail is, and with what token it is asked. */
export interface FleetTarget {
  /** The address of its pages about workers, which ends with a slash. */
  readonly endpoint: string
  readonly token: string | undefined
}

/** The server says no, and why. */
export class FleetRefusal extends Error {
  readonly status: number

  constructor(status: number, reason: string) {
    super(reason)
    this.status = status
  }
}

export interface TapQuery {
  readonly worker: string
  /** A topic, or a node of the topology. */
  readonly name: string
  /** Only records that have it in their value. */
  readonly text: string
  /** Why masked values are shown; empty: they are not. */
  readonly reason: string
}

const deadlineMs = 10_000

/** Asks once. Rejects with FleetRefusal, and with an Error where nobody answers. */
export class FleetClient {
  readonly #target: FleetTarget

  constructor(target: FleetTarget) {
    this.#target = target
  }

  status(signal: AbortSignal): Promise<FleetReport> {
    return this.#json('status', signal)
  }

  topology(worker: string, signal: AbortSignal): Promise<PictureGraph> {
    return this.#json(`topology?worker=${encodeURIComponent(worker)}`, signal)
  }

  /** Gives each record as JSON, until the tap ends. Resolves with why it has, where that is known. */
  async tap(query: TapQuery, give: (record: string) => void, signal: AbortSignal): Promise<string | undefined> {
    const { worker, name, text, reason } = query
    const parameters = new URLSearchParams({ worker, name })
    if (text !== '') parameters.set('text', text)
    if (reason !== '') parameters.set('unmask', reason)
    const response = await this.#ask(`tap?${parameters.toString()}`, signal)
    const reader = response.body?.getReader()
    const [decoder, parser] = [new TextDecoder(), new ServerEventParser()]
    for (;;) {
      const part = await reader?.read()
      if (part?.value === undefined) return undefined
      for (const { type, data } of parser.push(decoder.decode(part.value, { stream: true }))) {
        if (type === 'message') give(data)
        else if (type === 'failed') return (JSON.parse(data) as { readonly reason: string }).reason
        else if (type === 'dropped')
          give(`${(JSON.parse(data) as { readonly records: number }).records} records left out`)
      }
    }
  }

  async #json<Answer>(path: string, signal: AbortSignal): Promise<Answer> {
    const response = await this.#ask(path, AbortSignal.any([signal, AbortSignal.timeout(deadlineMs)]))
    return (await response.json()) as Answer
  }

  async #ask(path: string, signal: AbortSignal): Promise<Response> {
    const { endpoint, token } = this.#target
    const headers: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` }
    const response = await fetch(`${endpoint}${path}`, { headers, signal, cache: 'no-store' })
    if (response.ok) return response
    const told = (await response.json().catch(() => ({}))) as { readonly reason?: string }
    throw new FleetRefusal(response.status, told.reason ?? `the server answers ${response.status}`)
  }
}
