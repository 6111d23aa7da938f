import type { Socket } from 'node:net'
import type { Timer } from '../../../core/clock.ts'
import { type ErrorCode, errorCode, errorMessage, MillraceError } from '../../../core/errors.ts'
import { StateMachine, type Transitions } from '../../../core/state-machine.ts'
import type { BrokerRecord, WatchedConnection } from './broker-record.ts'
import type { BrokerAddress } from './broker-address.ts'
import type { ClusterConfig } from './cluster-options.ts'
import { FrameAssembler } from './connection-frames.ts'
import { handshake } from './connection-handshake.ts'
import type { ConnectionRequestOptions } from './connection-request.ts'
import type { Dialer } from './dialer.ts'
import { type Api, negotiateVersion, type VersionRange } from '../protocol/api.ts'
import { encodeRequest, responseBody } from '../protocol/header.ts'
import { Reader } from '../protocol/reader.ts'
import { tlsError } from './tls.ts'

type State = 'connecting' | 'open' | 'retiring' | 'closed'

/**
 * ```
 * connecting --handshake--> open --lifetime over--> retiring --last answer--> closed
 *      \______________________\____ error, deadline ____\______________________/
 * ```
 * Only an open connection takes requests. A retiring one answers those that it has; a new request goes to a new
 * connection.
 */
const transitions: Transitions<State> = {
  connecting: ['open', 'closed'],
  open: ['retiring', 'closed'],
  retiring: ['closed'],
  closed: [],
}

/**
 * A timer that rings so much late was kept from it, and so were answers that lie in the socket: they are read first.
 */
const heldMs = 1000

/** A connection keeps at most this many requests waiting for their turn; beyond it they are refused. */
const maxQueued = 1000

/** A request from when it is made until it is answered, rejected, or passed on to the socket if no answer follows. */
interface PendingRequest {
  readonly name: string
  readonly encode: (correlationId: number) => readonly Buffer[]
  /** undefined: no answer is to come. */
  readonly settle: (frame: Buffer | undefined) => void
  readonly reject: (error: unknown) => void
  readonly hasResponse: boolean
  /** Until then the broker may hold the answer back. */
  owedFromMs: number
  dueAtMs: number
  timer: Timer | undefined
}

/**
 * One connection to one broker: TCP or TLS, versions, SASL, then pipelined requests, answered in order. A request that
 * misses its deadline, a broken frame or an answer out of order closes it and rejects all that is in flight with a
 * retriable error; a closed connection is never used again.
 */
export class Connection implements WatchedConnection {
  readonly address: BrokerAddress
  readonly #broker: BrokerRecord
  readonly #dialedAtMs: number
  readonly #config: ClusterConfig
  readonly #state: StateMachine<State>
  readonly #socket: Socket
  readonly #frames: FrameAssembler
  readonly #queue: PendingRequest[] = []
  readonly #inFlight = new Map<number, PendingRequest>()
  /** Requests that no answer follows, until the socket has passed them on. */
  readonly #unwritten = new Set<PendingRequest>()
  readonly #onClose: () => void
  #nextCorrelationId = 0
  #versions: ReadonlyMap<number, VersionRange> = new Map()
  #featureLevels: ReadonlyMap<string, number> = new Map()
  #lifetimeTimer: Timer | undefined
  /** Set while the broker wants to be left alone (KIP-219). */
  #throttleTimer: Timer | undefined
  #failure: Error | undefined
  /** To anything after the handshake. */
  #hasAnswered = false

  /**
   * Dials and resolves when requests may be sent. Rejects with CONNECTION_FAILED or CONNECT_TIMEOUT (retriable),
   * TLS_UNTRUSTED, SASL_AUTHENTICATION_FAILED or UNSUPPORTED_BROKER (fatal). `onClose` is called once if the connection
   * was open.
   */
  static async open(
    broker: BrokerRecord,
    dialer: Dialer,
    config: ClusterConfig,
    onClose: () => void,
  ): Promise<Connection> {
    const connection = new Connection(broker, dialer.dial(broker.address), config, onClose)
    const timer = config.clock.setTimer(config.connectTimeoutMs, () =>
      connection.#fail(
        connection.#error('CONNECT_TIMEOUT', `did not accept the connection within ${config.connectTimeoutMs} ms`),
      ),
    )
    try {
      await connection.#connected()
      const session = await handshake(connection, config)
      connection.#versions = session.versions
      connection.#featureLevels = session.featureLevels
      if (connection.#failure !== undefined) throw connection.#failure
      connection.#state.transition('open')
      connection.#limitLifetime(session.lifetimeMs)
      return connection
    } catch (error) {
      connection.#fail(error)
      throw connection.#failure as Error
    } finally {
      timer.cancel()
    }
  }

  private constructor(broker: BrokerRecord, socket: Socket, config: ClusterConfig, onClose: () => void) {
    const { address } = broker
    this.address = address
    this.#socket = socket
    this.#broker = broker
    this.#dialedAtMs = config.clock.monotonicMs()
    broker.connections.add(this)
    this.#config = config
    this.#onClose = onClose
    this.#state = new StateMachine<State>(`connection to ${address.host}:${address.port}`, 'connecting', transitions)
    this.#frames = new FrameAssembler(config.maxFrameBytes, `broker ${address.host}:${address.port}`)
    this.#socket.setNoDelay(true)
    this.#socket.setKeepAlive(true, 30_000)
    this.#socket.on('data', (chunk: Buffer) => this.#receive(chunk))
    this.#socket.on('error', (cause) => this.#fail(tlsError(address, cause) ?? this.#networkError(cause)))
    this.#socket.on('close', () => this.#fail(this.#closedByBroker()))
  }

  /** false once it retires or closes; a new request then belongs on a new connection. */
  get isOpen(): boolean {
    return this.#state.is('open')
  }

  /** Requests that are not answered yet, those that wait for their turn included. */
  get pendingRequests(): number {
    return this.#queue.length + this.#underWay
  }

  /** For how long an answer has been late, beyond what the broker may hold it back; 0 when none is. */
  get owedForMs(): number {
    const fromMs = this.#state.is('connecting') ? this.#dialedAtMs : this.#oldest?.owedFromMs
    return fromMs === undefined ? 0 : Math.max(0, this.#config.clock.monotonicMs() - fromMs)
  }

  /** Of the request whose answer is next. */
  get owedName(): string {
    return this.#oldest?.name ?? 'our connection'
  }

  get #oldest(): PendingRequest | undefined {
    return this.#inFlight.values().next().value
  }

  get #underWay(): number {
    return this.#inFlight.size + this.#unwritten.size
  }

  /** The version that `request` uses for the API. Throws UNSUPPORTED_BROKER (fatal). */
  versionOf(api: Api<never, unknown>): number {
    return negotiateVersion(api, this.#versions.get(api.key), `${this.address.host}:${this.address.port}`)
  }

  /** Of a feature that the whole cluster had switched on when this connection was made; 0 where it has not. */
  featureLevel(name: string): number {
    return this.#featureLevels.get(name) ?? 0
  }

  /** Sends when its turn comes; rejects at the deadline with REQUEST_TIMED_OUT (retriable). */
  request<Request, Response>(
    api: Api<Request, Response>,
    body: Request,
    options: ConnectionRequestOptions,
  ): Promise<Response> {
    const nowMs = this.#config.clock.monotonicMs()
    return new Promise((resolve, reject) => {
      if (this.#state.is('retiring', 'closed'))
        return reject(this.#failure ?? this.#error('CONNECTION_LEFT', 'is being closed by this client'))
      if (this.#queue.length >= maxQueued)
        return reject(this.#error('CONNECTION_BUSY', `has ${maxQueued} requests waiting`))
      const version = options.version ?? this.versionOf(api)
      const pending: PendingRequest = {
        name: api.name,
        encode: (correlationId) =>
          encodeRequest(api, version, correlationId, options.clientId ?? this.#config.clientId, body),
        settle: (frame) => {
          if (frame === undefined) return resolve(undefined as Response)
          const response = api.decode(responseBody(api, version, frame), version)
          this.#throttle((response as { throttleTimeMs?: number } | undefined)?.throttleTimeMs ?? 0)
          resolve(response)
        },
        reject,
        hasResponse: options.hasResponse ?? true,
        owedFromMs: nowMs + (options.heldMs ?? 0),
        dueAtMs: nowMs + options.timeoutMs,
        timer: undefined,
      }
      pending.timer = this.#config.clock.setTimer(options.timeoutMs, () => this.#expire(pending, options.timeoutMs))
      this.#queue.push(pending)
      this.#pump()
    })
  }

  /** Rejects everything in flight with CONNECTION_LEFT: nothing failed. */
  close(): void {
    this.#end(this.#error('CONNECTION_LEFT', 'was closed by this client'))
  }

  /**
   * Sends requests while fewer than `maxInFlight` are unanswered. One that cannot be encoded rejects alone: nothing of
   * it was written.
   */
  #pump(): void {
    if (this.#throttleTimer !== undefined) return
    while (this.#queue.length > 0 && this.#underWay < this.#config.maxInFlight) {
      const pending = this.#queue.shift() as PendingRequest
      const correlationId = this.#nextCorrelationId
      let parts: readonly Buffer[]
      try {
        parts = pending.encode(correlationId)
      } catch (error) {
        this.#finish(pending)
        pending.reject(error)
        continue
      }
      this.#nextCorrelationId = (correlationId + 1) & 0x7fff_ffff
      if (pending.hasResponse) {
        this.#inFlight.set(correlationId, pending)
        this.#write(parts)
      } else {
        this.#unwritten.add(pending)
        this.#write(parts, () => this.#written(pending))
      }
    }
  }

  /** In one packet where they fit, without copying the parts together. */
  #write(parts: readonly Buffer[], onWritten?: () => void): void {
    this.#socket.cork()
    const last = parts.length - 1
    for (let index = 0; index < last; index++) this.#socket.write(parts[index] as Buffer)
    this.#socket.write(parts[last] as Buffer, onWritten)
    this.#socket.uncork()
  }

  /** Also called when the socket is destroyed; then the request was rejected. */
  #written(pending: PendingRequest): void {
    if (!this.#unwritten.delete(pending)) return
    this.#finish(pending)
    pending.settle(undefined)
    this.#pump()
    this.#closeWhenRetired()
  }

  /** A chunk may hold half a frame or several; anything that goes wrong in one closes the connection. */
  #receive(chunk: Buffer): void {
    if (this.#state.is('closed')) return
    try {
      this.#frames.push(chunk, (frame) => this.#answer(frame))
    } catch (error) {
      this.#fail(error)
    }
  }

  /**
   * A broker answers in the order of the requests: an answer to another one means that the connection is out of step
   * (PROTOCOL_VIOLATION).
   */
  #answer(frame: Buffer): void {
    const correlationId = new Reader(frame).int32()
    const oldest = this.#inFlight.keys().next().value
    const pending = this.#inFlight.get(correlationId)
    if (pending === undefined || oldest !== correlationId) {
      throw this.#error('PROTOCOL_VIOLATION', `answered request ${correlationId} while ${oldest ?? 'none'} was next`)
    }
    this.#inFlight.delete(correlationId)
    this.#finish(pending)
    if (!this.#state.is('connecting')) {
      this.#hasAnswered = true
      this.#broker.trouble.worked()
    }
    try {
      pending.settle(frame)
    } catch (error) {
      pending.reject(error)
      throw error
    }
    this.#pump()
    this.#closeWhenRetired()
  }

  /**
   * The broker reads nothing from us for this long: what is in flight may take longer by as much, the rest waits here.
   */
  #throttle(throttleMs: number): void {
    if (throttleMs <= 0) return
    const { clock } = this.#config
    this.#throttleTimer?.cancel()
    this.#throttleTimer = clock.setTimer(throttleMs, () => {
      this.#throttleTimer = undefined
      this.#pump()
    })
    for (const pending of this.#inFlight.values()) {
      pending.owedFromMs += throttleMs
      pending.dueAtMs += throttleMs
      const timeoutMs = pending.dueAtMs - clock.monotonicMs()
      pending.timer?.cancel()
      pending.timer = clock.setTimer(timeoutMs, () => this.#expire(pending, timeoutMs))
    }
  }

  #finish(pending: PendingRequest): void {
    pending.timer?.cancel()
    pending.timer = undefined
  }

  /**
   * A request that still waits for its turn rejects alone. One that is in flight closes the connection: its answer
   * would otherwise come in place of the next.
   */
  #expire(pending: PendingRequest, timeoutMs: number): void {
    const lateMs = this.#config.clock.monotonicMs() - pending.dueAtMs
    if (lateMs > heldMs) {
      pending.dueAtMs += lateMs + heldMs
      pending.timer = this.#config.clock.setTimer(heldMs, () => this.#expire(pending, timeoutMs))
      return
    }
    const error = this.#error('REQUEST_TIMED_OUT', `did not answer ${pending.name} within ${Math.round(timeoutMs)} ms`)
    const queuedAt = this.#queue.indexOf(pending)
    if (queuedAt < 0) return this.#fail(error)
    this.#queue.splice(queuedAt, 1)
    pending.reject(error)
  }

  /** The broker ends a session that outlives its token, so we close it before that and connect again. */
  #limitLifetime(lifetimeMs: number): void {
    if (lifetimeMs <= 0) return
    this.#lifetimeTimer = this.#config.clock.setTimer(lifetimeMs * 0.85, () => {
      if (!this.#state.is('open')) return
      this.#state.transition('retiring')
      this.#onClose()
      this.#closeWhenRetired()
    })
  }

  #closeWhenRetired(): void {
    if (this.#state.is('retiring') && this.pendingRequests === 0) this.close()
  }

  /** Not by our will; that a broker closes what is idle is no failure. */
  #fail(error: unknown): void {
    if (this.#state.is('closed')) return
    if (this.#state.is('connecting') || this.pendingRequests > 0) this.#broker.trouble.failed(error)
    this.#end(error)
  }

  #end(error: unknown): void {
    if (this.#state.is('closed')) return
    const wasOpen = this.#state.is('open')
    this.#state.transition('closed')
    this.#failure = error instanceof Error ? error : this.#error('CONNECTION_FAILED', 'failed', error)
    this.#lifetimeTimer?.cancel()
    this.#throttleTimer?.cancel()
    this.#socket.destroy()
    this.#broker.connections.delete(this)
    const pending = [...this.#inFlight.values(), ...this.#unwritten, ...this.#queue]
    this.#inFlight.clear()
    this.#unwritten.clear()
    this.#queue.length = 0
    for (const request of pending) {
      this.#finish(request)
      request.reject(error)
    }
    if (wasOpen) this.#onClose()
  }

  #connected(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#socket.once(this.#config.tls === undefined ? 'connect' : 'secureConnect', () => resolve())
      this.#socket.once('close', () => reject(this.#failure))
    })
  }

  /** A listener of another kind says nothing and closes. */
  #closedByBroker(): MillraceError {
    const { tls, sasl } = this.#config
    if (this.#hasAnswered) return this.#error('CONNECTION_CLOSED', 'closed the connection')
    const wants = [
      tls === undefined ? 'TLS (option tls)' : 'no TLS',
      sasl === undefined ? 'SASL (option sasl)' : 'no SASL',
    ]
    const hint = `if that repeats, its listener may require ${wants.join(' or ')}`
    return this.#error('CONNECTION_CLOSED', `closed the connection before it answered: ${hint}`)
  }

  #networkError(cause: unknown): MillraceError {
    // A plain listener drops a greeting of TLS; Node calls that a reset.
    if (this.#config.tls !== undefined && errorCode(cause) === 'ECONNRESET') return this.#closedByBroker()
    return this.#error('CONNECTION_FAILED', `cannot be reached: ${errorMessage(cause)}`, cause)
  }

  #error(code: ErrorCode, what: string, cause?: unknown): MillraceError {
    return new MillraceError(code, 'retriable', `broker ${this.address.host}:${this.address.port} ${what}`, { cause })
  }
}
