import type { BackoffOptions } from '../../../../core/backoff.ts'
import { consequenceOf, errorCode, errorMessage, MillraceError } from '../../../../core/errors.ts'
import type { ClusterConfig } from '../../connection/cluster-options.ts'
import { errorCodes, protocolErrorKind } from '../../connection/protocol-errors.ts'
import { type ProduceAction, produceAction } from '../producer-errors.ts'

/** A coordinator that completes a transaction is done within milliseconds. */
const quickRetryMs = 20

/** The transaction is lost, and the producer is not: the next one may be begun. As `TransactionManager` of Kafka's own client. */
const abortable: ReadonlySet<number> = new Set([
  errorCodes.invalidProducerEpoch,
  errorCodes.invalidTransactionState,
  errorCodes.invalidProducerIdMapping,
  errorCodes.unknownProducerId,
  errorCodes.transactionAbortable,
])

const abortableNames: ReadonlySet<string> = new Set([...abortable].map((code) => protocolErrorKind(code).name))

const fencing: ReadonlySet<string> = new Set(
  [errorCodes.invalidProducerEpoch, errorCodes.producerFenced].map((code) => protocolErrorKind(code).name),
)

/** What becomes of a batch of a transaction. */
export function transactionalProduceAction(errorCode: number): ProduceAction {
  return abortable.has(errorCode) ? 'fail-transaction' : produceAction(errorCode)
}

/** A broker said that the epoch is old: another producer has the id, or the cluster gave the transaction up. */
export function isFencing(error: unknown): boolean {
  return fencing.has(errorCode(error) ?? '')
}

/** A coordinator said that this transaction cannot be continued. */
export function isAbortable(error: unknown): boolean {
  return abortableNames.has(errorCode(error) ?? '')
}

/** Only this transaction is lost, which the error does not say: abort, and the same may be sent again. */
export function endsOnlyTransaction(error: unknown): boolean {
  const consequence = consequenceOf(error)
  if (consequence === 'transaction-aborted') return false
  return consequence === 'retriable' || isFencing(error) || isAbortable(error)
}

/** What is sent to a coordinator is tried again sooner than other requests. */
export function quickBackoff({ retryBackoff }: Pick<ClusterConfig, 'retryBackoff'>): BackoffOptions {
  return { initialMs: Math.min(quickRetryMs, retryBackoff.initialMs), maxMs: retryBackoff.maxMs }
}

export function transactionAborted(transactionalId: string, cause: unknown): MillraceError {
  return new MillraceError(
    'TRANSACTION_ABORTABLE',
    'transaction-aborted',
    `the transaction of ${transactionalId} cannot be committed (${errorMessage(cause)}): abort it`,
    { cause, details: { transactionalId, causeCode: errorCode(cause) } },
  )
}

export function producerFenced(transactionalId: string, cause: unknown): MillraceError {
  return new MillraceError(
    'PRODUCER_FENCED',
    'task-migrated',
    `a newer producer took over the transactional id ${transactionalId}: initialize to take it back, or, where this happens again and again, look for two processes that have one processId, as where a state directory was copied`,
    { cause, details: { transactionalId } },
  )
}

export function outcomeUnknown(transactionalId: string, cause: unknown): MillraceError {
  return new MillraceError(
    'TRANSACTION_OUTCOME_UNKNOWN',
    'task-migrated',
    `nobody said in time how the transaction of ${transactionalId} ended (${errorMessage(cause)}): initialize, which decides it`,
    { cause, details: { transactionalId, causeCode: errorCode(cause) } },
  )
}

export function notInitialized(transactionalId: string, cause?: unknown): MillraceError {
  return new MillraceError(
    'PRODUCER_NOT_INITIALIZED',
    'fatal',
    `the producer of ${transactionalId} has no epoch: await initialize before the first send`,
    { cause, details: { transactionalId } },
  )
}

/** Ends the tries to do something for a transaction that is being aborted. */
export function noLongerWanted(transactionalId: string): MillraceError {
  return transactionAborted(transactionalId, new Error('it is being aborted'))
}
