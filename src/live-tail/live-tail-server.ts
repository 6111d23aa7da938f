import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { errorMessage, MillraceError } from '../core/errors.ts'
import { closeServer, listen, listeningPort, loopbackHosts } from '../core/http-access.ts'
import { refuse, refuseUpgrade } from '../core/http-refusal.ts'
import type { KafkaDriver } from '../kafka/port.ts'
import { EventSockets } from './event-sockets.ts'
import { EventStream } from './event-stream.ts'
import { LiveTail, type LiveTailStatus } from './live-tail.ts'
import type { LiveTailOptions } from './live-tail-options.ts'
import { Pages } from './pages.ts'
import { Reception } from './reception.ts'

/** Where a live tail is served. */
export interface LiveTailServerOptions extends LiveTailOptions {
  /** Default `127.0.0.1`, which only this machine can reach. Any host that is not loopback needs a `token`. */
  readonly host?: string | undefined
  /** Default 9480; 0 takes any free port. */
  readonly port?: number | undefined
  /** Requests then need `Authorization: Bearer <token>`. Default: none, which is allowed on loopback only. */
  readonly token?: string | undefined
  /**
   * The header in which a proxy names the user, such as `x-forwarded-user`: nobody but the proxy may reach the port
   * then. Default: none, and each network address is a user.
   */
  readonly userHeader?: string | undefined
  /**
   * A directory with an `index.html` and what it loads, such as a console: `GET /` shows it, to everybody who reaches the
   * port. Read once at the start. Default: none.
   */
  readonly pagesDirectory?: string | undefined
}

/** A live tail that is served. */
export interface LiveTailServer {
  /** The port that it listens on. */
  readonly port: number
  /** Resolves when it is closed; rejects when the tail cannot read any longer. */
  readonly ended: Promise<void>
  /** What it does now, in numbers. */
  status(): LiveTailStatus
  /** Ends all viewers and stops listening; the driver stays open. */
  close(): Promise<void>
}

const streamPath = '/logs/stream'
const socketPath = '/logs/ws'
const requestTimeoutMs = 5000
const idleTimeoutMs = 15_000
const defaultPort = 9480
/** Of those who are about to be refused. */
const otherConnectionsMax = 100

/**
 * Tails topics and serves `GET /logs/stream`, as server-sent events, and `/logs/ws`, as a web socket. Uses the driver
 * until it is closed. Rejects with LIVE_TAIL_TOPIC, ILLEGAL_ARGUMENT,
 * LIVE_TAIL_TOKEN_MISSING, LIVE_TAIL_PAGES, and LIVE_TAIL_PORT_IN_USE.
 *
 * @example
 * ```ts
 * const driver = openKafka(kafka)
 * const server = await startLiveTail(driver, { topics: ['numbers'], port: 0 })
 * console.log(`curl -N 'http://127.0.0.1:${server.port}/logs/stream?levels=error,critical&text=timeout'`)
 * await server.close()
 * await driver.close()
 * ```
 */
export async function startLiveTail(kafka: KafkaDriver, options: LiveTailServerOptions): Promise<LiveTailServer> {
  const { host = '127.0.0.1', port = defaultPort, token, userHeader, pagesDirectory, ...tailOptions } = options
  if ((token === undefined || token === '') && !loopbackHosts.includes(host)) {
    const text = `live tail host ${host} is not loopback: set a token`
    throw new MillraceError('LIVE_TAIL_TOKEN_MISSING', 'fatal', text)
  }
  const pages = pagesDirectory === undefined ? undefined : await Pages.read(pagesDirectory)
  const tail = await LiveTail.start(kafka, tailOptions)
  const reception = new Reception(tail, { token, userHeader })
  const server = createServer(
    { headersTimeout: requestTimeoutMs, requestTimeout: requestTimeoutMs, keepAliveTimeout: idleTimeoutMs },
    (request, response) => answer(request, response, { reception, pages }),
  )
  server.setTimeout(idleTimeoutMs)
  const sockets = new EventSockets(tail.config.clock)
  server.on('upgrade', (request, socket, head) => upgrade(request, { socket, head }, { sockets, reception }))
  server.maxConnections = tail.config.viewersMax + otherConnectionsMax
  try {
    await listen(server, host, port, (cause) => {
      const text = `the live tail cannot listen on ${host}:${port} (${errorMessage(cause)}): choose another port`
      return new MillraceError('LIVE_TAIL_PORT_IN_USE', 'fatal', text, { cause })
    })
  } catch (error) {
    await tail.close()
    throw error
  }
  return {
    port: listeningPort(server, port),
    ended: tail.ended,
    status: () => tail.status(),
    close: () => close(tail, sockets, server),
  }
}

async function close(tail: LiveTail, sockets: EventSockets, server: Server): Promise<void> {
  await tail.close()
  await sockets.close()
  await closeServer(server)
}

function answer(
  request: IncomingMessage,
  response: ServerResponse,
  { reception, pages }: { readonly reception: Reception; readonly pages: Pages | undefined },
): void {
  const [path = ''] = (request.url ?? '').split('?', 1)
  const isPage = pages?.has(path) === true
  const methods = isPage ? ['GET', 'HEAD'] : path === streamPath ? ['GET'] : undefined
  if (methods === undefined)
    return refuse(response, { status: 404, reason: `no such path: ask for ${streamPath} or ${socketPath}` })
  if (!methods.includes(request.method ?? '')) {
    const headers = { allow: methods.join(', ') }
    return refuse(response, { status: 405, reason: `only ${methods.join(' and ')} are answered`, headers })
  }
  if (isPage) return pages.answer(request, response, path)
  const admitted = reception.receive(request)
  if ('status' in admitted) return refuse(response, admitted)
  // Heartbeats find out whether somebody is there.
  request.socket.setTimeout(0)
  const guest = admitted.open(new EventStream(response, request.headers['accept-encoding']))
  response.on('drain', () => guest.resume())
  response.once('close', () => guest.leave())
}

/** A request for a web socket is answered as any other where it is refused. */
function upgrade(
  request: IncomingMessage,
  { socket, head }: { readonly socket: Duplex; readonly head: Buffer },
  { sockets, reception }: { readonly sockets: EventSockets; readonly reception: Reception },
): void {
  socket.on('error', () => socket.destroy())
  const [path] = (request.url ?? '').split('?', 1)
  if (path !== socketPath) return refuseUpgrade(socket, { status: 404, reason: `no such path: ask for ${socketPath}` })
  const admitted = reception.receive(request)
  if ('status' in admitted) return refuseUpgrade(socket, admitted)
  request.socket.setTimeout(0)
  const connection = sockets.accept(request, socket, head)
  if (connection === undefined) return admitted.decline()
  const guest = admitted.open(connection)
  connection.onResume(() => guest.resume())
  connection.onClose(() => guest.leave())
}
