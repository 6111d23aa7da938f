import { type ErrorRows, reportIt } from './row.ts'

const overCall = 'the call throws or rejects'

/** The client of Kafka; errors that a broker names itself are Kafka's own. */
export const kafkaClientCodes = Object.freeze({
  ADMIN_CLOSED: {
    when: 'an admin client of a cluster in memory is used after it was closed',
    consequence: 'fatal',
    next: overCall,
    fix: 'use it before it is closed',
  },
  ANSWER_OVERDUE: {
    when: 'a broker accepts requests, but has not answered one of them for a long time',
    consequence: 'retriable',
    fix: 'check the broker: its disk, its memory, its garbage collection',
  },
  ASSIGNMENT_OUTDATED: {
    when: 'the group answered with an assignment from before the topology changed',
    consequence: 'retriable',
    next: 'the member joins again',
    fix: 'nothing',
  },
  CODEC_NOT_LOADED: {
    when: 'zstd is used before it was loaded',
    consequence: 'fatal',
    fix: reportIt,
  },
  CONNECTION_BUSY: {
    when: 'too many requests wait on one connection',
    consequence: 'retriable',
    fix: 'check the broker: it accepts requests more slowly than they are sent',
  },
  CONNECTION_CLOSED: {
    when: 'a broker closed the connection',
    consequence: 'retriable',
    fix: 'nothing; if it repeats before the first answer, compare `tls` and `sasl` with what the listener requires',
  },
  CONNECTION_FAILED: {
    when: 'a broker cannot be reached, or the connection broke',
    consequence: 'retriable',
    fix: 'check the address and the network; the listener must advertise an address that this machine can reach',
  },
  CONNECTION_LEFT: {
    when: 'the client closed the connection itself, because the client was closed or the broker left the cluster',
    consequence: 'retriable',
    fix: 'nothing',
  },
  CONNECT_TIMEOUT: {
    when: 'a broker did not accept the connection in time',
    consequence: 'retriable',
    fix: 'check the address, the firewall and the load of the broker',
  },
  CONSUMER_CLOSED: {
    when: 'a consumer of a cluster in memory is used after it was closed',
    consequence: 'fatal',
    next: overCall,
    fix: 'use it before it is closed',
  },
  CORRUPT_BATCH: {
    when: 'a batch in the log is damaged',
    consequence: 'fatal',
    fix: "check the broker's disk and the network, then seek past the batch",
  },
  DELIVERY_TIMEOUT: {
    when: 'records were not acknowledged within `producerDeliveryTimeoutMs`',
    consequence: 'retriable',
    fix: 'read the cause, or raise the time',
  },
  DRIVER_CLOSED: {
    when: 'a client is used after its driver was closed',
    consequence: 'fatal',
    next: overCall,
    fix: 'use it before the driver is closed',
  },
  FLUSH_TIMEOUT: {
    when: 'not all records that were sent were acknowledged within the time of a flush',
    consequence: 'retriable',
    fix: 'check the brokers, or wait longer',
  },
  GROUP_FENCED: {
    when: 'a commit comes from a member that no longer belongs to its group',
    consequence: 'task-migrated',
    fix: 'nothing; if it happens often, find out why rounds take longer than `rebalanceTimeoutMs`',
  },
  GROUP_NOT_READY: {
    when: 'a group of the streams protocol assigns no tasks, because source topics are missing or the broker delays it',
    consequence: 'retriable',
    next: 'the member waits',
    fix: 'create the source topics; the rest passes by itself',
  },
  GROUP_SHUTDOWN: {
    when: 'a member of the group asks all members to stop: the `uncaughtErrorHandler` of its process returned `shut-down-application`',
    consequence: 'fatal',
    next: 'the application ends, in each process',
    fix: 'repair what that member failed of, then start all processes again',
  },
  INVALID_OPTION: {
    when: 'an option of the Kafka client, of the registry client or of a detector cannot be used',
    consequence: 'fatal',
    next: 'nothing starts',
    fix: 'give what the message asks for',
  },
  INVALID_UUID: {
    when: 'the id of a topic is not a UUID',
    consequence: 'fatal',
    fix: reportIt,
  },
  LOG_TRUNCATED: {
    when: 'records were read and then lost by an unclean leader election, and `offsetReset` is `none`',
    consequence: 'fatal',
    fix: 'seek to the offset that the message names, to read the records that are there now',
  },
  MEMBER_LEFT: {
    when: 'a member was closed while it joined its group',
    consequence: 'fatal',
    next: overCall,
    fix: 'nothing',
  },
  METADATA_BEHIND: {
    when: 'a broker does not know yet that a topic was created, changed or deleted',
    consequence: 'retriable',
    fix: 'nothing; if it lasts, check the controller',
  },
  NOT_ASSIGNED: {
    when: 'a consumer is asked about a partition that was not assigned to it',
    consequence: 'fatal',
    next: overCall,
    fix: 'assign the partition first',
  },
  NOT_COPARTITIONED: {
    when: 'topics that are joined have different numbers of partitions',
    consequence: 'fatal',
    fix: 'repartition one side',
  },
  NOT_KAFKA: {
    when: 'the server speaks HTTP',
    consequence: 'fatal',
    fix: 'give the address of a Kafka listener',
  },
  OLD_BATCH_FORMAT: {
    when: 'a batch has a message format from before Kafka 0.11',
    consequence: 'fatal',
    fix: 'copy the topic with a newer producer, or seek past the batch',
  },
  PARTITIONS_UNDECIDED: {
    when: 'the partition count of a repartition topic cannot be derived, because no source topic feeds it',
    consequence: 'fatal',
    fix: 'set `partitions` on `repartition()`',
  },
  POLL_TIMEOUT: {
    when: 'a thread did not poll for longer than `rebalanceTimeoutMs`',
    consequence: 'task-migrated',
    fix: 'find out what blocks the thread: a slow function, or a process that was suspended',
  },
  PRODUCER_CLOSED: {
    when: 'a producer is used after it was closed, or closed before all its records were acknowledged',
    consequence: 'fatal',
    next: overCall,
    fix: 'flush it before it is closed',
  },
  PRODUCER_NOT_INITIALIZED: {
    when: 'a producer of transactions is used before it was initialized, or after that failed',
    consequence: 'fatal',
    next: overCall,
    fix: 'await `initialize` before the first send',
  },
  PROTOCOL_VIOLATION: {
    when: "an answer does not follow Kafka's protocol",
    consequence: 'retriable',
    fix: 'check that the address is that of a Kafka listener, and that no proxy changes its answers',
  },
  RECORD_TOO_LARGE: {
    when: 'a record does not fit `producerMaxRequestBytes`',
    consequence: 'record',
    fix: 'raise it, and `max.message.bytes` of the topic, or make the record smaller',
  },
  STREAMS_PROTOCOL_NOT_SUPPORTED: {
    when: "`groupProtocol` is 'streams', and the cluster does not offer it, or the application needs what it does not have: static members, or sources by a pattern",
    consequence: 'fatal',
    fix: "use 'auto' or 'classic'",
  },
  STRING_TOO_LONG: {
    when: "a text does not fit Kafka's protocol, which allows 32767 bytes",
    consequence: 'fatal',
    fix: 'give a shorter name, id or header',
  },
  TLS_EXPECTED: {
    when: 'the listener speaks TLS and the client does not',
    consequence: 'fatal',
    fix: 'set `tls`, or use the plain listener',
  },
  TLS_NOT_SPOKEN: {
    when: 'the client speaks TLS and the listener does not',
    consequence: 'fatal',
    fix: 'leave `tls` out, or use the TLS listener',
  },
  TLS_REFUSED: {
    when: "the broker does not accept the client's certificate, or requires one",
    consequence: 'fatal',
    fix: 'check `tls.cert` and `tls.key`',
  },
  TLS_UNTRUSTED: {
    when: "the broker's certificate cannot be trusted",
    consequence: 'fatal',
    fix: 'check `tls.ca`, `tls.servername` and the dates of the certificate',
  },
  TOKEN_UNAVAILABLE: {
    when: 'the callback `sasl.token` did not return a usable token',
    consequence: 'retriable',
    fix: 'check the callback and the server that it calls',
  },
  TOPIC_NOT_PREPARED: {
    when: 'a producer sends to a topic whose partitions it does not know',
    consequence: 'fatal',
    next: overCall,
    fix: 'await `prepareTopics` before the first send',
  },
  TOPIC_RECREATED: {
    when: 'a topic was deleted and created again, and `offsetReset` is `none`',
    consequence: 'fatal',
    fix: 'assign it again, at an offset of the new topic',
  },
  TOPIC_WITHOUT_ID: {
    when: 'a topic has no id, so it cannot be fetched',
    consequence: 'fatal',
    fix: 'raise `inter.broker.protocol.version` of the cluster to 2.8 or newer, or move it to KRaft',
  },
  TRANSACTION_OUTCOME_UNKNOWN: {
    when: 'the answer about the end of a transaction did not come in time, so that it may be committed or aborted',
    consequence: 'task-migrated',
    next: 'the producer initializes again, which decides it; tasks begin again at what is committed then',
    fix: 'check the brokers and the network in between',
  },
  UNANSWERED: {
    when: 'the answer of a broker does not contain what the client asked for',
    consequence: 'retriable',
    fix: 'nothing; if it lasts, check the broker and the network in between',
  },
  UNKNOWN_BROKER: {
    when: 'a broker is no longer part of the cluster',
    consequence: 'retriable',
    fix: 'nothing',
  },
  UNKNOWN_CODEC: {
    when: 'a batch is compressed with a codec other than gzip, snappy, lz4 or zstd',
    consequence: 'fatal',
    fix: 'write the topic with one of these',
  },
  UNKNOWN_TOPIC: {
    when: 'a topic does not exist, or no longer exists',
    consequence: 'fatal',
    fix: 'create it, or correct its name',
  },
  UNSAFE_INTEGER: {
    when: 'a value cannot be written as a 64-bit integer, because it is not a whole number below 2^53',
    consequence: 'fatal',
    fix: 'give whole milliseconds or a whole offset',
  },
  UNSUPPORTED_BROKER: {
    when: 'a broker is too old',
    consequence: 'fatal',
    fix: 'use Apache Kafka 3.1 or newer',
  },
  UNSUPPORTED_FIELD: {
    when: 'a request has a field that the broker is too old for',
    consequence: 'fatal',
    next: overCall,
    fix: 'leave the field unset, or use a newer broker',
  },
} satisfies ErrorRows)
