import { createSocket, type RemoteInfo, type Socket } from 'node:dgram'
import { isIPv6 } from 'node:net'
import { errorMessage, MillraceError } from '../../core/errors.ts'
import type { CollectorConfig } from '../collector-options.ts'
import type { Input, InputParts } from '../input.ts'
import { type LineFeed, lineBytes } from '../line-feed.ts'
import { withoutEnd } from './frame-reader.ts'

const inputName = 'syslog-udp'
/** Datagrams of a burst wait here until the process has time. The system may give less. */
const receiveBufferBytes = 4 * 1024 * 1024

/** Syslog over UDP: a message per datagram. What finds no room is counted: a sender cannot be asked to wait. */
export class SyslogDatagrams implements Input {
  readonly #parts: InputParts
  readonly #feed: LineFeed
  readonly #socket: Socket
  readonly connections = 0

  static async start(
    { host, port }: NonNullable<CollectorConfig['syslogUdp']>,
    parts: InputParts,
    feed: LineFeed,
  ): Promise<SyslogDatagrams> {
    const input = new SyslogDatagrams(isIPv6(host) ? 'udp6' : 'udp4', parts, feed)
    await new Promise<void>((resolve, reject) => {
      input.#socket.once('error', (cause) => {
        const text = `syslog cannot listen on ${host}:${port} (${errorMessage(cause)}): choose another port`
        reject(new MillraceError('COLLECTOR_PORT_IN_USE', 'fatal', text, { cause }))
      })
      input.#socket.bind(port, host, resolve)
    })
    input.#socket.removeAllListeners('error')
    input.#socket.on('error', (error) => {
      parts.config.logger.warn({ input: inputName, error: errorMessage(error) }, 'a datagram could not be received')
    })
    return input
  }

  private constructor(type: 'udp4' | 'udp6', parts: InputParts, feed: LineFeed) {
    this.#parts = parts
    this.#feed = feed
    this.#socket = createSocket({ type, recvBufferSize: receiveBufferBytes })
    this.#socket.on('message', (bytes, from) => this.#take(bytes, from))
  }

  get port(): number {
    return this.#socket.address().port
  }

  async close(timeoutMs: number): Promise<void> {
    await new Promise<void>((resolve) => this.#socket.close(() => resolve()))
    await this.#feed.close(timeoutMs)
  }

  #take(bytes: Buffer, { address }: RemoteInfo): void {
    const { intake, tally } = this.#parts
    const message = withoutEnd(bytes)
    if (message.length === 0) return
    if (message.length > intake.recordBytesMax)
      return tally.refuse(inputName, 'too-large', 1, `a message of ${message.length} bytes from ${address}`)
    const line = { key: Buffer.from(address), value: message }
    if (!intake.reserve(lineBytes(line)))
      return tally.refuse(inputName, 'no-room', 1, `a message from ${address}: too much waits for Kafka`)
    this.#feed.add(line)
  }
}
