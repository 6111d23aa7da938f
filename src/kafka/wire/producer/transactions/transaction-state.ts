import { StateMachine, type Transitions } from '../../../../core/state-machine.ts'
import { producerClosed } from '../producer-errors.ts'
import { endsOnlyTransaction, notInitialized, transactionAborted } from './transaction-errors.ts'

type State =
  | 'unusable'
  | 'initializing'
  | 'ready'
  | 'open'
  | 'delivering'
  | 'committing'
  | 'aborting'
  | 'failed'
  | 'closed'

/**
 * ```
 * unusable --initialize--> initializing --> ready --send--> open --commit--> delivering --> committing --> ready
 *     ^                                               |           |             |
 *     |                                               v           v             v
 *     +-- fenced, or nobody knows how it ended --- aborting <-- failed <--------+
 *                                                     +--> ready
 * ```
 * While it delivers, the handler of a refused record may still send a dead letter. `closed` may follow any of them.
 */
const transitions: Transitions<State> = {
  unusable: ['initializing', 'closed'],
  initializing: ['ready', 'unusable', 'closed'],
  ready: ['open', 'delivering', 'initializing', 'unusable', 'closed'],
  open: ['delivering', 'aborting', 'failed', 'initializing', 'unusable', 'closed'],
  delivering: ['committing', 'failed', 'unusable', 'closed'],
  committing: ['ready', 'failed', 'unusable', 'closed'],
  aborting: ['ready', 'unusable', 'closed'],
  failed: ['aborting', 'initializing', 'unusable', 'closed'],
  closed: [],
}

/**
 * What a producer of transactions may do, and why not. A failure ends a transaction: everything but `abort` and
 * `initialize` throws it. A loss makes the producer unusable until `initialize`.
 */
export class TransactionState {
  readonly #transactionalId: string
  readonly #machine: StateMachine<State>
  #failure: { readonly error: unknown } | undefined
  #loss: unknown
  /** Records are accepted; a field, for the path of a record. */
  isOpen = false

  constructor(transactionalId: string) {
    this.#transactionalId = transactionalId
    this.#loss = notInitialized(transactionalId)
    this.#machine = new StateMachine<State>(`producer ${transactionalId}`, 'unusable', transitions, (_from, to) => {
      this.isOpen = to === 'open' || to === 'delivering'
    })
  }

  is(...states: readonly State[]): boolean {
    return this.#machine.is(...states)
  }

  to(state: Exclude<State, 'ready' | 'unusable' | 'closed'>): void {
    this.#machine.transition(state)
  }

  /** The way is free for another transaction. Throws PRODUCER_CLOSED (fatal) after an end that nobody waited for. */
  toReady(): void {
    if (this.#machine.is('closed')) throw producerClosed()
    this.#failure = undefined
    this.#machine.transition('ready')
  }

  get isInTransaction(): boolean {
    return this.#machine.is('open', 'delivering', 'committing', 'aborting', 'failed')
  }

  /** Nothing can be sent or committed until `abort` or `initialize`. */
  get isRefusing(): boolean {
    return this.#failure !== undefined || this.isLost
  }

  get isLost(): boolean {
    return this.#machine.is('unusable', 'closed')
  }

  /** Why it refuses. */
  get refusal(): unknown {
    return this.isLost || this.#failure === undefined ? this.#loss : this.#failure.error
  }

  /** The transaction cannot be committed. false: that is known already; the first reason counts. */
  fail(error: unknown): boolean {
    if (this.isRefusing) return false
    this.#failure = { error: endsOnlyTransaction(error) ? transactionAborted(this.#transactionalId, error) : error }
    if (this.#machine.is('open')) this.#machine.transition('failed')
    return true
  }

  /** The producer is of no use until it is initialized. Later reasons do not count. */
  lose(error: unknown): void {
    if (this.isLost) return
    this.#loss = error
    this.#failure = undefined
    this.#machine.transition('unusable')
  }

  /** For good. false: it was closed before. */
  close(): boolean {
    if (this.#machine.is('closed')) return false
    this.#machine.transition('closed')
    this.#loss = producerClosed()
    return true
  }
}
