import type { Bytes } from '../../../../core/bytes.ts'
import { consequenceOf } from '../../../../core/errors.ts'
import type { Headers } from '../../../../core/headers.ts'
import { within } from '../../../../core/within.ts'
import type {
  GroupMetadata,
  OffsetAndMetadata,
  TransactionalProducer,
  TransactionalProducerOptions,
} from '../../../port.ts'
import type { Cluster, Lane } from '../../cluster/cluster.ts'
import { Deadline, late } from '../../connection/retry-until.ts'
import { commitOffsetsInTransaction } from './transaction-offsets.ts'
import type { ProducerBatch } from '../producer-batch.ts'
import { producerClosed } from '../producer-errors.ts'
import { Outbox } from '../outbox.ts'
import { AddedPartitions } from './added-partitions.ts'
import { TransactionCoordinator } from './transaction-coordinator.ts'
import {
  isAbortable,
  isFencing,
  notInitialized,
  outcomeUnknown,
  producerFenced,
  quickBackoff,
  transactionAborted,
} from './transaction-errors.ts'
import { TransactionOwner } from './transaction-owner.ts'
import { TransactionState } from './transaction-state.ts'
import { compileTransactionalOptions, type TransactionalConfig } from './transactional-config.ts'

/** What is in flight when a transaction is aborted may take this share of the time; then its connections are closed. */
const quietShare = 1 / 3

/**
 * The port's producer of transactions; the contract is that of `TransactionalProducer` in `src/kafka/port.ts`. It sends
 * like `WireProducer`, in the name of a `TransactionOwner`, and ends its transactions by a `TransactionCoordinator`.
 *
 * What waits is dropped as soon as a transaction fails or the producer is lost. Which of both an error means is decided
 * in `#onFailed`, `#commitEnd` and `#takeBack`.
 */
export class WireTransactionalProducer implements TransactionalProducer {
  readonly #cluster: Cluster
  readonly #config: TransactionalConfig
  readonly #lane: Lane
  readonly #state: TransactionState
  readonly #coordinator: TransactionCoordinator
  readonly #added: AddedPartitions
  readonly #owner: TransactionOwner
  readonly #outbox: Outbox
  /** For the driver, which forgets what has ended. */
  onEnd: () => void = () => {}

  constructor(cluster: Cluster, options: TransactionalProducerOptions, lane: Lane) {
    this.#cluster = cluster
    this.#config = compileTransactionalOptions(options)
    this.#lane = lane
    const { transactionalId, deliveryTimeoutMs } = this.#config
    this.#state = new TransactionState(transactionalId)
    this.#coordinator = new TransactionCoordinator(cluster, this.#config, lane)
    this.#added = new AddedPartitions(
      (partitions, isWanted) => this.#coordinator.addPartitions(partitions, isWanted, deliveryTimeoutMs),
      () => this.#outbox.sender.schedule(),
      (error) => this.#fail(error),
    )
    const backoff = quickBackoff(cluster.config)
    this.#owner = new TransactionOwner(transactionalId, this.#coordinator, this.#added, backoff)
    this.#outbox = new Outbox(cluster, this.#config, this.#owner, lane, {
      onFailed: (batch, error, faulty) => this.#onFailed(batch, error, faulty),
      onTransactionFailed: (error) => this.#fail(transactionAborted(transactionalId, error)),
      onFatal: (error) => this.#lose(isFencing(error) ? producerFenced(transactionalId, error) : error),
    })
  }

  prepareTopics(topics: readonly string[], timeoutMs: number): Promise<void> {
    return this.#outbox.topics.prepare(topics, timeoutMs)
  }

  partitionCount(topic: string): number | undefined {
    return this.#outbox.topics.partitionCount(topic)
  }

  async initialize(timeoutMs: number): Promise<void> {
    if (this.#state.is('closed')) throw producerClosed()
    const deadline = this.#deadline(timeoutMs)
    this.#state.to('initializing')
    try {
      await this.#quiet(0, deadline)
      await this.#coordinator.initialize(deadline.remainingMs())
    } catch (error) {
      this.#lose(notInitialized(this.#config.transactionalId, error))
      throw error
    }
    this.#next()
  }

  get isInTransaction(): boolean {
    return this.#state.isInTransaction
  }

  send(
    topic: string,
    partition: number,
    key: Bytes | null,
    value: Bytes | null,
    timestamp: number,
    headers: Headers,
  ): void {
    if (!this.#state.isOpen) this.#begin()
    this.#outbox.add(topic, partition, key, value, timestamp, headers)
  }

  get isFull(): boolean {
    return this.#outbox.accumulator.isFull
  }

  drained(): Promise<void> {
    return this.#outbox.drained(() => this.#state.isRefusing)
  }

  async flush(timeoutMs: number): Promise<void> {
    await this.#outbox.flush(timeoutMs, () => this.#state.isRefusing)
    if (this.#state.isRefusing) throw this.#state.refusal
  }

  acknowledgedOffset(topic: string, partition: number): number | undefined {
    return this.#outbox.acknowledgedOffset(topic, partition)
  }

  async commit(offsets: readonly OffsetAndMetadata[], group: GroupMetadata, timeoutMs: number): Promise<void> {
    if (this.#state.isRefusing) throw this.#state.refusal
    if (this.#state.is('ready')) {
      if (offsets.length === 0) return
      this.#owner.begin()
    }
    const deadline = this.#deadline(timeoutMs)
    this.#state.to('delivering')
    try {
      await this.#deliver(offsets, group, deadline)
      this.#state.to('committing')
    } catch (error) {
      this.#fail(error)
      throw await this.#failedCommit(deadline)
    }
    await this.#commitEnd(deadline)
    this.#next()
  }

  async abort(timeoutMs: number): Promise<void> {
    if (this.#state.is('closed')) throw producerClosed()
    if (!this.#state.is('open', 'failed')) return
    const deadline = this.#deadline(timeoutMs)
    this.#state.to('aborting')
    await this.#takeBack(deadline)
    this.#next()
  }

  async close(timeoutMs: number): Promise<void> {
    if (this.#state.is('closed')) return
    try {
      if (this.isInTransaction) await this.abort(timeoutMs)
    } finally {
      this.end()
    }
  }

  /** At once: an open transaction stays open at the cluster until its timeout, or until somebody initializes its id. */
  end(): void {
    if (!this.#state.close()) return
    this.onEnd()
    this.#outbox.sender.discard()
    this.#outbox.sender.stop()
    void this.#added.stop()
    this.#cluster.closeLane(this.#lane)
    this.#outbox.settlement.look()
  }

  /** The first `send` opens the transaction. */
  #begin(): void {
    if (this.#state.isRefusing) throw this.#state.refusal
    this.#state.to('open')
    this.#owner.begin()
  }

  #next(): void {
    this.#state.toReady()
    this.#outbox.sender.resume()
  }

  /** Drops what was not sent, and waits until nothing of it is in flight. */
  async #quiet(patienceMs: number, deadline: Deadline): Promise<void> {
    this.#outbox.sender.discard()
    const ended = Promise.all([
      this.#added.stop(),
      this.#outbox.settlement.until(() => this.#outbox.accumulator.isEmpty),
    ])
    const { clock } = this.#cluster.config
    const isLate = late('FLUSH_TIMEOUT', 'what was in flight of a transaction', patienceMs)
    try {
      await within(clock, ended, patienceMs, isLate)
    } catch {
      // A broker that does not answer must not keep the transaction open: epochs keep out what may still arrive.
      this.#cluster.closeLane(this.#lane)
      await within(clock, ended, deadline.remainingMs(), isLate)
    }
  }

  /**
   * Records and offsets, in any order: only the end decides about them. Rejects once nothing of them is on its way, as
   * offsets that come after the end could count in the next transaction.
   */
  async #deliver(offsets: readonly OffsetAndMetadata[], group: GroupMetadata, deadline: Deadline): Promise<void> {
    const flushed = this.flush(deadline.remainingMs())
    if (offsets.length === 0) return flushed
    // Where groups are added by a request of their own, it would be in the way of those that add partitions.
    if (!this.#coordinator.addsImplicitly) await flushed
    const outcomes = await Promise.allSettled([flushed, this.#addOffsets(offsets, group, deadline)])
    for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason
  }

  async #addOffsets(offsets: readonly OffsetAndMetadata[], group: GroupMetadata, deadline: Deadline): Promise<void> {
    const { identity, addsImplicitly } = this.#coordinator
    const { transactionalId } = this.#config
    this.#owner.noteOffsetsSent()
    if (!addsImplicitly) await this.#coordinator.addGroup(group.groupId, deadline.remainingMs())
    const isWanted = () => !this.#state.isRefusing
    const transaction = { transactionalId, identity: identity!, addsImplicitly, isWanted }
    await commitOffsetsInTransaction(this.#cluster, offsets, group, transaction, deadline.remainingMs())
    this.#owner.noteOffsetsAdded()
  }

  /** Throws what `commit` rejects with. */
  async #commitEnd(deadline: Deadline): Promise<void> {
    const { hasContent, hasReachedBroker } = this.#owner
    if (!hasReachedBroker) return
    const end = await this.#coordinator.end(hasContent, deadline.remainingMs())
    if (end.kind === 'done') return
    const { transactionalId } = this.#config
    if (end.kind === 'unknown') {
      const { error } = end
      throw this.#lose(
        isFencing(error) ? producerFenced(transactionalId, error) : outcomeUnknown(transactionalId, error),
      )
    }
    this.#fail(end.error)
    throw await this.#failedCommit(deadline)
  }

  /** What `commit` rejects with. An old epoch may mean another producer, or a transaction that took too long. */
  async #failedCommit(deadline: Deadline): Promise<unknown> {
    const error = this.#state.refusal
    if (this.#state.isLost) return error
    this.#state.to('failed')
    if (isFencing((error as Error).cause)) await this.#takeBack(deadline)
    return error
  }

  /** Nothing of the transaction will be visible. Throws why that is not so, or why the producer is unusable. */
  async #takeBack(deadline: Deadline): Promise<void> {
    const { transactionalId } = this.#config
    try {
      await this.#quiet(deadline.remainingMs() * quietShare, deadline)
    } catch (error) {
      throw this.#lose(outcomeUnknown(transactionalId, error))
    }
    if (!this.#owner.hasReachedBroker) return
    const end = await this.#coordinator.end(false, deadline.remainingMs())
    this.#owner.begin()
    if (end.kind === 'done' && this.#coordinator.addsImplicitly) return
    // Whoever asks for an epoch with an old one has the transaction of the newer producer aborted: that is left alone.
    if (end.kind !== 'done' && isFencing(end.error)) throw this.#lose(producerFenced(transactionalId, end.error))
    try {
      if (end.kind !== 'done' && !isAbortable(end.error)) throw end.error
      // A new epoch, under which sequences begin again, and which nothing has that is still in flight.
      await this.#coordinator.renew(deadline.remainingMs())
    } catch (error) {
      if (isFencing(error)) throw this.#lose(producerFenced(transactionalId, error))
      throw this.#lose(consequenceOf(error) === 'fatal' ? error : outcomeUnknown(transactionalId, error))
    }
  }

  /** Asks the handler once per record that the cluster refused for a fault of its own; all else fails the transaction. */
  #onFailed(batch: ProducerBatch, error: unknown, faulty?: ReadonlyMap<number, unknown>): void {
    // What may be in the log cannot be dropped: the next batch would be taken for it.
    if (batch.mayBeInLog) return this.#fail(transactionAborted(this.#config.transactionalId, error))
    if (consequenceOf(error) === 'retriable') return this.#fail(error)
    for (const failure of batch.failures(error, faulty)) {
      let decision: 'continue' | 'fail' = 'fail'
      let reason = failure.error
      try {
        decision = this.#config.onSendError(failure)
      } catch (handlerError) {
        reason = handlerError
      }
      if (decision === 'fail') return this.#fail(reason)
    }
  }

  #fail(error: unknown): void {
    if (this.#state.fail(error)) this.#dropAll()
  }

  /** Returns the reason, which is that of the first loss. */
  #lose(error: unknown): unknown {
    this.#state.lose(error)
    this.#dropAll()
    return this.#state.refusal
  }

  #dropAll(): void {
    this.#outbox.sender.discard()
    this.#outbox.settlement.look()
  }

  #deadline(timeoutMs: number): Deadline {
    return new Deadline(this.#cluster.config.clock, timeoutMs)
  }
}
