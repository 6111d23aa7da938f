import { type ErrorConsequence, type ErrorDetails, MillraceError } from '../../../core/errors.ts'

/** What a broker's error code means to a client. */
export interface ProtocolErrorKind {
  readonly name: string
  readonly consequence: ErrorConsequence
  /** Our view of leaders or topics is old. */
  readonly refreshMetadata: boolean
  readonly meaning: string
}

type Row = readonly [code: number, name: string, meaning: string]

/** Tried again with fresh metadata. */
const staleMetadata: readonly Row[] = [
  [3, 'UNKNOWN_TOPIC_OR_PARTITION', 'the broker does not host this topic or partition'],
  [5, 'LEADER_NOT_AVAILABLE', 'the partition has no leader at the moment'],
  [6, 'NOT_LEADER_OR_FOLLOWER', 'the broker does not lead this partition any more'],
  [9, 'REPLICA_NOT_AVAILABLE', 'the replica is not available'],
  [13, 'NETWORK_EXCEPTION', 'the broker lost its connection to another one'],
  [56, 'KAFKA_STORAGE_ERROR', 'the broker has a disk error; another replica takes over'],
  [72, 'LISTENER_NOT_FOUND', 'the leader has no listener of this name'],
  [74, 'FENCED_LEADER_EPOCH', 'the leader changed since our metadata'],
  [80, 'PREFERRED_LEADER_NOT_AVAILABLE', 'the preferred leader is not available'],
  [100, 'UNKNOWN_TOPIC_ID', 'no topic has this id; it was deleted or made anew'],
  [103, 'INCONSISTENT_TOPIC_ID', 'the topic was made anew under its name'],
]

/** Tried again after a backoff. */
const transient: readonly Row[] = [
  [2, 'CORRUPT_MESSAGE', 'the batch failed its checksum on the way'],
  [7, 'REQUEST_TIMED_OUT', 'the broker could not finish in time'],
  [8, 'BROKER_NOT_AVAILABLE', 'the broker is not available'],
  [14, 'COORDINATOR_LOAD_IN_PROGRESS', 'the coordinator is loading its state'],
  [15, 'COORDINATOR_NOT_AVAILABLE', 'the coordinator is not available'],
  [16, 'NOT_COORDINATOR', 'the coordinator moved to another broker'],
  [19, 'NOT_ENOUGH_REPLICAS', 'fewer replicas are in sync than min.insync.replicas'],
  [20, 'NOT_ENOUGH_REPLICAS_AFTER_APPEND', 'fewer replicas are in sync than min.insync.replicas'],
  [41, 'NOT_CONTROLLER', 'the controller moved to another broker'],
  [51, 'CONCURRENT_TRANSACTIONS', 'the previous transaction is still being completed'],
  [52, 'TRANSACTION_COORDINATOR_FENCED', 'the transaction coordinator changed'],
  [55, 'OPERATION_NOT_ATTEMPTED', 'another operation of the same request failed'],
  [70, 'FETCH_SESSION_ID_NOT_FOUND', 'the broker dropped the fetch session'],
  [71, 'INVALID_FETCH_SESSION_EPOCH', 'the fetch session is out of step'],
  [75, 'UNKNOWN_LEADER_EPOCH', 'the broker has not yet heard of the new leader'],
  [78, 'OFFSET_NOT_AVAILABLE', 'the new leader does not know the end of its log yet'],
  [88, 'UNSTABLE_OFFSET_COMMIT', 'offsets of an open transaction are pending'],
  [89, 'THROTTLING_QUOTA_EXCEEDED', 'a quota is used up'],
  [106, 'FETCH_SESSION_TOPIC_ID_ERROR', 'topic ids changed inside the fetch session'],
  [129, 'REBOOTSTRAP_REQUIRED', 'the broker asks for a fresh start from the bootstrap list'],
]

/** This member or producer was replaced: drop the tasks and rejoin. */
const fenced: readonly Row[] = [
  [22, 'ILLEGAL_GENERATION', 'the group is in a later generation'],
  [25, 'UNKNOWN_MEMBER_ID', 'the group does not know this member; its session ended'],
  [27, 'REBALANCE_IN_PROGRESS', 'the group is rebalancing'],
  [47, 'INVALID_PRODUCER_EPOCH', 'a newer producer took over this transactional id'],
  [82, 'FENCED_INSTANCE_ID', 'another process runs with the same instance id'],
  [90, 'PRODUCER_FENCED', 'a newer producer took over this transactional id'],
  [110, 'FENCED_MEMBER_EPOCH', 'the group fenced this member'],
  [113, 'STALE_MEMBER_EPOCH', 'the group is in a later epoch'],
]

/** One record's or batch's own fault. */
const faultyRecord: readonly Row[] = [
  [10, 'MESSAGE_TOO_LARGE', 'a record is larger than max.message.bytes of the topic'],
  [18, 'RECORD_LIST_TOO_LARGE', 'a batch is larger than the segment size of the topic'],
  [32, 'INVALID_TIMESTAMP', 'the timestamp is outside what the topic accepts'],
  [87, 'INVALID_RECORD', 'the broker refused the record, for example a null key on a compacted topic'],
]

/** A person has to act. */
const permanent: readonly Row[] = [
  [-1, 'UNKNOWN_SERVER_ERROR', 'the broker failed in an unexpected way; its log says why'],
  [1, 'OFFSET_OUT_OF_RANGE', 'the offset is not inside the log; records were deleted by retention or the log was cut'],
  [4, 'INVALID_FETCH_SIZE', 'the fetch size is invalid'],
  [12, 'OFFSET_METADATA_TOO_LARGE', 'the commit metadata is larger than offset.metadata.max.bytes'],
  [17, 'INVALID_TOPIC_EXCEPTION', 'the topic name is invalid, or the topic is internal'],
  [21, 'INVALID_REQUIRED_ACKS', 'acks has an invalid value'],
  [
    23,
    'INCONSISTENT_GROUP_PROTOCOL',
    'members of the group run another protocol; stop them or choose another group id',
  ],
  [24, 'INVALID_GROUP_ID', 'the group id is invalid'],
  [26, 'INVALID_SESSION_TIMEOUT', 'the session timeout is outside group.min/max.session.timeout.ms of the broker'],
  [28, 'INVALID_COMMIT_OFFSET_SIZE', 'the commit is larger than the broker accepts'],
  [29, 'TOPIC_AUTHORIZATION_FAILED', 'this principal may not do that on the topic; add an ACL'],
  [30, 'GROUP_AUTHORIZATION_FAILED', 'this principal may not use the group; add an ACL'],
  [31, 'CLUSTER_AUTHORIZATION_FAILED', 'this principal may not do that on the cluster; add an ACL'],
  [33, 'UNSUPPORTED_SASL_MECHANISM', 'the broker does not offer this SASL mechanism'],
  [34, 'ILLEGAL_SASL_STATE', 'the listener expects no SASL, or expects it first'],
  [35, 'UNSUPPORTED_VERSION', 'the broker does not speak this version of the request'],
  [36, 'TOPIC_ALREADY_EXISTS', 'the topic exists already'],
  [37, 'INVALID_PARTITIONS', 'the partition count is invalid; it can only grow'],
  [38, 'INVALID_REPLICATION_FACTOR', 'the replication factor is below 1 or above the number of brokers'],
  [39, 'INVALID_REPLICA_ASSIGNMENT', 'the replica assignment is invalid'],
  [40, 'INVALID_CONFIG', 'a config name or value is invalid'],
  [42, 'INVALID_REQUEST', 'the broker refused the request as malformed'],
  [43, 'UNSUPPORTED_FOR_MESSAGE_FORMAT', 'the message format of the topic is too old'],
  [44, 'POLICY_VIOLATION', 'a policy of the cluster forbids it'],
  [45, 'OUT_OF_ORDER_SEQUENCE_NUMBER', 'a batch before this one was lost'],
  [46, 'DUPLICATE_SEQUENCE_NUMBER', 'the batch was written before'],
  [48, 'INVALID_TXN_STATE', 'the transaction is in another state'],
  [49, 'INVALID_PRODUCER_ID_MAPPING', 'the transactional id is not known any more'],
  [50, 'INVALID_TRANSACTION_TIMEOUT', 'the transaction timeout is above transaction.max.timeout.ms of the broker'],
  [53, 'TRANSACTIONAL_ID_AUTHORIZATION_FAILED', 'this principal may not use the transactional id; add an ACL'],
  [54, 'SECURITY_DISABLED', 'the cluster has security switched off'],
  [58, 'SASL_AUTHENTICATION_FAILED', 'the broker refused the credentials'],
  [59, 'UNKNOWN_PRODUCER_ID', 'the broker has forgotten the producer; its records were deleted'],
  [68, 'NON_EMPTY_GROUP', 'the group has members'],
  [69, 'GROUP_ID_NOT_FOUND', 'the group does not exist'],
  [73, 'TOPIC_DELETION_DISABLED', 'delete.topic.enable is false'],
  [
    76,
    'UNSUPPORTED_COMPRESSION_TYPE',
    'the topic is compressed in a way that this version of the request cannot carry',
  ],
  [79, 'MEMBER_ID_REQUIRED', 'the group wants a member id first'],
  [81, 'GROUP_MAX_SIZE_REACHED', 'the group is full: group.max.size of the broker'],
  [86, 'GROUP_SUBSCRIBED_TO_TOPIC', 'the group reads the topic now'],
  [91, 'RESOURCE_NOT_FOUND', 'the resource does not exist'],
  [92, 'DUPLICATE_RESOURCE', 'the request names a resource twice'],
  [93, 'UNACCEPTABLE_CREDENTIAL', 'the credential is not acceptable'],
  [105, 'TRANSACTIONAL_ID_NOT_FOUND', 'the transactional id does not exist'],
  [109, 'OFFSET_MOVED_TO_TIERED_STORAGE', 'the offset is in tiered storage only'],
  [111, 'UNRELEASED_INSTANCE_ID', 'another member still holds the instance id'],
  [112, 'UNSUPPORTED_ASSIGNOR', 'the group does not know the assignor'],
  [120, 'TRANSACTION_ABORTABLE', 'the transaction must be aborted'],
  [130, 'STREAMS_INVALID_TOPOLOGY', 'the broker refused the topology'],
  [131, 'STREAMS_INVALID_TOPOLOGY_EPOCH', 'the topology epoch is invalid'],
  [132, 'STREAMS_TOPOLOGY_FENCED', 'a newer topology runs in the group'],
]

const kinds = new Map<number, ProtocolErrorKind>()
function add(rows: readonly Row[], consequence: ErrorConsequence, refreshMetadata: boolean): void {
  for (const [code, name, meaning] of rows) kinds.set(code, { name, consequence, refreshMetadata, meaning })
}
add(staleMetadata, 'retriable', true)
add(transient, 'retriable', false)
add(fenced, 'task-migrated', false)
add(faultyRecord, 'record', false)
add(permanent, 'fatal', false)

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
  return new MillraceError(kind.name, kind.consequence, `${about}: ${kind.meaning} (${kind.name})`, { details })
}

/** An answer that leaves out what was asked is as good as none: nothing is taken for granted. */
export function unanswered(about: string, details: ErrorDetails = {}): MillraceError {
  return new MillraceError('UNANSWERED', 'retriable', `${about} is not in the answer of the broker`, { details })
}

/** Kafka's numbers that code branches on. */
export const errorCodes = Object.freeze({
  unknownTopicOrPartition: 3,
  leaderNotAvailable: 5,
  brokerNotAvailable: 8,
  networkException: 13,
  coordinatorLoadInProgress: 14,
  illegalGeneration: 22,
  unknownMemberId: 25,
  rebalanceInProgress: 27,
  unsupportedVersion: 35,
  topicAlreadyExists: 36,
  invalidPartitions: 37,
  groupIdNotFound: 69,
  memberIdRequired: 79,
  fencedInstanceId: 82,
  unstableOffsetCommit: 88,
  rebootstrapRequired: 129,
})
