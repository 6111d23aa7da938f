import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { type WebSocket, WebSocketServer } from 'ws'
import type { Clock } from '../core/clock.ts'
import { unsentBytesMax } from './event-stream.ts'
import type { ViewerConnection, ViewerEvent } from './viewer-events.ts'

/** Nothing that a client says is read. */
const receivedBytesMax = 1024
const compressedFromBytes = 1024
const closingMs = 1000
const goingAway = 1001

/** Web sockets of viewers: each message is an event as JSON, compressed from 1 KiB where the client takes that. */
export class EventSockets {
  readonly #clock: Clock
  readonly #server = new WebSocketServer({
    noServer: true,
    maxPayload: receivedBytesMax,
    perMessageDeflate: {
      threshold: compressedFromBytes,
      // What a connection holds for it: 24 KiB in place of 256.
      zlibDeflateOptions: { level: 1, memLevel: 5 },
      serverMaxWindowBits: 11,
      serverNoContextTakeover: true,
      clientNoContextTakeover: true,
    },
  })

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Undefined: it was no request for a web socket, and was answered so. */
  accept(request: IncomingMessage, socket: Duplex, head: Buffer): EventSocket | undefined {
    let accepted: EventSocket | undefined
    this.#server.handleUpgrade(request, socket, head, (webSocket) => {
      accepted = new EventSocket(webSocket)
    })
    return accepted
  }

  /** Closes those that are open, and cuts those whose clients do not answer within a second. */
  async close(): Promise<void> {
    const { clients } = this.#server
    const closed = [...clients].map((client) => {
      client.close(goingAway)
      return new Promise<void>((resolve) => client.once('close', () => resolve()))
    })
    const timer = this.#clock.setTimer(closingMs, () => {
      for (const client of clients) client.terminate()
    })
    await Promise.all(closed)
    timer.cancel()
  }
}

/** The web socket of one viewer. */
export class EventSocket implements ViewerConnection {
  readonly #socket: WebSocket
  #resume = (): void => {}
  /** It was full, and whoever writes waits for `#resume`. */
  #isFull = false

  constructor(socket: WebSocket) {
    this.#socket = socket
    // What went wrong is of no use: it is closed then.
    socket.on('error', () => {})
  }

  get isWritable(): boolean {
    return this.#socket.bufferedAmount < unsentBytesMax
  }

  onResume(resume: () => void): void {
    this.#resume = resume
  }

  onClose(close: () => void): void {
    this.#socket.once('close', close)
  }

  send({ type, place, data }: ViewerEvent): void {
    const id = place === undefined ? '' : `"id":${JSON.stringify(place)},`
    this.#socket.send(`{"event":"${type}",${id}"data":${data}}`, () => {
      if (!this.#isFull || !this.isWritable) return
      this.#isFull = false
      this.#resume()
    })
    this.#isFull ||= !this.isWritable
  }

  end(): void {
    this.#socket.close()
  }

  cut(): void {
    this.#socket.terminate()
  }
}
