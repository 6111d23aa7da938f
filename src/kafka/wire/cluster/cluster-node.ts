import { errorMessage, MillraceError } from '../../../core/errors.ts'
import { within } from '../../../core/within.ts'
import { Backoff } from '../../../core/backoff.ts'
import { Deadline, late } from '../connection/retry-until.ts'
import type { BrokerRecord } from '../connection/broker-record.ts'
import type { BrokerAddress } from '../connection/broker-address.ts'
import type { ClusterConfig } from '../connection/cluster-options.ts'
import { Connection } from '../connection/connection.ts'
import type { ConnectionRequestOptions } from '../connection/connection-request.ts'
import type { Dialer } from '../connection/dialer.ts'
import type { Api } from '../protocol/api.ts'

/** A broker that has not answered for so long is asked after others. */
const slowMs = 1000

/**
 * The way to one broker in one lane: connects when a request needs it, never twice concurrently, and never sooner than
 * the backoff after a failed dial, however often it is asked. A lost connection is dialed again by the next request.
 * `ClusterNodes` holds one per broker and lane; it is of no use any more once it is closed or its broker has left.
 */
export class ClusterNode {
  readonly address: BrokerAddress
  readonly #broker: BrokerRecord
  readonly #dialer: Dialer
  readonly #config: ClusterConfig
  readonly #backoff: Backoff
  #connection: Connection | undefined
  #dialling: Promise<Connection> | undefined
  #notBeforeMs = 0
  #isClosed = false
  #hasLeft = false

  constructor(broker: BrokerRecord, dialer: Dialer, config: ClusterConfig) {
    this.address = broker.address
    this.#broker = broker
    this.#dialer = dialer
    this.#config = config
    this.#backoff = new Backoff(config.reconnectBackoff)
  }

  /** A request would go out at once, or behind others of the connection. */
  get isConnected(): boolean {
    return this.#connection?.isOpen ?? false
  }

  /** An answer that should be there by now is not. */
  get isSlow(): boolean {
    return (this.#connection?.owedForMs ?? 0) > slowMs
  }

  /** Milliseconds until a dial may be tried; 0 when a request can go out at once. */
  get waitMs(): number {
    return this.isConnected ? 0 : Math.max(0, this.#notBeforeMs - this.#config.clock.monotonicMs())
  }

  /**
   * Rejects with CONNECT_TIMEOUT or REQUEST_TIMED_OUT (retriable) at the deadline, which includes backoff and dial, and
   * with what the dial or the broker answers.
   */
  async request<Request, Response>(
    api: Api<Request, Response>,
    body: Request,
    options: ConnectionRequestOptions,
  ): Promise<Response> {
    const deadline = new Deadline(this.#config.clock, options.timeoutMs)
    const connection = this.isConnected ? (this.#connection as Connection) : await this.#connect(api.name, deadline)
    return connection.request(api, body, { ...options, timeoutMs: deadline.remainingMs() })
  }

  /** The version that the broker speaks of an API; connects for it. Throws UNSUPPORTED_BROKER (fatal). */
  async versionOf(api: Api<never, unknown>, timeoutMs: number): Promise<number> {
    const connection = await this.#connect(api.name, new Deadline(this.#config.clock, timeoutMs))
    return connection.versionOf(api)
  }

  /** The level of a feature of the cluster, as this broker told; connects for it. */
  async featureLevel(name: string, timeoutMs: number): Promise<number> {
    const connection = await this.#connect(`feature ${name}`, new Deadline(this.#config.clock, timeoutMs))
    return connection.featureLevel(name)
  }

  /** Gives the connection up when nothing is in flight on it; the next request dials again. */
  release(): void {
    if (this.#connection?.pendingRequests === 0) this.#connection.close()
  }

  /** The broker left the cluster or moved: who waits for it may ask another one. */
  leave(): void {
    this.#hasLeft = true
    this.close()
  }

  close(): void {
    this.#isClosed = true
    this.#connection?.close()
  }

  /** The open connection, or the dial that all callers share; each waits for its own deadline only. */
  async #connect(what: string, deadline: Deadline): Promise<Connection> {
    if (this.#isClosed) throw this.#closed()
    if (this.#connection?.isOpen) return this.#connection
    this.#dialling ??= this.#dial().finally(() => {
      this.#dialling = undefined
    })
    const name = `connecting to broker ${this.address.host}:${this.address.port} for ${what}`
    const timeoutMs = deadline.remainingMs()
    return within(this.#config.clock, this.#dialling, timeoutMs, late('CONNECT_TIMEOUT', name, timeoutMs))
  }

  /** Waits for the backoff first, so that a broker that is unreachable is not dialed in a loop. */
  async #dial(): Promise<Connection> {
    const { clock, logger } = this.#config
    if (this.waitMs > 0) await clock.sleep(this.waitMs)
    try {
      if (this.#isClosed) throw this.#closed()
      const connection = await Connection.open(this.#broker, this.#dialer, this.#config, () => {
        if (this.#connection === connection) this.#connection = undefined
      })
      if (this.#isClosed) {
        connection.close()
        throw this.#closed()
      }
      this.#backoff.reset()
      this.#notBeforeMs = clock.monotonicMs() + this.#config.reconnectBackoff.initialMs
      this.#connection = connection
      return connection
    } catch (error) {
      const waitMs = this.#backoff.nextMs()
      this.#notBeforeMs = clock.monotonicMs() + waitMs
      logger.debug(
        { host: this.address.host, port: this.address.port, waitMs, reason: errorMessage(error) },
        'dial failed',
      )
      throw error
    }
  }

  /** UNKNOWN_BROKER (retriable) if the broker has left, else DRIVER_CLOSED (fatal). */
  #closed(): MillraceError {
    if (this.#hasLeft) {
      return new MillraceError(
        'UNKNOWN_BROKER',
        'retriable',
        `broker ${this.address.host}:${this.address.port} is not part of the cluster any more`,
      )
    }
    return new MillraceError(
      'DRIVER_CLOSED',
      'fatal',
      `broker ${this.address.host}:${this.address.port}: the driver is closed`,
    )
  }
}
