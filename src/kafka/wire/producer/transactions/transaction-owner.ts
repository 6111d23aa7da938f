import type { BackoffOptions } from '../../../../core/backoff.ts'
import type { Api } from '../../protocol/api.ts'
import { produceApi, type ProduceRequest, type ProduceResponse } from '../../protocol/generated/produce.ts'
import type { AddedPartitions } from './added-partitions.ts'
import type { BatchOwner, Sent } from '../batch-owner.ts'
import type { ProducerIdentity } from '../producer-batch.ts'
import type { ProduceAction } from '../producer-errors.ts'
import type { ProducerPartition } from '../producer-partition.ts'
import type { TransactionCoordinator } from './transaction-coordinator.ts'
import { transactionalProduceAction } from './transaction-errors.ts'

/** From version 12 on, a broker adds the partition of a batch to the transaction. */
const afterAddPartitionsApi = { ...produceApi, maxVersion: 11 }
const implicitApi = { ...produceApi, minVersion: 12 }

/**
 * Batches of a transaction. Knows as well whether the transaction has anything in it that needs an end.
 *
 * The first batch of a partition makes its broker ask the coordinator. A broker that has to ask again before the answer
 * gives the first question up, and the batch that it refuses for that is missing before the next one. So at most one
 * request with first batches is in flight to a broker, and none with a second batch of the same partition.
 */
export class TransactionOwner implements BatchOwner {
  readonly ordering = 'by-sequence'
  readonly transactionalId: string
  readonly retryBackoff: BackoffOptions
  readonly lastError = undefined
  readonly #coordinator: TransactionCoordinator
  readonly #added: AddedPartitions
  /** Partitions that have taken a batch of the transaction. */
  readonly #joined = new Set<ProducerPartition>()
  /** By broker, the request that has first batches of partitions. */
  readonly #joining = new Map<number, readonly Sent[]>()
  #hasReachedBroker = false
  #hasContent = false

  constructor(
    transactionalId: string,
    coordinator: TransactionCoordinator,
    added: AddedPartitions,
    retryBackoff: BackoffOptions,
  ) {
    this.transactionalId = transactionalId
    this.#coordinator = coordinator
    this.#added = added
    this.retryBackoff = retryBackoff
  }

  /** A broker may know of the transaction. */
  get hasReachedBroker(): boolean {
    return this.#hasReachedBroker
  }

  /** There is something to commit. */
  get hasContent(): boolean {
    return this.#hasContent
  }

  /** For the next transaction. */
  begin(): void {
    this.#added.clear()
    this.#joined.clear()
    this.#hasReachedBroker = false
    this.#hasContent = false
  }

  get api(): Api<ProduceRequest, ProduceResponse> {
    return this.#coordinator.addsImplicitly ? implicitApi : afterAddPartitionsApi
  }

  get identity(): ProducerIdentity | undefined {
    return this.#coordinator.identity
  }

  isReadyFor(partition: ProducerPartition, nodeId: number): boolean {
    if (this.#joined.has(partition)) return true
    if (this.#joining.has(nodeId)) return false
    if (this.#coordinator.addsImplicitly) return true
    this.#hasReachedBroker = true
    return this.#added.has(partition)
  }

  actionOf(errorCode: number): ProduceAction {
    return transactionalProduceAction(errorCode)
  }

  noteSent(nodeId: number, sent: readonly Sent[]): void {
    this.#hasReachedBroker = true
    if (sent.some(({ partition }) => !this.#joined.has(partition))) this.#joining.set(nodeId, sent)
  }

  noteEnded(nodeId: number, sent: readonly Sent[]): void {
    if (this.#joining.get(nodeId) === sent) this.#joining.delete(nodeId)
  }

  noteAcknowledged(partition: ProducerPartition): void {
    this.#joined.add(partition)
    this.#hasContent = true
  }

  /** Offsets of a group are about to be sent. */
  noteOffsetsSent(): void {
    this.#hasReachedBroker = true
  }

  noteOffsetsAdded(): void {
    this.#hasContent = true
  }

  stop(): void {}
}
