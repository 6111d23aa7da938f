import { createServer, type Server } from 'node:http'
import { systemClock } from '../core/clock.ts'
import { errorMessage, MillraceError } from '../core/errors.ts'
import { closeServer, listen, listeningPort, loopbackHosts } from '../core/http-access.ts'
import { standardErrorLogger } from '../core/logger.ts'
import type { KafkaDriver } from '../kafka/port.ts'
import { AccessLog } from './access/access-log.ts'
import { Gate } from './access/gate.ts'
import type { OidcOptions } from './access/oidc.ts'
import type { AnalyticsStatus } from './analytics/analytics.ts'
import { Closing } from './closing.ts'
import { EventSockets } from './event-sockets.ts'
import { Exports } from './exports.ts'
import { LiveTail, type LiveTailStatus } from './live-tail.ts'
import { LiveTailHttp } from './live-tail-http.ts'
import type { LiveTailOptions } from './live-tail-options.ts'
import { type DeskOptions, openDesks, sectionsOf } from './open-desks.ts'
import { Pages } from './pages.ts'
import { Reception } from './reception.ts'

/** Where a live tail is served. */
export interface LiveTailServerOptions extends LiveTailOptions, DeskOptions {
  /** Default `127.0.0.1`, which only this machine can reach. Any host that is not loopback needs a `token`. */
  readonly host?: string | undefined
  /** Default 9480; 0 takes any free port. */
  readonly port?: number | undefined
  /**
   * Requests then need `Authorization: Bearer <token>`, and whoever has it sees everything. Default: none, which is allowed
   * on loopback only, or beside `tokensFile` and `oidc`.
   */
  readonly token?: string | undefined
  /** A file in YAML or JSON with tokens, and the user and the roles of each. Read again every 30 s. */
  readonly tokensFile?: string | undefined
  /** Takes tokens of an issuer, which name the user and the roles. */
  readonly oidc?: OidcOptions | undefined
  /** Other sites whose pages may ask, such as `https://logs.example.com`. Default: none but the host itself. */
  readonly origins?: readonly string[] | undefined
  /** Each access is an entry of this topic as well, and nothing is shown that cannot be recorded. Default: none. */
  readonly auditTopic?: string | undefined
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

/** What a live tail that is served does, in numbers. */
export interface LiveTailServerStatus extends LiveTailStatus {
  /** Entries that could not be written to the audit topic. */
  readonly auditEntriesLost: number
  /** Undefined: it has no numbers for dashboards. */
  readonly analytics: AnalyticsStatus | undefined
}

/** A live tail that is served. */
export interface LiveTailServer {
  /** The port that it listens on. */
  readonly port: number
  /** Resolves when it is closed; rejects when the tail cannot read any longer. */
  readonly ended: Promise<void>
  /** What it does now, in numbers. */
  status(): LiveTailServerStatus
  /** Ends all viewers and stops listening; the driver stays open. */
  close(): Promise<void>
}

const requestTimeoutMs = 5000
const idleTimeoutMs = 15_000
const defaultPort = 9480
/** Of those who are about to be refused. */
const otherConnectionsMax = 100

/**
 * Tails topics and serves `GET /logs/stream`, as server-sent events, `/logs/ws`, as a web socket, `GET /logs/export`, and
 * `GET /analytics`.
 * Uses the driver until it is closed. Rejects with LIVE_TAIL_TOPIC, ILLEGAL_ARGUMENT, LIVE_TAIL_TOKEN_MISSING,
 * LIVE_TAIL_TOKENS, LIVE_TAIL_PAGES, AUDIT_FAILED, and LIVE_TAIL_PORT_IN_USE.
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
  const { host = '127.0.0.1', port = defaultPort, pagesDirectory, auditTopic, ...others } = options
  const { token, tokensFile, oidc, userHeader, origins = [], ...deskAndTail } = others
  const { workers, analytics, alerts, executionsTopic, ...tailOptions } = deskAndTail
  const deskOptions: DeskOptions = { workers, analytics, alerts, executionsTopic }
  const hasRoles = tokensFile !== undefined || oidc !== undefined
  if ((token === undefined || token === '') && !hasRoles && !loopbackHosts.includes(host)) {
    const text = `live tail host ${host} is not loopback: set a token`
    throw new MillraceError('LIVE_TAIL_TOKEN_MISSING', 'fatal', text)
  }
  const pages = pagesDirectory === undefined ? undefined : await Pages.read(pagesDirectory)
  const world = { logger: tailOptions.logger ?? standardErrorLogger, clock: tailOptions.clock ?? systemClock }
  const parts = new Closing()
  try {
    const gate = parts.keep(await Gate.open({ token, tokensFile, oidc, userHeader }, world))
    const accesses = parts.keep(await AccessLog.open(kafka, auditTopic, world))
    const tail = await LiveTail.start(kafka, tailOptions, { hasRoles })
    const reception = new Reception(tail, { gate, accesses, origins, sections: sectionsOf(deskOptions) })
    const sockets = new EventSockets(world.clock)
    const desks = parts.keep(
      await besides(tail, openDesks(deskOptions, { kafka, tail, reception, accesses, ...world })),
    )
    const exports = new Exports(tail, { reception, accesses })
    const http = new LiveTailHttp({ reception, sockets, pages, exports, desks: desks.desks })
    const ended = Promise.all([tail.ended, desks.ended]).then(() => {})
    // Whoever waits for it hears of it.
    ended.catch(() => {})
    const server = serverOf(http)
    server.maxConnections = tail.config.viewersMax + otherConnectionsMax
    parts.keep({ close: () => closeServer(server) })
    parts.keep(sockets)
    parts.keep(tail)
    await listen(server, host, port, (cause) => {
      const text = `the live tail cannot listen on ${host}:${port} (${errorMessage(cause)}): choose another port`
      return new MillraceError('LIVE_TAIL_PORT_IN_USE', 'fatal', text, { cause })
    })
    return {
      port: listeningPort(server, port),
      ended,
      status: () => ({ ...tail.status(), auditEntriesLost: accesses.entriesLost, analytics: desks.analytics() }),
      close: () => parts.close(),
    }
  } catch (error) {
    await parts.close()
    throw error
  }
}

/** What is opened besides the tail, which is closed where that fails. */
async function besides<Opened>(tail: LiveTail, opening: Promise<Opened>): Promise<Opened> {
  try {
    return await opening
  } catch (error) {
    await tail.close()
    throw error
  }
}

function serverOf(http: LiveTailHttp): Server {
  const server = createServer(
    { headersTimeout: requestTimeoutMs, requestTimeout: requestTimeoutMs, keepAliveTimeout: idleTimeoutMs },
    (request, response) => void http.answer(request, response),
  )
  server.on('upgrade', (request, socket, head) => void http.upgrade(request, socket, head))
  return server.setTimeout(idleTimeoutMs)
}
