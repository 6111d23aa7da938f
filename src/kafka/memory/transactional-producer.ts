import type { Bytes } from '../../core/bytes.ts'
import { consequenceOf, errorCode, MillraceError } from '../../core/errors.ts'
import type { Headers } from '../../core/headers.ts'
import { StateMachine, type Transitions } from '../../core/state-machine.ts'
import type {
  GroupMetadata,
  OffsetAndMetadata,
  SendFailure,
  TransactionalProducer,
  TransactionalProducerOptions,
} from '../port.ts'
import type { MemoryCluster } from './cluster.ts'
import { MemoryProducer } from './producer.ts'
import { plainTarget, type RecordTarget } from './record-target.ts'
import type { ProducerIdentity } from './transaction-coordinator.ts'
import { uncommittable } from './undecided-offsets.ts'
import { Waits } from './waits.ts'

type State = 'UNUSABLE' | 'READY' | 'OPEN' | 'ENDING' | 'FAILED'

const transitions: Transitions<State> = {
  UNUSABLE: ['UNUSABLE', 'READY'],
  READY: ['OPEN', 'ENDING', 'UNUSABLE'],
  OPEN: ['ENDING', 'READY', 'FAILED', 'UNUSABLE'],
  ENDING: ['READY', 'FAILED', 'UNUSABLE'],
  FAILED: ['READY', 'UNUSABLE'],
}

/**
 * The port's transactional producer on the cluster in memory. A `MemoryProducer` sends its records to the coordinator of
 * the cluster, which appends them to the transaction. What keeps a record from its log fails the transaction, unless the
 * record itself is at fault and the handler lets it be dropped.
 */
export class MemoryTransactionalProducer implements TransactionalProducer {
  readonly #cluster: MemoryCluster
  readonly #options: TransactionalProducerOptions
  readonly #records: MemoryProducer
  readonly #state = new StateMachine<State>('the transactional producer', 'UNUSABLE', transitions)
  readonly #waits = new Waits()
  #identity: ProducerIdentity
  /** Why it is UNUSABLE or FAILED. */
  #reason: unknown
  #closedBy: MillraceError | undefined

  constructor(cluster: MemoryCluster, options: TransactionalProducerOptions) {
    this.#cluster = cluster
    this.#options = options
    this.#identity = { transactionalId: options.transactionalId, epoch: -1 }
    this.#reason = notInitialized(options.transactionalId)
    const onSendError = (failure: SendFailure) => this.#onSendError(failure)
    this.#records = new MemoryProducer(cluster, { ...options, onSendError }, this.#target())
  }

  #target(): RecordTarget {
    const plain = plainTarget(this.#cluster)
    const { transactions, faults } = this.#cluster
    const identity = () => this.#identity
    return {
      get delayMs() {
        return Math.max(plain.delayMs, transactions.isEnding(identity()) ? faults.markerDelayMs : 0)
      },
      refusal: (...record) => transactions.refusal(identity()) ?? plain.refusal(...record),
      append: (...record) => transactions.append(identity(), ...record),
    }
  }

  /** The handler decides about records that are at fault themselves; what else fails fails the transaction. */
  #onSendError(failure: SendFailure): 'continue' | 'fail' {
    const { error } = failure
    if (isOfRecord(error) && this.#options.onSendError(failure) === 'continue') return 'continue'
    this.#failWith(error)
    return 'fail'
  }

  async initialize(timeoutMs: number): Promise<void> {
    if (this.#closedBy !== undefined) throw this.#closedBy
    this.#records.drop()
    this.#state.transition('UNUSABLE')
    this.#reason = notInitialized(this.#options.transactionalId)
    const { clock, faults, transactions } = this.#cluster
    const { transactionalId, transactionTimeoutMs } = this.#options
    const deadlineMs = clock.monotonicMs() + timeoutMs
    for (;;) {
      const identity = faults.aroundTransactionCall('initialize', () =>
        transactions.initialize(transactionalId, transactionTimeoutMs),
      )
      if (identity !== undefined) {
        this.#identity = identity
        this.#state.transition('READY')
        return
      }
      const leftMs = deadlineMs - clock.monotonicMs()
      if (leftMs <= 0) throw stillEnding(transactionalId)
      await this.#waits.wait(clock, leftMs, (end) => [transactions.onceEnded(end)])
    }
  }

  get isInTransaction(): boolean {
    return this.#state.is('OPEN', 'ENDING', 'FAILED')
  }

  prepareTopics(topics: readonly string[], timeoutMs: number): Promise<void> {
    return this.#records.prepareTopics(topics, timeoutMs)
  }

  partitionCount(topic: string): number | undefined {
    return this.#records.partitionCount(topic)
  }

  send(
    topic: string,
    partition: number,
    key: Bytes | null,
    value: Bytes | null,
    timestamp: number,
    headers: Headers,
  ): void {
    this.#refuseIfBroken()
    if (this.#state.is('ENDING')) throw endIsUnderWay(this.#options.transactionalId)
    this.#records.send(topic, partition, key, value, timestamp, headers)
    if (this.#state.is('READY')) this.#state.transition('OPEN')
  }

  #refuseIfBroken(): void {
    if (this.#state.is('UNUSABLE', 'FAILED')) throw this.#reason
  }

  get isFull(): boolean {
    return this.#records.isFull
  }

  drained(): Promise<void> {
    return this.#records.drained()
  }

  async flush(timeoutMs: number): Promise<void> {
    try {
      await this.#records.flush(timeoutMs)
    } catch (error) {
      this.#refuseIfBroken()
      throw error
    }
    this.#refuseIfBroken()
  }

  acknowledgedOffset(topic: string, partition: number): number | undefined {
    return this.#records.acknowledgedOffset(topic, partition)
  }

  async commit(offsets: readonly OffsetAndMetadata[], group: GroupMetadata, timeoutMs: number): Promise<void> {
    this.#refuseIfBroken()
    if (this.#state.is('READY') && offsets.length === 0) return
    this.#state.transition('ENDING')
    try {
      await this.flush(timeoutMs)
      if (offsets.length > 0) this.#addOffsets(offsets, group)
      this.#end('commit')
    } catch (error) {
      this.#failWith(error)
      throw this.#reason
    }
    this.#state.transition('READY')
  }

  #addOffsets(offsets: readonly OffsetAndMetadata[], group: GroupMetadata): void {
    const { topics, transactions } = this.#cluster
    const gone = offsets.find(({ topic, partition }) => topics.get(topic)?.logs[partition] === undefined)
    if (gone !== undefined) throw uncommittable(gone)
    transactions.addOffsets(this.#identity, offsets, group)
  }

  #end(call: 'commit' | 'abort'): void {
    const { faults, transactions } = this.#cluster
    faults.aroundTransactionCall(call, () => transactions.end(this.#identity, call === 'commit'))
  }

  /** Decides what is left to do after an error: nothing but `initialize`, or `abort` too. */
  #failWith(error: unknown): void {
    if (this.#state.is('UNUSABLE', 'FAILED')) return
    const consequence = consequenceOf(error)
    this.#reason = consequence === 'retriable' ? abortable(this.#options.transactionalId, error) : error
    const mayAbort = consequence !== 'task-migrated' || errorCode(error) === 'GROUP_FENCED'
    this.#state.transition(mayAbort ? 'FAILED' : 'UNUSABLE')
  }

  async abort(_timeoutMs: number): Promise<void> {
    if (!this.isInTransaction) return
    this.#records.drop()
    try {
      this.#end('abort')
    } catch (error) {
      this.#reason = error
      this.#state.transition('UNUSABLE')
      throw error
    }
    this.#state.transition('READY')
  }

  async close(timeoutMs: number): Promise<void> {
    if (this.#closedBy !== undefined) return
    try {
      await this.abort(timeoutMs)
    } finally {
      const { clientId } = this.#options
      this.end(new MillraceError('PRODUCER_CLOSED', 'fatal', `producer ${clientId} is closed`))
    }
  }

  get isEnded(): boolean {
    return this.#closedBy !== undefined
  }

  /** From now on every call fails with this; the transaction stays open until somebody ends it. */
  end(error: MillraceError): void {
    if (this.#closedBy !== undefined) return
    this.#closedBy = error
    this.#records.end(error)
    this.#reason = error
    if (!this.#state.is('UNUSABLE')) this.#state.transition('UNUSABLE')
    this.#waits.end(error)
  }
}

function isOfRecord(error: unknown): boolean {
  return !['retriable', 'task-migrated', 'transaction-aborted'].includes(consequenceOf(error))
}

function notInitialized(transactionalId: string): MillraceError {
  return new MillraceError(
    'PRODUCER_NOT_INITIALIZED',
    'fatal',
    `the producer of ${transactionalId} is not initialized: call initialize first`,
  )
}

function endIsUnderWay(transactionalId: string): MillraceError {
  return new MillraceError(
    'INVALID_TXN_STATE',
    'fatal',
    `the producer of ${transactionalId} commits: wait for its end before the next record`,
  )
}

function abortable(transactionalId: string, cause: unknown): MillraceError {
  return new MillraceError(
    'TRANSACTION_ABORTABLE',
    'transaction-aborted',
    `the transaction of ${transactionalId} cannot be committed: abort it, then send all of it again`,
    { cause },
  )
}

function stillEnding(transactionalId: string): MillraceError {
  return new MillraceError(
    'CONCURRENT_TRANSACTIONS',
    'retriable',
    `the transaction of ${transactionalId} before is still being ended: try again`,
  )
}
