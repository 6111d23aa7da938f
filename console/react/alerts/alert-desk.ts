import type { ConnectionState } from '../stream/connection-state.ts'
import { EventConnection } from '../stream/event-connection.ts'
import type { AlertRequest, AlertSnapshot } from './alert-snapshot.ts'

/** Where alerts come from. */
export interface AlertDeskTarget {
  /** The address of `GET /alerts`. */
  readonly url: string
  readonly token: string | undefined
}

/** What somebody does about an alert. */
export type AlertAction =
  | { readonly verb: 'acknowledge' | AlertRequest; readonly id: string }
  | ({ readonly verb: 'silence'; readonly forMs: number; readonly reason: string } & SilenceTarget)
  | { readonly verb: 'unsilence'; readonly id: string }

/** One alert, or those whose names fit. */
export type SilenceTarget = { readonly id: string } | { readonly match: Readonly<Record<string, string>> }

const deadlineMs = 40_000

/** What fires, as a server says it, and what somebody does about it. */
export class AlertDesk {
  /** Undefined until the server has said it. */
  snapshot: AlertSnapshot | undefined
  state: ConnectionState = { kind: 'connecting' }
  /** When it last changed, or was told that time has passed. */
  nowMs = Date.now()
  readonly #target: AlertDeskTarget
  readonly #connection: EventConnection

  /** `changed` is called after each change. */
  constructor({ url, token }: AlertDeskTarget, changed: () => void) {
    this.#target = { url, token }
    const target = { url: below(url, 'stream'), token }
    this.#connection = new EventConnection(target, {
      begins: () => {},
      event: ({ type, data }) => {
        if (type !== 'alerts') return
        this.snapshot = JSON.parse(data) as AlertSnapshot
        this.pass()
        changed()
      },
      state: (state) => {
        this.state = state
        changed()
      },
    })
    void this.#connection.run()
  }

  /** Time passes: ages are other ones. */
  pass(): void {
    this.nowMs = Date.now()
  }

  /** Resolves to why it was not done; undefined: it was. What fires shows it when the worker has taken it. */
  async act(action: AlertAction): Promise<string | undefined> {
    const { url, token } = this.#target
    const headers = { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) }
    const signal = AbortSignal.timeout(deadlineMs)
    try {
      const response = await fetch(below(url, 'verbs'), {
        method: 'POST',
        headers,
        body: bodyOf(action),
        signal,
      })
      if (response.ok) return undefined
      const { reason } = (await response.json().catch(() => ({}))) as { readonly reason?: string }
      return reason ?? `the server answered ${response.status}`
    } catch (error) {
      return error instanceof Error ? error.message : String(error)
    }
  }

  close(): void {
    this.#connection.close()
  }
}

/** The end of a silence is a time. */
function bodyOf(action: AlertAction): string {
  if (action.verb !== 'silence') return JSON.stringify(action)
  const { forMs, ...rest } = action
  return JSON.stringify({ ...rest, untilMs: Date.now() + forMs })
}

/** A path below an address, which keeps its parameters. */
function below(url: string, path: string): string {
  const [address = '', parameters] = url.split('?', 2)
  return `${address}/${path}${parameters === undefined ? '' : `?${parameters}`}`
}
