import { timingSafeEqual } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { errorMessage, MillraceError } from '../core/errors.ts'

/** The answer of a probe; `reason` is shown to whoever asks. */
export interface Probe {
  readonly ok: boolean
  readonly reason: string
}

export interface OpsServerOptions {
  readonly host: string
  /** 0 takes any free port. */
  readonly port: number
  /** Needed by every path but the probes; undefined is allowed on loopback only. */
  readonly token: string | undefined
  readonly live: () => Probe
  readonly ready: () => Probe
  /** Prometheus text. */
  readonly metrics: () => Promise<string>
}

/** `/live`, `/ready` and `/metrics` of one process. */
export interface OpsServer {
  readonly port: number
  close(): Promise<void>
}

/** More than probes, scrapers and a person need. */
const connectionsMax = 256
/** From the first byte of a request to its last: a client that trickles is cut. */
const requestTimeoutMs = 5000
const idleTimeoutMs = 15_000
const timeoutCheckIntervalMs = 1000
const loopbackHosts = ['127.0.0.1', '::1', 'localhost']
const jsonType = 'application/json; charset=utf-8'
const metricsType = 'text/plain; version=0.0.4; charset=utf-8'

/** Rejects with OPS_TOKEN_MISSING for an open host without a token, and OPS_PORT_IN_USE naming host and port. */
export async function startOpsServer(options: OpsServerOptions): Promise<OpsServer> {
  if (options.token === undefined && !loopbackHosts.includes(options.host)) {
    throw new MillraceError('OPS_TOKEN_MISSING', 'fatal', `ops host ${options.host} is not loopback: set a token`)
  }
  const server = createServer(
    {
      headersTimeout: requestTimeoutMs,
      requestTimeout: requestTimeoutMs,
      keepAliveTimeout: idleTimeoutMs,
      connectionsCheckingInterval: timeoutCheckIntervalMs,
    },
    (request, response) => void respond(request, response, options),
  )
  server.setTimeout(idleTimeoutMs)
  boundConnections(server)
  await listen(server, options)
  const address = server.address()
  return {
    port: typeof address === 'object' && address !== null ? address.port : options.port,
    close: () => closeServer(server),
  }
}

function listen(server: Server, { host, port }: OpsServerOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) => {
      const message = `the ops server cannot listen on ${host}:${port} (${errorMessage(error)}): choose another port`
      reject(new MillraceError('OPS_PORT_IN_USE', 'fatal', message, { cause: error }))
    })
    server.listen({ host, port }, resolve)
  })
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
}

/** One more closes the oldest: idle connections, however many, never keep a probe from being answered. */
function boundConnections(server: Server): void {
  const open = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    open.add(socket)
    socket.once('close', () => open.delete(socket))
    if (open.size <= connectionsMax) return
    const [oldest] = open
    oldest?.destroy()
  })
}

const paths: readonly string[] = ['/live', '/ready', '/metrics']

async function respond(request: IncomingMessage, response: ServerResponse, options: OpsServerOptions): Promise<void> {
  const path = (request.url ?? '').split('?', 1)[0] as string
  if (!paths.includes(path)) return refuse(response, 404, `no such path: ask for ${paths.join(', ')}`)
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    return refuse(response, 405, 'only GET and HEAD are answered', { allow: 'GET, HEAD' })
  }
  try {
    if (path === '/live') return probe(response, options.live())
    if (path === '/ready') return probe(response, options.ready())
    if (options.token !== undefined && !matches(request.headers.authorization, `Bearer ${options.token}`)) {
      return refuse(response, 401, 'a bearer token is needed', { 'www-authenticate': 'Bearer' })
    }
    send(response, 200, metricsType, await options.metrics())
  } catch (error) {
    refuse(response, 500, errorMessage(error))
  }
}

function probe(response: ServerResponse, { ok, reason }: Probe): void {
  send(response, ok ? 200 : 503, jsonType, JSON.stringify({ ok, reason }))
}

function refuse(response: ServerResponse, status: number, reason: string, headers: Record<string, string> = {}): void {
  send(response, status, jsonType, JSON.stringify({ ok: false, reason }), headers)
}

/** Node leaves the body out of the answer to HEAD. */
function send(response: ServerResponse, status: number, type: string, body: string, headers = {}): void {
  response.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(body), ...headers }).end(body)
}

function matches(given: string | undefined, expected: string): boolean {
  const [left, right] = [Buffer.from(given ?? ''), Buffer.from(expected)]
  return left.length === right.length && timingSafeEqual(left, right)
}
