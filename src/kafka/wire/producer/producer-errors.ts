import { consequenceOf, MillraceError } from '../../../core/errors.ts'
import { errorCodes, protocolErrorKind } from '../connection/protocol-errors.ts'
import type { ProducerConfig } from './producer-config.ts'

/**
 * The action of the producer on a batch that a partition did not accept.
 * - `acknowledged`: it is in the log, from an earlier try
 * - `retry`: later, unchanged
 * - `refused-sequence`: the sequences of broker and producer differ; retry after those before it, or under a higher
 *   epoch
 * - `split`: too large together
 * - `fail-records`: call the handler
 * - `fail-transaction`: nothing of the transaction can be committed any more
 * - `fail-producer`: nothing of this producer will be taken any more
 */
export type ProduceAction =
  | 'acknowledged'
  | 'retry'
  | 'refused-sequence'
  | 'split'
  | 'fail-records'
  | 'fail-transaction'
  | 'fail-producer'

const special = new Map<number, ProduceAction>([
  [46, 'acknowledged'],
  [45, 'refused-sequence'],
  [47, 'refused-sequence'],
  [59, 'refused-sequence'],
  [10, 'split'],
  [18, 'split'],
  [31, 'fail-producer'],
  [53, 'fail-producer'],
  [90, 'fail-producer'],
])

export function produceAction(errorCode: number): ProduceAction {
  if (errorCode === 0) return 'acknowledged'
  return special.get(errorCode) ?? (protocolErrorKind(errorCode).consequence === 'retriable' ? 'retry' : 'fail-records')
}

const beforeAppend: ReadonlySet<number> = new Set([
  errorCodes.leaderNotAvailable,
  errorCodes.coordinatorLoadInProgress,
  errorCodes.coordinatorNotAvailable,
  errorCodes.notCoordinator,
  errorCodes.notEnoughReplicas,
  errorCodes.concurrentTransactions,
])

/** The broker wants to be asked again, and has not appended the batch. Others may have lost the partition after that. */
export function isBeforeAppend(errorCode: number): boolean {
  return beforeAppend.has(errorCode)
}

/** The broker has appended the batch, and did not hear from enough replicas in time. */
export function isAfterAppend(errorCode: number): boolean {
  return errorCode === errorCodes.requestTimedOut || errorCode === errorCodes.notEnoughReplicasAfterAppend
}

/** For a request that got no answer: whether the broker acted on it is unknown. */
export function requestFailureAction(error: unknown): ProduceAction {
  return consequenceOf(error) === 'retriable' ? 'retry' : 'fail-producer'
}

export function deliveryTimeout(topic: string, partition: number, timeoutMs: number, cause: unknown): MillraceError {
  return new MillraceError(
    'DELIVERY_TIMEOUT',
    'retriable',
    `records for ${topic}-${partition} were not acknowledged within deliveryTimeoutMs ${timeoutMs}: read the cause, or raise deliveryTimeoutMs`,
    { cause, details: { topic, partition } },
  )
}

export function producerClosed(): MillraceError {
  return new MillraceError(
    'PRODUCER_CLOSED',
    'fatal',
    'the producer is closed: its records were not all acknowledged before',
  )
}

export function recordTooLarge(topic: string, size: number, { maxRequestBytes }: ProducerConfig): MillraceError {
  return new MillraceError(
    'RECORD_TOO_LARGE',
    'record',
    `a record of about ${size} bytes for ${topic} does not fit maxRequestBytes ${maxRequestBytes}: raise it, and max.message.bytes of the topic`,
    { details: { topic, size } },
  )
}
