import { timingSafeEqual } from 'node:crypto'
import type { IncomingMessage, Server } from 'node:http'
import type { Server as ConnectionServer } from 'node:net'

/** Hosts that only this machine can reach: a server that listens on one of them needs no token. */
export const loopbackHosts: readonly string[] = ['127.0.0.1', '::1', 'localhost']

const loopbackName = /^(127\.0\.0\.1|\[::1\]|localhost)(:\d+)?$/i

/** Why a request is not answered. */
export interface Denial {
  readonly status: 401 | 403
  readonly reason: string
  readonly headers: Readonly<Record<string, string>>
}

/** With a token, requests have to carry it; without one, they have to name this machine as their host. */
export function denialOf({ headers }: IncomingMessage, token: string | undefined): Denial | undefined {
  if (token !== undefined) {
    if (isSame(headers.authorization, `Bearer ${token}`)) return undefined
    return { status: 401, reason: 'a bearer token is needed', headers: { 'www-authenticate': 'Bearer' } }
  }
  // A page of a site that has its name point here could read the answers; without a token, only the name tells.
  if (loopbackName.test(headers.host ?? 'localhost')) return undefined
  const reason = 'without a token only the hosts 127.0.0.1, [::1] and localhost are answered'
  return { status: 403, reason, headers: {} }
}

/** Compares in a time that does not depend on where texts differ, so that answers tell nothing about the token. */
export function isSame(given: string | undefined, expected: string): boolean {
  const [left, right] = [Buffer.from(given ?? ''), Buffer.from(expected)]
  return left.length === right.length && timingSafeEqual(left, right)
}

/** Resolves when the server listens; rejects with what `fault` makes of the error of the operating system. */
export function listen(
  server: ConnectionServer,
  host: string,
  port: number,
  fault: (cause: Error) => Error,
): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) => reject(fault(error)))
    server.listen({ host, port }, resolve)
  })
}

/** The port that the server listens on: the given one, or the one that the system chose. */
export function listeningPort(server: ConnectionServer, port: number): number {
  const address = server.address()
  return typeof address === 'object' && address !== null ? address.port : port
}

/** Ends connections that are open, so that a client which keeps one does not hold up the end of the process. */
export function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
}
