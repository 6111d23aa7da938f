import { consequenceOf } from '../../../core/errors.ts'
import { Backoff } from '../../../core/backoff.ts'
import type { Cluster } from '../cluster/cluster.ts'
import { protocolError } from '../connection/protocol-errors.ts'
import type { ProducerIdentity } from './producer-batch.ts'
import { initProducerIdApi } from '../protocol/generated/init-producer-id.ts'

const noTransactionTimeoutMs = 0x7fffffff

/** Asks the cluster for a producer id with one request, repeated until it has one. */
export class ProducerIdSource {
  readonly #cluster: Cluster
  readonly #onKnown: () => void
  readonly #onFatal: (error: unknown) => void
  #current: ProducerIdentity | undefined
  #isAsking = false
  #isHopeless = false
  #isStopped = false
  /** Why there is no id yet. */
  lastError: unknown

  constructor(cluster: Cluster, onKnown: () => void, onFatal: (error: unknown) => void) {
    this.#cluster = cluster
    this.#onKnown = onKnown
    this.#onFatal = onFatal
  }

  get current(): ProducerIdentity | undefined {
    return this.#current
  }

  /** Starts asking when there is none. */
  isKnown(): boolean {
    if (this.#current === undefined && !this.#isAsking && !this.#isHopeless) void this.#ask()
    return this.#current !== undefined
  }

  /** The current id is used up; partitions that still use it may continue with it. */
  renew(): void {
    this.#current = undefined
  }

  /** Nobody needs an id any more. */
  stop(): void {
    this.#isStopped = true
  }

  async #ask(): Promise<void> {
    this.#isAsking = true
    const { clock, retryBackoff } = this.#cluster.config
    const backoff = new Backoff(retryBackoff)
    while (this.#current === undefined && !this.#isHopeless && !this.#isStopped) {
      try {
        this.#current = await this.#askOnce()
      } catch (error) {
        this.lastError = error
        if (consequenceOf(error) === 'retriable') await clock.sleep(backoff.nextMs())
        else this.#isHopeless = true
      }
    }
    this.#isAsking = false
    if (this.#isStopped) return
    if (this.#isHopeless) this.#onFatal(this.lastError)
    else this.#onKnown()
  }

  async #askOnce(): Promise<ProducerIdentity> {
    const body = { transactionalId: null, transactionTimeoutMs: noTransactionTimeoutMs }
    const response = await this.#cluster.requestAny(initProducerIdApi, body)
    if (response.errorCode !== 0) throw protocolError(response.errorCode, 'asking for a producer id')
    return { producerId: response.producerId, epoch: response.producerEpoch }
  }
}
