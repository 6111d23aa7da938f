import { Backoff } from '../../../../core/backoff.ts'
import { consequenceOf } from '../../../../core/errors.ts'
import type { Cluster, Lane } from '../../cluster/cluster.ts'
import { onCoordinator } from '../../cluster/on-coordinator.ts'
import { errorCodes, protocolError, unanswered } from '../../connection/protocol-errors.ts'
import type { Api } from '../../protocol/api.ts'
import { addOffsetsToTxnApi } from '../../protocol/generated/add-offsets-to-txn.ts'
import { addPartitionsToTxnApi } from '../../protocol/generated/add-partitions-to-txn.ts'
import { endTxnApi, type EndTxnResponse } from '../../protocol/generated/end-txn.ts'
import { initProducerIdApi } from '../../protocol/generated/init-producer-id.ts'
import type { ProducerIdentity } from '../producer-batch.ts'
import type { TransactionalConfig } from './transactional-config.ts'
import { noLongerWanted, quickBackoff } from './transaction-errors.ts'
import type { TopicPartition } from '../../../port.ts'

/** From this level of `transaction.version` on, brokers add partitions and groups by themselves (KIP-890). */
const implicitLevel = 2

/** From version 5 on, an end raises the epoch, which only the second protocol is prepared for. */
const endKeepsEpochApi = { ...endTxnApi, maxVersion: 4 }
const endRaisesEpochApi = { ...endTxnApi, minVersion: 5 }

/** Answers to an end that leave the transaction as it was. */
const changesNothing: ReadonlySet<number> = new Set([
  errorCodes.coordinatorLoadInProgress,
  errorCodes.concurrentTransactions,
])

/** How the end of a transaction went. `unknown`: a try of it may have been acted on. */
export type TransactionEnd =
  | { readonly kind: 'done' }
  | { readonly kind: 'refused' | 'unknown'; readonly error: unknown }

/**
 * The broker that keeps the state of a transactional id, as its producer sees it: the identity that it gave, and the
 * requests of one transaction. Every call retries what is retriable until its time is over.
 */
export class TransactionCoordinator {
  readonly #cluster: Cluster
  readonly #config: TransactionalConfig
  readonly #lane: Lane
  #identity: ProducerIdentity | undefined
  #addsImplicitly = false

  constructor(cluster: Cluster, config: TransactionalConfig, lane: Lane) {
    this.#cluster = cluster
    this.#config = config
    this.#lane = lane
  }

  /** Another object each time the epoch was raised; undefined before `initialize`. */
  get identity(): ProducerIdentity | undefined {
    return this.#identity
  }

  /** Which of the two protocols of transactions is spoken; decided by `initialize`. */
  get addsImplicitly(): boolean {
    return this.#addsImplicitly
  }

  /** Fences whoever had the id, and ends what was left open. */
  initialize(timeoutMs: number): Promise<void> {
    return this.#initialize(undefined, timeoutMs)
  }

  /** Raises the epoch of this producer (KIP-360). Rejects with PRODUCER_FENCED when another one has the id. */
  renew(timeoutMs: number): Promise<void> {
    return this.#initialize(this.#identity, timeoutMs)
  }

  async #initialize(current: ProducerIdentity | undefined, timeoutMs: number): Promise<void> {
    const { transactionalId, transactionTimeoutMs } = this.#config
    const body = {
      transactionalId,
      transactionTimeoutMs,
      producerId: current?.producerId ?? -1,
      producerEpoch: current?.epoch ?? -1,
    }
    await this.#ask(timeoutMs, async (node, tryMs) => {
      const { errorCode, producerId, producerEpoch } = await this.#request(node, initProducerIdApi, body, tryMs)
      if (errorCode !== 0) throw this.#error(errorCode, 'initializing')
      const options = { lane: this.#lane, timeoutMs: tryMs }
      this.#addsImplicitly = (await this.#cluster.featureLevel(node, 'transaction.version', options)) >= implicitLevel
      this.#follow(producerId, producerEpoch)
    })
  }

  /**
   * Before the first batch of these partitions, where brokers do not add them by themselves. Is not tried again once it
   * is not wanted any more.
   */
  async addPartitions(
    partitions: readonly TopicPartition[],
    isWanted: () => boolean,
    timeoutMs: number,
  ): Promise<void> {
    const { producerId, epoch } = this.#identity!
    const topics = new Map<string, number[]>()
    for (const { topic, partition } of partitions) topics.set(topic, [...(topics.get(topic) ?? []), partition])
    const body = {
      v3AndBelowTransactionalId: this.#config.transactionalId,
      v3AndBelowProducerId: producerId,
      v3AndBelowProducerEpoch: epoch,
      v3AndBelowTopics: Array.from(topics, ([name, numbers]) => ({ name, partitions: numbers })),
    }
    await this.#ask(timeoutMs, async (node, tryMs) => {
      if (!isWanted()) throw noLongerWanted(this.#config.transactionalId)
      const answer = await this.#request(node, addPartitionsToTxnApi, body, tryMs)
      const results = new Map<string, number>()
      for (const { name, resultsByPartition } of answer.resultsByTopicV3AndBelow) {
        for (const each of resultsByPartition) results.set(`${name}-${each.partitionIndex}`, each.partitionErrorCode)
      }
      const codes = partitions.map(({ topic, partition }) => results.get(`${topic}-${partition}`))
      // One that was not attempted says nothing: another one is to blame.
      const refusal = codes.find((code) => code !== 0 && code !== errorCodes.operationNotAttempted)
      const about = `adding ${codes.length} partitions`
      if (refusal !== undefined) throw this.#error(refusal, about)
      if (codes.some((code) => code !== 0))
        throw unanswered(`${about} to the transaction of ${this.#config.transactionalId}`)
    })
  }

  /** Before the first offsets of the group, where its coordinator does not add it by itself. */
  async addGroup(groupId: string, timeoutMs: number): Promise<void> {
    const { producerId, epoch } = this.#identity!
    const body = { transactionalId: this.#config.transactionalId, producerId, producerEpoch: epoch, groupId }
    await this.#ask(timeoutMs, async (node, tryMs) => {
      const { errorCode } = await this.#request(node, addOffsetsToTxnApi, body, tryMs)
      if (errorCode !== 0) throw this.#error(errorCode, `adding group ${groupId}`)
    })
  }

  /** Commits or aborts. The same end may be asked for again: the coordinator knows it by the epoch. */
  async end(isCommit: boolean, timeoutMs: number): Promise<TransactionEnd> {
    const { producerId, epoch } = this.#identity!
    const body = {
      transactionalId: this.#config.transactionalId,
      producerId,
      producerEpoch: epoch,
      committed: isCommit,
    }
    let isUndecided = false
    try {
      await this.#ask(timeoutMs, async (node, tryMs) => {
        const hadNoAnswer = isUndecided
        isUndecided = true
        const answer = await this.#request(node, this.#endApi, body, tryMs)
        if (answer.errorCode === 0) return this.#ended(answer)
        const error = this.#error(answer.errorCode, isCommit ? 'committing' : 'aborting')
        // A coordinator that could not write it down everywhere may find it again after a failover.
        isUndecided = hadNoAnswer || (consequenceOf(error) === 'retriable' && !changesNothing.has(answer.errorCode))
        throw error
      })
      return { kind: 'done' }
    } catch (error) {
      return { kind: isUndecided ? 'unknown' : 'refused', error }
    }
  }

  get #endApi(): typeof endTxnApi {
    return this.#addsImplicitly ? endRaisesEpochApi : endKeepsEpochApi
  }

  #ended({ producerId, producerEpoch }: EndTxnResponse): void {
    if (this.#addsImplicitly) this.#follow(producerId, producerEpoch)
  }

  #follow(producerId: number, epoch: number): void {
    this.#identity = { producerId, epoch, isTransactional: true }
  }

  #ask<T>(timeoutMs: number, step: (node: number, tryMs: number) => Promise<T>): Promise<T> {
    const backoff = new Backoff(quickBackoff(this.#cluster.config))
    return onCoordinator(this.#cluster, 'transaction', this.#config.transactionalId, timeoutMs, step, backoff)
  }

  #request<Request, Response>(
    node: number,
    api: Api<Request, Response>,
    body: Request,
    timeoutMs: number,
  ): Promise<Response> {
    return this.#cluster.request(node, api, body, { timeoutMs, lane: this.#lane, clientId: this.#config.clientId })
  }

  #error(errorCode: number, what: string) {
    const { transactionalId } = this.#config
    return protocolError(errorCode, `${what} the transaction of ${transactionalId}`, { transactionalId })
  }
}
