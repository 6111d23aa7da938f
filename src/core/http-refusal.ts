import { type ServerResponse, STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'

/** Why a request is not answered: the reason names the fix, and never has a secret. */
export interface HttpRefusal {
  readonly status: number
  readonly reason: string
  readonly headers?: Readonly<Record<string, string>>
  /** Of the error, where there is one. */
  readonly code?: string | undefined
  /** The limit that was reached, as `viewersMax=2000`. */
  readonly limit?: string
  /** Who can raise it. */
  readonly owner?: string
}

/** What the answer to a refused request says. */
export function refusalText(told: Omit<HttpRefusal, 'status' | 'headers'>): string {
  return JSON.stringify({ ok: false, ...told })
}

/** Answers with the status, and with `{"ok":false,"reason":…}` as JSON. Node leaves the body out of the answer to HEAD. */
export function refuse(response: ServerResponse, refusal: HttpRefusal): void {
  const { status, headers, body } = refusalParts(refusal)
  response.writeHead(status, headers).end(body)
}

/** Answers a request for another protocol as `refuse` does, and ends the connection. */
export function refuseUpgrade(socket: Duplex, refusal: HttpRefusal): void {
  const { status, headers, body } = refusalParts(refusal)
  const lines = Object.entries({ ...headers, connection: 'close' }).map(([name, value]) => `${name}: ${value}\r\n`)
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines.join('')}\r\n${body}`)
}

function refusalParts({ status, headers = {}, ...told }: HttpRefusal): {
  readonly status: number
  readonly headers: Readonly<Record<string, string | number>>
  readonly body: string
} {
  const body = refusalText(told)
  const sent = { 'content-type': 'application/json; charset=utf-8', 'content-length': Buffer.byteLength(body) }
  return { status, headers: { ...sent, ...headers }, body }
}
