import { type ErrorRows, reportIt } from './row.ts'

/** Threads, tasks, records and commits. */
export const runtimeCodes = Object.freeze({
  ASSERTION: {
    when: 'an internal check failed: something happened that should be impossible',
    consequence: 'fatal',
    fix: reportIt,
  },
  CHANGELOG_MISSING: {
    when: 'the changelog of a store has no offsets, for example because somebody deleted it',
    consequence: 'fatal',
    fix: 'find out who deleted it; reset the application to build the state again from its input',
  },
  CHANGE_EMPTY: {
    when: 'a table change to be written has neither a new nor an old value',
    consequence: 'record',
    fix: reportIt,
  },
  CHANGE_MALFORMED: {
    when: 'a record of a repartition topic does not hold a table change',
    consequence: 'record',
    fix: 'make sure that only this application writes to its internal topics',
  },
  COMMIT_STATE: {
    when: 'an operator commits a state that is not an integer',
    consequence: 'fatal',
    fix: reportIt,
  },
  DEAD_LETTER_TOPIC_MISSING: {
    when: 'the dead-letter topic does not exist, or the client has no right to write to it',
    consequence: 'retriable',
    next: 'the tasks that have dead letters wait; no dead letter is dropped',
    fix: 'create the topic, or give the client the right',
  },
  GLOBAL_TABLE_STUCK: {
    when: 'no records of a global table arrived for `taskTimeoutMs`, and the table is not read to its end',
    consequence: 'fatal',
    next: 'the application does not start',
    fix: 'check that the brokers of its topic answer; raise `taskTimeoutMs`',
  },
  ILLEGAL_TRANSITION: {
    when: 'a state machine was asked for a transition that its table does not have',
    consequence: 'fatal',
    fix: reportIt,
  },
  INTERNAL_TOPIC_PARTITIONS: {
    when: 'an internal topic exists with another number of partitions than the topology needs',
    consequence: 'fatal',
    next: 'the application does not start',
    fix: 'reset the application, or choose another applicationId',
  },
  MISSING_SOURCE_TOPICS: {
    when: 'source topics do not exist after `missingTopicsTimeoutMs`',
    consequence: 'fatal',
    fix: 'create them, or raise `missingTopicsTimeoutMs`',
  },
  NOT_BYTES: {
    when: 'the serde of an output returned something other than a Uint8Array or null',
    consequence: 'record',
    fix: 'correct `serialize` of the serde',
  },
  NO_COMMITTED_OFFSET: {
    when: 'a partition has no committed offset and its `offsetReset` is `none`',
    consequence: 'fatal',
    fix: 'choose `earliest` or `latest`, or commit an offset',
  },
  OUTPUT_NOT_DELIVERED: {
    when: 'Kafka did not acknowledge output in time, so a record may be lost',
    consequence: ['task-migrated', 'transaction-aborted'],
    next: 'nothing is committed; the interval is processed again from its last commit',
    fix: 'check the brokers; raise `producerDeliveryTimeoutMs` if they are slow',
  },
  PARTITIONS_UNKNOWN: {
    when: 'a record was written before the partition count of its topic was known',
    consequence: 'retriable',
    fix: 'await the writer before the first send',
  },
  PARTITION_NOT_OWNED: {
    when: 'a batch arrived at a task that does not read its partition',
    consequence: 'fatal',
    fix: reportIt,
  },
  PARTITION_OUT_OF_RANGE: {
    when: 'a partitioner chose a partition that the topic does not have',
    consequence: 'record',
    fix: 'return a number from 0 to the partition count minus 1, or undefined for the default',
  },
  RECORD_FAILED: {
    when: 'a record failed and its handler answered `fail`; the cause says why',
    consequence: 'fatal',
    next: 'the thread stops; the record is not committed and is read again after a restart',
    fix: 'repair the data or the code, or choose a handler that continues ([handlers](errors-and-dead-letters.md#handlers))',
  },
  RECORD_HELD_LOOP: {
    when: 'each time a record was processed, the process ended or was blocked for longer than `rebalanceTimeoutMs`',
    consequence: 'record',
    fix: 'find out what the functions of the topology do with the record',
  },
  STATE_NOT_DELETED: {
    when: 'the directory of a task cannot be deleted',
    consequence: 'retriable',
    fix: 'delete it, or give the process the right to delete it',
  },
  STATE_NOT_WRITTEN: {
    when: 'the file that describes the local state of a task cannot be written',
    consequence: 'retriable',
    fix: 'free space on the disk, or give the process access to the directory',
  },
  STORE_NOT_TRANSACTIONAL: {
    when: 'under `exactly-once`, a store of the topology is of a class of your own',
    consequence: 'fatal',
    next: 'nothing starts',
    fix: 'use a store of millrace, or at-least-once',
  },
  TASK_CORRUPTED: {
    when: 'the local state of a task does not match its changelog',
    consequence: 'task-corrupted',
    fix: 'nothing; if it repeats, find out who else writes to the changelog or deletes it',
  },
  TASK_DIRECTORY_IN_USE: {
    when: 'another thread of the process still has the state of the task open',
    consequence: 'retriable',
    next: 'the task is opened after that thread has closed it',
    fix: 'nothing',
  },
  TASK_TIMEOUT: {
    when: 'a step of a task failed again and again for `taskTimeoutMs`; the cause says why',
    consequence: 'fatal',
    fix: 'remove the cause; raise `taskTimeoutMs` if it may last longer',
  },
  TIMESTAMP_EXTRACTOR_FAILED: {
    when: 'a timestamp extractor threw',
    consequence: 'record',
    fix: 'let it return a negative number to drop the record',
  },
  TIMESTAMP_INVALID: {
    when: 'the timestamp of a document is not a valid date, or an extractor returned something that is not a time',
    consequence: 'record',
    fix: 'return whole milliseconds up to 2^53 - 1, or a negative number to drop the record',
  },
  TIMESTAMP_MISSING: {
    when: 'a record has no timestamp, and its source has no extractor',
    consequence: 'record',
    fix: 'give the source a timestamp extractor, or let the producer write timestamps',
  },
  TOPIC_LOOKUP_SLOW: {
    when: 'records wait for topics that were chosen for them and that Kafka does not know yet',
    consequence: 'retriable',
    fix: 'create the topics that do not exist',
  },
  TOPIC_NOT_CHOSEN: {
    when: 'a topic extractor returned something that is not a topic name',
    consequence: 'record',
    fix: 'correct the extractor of the node that the message names',
  },
  TRANSACTION_ABORTED: {
    when: 'a commit of `exactly-once` failed in a way that may pass; the cause says why',
    consequence: 'transaction-aborted',
    fix: 'nothing; if it happens often, remove the cause',
  },
  UNKNOWN_DESTINATION: {
    when: 'a topic that was chosen for a record does not exist, or the client has no right to write to it',
    consequence: 'record',
    fix: 'create the topic, give the client the right, or choose another topic',
  },
  UNKNOWN_SOURCE_TOPIC: {
    when: 'a batch arrived from a topic that no source of the task reads',
    consequence: 'fatal',
    fix: reportIt,
  },
  UNKNOWN_SUBTOPOLOGY: {
    when: 'the group assigned a task that this topology does not have',
    consequence: 'fatal',
    fix: 'let all members of the group run one topology',
  },
  WORKER_THREAD_DIED: {
    when: 'a worker thread ended by itself: its heap was full, or a function called `process.exit` or threw outside of a record',
    consequence: 'fatal',
    fix: 'correct the function, or give the process more memory; `uncaughtErrorHandler` may return `replace-thread`',
  },
} satisfies ErrorRows)
