import { type KafkaErrorName, kafkaErrorGroups } from '../../../core/error-codes/kafka-protocol.ts'
import { type ErrorConsequence, type ErrorDetails, MillraceError } from '../../../core/errors.ts'

/** The meaning of a broker's error code for a client; the table is in `src/core/error-codes/kafka-protocol.ts`. */
export interface ProtocolErrorKind {
  readonly name: KafkaErrorName
  readonly consequence: ErrorConsequence
  /** Our view of leaders or topics is old. */
  readonly refreshMetadata: boolean
  readonly meaning: string
}

/** By number; filled here and never changed. */
const kinds = new Map<number, ProtocolErrorKind>()
for (const { consequence, refreshMetadata, errors } of kafkaErrorGroups) {
  for (const [number, name, meaning] of errors) kinds.set(number, { name, consequence, refreshMetadata, meaning })
}

/** The kind of any non-zero error code; a code that Kafka added later is fatal. */
export function protocolErrorKind(errorCode: number): ProtocolErrorKind {
  return (
    kinds.get(errorCode) ?? {
      name: `KAFKA_ERROR_${errorCode}`,
      consequence: 'fatal',
      refreshMetadata: false,
      meaning: 'an error code that this version of millrace does not know',
    }
  )
}

/** The error of a non-zero code; its `code` is Kafka's name. `about` says what was tried, on what. */
export function protocolError(errorCode: number, about: string, details: ErrorDetails = {}): MillraceError {
  const kind = protocolErrorKind(errorCode)
  return new MillraceError(kind.name, kind.consequence, `${about}: ${kind.meaning}`, { details })
}

/** An answer that leaves out what was asked is as good as none: nothing is taken for granted. */
export function unanswered(about: string, details: ErrorDetails = {}): MillraceError {
  return new MillraceError('UNANSWERED', 'retriable', `${about} is not in the answer of the broker`, { details })
}

/** Kafka's numbers that code branches on. */
export const errorCodes = Object.freeze({
  unknownTopicOrPartition: 3,
  leaderNotAvailable: 5,
  requestTimedOut: 7,
  brokerNotAvailable: 8,
  networkException: 13,
  coordinatorLoadInProgress: 14,
  coordinatorNotAvailable: 15,
  notCoordinator: 16,
  notEnoughReplicas: 19,
  notEnoughReplicasAfterAppend: 20,
  illegalGeneration: 22,
  unknownMemberId: 25,
  rebalanceInProgress: 27,
  unsupportedVersion: 35,
  topicAlreadyExists: 36,
  invalidPartitions: 37,
  outOfOrderSequenceNumber: 45,
  duplicateSequenceNumber: 46,
  invalidProducerEpoch: 47,
  invalidTransactionState: 48,
  invalidProducerIdMapping: 49,
  concurrentTransactions: 51,
  operationNotAttempted: 55,
  unknownProducerId: 59,
  groupIdNotFound: 69,
  memberIdRequired: 79,
  fencedInstanceId: 82,
  unstableOffsetCommit: 88,
  producerFenced: 90,
  transactionAbortable: 120,
  rebootstrapRequired: 129,
})
