import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { errorMessage, MillraceError } from '../core/errors.ts'
import { closeServer, denialOf, listen, listeningPort, loopbackHosts } from '../core/http-access.ts'
import { refuse } from '../core/http-refusal.ts'
import type { ApplicationStatus } from '../runtime/application/application-status.ts'
import { Admin, type AdminOptions } from './admin.ts'
import { streamTap, type TapSource, tapsMax } from './tap-stream.ts'

/** The answer of a probe; `reason` is shown to whoever asks. */
export interface Probe {
  /** True: healthy (200); false: not healthy (503). */
  readonly ok: boolean
  /** A sentence that says what is wrong, or that nothing is wrong. */
  readonly reason: string
}

/** Where the server listens, and what it answers. */
export interface OpsServerOptions {
  /** Default `127.0.0.1`, which only this machine can reach. Any host that is not loopback needs a `token`. */
  readonly host?: string | undefined
  /** Default 9464; 0 takes any free port. */
  readonly port?: number | undefined
  /**
   * All but the probes then require `Authorization: Bearer <token>`. Default: none, which
   * is allowed on loopback only; requests must then name it as their `Host`.
   */
  readonly token?: string | undefined
  /** The answer of `/live`, such as `health.live()`. */
  readonly live: () => Probe
  /** The answer of `/ready`, such as `health.ready()`. */
  readonly ready: () => Probe
  /** The answer of `/metrics`: Prometheus text, such as `metrics.text()`. */
  readonly metrics: () => Promise<string>
  /**
   * The answer of `/status`, as JSON; undefined until there is an application (503). Default: the path does not exist
   * (404).
   */
  readonly status?: (() => ApplicationStatus | undefined) | undefined
  /**
   * The pages for a person on call: `/topology`, `/tasks`, `/lag`, `/restore`, `/threads`, `/state`, `/log-level`,
   * `/pause`, `/resume`. They need the token where there is one. Default: none of them exists (404).
   */
  readonly admin?: AdminOptions | undefined
  /** The records of `/tap/NAME`, as server-sent events; needs the token where there is one. Default: no such path (404). */
  readonly tap?: TapSource | undefined
}

/** A server that answers `/live`, `/ready`, `/metrics` and, with `status`, `/status`. */
export interface OpsServer {
  /** The port that it listens on. */
  readonly port: number
  /** How many connections are open. */
  readonly connections: number
  /** Stops listening and cuts open connections. */
  close(): Promise<void>
}

/** More than probes, scrapers and a person need. */
const connectionsMax = 256
/** From the first byte of a request to its last: a client that trickles is cut. */
const requestTimeoutMs = 5000
const idleTimeoutMs = 15_000
const timeoutCheckIntervalMs = 1000
const defaultHost = '127.0.0.1'
const defaultPort = 9464
const jsonType = 'application/json; charset=utf-8'
const textType = 'text/plain; charset=utf-8'
const metricsType = 'text/plain; version=0.0.4; charset=utf-8'

/**
 * Starts the HTTP server of one process, on loopback unless `host` says otherwise. Rejects with OPS_TOKEN_MISSING for a
 * host that is not loopback without a token, and with OPS_PORT_IN_USE, which names host and port, when it cannot
 * listen.
 */
export async function startOpsServer(options: OpsServerOptions): Promise<OpsServer> {
  const { host = defaultHost, port = defaultPort, token } = options
  if ((token === undefined || token === '') && !loopbackHosts.includes(host)) {
    throw new MillraceError('OPS_TOKEN_MISSING', 'fatal', `ops host ${host} is not loopback: set a token`)
  }
  const pages = { ...options, admin: options.admin && new Admin(options.admin), taps: new Set<ServerResponse>() }
  const server = createServer(
    {
      headersTimeout: requestTimeoutMs,
      requestTimeout: requestTimeoutMs,
      keepAliveTimeout: idleTimeoutMs,
      connectionsCheckingInterval: timeoutCheckIntervalMs,
    },
    (request, response) => void respond(request, response, pages),
  )
  server.setTimeout(idleTimeoutMs)
  const open = boundConnections(server)
  await listen(server, host, port, (cause) => {
    const message = `the ops server cannot listen on ${host}:${port} (${errorMessage(cause)}): choose another port`
    return new MillraceError('OPS_PORT_IN_USE', 'fatal', message, { cause })
  })
  return {
    port: listeningPort(server, port),
    get connections() {
      return open.size
    },
    close: () => closeServer(server),
  }
}

/** One more closes the oldest: idle connections, however many, never keep a probe from being answered. */
function boundConnections(server: Server): ReadonlySet<Socket> {
  const open = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    open.add(socket)
    socket.once('close', () => open.delete(socket))
    if (open.size <= connectionsMax) return
    const [oldest] = open
    oldest?.destroy()
  })
  return open
}

type Pages = Omit<OpsServerOptions, 'admin'> & {
  readonly admin: Admin | undefined
  /** Those that are open. */
  readonly taps: Set<ServerResponse>
}

const paths: readonly string[] = ['/live', '/ready', '/metrics']
const statusPath = '/status'
const tapPath = '/tap/'
const readMethods: readonly string[] = ['GET', 'HEAD']

async function respond(request: IncomingMessage, response: ServerResponse, pages: Pages): Promise<void> {
  const [path = '', query = ''] = (request.url ?? '').split('?', 2)
  const method = request.method ?? ''
  const known = pages.status === undefined ? paths : [...paths, statusPath]
  const isTap = pages.tap !== undefined && path.startsWith(tapPath) && path.length > tapPath.length
  const methods = known.includes(path) ? readMethods : isTap ? ['GET'] : (pages.admin?.methodsOf(path) ?? [])
  if (methods.length === 0) {
    const reason = `no such path: ask for ${[...known, ...(pages.admin?.paths ?? [])].join(', ')}`
    return refuse(response, { status: 404, reason })
  }
  if (!methods.includes(method)) {
    const headers = { allow: methods.join(', ') }
    return refuse(response, { status: 405, reason: `only ${methods.join(' and ')} are answered`, headers })
  }
  try {
    if (path === '/live') return probe(response, pages.live())
    if (path === '/ready') return probe(response, pages.ready())
    const denial = denialOf(request, pages.token)
    if (denial !== undefined) return refuse(response, denial)
    if (isTap) return await openTap(response, pages, path, new URLSearchParams(query))
    if (path === statusPath) return showStatus(response, pages.status?.())
    if (path === '/metrics') return send(response, 200, metricsType, await pages.metrics())
    await showPage(request, response, pages.admin, { path, query, method })
  } catch (error) {
    refuse(response, { status: 500, reason: errorMessage(error) })
  }
}

/** Further taps would read more than one worker should. */
async function openTap(
  response: ServerResponse,
  { tap, taps, admin }: Pages,
  path: string,
  parameters: URLSearchParams,
): Promise<void> {
  if (tap === undefined) return
  if (taps.size >= tapsMax)
    return refuse(response, { status: 503, reason: `${tapsMax} taps are open: end one of them` })
  const name = decodedName(path.slice(tapPath.length))
  if (name === undefined) return refuse(response, { status: 400, reason: 'the name is not percent-encoded UTF-8' })
  admin?.tapped(path, response.socket?.remoteAddress ?? '')
  taps.add(response)
  try {
    await streamTap(response, tap, { name, parameters })
  } finally {
    taps.delete(response)
  }
}

function decodedName(encoded: string): string | undefined {
  try {
    return decodeURIComponent(encoded)
  } catch {
    return undefined
  }
}

async function showPage(
  request: IncomingMessage,
  response: ServerResponse,
  admin: Admin | undefined,
  { path, query, method }: { readonly path: string; readonly query: string; readonly method: string },
): Promise<void> {
  // A page of another site could be made to send a request here by a browser; only a program can set this off.
  if (method !== 'GET' && request.headers.origin !== undefined) {
    return refuse(response, { status: 403, reason: 'requests of web pages change nothing here' })
  }
  const parameters = new URLSearchParams(query)
  const answer = await admin?.answer({ method, path, parameters, from: request.socket.remoteAddress ?? '' })
  if (answer !== undefined) send(response, answer.status, answer.type === 'json' ? jsonType : textType, answer.body)
}

function showStatus(response: ServerResponse, status: ApplicationStatus | undefined): void {
  if (status === undefined) return refuse(response, { status: 503, reason: 'starting' })
  send(response, 200, jsonType, JSON.stringify(status))
}

/** 200 or 503, with the reason for a person. */
function probe(response: ServerResponse, { ok, reason }: Probe): void {
  send(response, ok ? 200 : 503, jsonType, JSON.stringify({ ok, reason }))
}

/** Node leaves the body out of the answer to HEAD. */
function send(response: ServerResponse, status: number, type: string, body: string, headers = {}): void {
  response.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(body), ...headers }).end(body)
}
