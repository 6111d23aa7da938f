import type { Clock } from '../../../core/clock.ts'
import { errorCode, errorMessage, MillraceError } from '../../../core/errors.ts'
import type { Logger } from '../../../core/logger.ts'
import type { BrokerAddress } from './broker-address.ts'
import { noticeableMs, Trouble } from '../../../core/trouble.ts'

/** A connection as its broker's health sees it. */
export interface WatchedConnection {
  readonly pendingRequests: number
  readonly isOpen: boolean
  /** How long the broker owes what it owes longest, beyond what it may hold back on purpose; 0 for nothing. */
  readonly owedForMs: number
  readonly owedName: string
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
          'Kafka broker failed, retrying',
        ),
      (forMs) => logger.info({ broker, failedForMs: Math.round(forMs) }, 'Kafka broker reachable again'),
    )
  }

  get text(): string {
    const { host, port } = this.address
    return `${host.includes(':') ? `[${host}]` : host}:${port}`
  }

  /** A broker that takes requests and answers none fails although no connection does. */
  look(): void {
    for (const { owedForMs, owedName } of this.connections) {
      if (owedForMs <= noticeableMs) continue
      const what = `broker ${this.text} has not answered ${owedName} for ${Math.round(owedForMs)} ms`
      this.trouble.failed(new MillraceError('ANSWER_OVERDUE', 'retriable', what), this.#clock.monotonicMs() - owedForMs)
      return
    }
  }
}
