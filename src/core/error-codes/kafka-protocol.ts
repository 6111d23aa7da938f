import { type ErrorConsequence, reportIt } from './row.ts'

/** A broker's error code: its number, its name and what it means. */
type KafkaError = readonly [number: number, name: string, meaning: string]

export interface KafkaErrorGroup {
  readonly consequence: ErrorConsequence
  /** Our view of leaders or topics is old. */
  readonly refreshMetadata: boolean
  readonly errors: readonly KafkaError[]
}

/** Kafka's own errors, grouped by what a client does about them; their names are codes of ours. */
export const kafkaErrorGroups = Object.freeze([
  // Tried again with fresh metadata.
  {
    consequence: 'retriable',
    refreshMetadata: true,
    errors: [
      [3, 'UNKNOWN_TOPIC_OR_PARTITION', 'the broker does not host this topic or partition'],
      [5, 'LEADER_NOT_AVAILABLE', 'the partition has no leader at the moment'],
      [6, 'NOT_LEADER_OR_FOLLOWER', 'the broker does not lead this partition any more'],
      [9, 'REPLICA_NOT_AVAILABLE', 'the replica is not available'],
      [13, 'NETWORK_EXCEPTION', 'the broker lost its connection to another one'],
      [56, 'KAFKA_STORAGE_ERROR', 'the broker has a disk error; another replica takes over'],
      [72, 'LISTENER_NOT_FOUND', 'the leader has no listener of this name'],
      [74, 'FENCED_LEADER_EPOCH', 'the leader changed since our metadata'],
      [80, 'PREFERRED_LEADER_NOT_AVAILABLE', 'the preferred leader is not available'],
      [100, 'UNKNOWN_TOPIC_ID', 'no topic has this id; it was deleted or created again'],
      [103, 'INCONSISTENT_TOPIC_ID', 'the topic was created again under its name'],
    ],
  },
  // Tried again after a backoff.
  {
    consequence: 'retriable',
    refreshMetadata: false,
    errors: [
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
      [75, 'UNKNOWN_LEADER_EPOCH', 'the broker does not know the new leader yet'],
      [78, 'OFFSET_NOT_AVAILABLE', 'the new leader does not know the end of its log yet'],
      [88, 'UNSTABLE_OFFSET_COMMIT', 'offsets of an open transaction are pending'],
      [89, 'THROTTLING_QUOTA_EXCEEDED', 'a quota is used up'],
      [106, 'FETCH_SESSION_TOPIC_ID_ERROR', 'topic ids changed inside the fetch session'],
      [129, 'REBOOTSTRAP_REQUIRED', 'the broker asks for a fresh start from the bootstrap list'],
    ],
  },
  // This member or producer was replaced: drop the tasks and rejoin.
  {
    consequence: 'task-migrated',
    refreshMetadata: false,
    errors: [
      [22, 'ILLEGAL_GENERATION', 'the group is in a later generation'],
      [25, 'UNKNOWN_MEMBER_ID', 'the group does not know this member; its session ended'],
      [27, 'REBALANCE_IN_PROGRESS', 'the group is rebalancing'],
      [47, 'INVALID_PRODUCER_EPOCH', 'a newer producer took over this transactional id'],
      [90, 'PRODUCER_FENCED', 'a newer producer took over this transactional id'],
      [110, 'FENCED_MEMBER_EPOCH', 'the group fenced this member'],
      [113, 'STALE_MEMBER_EPOCH', 'the group is in a later epoch'],
    ],
  },
  // The transaction cannot be committed: abort it.
  {
    consequence: 'transaction-aborted',
    refreshMetadata: false,
    errors: [[120, 'TRANSACTION_ABORTABLE', 'the transaction must be aborted']],
  },
  // One record's or batch's own fault.
  {
    consequence: 'record',
    refreshMetadata: false,
    errors: [
      [10, 'MESSAGE_TOO_LARGE', 'a record is larger than max.message.bytes of the topic'],
      [18, 'RECORD_LIST_TOO_LARGE', 'a batch is larger than the segment size of the topic'],
      [32, 'INVALID_TIMESTAMP', 'the timestamp is outside the range that the topic accepts'],
      [87, 'INVALID_RECORD', 'the broker refused the record, for example a null key on a compacted topic'],
    ],
  },
  // A person has to act.
  {
    consequence: 'fatal',
    refreshMetadata: false,
    errors: [
      [-1, 'UNKNOWN_SERVER_ERROR', 'the broker failed in an unexpected way; its log says why'],
      [
        1,
        'OFFSET_OUT_OF_RANGE',
        'the offset is not inside the log; records were deleted by retention or the log was cut',
      ],
      [4, 'INVALID_FETCH_SIZE', 'the fetch size is invalid'],
      [12, 'OFFSET_METADATA_TOO_LARGE', 'the commit metadata is larger than offset.metadata.max.bytes'],
      [17, 'INVALID_TOPIC_EXCEPTION', 'the topic name is invalid, or the topic is internal'],
      [21, 'INVALID_REQUIRED_ACKS', 'acks has an invalid value'],
      [
        23,
        'INCONSISTENT_GROUP_PROTOCOL',
        'members of the group run another protocol: stop them or choose another group id',
      ],
      [24, 'INVALID_GROUP_ID', 'the group id is invalid'],
      [26, 'INVALID_SESSION_TIMEOUT', 'the session timeout is outside group.min/max.session.timeout.ms of the broker'],
      [28, 'INVALID_COMMIT_OFFSET_SIZE', 'the commit is larger than the broker accepts'],
      [29, 'TOPIC_AUTHORIZATION_FAILED', 'this principal may not do that on the topic: add an ACL'],
      [30, 'GROUP_AUTHORIZATION_FAILED', 'this principal may not use the group: add an ACL'],
      [31, 'CLUSTER_AUTHORIZATION_FAILED', 'this principal may not do that on the cluster: add an ACL'],
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
      [53, 'TRANSACTIONAL_ID_AUTHORIZATION_FAILED', 'this principal may not use the transactional id: add an ACL'],
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
      [82, 'FENCED_INSTANCE_ID', 'another process runs with the same instance id: give each process its own'],
      [86, 'GROUP_SUBSCRIBED_TO_TOPIC', 'the group reads the topic now'],
      [91, 'RESOURCE_NOT_FOUND', 'the resource does not exist'],
      [92, 'DUPLICATE_RESOURCE', 'the request names a resource twice'],
      [93, 'UNACCEPTABLE_CREDENTIAL', 'the credential is not acceptable'],
      [105, 'TRANSACTIONAL_ID_NOT_FOUND', 'the transactional id does not exist'],
      [109, 'OFFSET_MOVED_TO_TIERED_STORAGE', 'the offset is in tiered storage only'],
      [111, 'UNRELEASED_INSTANCE_ID', 'another member still holds the instance id'],
      [112, 'UNSUPPORTED_ASSIGNOR', 'the group does not know the assignor'],
      [130, 'STREAMS_INVALID_TOPOLOGY', 'the broker refused the topology'],
      [131, 'STREAMS_INVALID_TOPOLOGY_EPOCH', 'the topology epoch is invalid'],
      [132, 'STREAMS_TOPOLOGY_FENCED', 'a newer topology runs in the group'],
    ],
  },
] as const satisfies readonly KafkaErrorGroup[])

type Group = (typeof kafkaErrorGroups)[number]
type NameWith<Consequence> = Extract<Group, { consequence: Consequence }>['errors'][number][1]

/** A code that Kafka added later has its number in its name. */
export type KafkaErrorName = Group['errors'][number][1] | `KAFKA_ERROR_${number}`

type Fixes = Record<NameWith<'record' | 'fatal'>, string> & Partial<Record<KafkaErrorName, string>>

/** What to do; errors without one pass by themselves. */
export const kafkaErrorFixes: Readonly<Fixes> = Object.freeze({
  CLUSTER_AUTHORIZATION_FAILED: 'add an ACL for the cluster',
  CORRUPT_MESSAGE: 'check the network; if the batch is damaged in the log, seek past it',
  DUPLICATE_RESOURCE: 'name it once',
  DUPLICATE_SEQUENCE_NUMBER: 'nothing',
  FENCED_INSTANCE_ID: 'give each process its own instance id; the thread whose id was taken ends',
  GROUP_AUTHORIZATION_FAILED: 'add an ACL for the group',
  GROUP_ID_NOT_FOUND: 'correct the group id, or start the group',
  GROUP_MAX_SIZE_REACHED: 'run fewer threads, or raise `group.max.size` of the broker',
  GROUP_SUBSCRIBED_TO_TOPIC: 'stop the members that read the topic first',
  ILLEGAL_SASL_STATE: 'set `sasl` or leave it out, as the listener requires',
  INCONSISTENT_GROUP_PROTOCOL: 'stop the other members, or choose another application id',
  INVALID_COMMIT_OFFSET_SIZE: 'raise `offset.metadata.max.bytes` of the broker',
  INVALID_CONFIG: 'correct the config of the topic',
  INVALID_FETCH_SIZE: reportIt,
  INVALID_GROUP_ID: 'choose another application id',
  INVALID_PARTITIONS: 'give a count of at least 1 that is not below the current one',
  INVALID_PRODUCER_ID_MAPPING: 'restart the process',
  INVALID_RECORD: 'give the record a key, or whatever else its topic requires',
  INVALID_REPLICATION_FACTOR: 'give a factor from 1 to the number of brokers',
  INVALID_REPLICA_ASSIGNMENT: reportIt,
  INVALID_REQUEST: "read the broker's log",
  INVALID_REQUIRED_ACKS: reportIt,
  INVALID_SESSION_TIMEOUT: 'give a `sessionTimeoutMs` between the bounds of the broker',
  INVALID_TIMESTAMP:
    'correct the timestamp, or the bounds of the topic; a processor forwards whole milliseconds from 0 to 2^53 - 1',
  INVALID_TOPIC_EXCEPTION: 'choose another name',
  INVALID_TRANSACTION_TIMEOUT: 'lower the timeout, or raise `transaction.max.timeout.ms` of the broker',
  INVALID_TXN_STATE: 'restart the process',
  KAFKA_STORAGE_ERROR: "check the broker's disk",
  MEMBER_ID_REQUIRED: 'nothing: the client joins with the id that it got',
  MESSAGE_TOO_LARGE: 'raise `max.message.bytes` of the topic, or make the record smaller',
  NON_EMPTY_GROUP: 'stop the members of the group first',
  NOT_ENOUGH_REPLICAS: 'start the brokers that hold the replicas of the partition',
  NOT_ENOUGH_REPLICAS_AFTER_APPEND: 'start the brokers that hold the replicas of the partition',
  OFFSET_METADATA_TOO_LARGE: 'raise `offset.metadata.max.bytes` of the broker',
  OFFSET_MOVED_TO_TIERED_STORAGE: 'let the broker serve tiered storage, or seek to a later offset',
  OFFSET_OUT_OF_RANGE: 'choose an `offsetReset`, or seek to an offset that exists',
  OUT_OF_ORDER_SEQUENCE_NUMBER: 'restart the process; what is not committed is processed again',
  POLICY_VIOLATION: 'use values that the policy of the cluster allows, or create the topic by hand',
  PRODUCER_FENCED:
    'nothing; if it lasts, two processes have one `processId`, as where a state directory was copied: delete the file `process-id` in one of them, and restart that process',
  RECORD_LIST_TOO_LARGE: 'raise `segment.bytes` of the topic, or make batches smaller',
  RESOURCE_NOT_FOUND: 'correct the name',
  SASL_AUTHENTICATION_FAILED: 'check `sasl`: mechanism, username, password, token',
  SECURITY_DISABLED: 'switch security on, or do not use calls that need it',
  STREAMS_INVALID_TOPOLOGY: 'report it with the topology',
  STREAMS_INVALID_TOPOLOGY_EPOCH: reportIt,
  STREAMS_TOPOLOGY_FENCED: 'run one topology in the group',
  THROTTLING_QUOTA_EXCEEDED: 'raise the quota of the client',
  TOPIC_ALREADY_EXISTS: 'nothing, or choose another name',
  TOPIC_AUTHORIZATION_FAILED: 'add an ACL for the topic',
  TOPIC_DELETION_DISABLED: 'set `delete.topic.enable=true` on the brokers',
  TRANSACTIONAL_ID_AUTHORIZATION_FAILED: 'add an ACL for the transactional id',
  TRANSACTIONAL_ID_NOT_FOUND: 'correct the id',
  TRANSACTION_ABORTABLE:
    'nothing; if it happens often, find out why transactions take longer than `transactionTimeoutMs`',
  UNACCEPTABLE_CREDENTIAL: 'give another credential',
  UNKNOWN_PRODUCER_ID: 'restart the process; raise the retention of the topic',
  UNKNOWN_SERVER_ERROR: "read the broker's log",
  UNKNOWN_TOPIC_OR_PARTITION: 'create the topic; if it exists, do nothing',
  UNRELEASED_INSTANCE_ID:
    'wait until the session of the other member is over, or give each process its own instance id',
  UNSUPPORTED_ASSIGNOR: "set `groupProtocol` to 'classic'",
  UNSUPPORTED_COMPRESSION_TYPE: 'choose another compression for the topic',
  UNSUPPORTED_FOR_MESSAGE_FORMAT: 'raise the message format of the topic',
  UNSUPPORTED_SASL_MECHANISM: 'set a `sasl.mechanism` that the listener offers',
  UNSUPPORTED_VERSION: 'use Apache Kafka 3.1 or newer',
})
