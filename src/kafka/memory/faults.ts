import { MillraceError } from '../../core/errors.ts'

/** A call that does not end well. `applied`: it is done, and only its answer fails. */
interface Fault {
  readonly error: unknown
  readonly applied: boolean
}

/** The calls of a transactional producer that ask the coordinator. */
export type TransactionCall = 'initialize' | 'commit' | 'abort'

/** `cut`: its network is; `stopped`: the process does not run, and what it has sent arrives. */
export type Silence = 'cut' | 'stopped'

/** The faults that a test lets happen next. None happens by itself. */
export class Faults {
  readonly #commits: Fault[] = []
  readonly #sends: unknown[] = []
  readonly #transactionCalls: Record<TransactionCall, Fault[]> = { initialize: [], commit: [], abort: [] }
  /** How long a sent record is in flight before the log has it; what a driver has in flight is gone when it closes. */
  sendDelayMs = 0
  /**
   * How long it takes to write each marker of a transaction, and to decide its offsets, one after the other, after the
   * call that ended it was answered. Until then its records are not visible, and nobody else can have its id.
   */
  markerDelayMs = 0
  readonly #silent = new Map<string, Silence>()

  /**
   * The cluster hears nothing of these clients until `hear`: no heartbeat, and of `cut` ones no record either. They hear
   * nothing of their group. `clientIds`: how their client ids begin.
   */
  silence(clientIds: string, silence: Silence): void {
    this.#silent.set(clientIds, silence)
  }

  /** Ends a silence. Records that were sent meanwhile arrive. */
  hear(clientIds: string): void {
    this.#silent.delete(clientIds)
  }

  /** Why the cluster does not hear the client; undefined while it does. */
  silenceOf(clientId: string): Silence | undefined {
    if (this.#silent.size === 0) return undefined
    for (const [beginning, silence] of this.#silent) if (clientId.startsWith(beginning)) return silence
    return undefined
  }

  /** The next commit of a consumer is not applied and rejects. */
  failNextCommit(error: unknown): void {
    this.#commits.push({ error, applied: false })
  }

  /** The next commit of a consumer is applied and rejects all the same, as when the answer is lost. */
  loseNextCommitAnswer(error: unknown): void {
    this.#commits.push({ error, applied: true })
  }

  /** The next record sent is not delivered. */
  failNextSend(error: unknown): void {
    this.#sends.push(error)
  }

  /** How many of the next records are not delivered. */
  get sendsToFail(): number {
    return this.#sends.length
  }

  /** The next such call of a transactional producer changes nothing and rejects. */
  failNextTransactionCall(call: TransactionCall, error: unknown): void {
    this.#transactionCalls[call].push({ error, applied: false })
  }

  /** The next such call gets no answer in time. `applied`: it is done all the same. */
  loseNextTransactionAnswer(call: TransactionCall, applied: boolean): void {
    const error = call === 'initialize' ? noAnswer() : unknownOutcome(call)
    this.#transactionCalls[call].push({ error, applied })
  }

  nextCommit(): Fault | undefined {
    return this.#commits.shift()
  }

  nextSend(): { readonly error: unknown } | undefined {
    return this.#sends.length === 0 ? undefined : { error: this.#sends.shift() }
  }

  /** Does what the call does, unless a fault comes in its way. */
  aroundTransactionCall<T>(call: TransactionCall, act: () => T): T {
    const fault = this.#transactionCalls[call].shift()
    if (fault !== undefined && !fault.applied) throw fault.error
    const result = act()
    if (fault !== undefined) throw fault.error
    return result
  }
}

function noAnswer(): MillraceError {
  return new MillraceError('REQUEST_TIMED_OUT', 'retriable', 'the coordinator did not answer in time: try again')
}

function unknownOutcome(call: TransactionCall): MillraceError {
  return new MillraceError(
    'TRANSACTION_OUTCOME_UNKNOWN',
    'task-migrated',
    `the answer to the ${call} of a transaction did not come in time: initialize the producer, which decides it`,
  )
}
