import { timingSafeEqual } from 'node:crypto'
import type { Server } from 'node:http'
import type { Socket } from 'node:net'
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
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
const metricsType = 'text/plain; version=0.0.4; charset=utf-8'

/** Rejects with OPS_TOKEN_MISSING for an open host without a token, and OPS_PORT_IN_USE naming host and port. */
export async function startOpsServer(options: OpsServerOptions): Promise<OpsServer> {
  if (options.token === undefined && !loopbackHosts.includes(options.host)) {
    throw new MillraceError('OPS_TOKEN_MISSING', 'fatal', `ops host ${options.host} is not loopback: set a token`)
  }
  const server = Fastify({
    logger: false,
    bodyLimit: 1024,
    requestTimeout: requestTimeoutMs,
    keepAliveTimeout: idleTimeoutMs,
    connectionTimeout: idleTimeoutMs,
    forceCloseConnections: true,
    http: {
      headersTimeout: requestTimeoutMs,
      requestTimeout: requestTimeoutMs,
      connectionsCheckingInterval: timeoutCheckIntervalMs,
    },
  })
  boundConnections(server.server)
  server.removeAllContentTypeParsers()
  server.get('/live', (_, reply) => answer(reply, options.live()))
  server.get('/ready', (_, reply) => answer(reply, options.ready()))
  server.get('/metrics', { onRequest: authorize(options.token) }, async (_, reply) =>
    reply.type(metricsType).send(await options.metrics()),
  )
  server.setNotFoundHandler(refuseOtherMethods)
  await listen(server, options)
  const address = server.server.address()
  return {
    port: typeof address === 'object' && address !== null ? address.port : options.port,
    close: () => server.close(),
  }
}

async function listen(server: FastifyInstance, { host, port }: OpsServerOptions): Promise<void> {
  try {
    await server.listen({ host, port })
  } catch (error) {
    const message = `the ops server cannot listen on ${host}:${port} (${errorMessage(error)}): choose another port`
    throw new MillraceError('OPS_PORT_IN_USE', 'fatal', message, { cause: error })
  }
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

function refuseOtherMethods(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const path = request.url.split('?', 1)[0] as string
  if (!paths.includes(path))
    return reply.code(404).send({ ok: false, reason: `no such path: ask for ${paths.join(', ')}` })
  return reply.code(405).header('allow', 'GET, HEAD').send({ ok: false, reason: 'only GET and HEAD are answered' })
}

function answer(reply: FastifyReply, probe: Probe): FastifyReply {
  return reply.code(probe.ok ? 200 : 503).send({ ok: probe.ok, reason: probe.reason })
}

function authorize(token: string | undefined) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    if (token === undefined || matches(request.headers.authorization, `Bearer ${token}`)) return
    await reply.code(401).header('www-authenticate', 'Bearer').send({ ok: false, reason: 'a bearer token is needed' })
  }
}

function matches(given: string | undefined, expected: string): boolean {
  const [left, right] = [Buffer.from(given ?? ''), Buffer.from(expected)]
  return left.length === right.length && timingSafeEqual(left, right)
}
