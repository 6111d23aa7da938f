import type { BackoffOptions } from '../../../core/backoff.ts'
import type { Api } from '../protocol/api.ts'
import { produceApi, type ProduceRequest, type ProduceResponse } from '../protocol/generated/produce.ts'
import type { ProducerBatch, ProducerIdentity } from './producer-batch.ts'
import type { ProducerConfig } from './producer-config.ts'
import { type ProduceAction, produceAction } from './producer-errors.ts'
import { ProducerIdSource } from './producer-id-source.ts'
import type { BatchOrdering, ProducerPartition } from './producer-partition.ts'
import type { Cluster } from '../cluster/cluster.ts'

/** A batch in a request. */
export interface Sent {
  readonly partition: ProducerPartition
  readonly batch: ProducerBatch
}

/** In whose name a sender sends batches: how they are numbered, and what a refusal means for them. */
export interface BatchOwner {
  readonly ordering: BatchOrdering
  /** Of the transaction that the batches are part of; null outside of one. */
  readonly transactionalId: string | null
  readonly api: Api<ProduceRequest, ProduceResponse>
  /** How batches wait between tries. */
  readonly retryBackoff: BackoffOptions
  /** Stamped on batches; undefined where nobody in particular sends them, or it is not known yet. */
  readonly identity: ProducerIdentity | undefined
  /** Why there is no identity yet. */
  readonly lastError: unknown
  /**
   * Whether a batch of the partition may be sent to its leader now. Asks for what is missing; the sender is called again
   * when it is there.
   */
  isReadyFor(partition: ProducerPartition, nodeId: number): boolean
  /** What is done with a batch that got this answer. */
  actionOf(errorCode: number): ProduceAction
  /** A request with these batches is about to be written. */
  noteSent(nodeId: number, sent: readonly Sent[]): void
  /** It was answered, or never will be; what became of its batches was noted before. */
  noteEnded(nodeId: number, sent: readonly Sent[]): void
  noteAcknowledged(partition: ProducerPartition): void
  /** Nothing is sent any more. */
  stop(): void
}

/** Batches outside of transactions: numbered under an id of any broker, or not at all. */
export class PlainOwner implements BatchOwner {
  readonly ordering: BatchOrdering
  readonly transactionalId = null
  readonly api = produceApi
  readonly retryBackoff: BackoffOptions
  readonly #ids: ProducerIdSource | undefined

  /** `onReady` is called when there is an id, `onFatal` if there will be none. */
  constructor(cluster: Cluster, config: ProducerConfig, onReady: () => void, onFatal: (error: unknown) => void) {
    this.ordering = config.idempotent ? 'by-sequence' : 'one-by-one'
    this.retryBackoff = cluster.config.retryBackoff
    this.#ids = config.idempotent ? new ProducerIdSource(cluster, onReady, onFatal) : undefined
  }

  get identity(): ProducerIdentity | undefined {
    return this.#ids?.current
  }

  get lastError(): unknown {
    return this.#ids?.lastError
  }

  isReadyFor(partition: ProducerPartition): boolean {
    if (this.#ids === undefined) return true
    if (partition.needsOtherProducerId(this.#ids.current)) this.#ids.renew()
    return this.#ids.isKnown()
  }

  actionOf(errorCode: number): ProduceAction {
    return produceAction(errorCode)
  }

  noteSent(): void {}

  noteEnded(): void {}

  noteAcknowledged(): void {}

  stop(): void {
    this.#ids?.stop()
  }
}
