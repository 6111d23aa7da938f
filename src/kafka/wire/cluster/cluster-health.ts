import type { Clock, Timer } from '../../../core/clock.ts'
import { errorCode } from '../../../core/errors.ts'
import type { Logger } from '../../../core/logger.ts'
import type { BrokerHealth } from '../../port.ts'
import { BrokerRecord } from '../connection/broker-record.ts'
import type { BrokerAddress } from '../connection/broker-address.ts'

/** How often somebody looks for answers and leaders that are missing. */
const lookMs = 1_000

/** The health of every broker that was ever dialed, by address, and who looks after it. */
export class ClusterHealth {
  readonly #clock: Clock
  readonly #logger: Logger
  readonly #brokers = new Map<string, BrokerRecord>()
  readonly #onLook: () => void
  #timer: Timer | undefined
  #dueMs = 0
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
    if (this.#isStopped || this.#timer !== undefined) return
    this.#dueMs = this.#clock.monotonicMs() + lookMs
    this.#timer = this.#clock.setTimer(lookMs, () => this.#look())
  }

  stop(): void {
    this.#isStopped = true
    this.#timer?.cancel()
  }

  #look(): void {
    // Where something held the event loop, answers lie in the sockets: they are read before anybody misses them.
    const isHeld = this.#clock.monotonicMs() - this.#dueMs > lookMs
    if (!isHeld) for (const broker of this.#brokers.values()) broker.look()
    this.#onLook()
    this.#timer = undefined
    this.start()
  }
}
