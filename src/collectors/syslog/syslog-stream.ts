import { createServer as createPlainServer, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer } from 'node:tls'
import { errorMessage, MillraceError } from '../../core/errors.ts'
import { listen, listeningPort } from '../../core/http-access.ts'
import type { CollectorConfig } from '../collector-options.ts'
import type { Input, InputParts } from '../input.ts'
import { type LineFeed, lineBytes } from '../line-feed.ts'
import { FrameReader } from './frame-reader.ts'

type StreamConfig = NonNullable<CollectorConfig['syslogTcp']>

const handshakeTimeoutMs = 10_000
const keepAliveMs = 60_000
/** At the end. */
const lastReadMs = 1000
const inputName = 'syslog-tcp'

/**
 * Syslog over TCP or TLS. Syslog has no acknowledgement: a sender is stopped by
 * its connection while too much waits. The address of a sender is the key of its records, so that they stay in order.
 */
export class SyslogStream implements Input {
  readonly #config: StreamConfig
  readonly #parts: InputParts
  readonly #feed: LineFeed
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  /** With those whose TLS has not begun yet. */
  readonly #open = new Set<Socket>()

  static async start(config: StreamConfig, parts: InputParts, feed: LineFeed): Promise<SyslogStream> {
    const input = new SyslogStream(config, parts, feed)
    const { host, port } = config
    await listen(input.#server, host, port, (cause) => {
      const text = `syslog cannot listen on ${host}:${port} (${errorMessage(cause)}): choose another port`
      return new MillraceError('COLLECTOR_PORT_IN_USE', 'fatal', text, { cause })
    })
    return input
  }

  private constructor(config: StreamConfig, parts: InputParts, feed: LineFeed) {
    this.#config = config
    this.#parts = parts
    this.#feed = feed
    this.#server = serverOf(config.tls, (socket) => this.#accept(socket))
    // Of TLS, also those that have not shown a certificate yet.
    this.#server.maxConnections = config.connectionsMax
    this.#server.on('connection', (socket: Socket) => {
      this.#open.add(socket)
      socket.once('close', () => this.#open.delete(socket))
    })
    this.#server.on('tlsClientError', (error: Error, socket: Socket) => {
      const text = `a connection from ${socket.remoteAddress}: ${errorMessage(error)}`
      parts.tally.refuse(inputName, 'connection', 1, text)
    })
    this.#server.on('drop', (address) => {
      const text = `a connection from ${address?.remoteAddress}: ${config.connectionsMax} are open`
      parts.tally.refuse(inputName, 'connection', 1, text)
    })
  }

  get port(): number {
    return listeningPort(this.#server, this.#config.port)
  }

  get connections(): number {
    return this.#sockets.size
  }

  /** Takes what has arrived, and ends the connections. */
  async close(timeoutMs: number): Promise<void> {
    const { clock } = this.#parts.config
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()))
    for (const socket of this.#sockets) socket.end()
    // What senders have written before they hear of the end is on its way.
    const timer = clock.setTimer(Math.min(lastReadMs, timeoutMs), () => {
      for (const socket of [...this.#sockets, ...this.#open]) socket.destroy()
    })
    await closed
    timer.cancel()
    await this.#feed.close(timeoutMs)
  }

  #accept(socket: Socket): void {
    const { intake, tally, config } = this.#parts
    const from = socket.remoteAddress ?? 'unknown'
    const key = Buffer.from(from)
    this.#sockets.add(socket)
    const reader = new FrameReader(this.#config.messageBytesMax, {
      message: (value) => {
        if (value.length > intake.recordBytesMax)
          return tally.refuse(inputName, 'too-large', 1, `a message of ${value.length} bytes from ${from}`)
        const line = { key, value }
        intake.reserveAnyway(lineBytes(line))
        this.#feed.add(line)
      },
      refused: (reason, text) => tally.refuse(inputName, reason, 1, `${text} from ${from}`),
    })
    socket.setKeepAlive(true, keepAliveMs)
    socket.setTimeout(this.#config.idleMsMax, () => socket.end())
    socket.on('data', (chunk: Buffer) => {
      reader.read(chunk)
      if (!intake.isFull) return
      socket.pause()
      intake.onceRoom(() => socket.resume())
    })
    socket.on('error', (error) => {
      config.logger.info({ input: inputName, from, error: errorMessage(error) }, 'a connection ended with an error')
    })
    socket.once('close', () => {
      this.#sockets.delete(socket)
      reader.end()
    })
  }
}

/** Throws ILLEGAL_ARGUMENT where the certificates cannot be used. */
function serverOf(tls: StreamConfig['tls'], accept: (socket: Socket) => void): Server {
  if (tls === undefined) return createPlainServer(accept)
  const { cert, key, ca } = tls
  const clients = ca === undefined ? {} : { ca, requestCert: true, rejectUnauthorized: true }
  try {
    return createTlsServer(
      { cert, key, handshakeTimeout: handshakeTimeoutMs, minVersion: 'TLSv1.2', ...clients },
      accept,
    )
  } catch (cause) {
    const text = `syslogTcp.tls cannot be used (${errorMessage(cause)}): give certificate and key as PEM`
    throw new MillraceError('ILLEGAL_ARGUMENT', 'fatal', text, { cause })
  }
}
