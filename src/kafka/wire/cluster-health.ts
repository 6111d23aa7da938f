import type { Clock, Timer } from '../../core/clock.ts'
import { errorCode, errorMessage, MillraceError } from '../../core/errors.ts'
import type { Logger } from '../../core/logger.ts'
import type { BrokerHealth } from '../port.ts'
import type { BrokerAddress } from './cluster-options.ts'

/** Between two lines about one broker, doubling up to the maximum. */
const firstSilenceMs = 10_000
const longestSilenceMs = 300_000

/** An answer that takes longer is told, except where it has to wait for others, as that to a join. */
export const noticeableMs = 5_000
/** How often somebody looks for answers and leaders that are missing. */
const lookMs = 1_000

/** Something that works or fails: how long, why, and when that is told. */
export class Trouble {
  readonly #clock: Clock
  readonly #tell: (failure: { readonly failures: number; readonly forMs: number; readonly error: unknown }) => void
  readonly #tellEnd: (forMs: number) => void
  #sinceMs: number | undefined
  #error: unknown
  #failures = 0
  #silentUntilMs = Number.NEGATIVE_INFINITY
  #silenceMs = firstSilenceMs
  #isTold = false

  constructor(
    clock: Clock,
    tell: (failure: { readonly failures: number; readonly forMs: number; readonly error: unknown }) => void,
    tellEnd: (forMs: number) => void,
  ) {
    this.#clock = clock
    this.#tell = tell
    this.#tellEnd = tellEnd
  }

  get forMs(): number | undefined {
    return this.#sinceMs === undefined ? undefined : this.#clock.monotonicMs() - this.#sinceMs
  }

  get error(): unknown {
    return this.#error
  }

  /** The first failure after a while without any is told at once, later ones at growing distances. */
  failed(error: unknown, sinceMs: number = this.#clock.monotonicMs()): void {
    const nowMs = this.#clock.monotonicMs()
    if (nowMs - this.#silentUntilMs > this.#silenceMs) this.#silenceMs = firstSilenceMs
    this.#sinceMs ??= sinceMs
    this.#error = error
    this.#failures++
    if (nowMs < this.#silentUntilMs) return
    this.#isTold = true
    this.#silentUntilMs = nowMs + this.#silenceMs
    this.#silenceMs = Math.min(longestSilenceMs, this.#silenceMs * 2)
    this.#tell({ failures: this.#failures, forMs: nowMs - this.#sinceMs, error })
  }

  worked(): void {
    if (this.#sinceMs === undefined) return
    const forMs = this.#clock.monotonicMs() - this.#sinceMs
    this.#sinceMs = undefined
    this.#error = undefined
    this.#failures = 0
    if (this.#isTold) this.#tellEnd(forMs)
    this.#isTold = false
  }
}

/** A connection as its broker's health sees it. */
export interface WatchedConnection {
  readonly pendingRequests: number
  readonly isOpen: boolean
  /** Milliseconds that the oldest request has waited beyond what its kind may take without a word; 0 for none. */
  readonly overdueMs: number
  readonly overdueName: string
}

/** One broker by its address: its connections, and whether they work. */
export class BrokerRecord {
  readonly address: BrokerAddress
  readonly trouble: Trouble
  readonly connections = new Set<WatchedConnection>()
  readonly #clock: Clock

  constructor(address: BrokerAddress, clock: Clock, logger: Logger) {
    this.address = address
    this.#clock = clock
    const broker = this.text
    this.trouble = new Trouble(
      clock,
      ({ failures, forMs, error }) =>
        logger.warn(
          { broker, failures, failingForMs: Math.round(forMs), code: errorCode(error), reason: errorMessage(error) },
          'a Kafka broker fails, it is tried again',
        ),
      (forMs) => logger.info({ broker, failedForMs: Math.round(forMs) }, 'a Kafka broker answers again'),
    )
  }

  get text(): string {
    const { host, port } = this.address
    return `${host.includes(':') ? `[${host}]` : host}:${port}`
  }

  /** A broker that takes requests and answers none fails although no connection does. */
  look(): void {
    for (const { overdueMs, overdueName } of this.connections) {
      if (overdueMs <= 0) continue
      const waitedMs = overdueMs + noticeableMs
      const what = `broker ${this.text} has not answered ${overdueName} for ${Math.round(waitedMs)} ms`
      this.trouble.failed(new MillraceError('ANSWER_OVERDUE', 'retriable', what), this.#clock.monotonicMs() - waitedMs)
      return
    }
  }
}

/** The health of every broker that was ever dialled, by address, and who looks after it. */
export class ClusterHealth {
  readonly #clock: Clock
  readonly #logger: Logger
  readonly #brokers = new Map<string, BrokerRecord>()
  readonly #onLook: () => void
  #timer: Timer | undefined
  #isStopped = false

  /** `onLook` is called now and then, from the first request on. */
  constructor(clock: Clock, logger: Logger, onLook: () => void) {
    this.#clock = clock
    this.#logger = logger
    this.#onLook = onLook
  }

  broker(address: BrokerAddress): BrokerRecord {
    const key = `${address.host}:${address.port}`
    let record = this.#brokers.get(key)
    if (record === undefined) {
      record = new BrokerRecord({ host: address.host, port: address.port }, this.#clock, this.#logger)
      this.#brokers.set(key, record)
    }
    return record
  }

  of(address: BrokerAddress, nodeId: number | undefined): BrokerHealth {
    const { text, connections, trouble } = this.broker(address)
    let requestsInFlight = 0
    for (const connection of connections) requestsInFlight += connection.pendingRequests
    return {
      nodeId,
      address: text,
      isConnected: [...connections].some((connection) => connection.isOpen),
      failingForMs: trouble.forMs,
      lastErrorCode: trouble.forMs === undefined ? undefined : errorCode(trouble.error),
      requestsInFlight,
    }
  }

  /** Looks now and then, until `stop`. */
  start(): void {
    if (!this.#isStopped) this.#timer ??= this.#clock.setTimer(lookMs, () => this.#look())
  }

  stop(): void {
    this.#isStopped = true
    this.#timer?.cancel()
  }

  #look(): void {
    for (const broker of this.#brokers.values()) broker.look()
    this.#onLook()
    this.#timer = undefined
    this.start()
  }
}
