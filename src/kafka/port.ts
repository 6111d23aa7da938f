import type { Headers } from '../core/headers.ts'
import type { Bytes } from '../core/bytes.ts'
import type { GroupProtocol, GroupProtocolRequest } from './group-protocol.ts'
import type { KafkaHealth } from './health.ts'
import type { IsolationLevel, OffsetAndMetadata, OffsetPlace, OffsetReset, PositionLoss } from './places.ts'
import type { StartOffset, StartPosition, TopicPartition } from './places.ts'
import type { Rebalance } from './rebalance.ts'
import type { RecordBatch } from './record-batch.ts'
import type { TaskPlacement } from './task-placement.ts'

export type * from './group-protocol.ts'
export type * from './health.ts'
export type * from './rebalance.ts'
export type * from './task-placement.ts'
export * from './places.ts'

/** Everything that the engine needs from Kafka. Drivers: `wire` (a real cluster) and `memory` (one process). */
export interface KafkaDriver {
  /** Makes a consumer; the caller closes it. */
  consumer(options: ConsumerOptions): Consumer
  /** Makes a producer; the caller closes it. */
  producer(options: ProducerOptions): Producer
  /** Makes a producer of transactions, to be initialized before its first `send`; the caller closes it. */
  transactionalProducer(options: TransactionalProducerOptions): TransactionalProducer
  /** Makes an admin client; the caller closes it. */
  admin(): Admin
  /**
   * The protocol that all members of a group are to be made with. Rejects with STREAMS_PROTOCOL_NOT_SUPPORTED (fatal)
   * where `streams` is wanted and cannot be.
   */
  groupProtocol(request: GroupProtocolRequest): Promise<GroupProtocol>
  /**
   * Makes a group member that has not joined yet; the caller lets it leave. Throws STREAMS_PROTOCOL_NOT_SUPPORTED
   * (fatal) for options that its `protocol` does not have.
   */
  groupMember(options: GroupMemberOptions): GroupMember
  /** How the brokers answer now. It sends no request, so gauges and probes may read it as often as they like. */
  health(): KafkaHealth
  /** Closes every connection; calls in flight on objects of this driver reject with `DRIVER_CLOSED`. */
  close(): Promise<void>
}

/** How a consumer reads. All fields are required: a driver has no defaults. */
export interface ConsumerOptions {
  /** The name under which brokers see this client, in their logs and quotas. */
  readonly clientId: string
  /** `read_committed` leaves out records of transactions that are open or aborted; `read_uncommitted` returns them. */
  readonly isolationLevel: IsolationLevel
  /**
   * Where to continue when the position is not in the log. `none` makes `poll` reject with OFFSET_OUT_OF_RANGE, or with
   * TOPIC_RECREATED where the topic was created again under its name (fatal). If an unclean leader election lost
   * records that were read, reading continues at the first lost offset, both with `earliest` and `latest`; `none` makes
   * `poll` reject with LOG_TRUNCATED (fatal).
   */
  readonly offsetReset: (partition: TopicPartition) => OffsetReset
  /** Called each time reading continues at an offset other than the position. Must not throw. */
  readonly onPositionLost?: ((loss: PositionLoss) => void) | undefined
  /** A broker answers a fetch when it has this many bytes, or after `fetchMaxWaitMs`. */
  readonly fetchMinBytes: number
  /** The most bytes that one answer of a broker should bring. A first batch that is larger is returned anyway. */
  readonly fetchMaxBytes: number
  /** The most bytes of one partition in one answer. A first batch that is larger is returned anyway. */
  readonly partitionFetchMaxBytes: number
  /** How long a broker waits for `fetchMinBytes` before it answers with less, in milliseconds. */
  readonly fetchMaxWaitMs: number
  /**
   * Bytes that are fetched and not polled yet. Every partition has an equal share, which one fetch may exceed. It is
   * also the limit of one answer of a broker.
   */
  readonly bufferedBytesMax: number
}

/** Reads assigned partitions. For a group it only commits offsets and reads committed ones. Calls must not overlap. */
export interface Consumer {
  /**
   * Adds partitions with their start positions; assigning one again moves it. Symbolic positions are looked up at once,
   * without a `poll` and also while paused: `position` then returns where reading begins.
   */
  assign(partitions: readonly StartPosition[]): void
  /** Drops partitions; what was fetched for them is discarded. */
  unassign(partitions: readonly TopicPartition[]): void
  /** The partitions that are assigned now. */
  assignment(): readonly TopicPartition[]
  /** Moves the position of an assigned partition. Throws NOT_ASSIGNED for any other partition. */
  seek(partition: TopicPartition, offset: StartOffset): void
  /**
   * `poll` returns no records of paused partitions. Records that were fetched for them are kept, and more may be
   * fetched, up to their share of the buffer.
   */
  pause(partitions: readonly TopicPartition[]): void
  /** Lets `poll` return records of these partitions again. Throws NOT_ASSIGNED for a partition that is not assigned. */
  resume(partitions: readonly TopicPartition[]): void
  /**
   * Batches that have arrived, waiting up to `maxWaitMs` for the first. Empty at the deadline or after
   * `wakeup`. A lost connection, a moved leader or a slow broker is retried internally. The call rejects with
   * a code if a retry cannot help:
   * authorization (fatal), OFFSET_OUT_OF_RANGE and LOG_TRUNCATED under `none` (fatal), CORRUPT_BATCH and UNKNOWN_CODEC
   * (fatal, names topic, partition, offset).
   */
  poll(maxWaitMs: number): Promise<readonly RecordBatch[]>
  /** Ends a waiting `poll` at once. */
  wakeup(): void
  /** The next offset `poll` will return; undefined until a symbolic start was looked up, and while not assigned. */
  position(partition: TopicPartition): number | undefined
  /**
   * The id of the topic that the position is in; undefined while it is not known, or if the cluster has no topic ids.
   */
  topicId(partition: TopicPartition): string | undefined
  /**
   * End of the log as of the last fetch (last stable offset under read_committed); undefined before the first fetch,
   * while not assigned, and while the leader does not answer: the lag is unknown at that time.
   */
  endOffset(partition: TopicPartition): number | undefined
  /** Partitions in which the group has not committed are left out. */
  committed(groupId: string, partitions: readonly TopicPartition[]): Promise<readonly OffsetAndMetadata[]>
  /**
   * Commits for the group. Rejects with GROUP_FENCED (task-migrated) when the member or generation is not current, and
   * with UNKNOWN_TOPIC_OR_PARTITION (retriable) for a topic that does not exist, after it has committed all others.
   * Other retriable errors are retried until `timeoutMs`.
   */
  commit(offsets: readonly OffsetAndMetadata[], group: GroupMetadata, timeoutMs: number): Promise<void>
  /** Closes the consumer without a commit; a `poll` that waits, and every later one, rejects. */
  close(): Promise<void>
}

export type Compression = 'none' | 'gzip' | 'snappy' | 'lz4' | 'zstd'

/** How a producer sends. All fields are required: a driver has no defaults. */
export interface ProducerOptions {
  /** The name under which brokers see this client, in their logs and quotas. */
  readonly clientId: string
  /**
   * Which brokers must have a record before it counts as delivered: `all` replicas in sync, the `leader` alone, or
   * `none`.
   */
  readonly acks: 'all' | 'leader' | 'none'
  /** True: a record that is sent again by a retry is stored once, and the order of a partition is kept. */
  readonly idempotent: boolean
  /** How batches are compressed. */
  readonly compression: Compression
  /** How long a batch waits for more records at most, in milliseconds. One of 16 KiB goes at once to an idle broker. */
  readonly lingerMs: number
  /** How long one waits for an idle broker, at most `lingerMs`: one that has nothing else of the producer to answer. */
  readonly idleLingerMs: number
  /** A batch of one partition is sent when it has this many bytes. */
  readonly batchBytes: number
  /** Bytes of records that are not acknowledged yet, at which `isFull` becomes true. */
  readonly bufferedBytesMax: number
  /** The size of the largest request, in bytes; `send` throws RECORD_TOO_LARGE for a record that does not fit. */
  readonly maxRequestBytes: number
  /** The longest time from `send` until the record is acknowledged or has failed, retries included, in milliseconds. */
  readonly deliveryTimeoutMs: number
  /**
   * Called for each record that could not be delivered; `continue` drops it (the handler has counted it and written its
   * dead letter), `fail` makes the next `flush` reject.
   */
  readonly onSendError: (failure: SendFailure) => 'continue' | 'fail'
}

/** A record that could not be delivered, and why. */
export interface SendFailure extends TopicPartition {
  /** The bytes of the key; null when the record has none. */
  readonly key: Bytes | null
  /** The bytes of the value; null when the record has none. */
  readonly value: Bytes | null
  /** The time of the record, in milliseconds since the epoch. */
  readonly timestamp: number
  /** The headers of the record. */
  readonly headers: Headers
  /** Why it was not delivered; usually a `MillraceError` with a code. */
  readonly error: unknown
}

/** Sends records in batches. Calls must not overlap. */
export interface Producer {
  /**
   * Looks up the partition counts of these topics. Rejects with UNKNOWN_TOPIC (fatal) for one that does not exist in
   * time.
   */
  prepareTopics(topics: readonly string[], timeoutMs: number): Promise<void>
  /** Partitions of a topic that `prepareTopics` has seen; undefined for any other. */
  partitionCount(topic: string): number | undefined
  /**
   * Encodes the record into the batch under construction; synchronous, and it keeps no reference to the arguments.
   * `partition` -1 lets the producer choose (sticky, KIP-794). Throws RECORD_TOO_LARGE (record), and PRODUCER_FENCED or
   * another fatal code when the producer can no longer be used. May exceed `bufferedBytesMax` by one poll's output:
   * callers check `isFull` between records and wait for `drained`.
   */
  send(
    topic: string,
    partition: number,
    key: Bytes | null,
    value: Bytes | null,
    timestamp: number,
    headers: Headers,
  ): void
  /** True while `bufferedBytesMax` is reached: wait for `drained` before the next `send`. */
  readonly isFull: boolean
  /** Resolves when there is room again, or when the producer failed. */
  drained(): Promise<void>
  /**
   * Resolves when all records that were sent are acknowledged; rejects with the first failure for which the handler did
   * not return `continue`.
   */
  flush(timeoutMs: number): Promise<void>
  /**
   * The offset after the last record of this producer that the partition has acknowledged; undefined before the first.
   */
  acknowledgedOffset(topic: string, partition: number): number | undefined
  /** Flushes within the time, then closes. */
  close(timeoutMs: number): Promise<void>
}

/**
 * How a producer of transactions sends: `acks` is `all` and `idempotent` is true. Its `onSendError` is asked only about
 * records that the cluster refused for a fault of their own, before anything else could have happened to them: by
 * `continue` the others are committed without them. Any other failure ends the transaction, and is not its to decide.
 */
export interface TransactionalProducerOptions extends ProducerOptions {
  /** One producer has it: whoever initializes with it ends the transaction of the one before, and fences it. */
  readonly transactionalId: string
  /** The cluster aborts a transaction that is open for longer, in milliseconds. */
  readonly transactionTimeoutMs: number
}

/**
 * A producer whose records become visible together with the offsets of what they were made from, or not at all
 * (KIP-98, KIP-447). The first `send` opens a transaction; `commit` or `abort` ends it. Calls must not overlap; between
 * a call of `commit` and its end nothing may be sent.
 * ```
 * UNUSABLE --initialize--> READY --send--> OPEN --commit--> READY
 *    ^                                      | \-- abort --> READY
 *    |                                      v
 *    +--- fenced, or an unknown outcome ----+        FAILED, after a refusal: only abort and initialize are of use
 * ```
 * Its errors say what comes next. `transaction-aborted`: `abort`, then send all of it again. `task-migrated`: what the
 * transaction was made from belongs to somebody else, or nobody knows how it ended: give it up, then `initialize`.
 */
export interface TransactionalProducer extends Producer {
  /**
   * Ends what a producer of this id has left open (a commit that has begun is completed, all else is aborted), fences
   * that producer, and drops everything that was sent here and is not committed. Called before the first `send`, and
   * again whenever the producer is UNUSABLE. Retries what is retriable until `timeoutMs`.
   */
  initialize(timeoutMs: number): Promise<void>
  /** True from the first `send` to the end of its `commit` or `abort`. */
  readonly isInTransaction: boolean
  /**
   * Flushes, adds the offsets, and makes all of it visible. Does nothing where nothing was sent and there are no
   * offsets. Rejects with TRANSACTION_ABORTABLE and the like (`transaction-aborted`) where nothing of it will become
   * visible; with GROUP_FENCED (`task-migrated`) where the group has given the offsets to somebody else, then `abort`
   * is due; with PRODUCER_FENCED (`task-migrated`) where another producer has the id; with TRANSACTION_OUTCOME_UNKNOWN
   * (`task-migrated`) where the answer about its end did not come in time: `initialize` then decides it.
   */
  commit(offsets: readonly OffsetAndMetadata[], group: GroupMetadata, timeoutMs: number): Promise<void>
  /**
   * Drops what is not sent yet, and makes sure that nothing of the transaction becomes visible. Does nothing outside of
   * one. Rejects as `commit` does, never with `transaction-aborted`.
   */
  abort(timeoutMs: number): Promise<void>
}

/**
 * Who commits: checked by the coordinator, so that a fenced member cannot commit. Generation -1, member '' : no member.
 */
export interface GroupMetadata {
  readonly groupId: string
  readonly generation: number
  readonly memberId: string
  readonly instanceId: string | undefined
}

/** Work unit of a group: subtopology and partition, written `0_3`. */
export interface TaskId {
  readonly subtopology: number
  readonly partition: number
}

/** The text of a task id, as Kafka Streams writes it: `0_3`. */
export function taskIdText(task: TaskId): string {
  return `${task.subtopology}_${task.partition}`
}

/**
 * The part of the topology that members need to assign its tasks; read again at each join, because pattern topics change.
 */
export interface GroupTopology {
  readonly subtopologies: readonly GroupSubtopology[]
}

export interface GroupSubtopology {
  readonly id: number
  /**
   * Topics from outside and internal repartition topics, each by its name. With `patternTopics` they decide the number
   * of tasks.
   */
  readonly sourceTopics: readonly string[]
  /** Topics that match a pattern of its sources at the moment; members may see others, and one may be gone. */
  readonly patternTopics: readonly string[]
  readonly repartitionSourceTopics: readonly InternalTopic[]
  readonly repartitionSinkTopics: readonly string[]
  readonly changelogTopics: readonly InternalTopic[]
  /** Groups of source topics that must have equal partition counts. */
  readonly copartitionGroups: readonly (readonly string[])[]
}

export interface InternalTopic {
  readonly name: string
  /** undefined: decided from the topics upstream. */
  readonly partitions: number | undefined
  readonly replicationFactor: number
  readonly configs: Readonly<Record<string, string>>
}

/** How one thread takes part in a group. All fields are required: a driver has no defaults. */
export interface GroupMemberOptions extends TaskPlacement {
  /** The name under which brokers see this member. */
  readonly clientId: string
  /** The id of the group, which is the application id. */
  readonly groupId: string
  /** The name of a static member, which keeps its tasks over a restart; undefined for a dynamic member. */
  readonly instanceId: string | undefined
  /** Equal for all threads of a process, so that tasks stay with their state directory. */
  readonly processId: string
  /** `host:port` where the process answers queries of its state; undefined: nowhere. Other members see it. */
  readonly applicationServer: string | undefined
  /** Of all members of the group. */
  readonly protocol: GroupProtocol
  /** The subtopologies whose tasks the group shares out. */
  readonly topology: GroupTopology
  /** A member that sends no heartbeat for this long is removed from the group, in milliseconds. */
  readonly sessionTimeoutMs: number
  /** The time between two heartbeats, in milliseconds; well below `sessionTimeoutMs`. */
  readonly heartbeatIntervalMs: number
  /** The longest a member may take from a revocation to its acknowledgement, and between two `poll`s. */
  readonly rebalanceTimeoutMs: number
  /** Called for each rebalance, about when `poll` has its events; returns quickly and does not throw. */
  readonly onRebalance: (rebalance: Rebalance) => void
}

/**
 * An event of the group; they come one after another. Tasks that do not move are not mentioned and keep processing.
 * - `revoked`: commit and close these tasks, then `acknowledge`, within `deadlineMs` (monotonic time left)
 * - `assigned`: open these tasks, then `acknowledge`
 * - `lost`: the member was fenced: close these tasks without commit, then `acknowledge`; it rejoins by itself
 * - `failed`: the member cannot continue (authorization, inconsistent protocol, invalid topology); `error` says why
 */
export type GroupEvent =
  | { readonly kind: 'revoked'; readonly tasks: readonly TaskId[]; readonly deadlineMs: number }
  | { readonly kind: 'assigned'; readonly active: readonly TaskId[]; readonly standby: readonly TaskId[] }
  | { readonly kind: 'lost'; readonly tasks: readonly TaskId[] }
  | { readonly kind: 'failed'; readonly error: unknown }

/**
 * The membership of one stream thread in the group. Heartbeats run in the background; state changes only between `poll`
 * and `acknowledge`.
 */
export interface GroupMember {
  /** Starts joining; returns immediately. `onEvent` wakes the thread when `poll` has an event. */
  join(onEvent: () => void): void
  /**
   * The next event; the same one until it is acknowledged; undefined when there is none. Also
   * proves to the group that the thread is alive.
   */
  poll(): GroupEvent | undefined
  /** Confirms that the event of `poll` has been handled; the next event can follow. */
  acknowledge(): void
  /**
   * True once the group has assigned this member its tasks (possibly none) and every event is acknowledged. False
   * between `join` and the first assignment.
   */
  readonly isSettled: boolean
  /** What the event `failed` will say, also while others are to be handled before it; undefined: it has not failed. */
  readonly failure: unknown
  /** What the member waits for before it has its tasks, in plain words; undefined: nothing. */
  readonly waitsFor: string | undefined
  /** The current identity of this member: pass it to `commit` of a consumer. */
  metadata(): GroupMetadata
  /**
   * Asks all members of the group to stop, with the next join or heartbeat; called before or after `join`. Each of them,
   * this one included, then has the event `failed` with GROUP_SHUTDOWN (fatal), which names this member. A member that
   * joins after they have left is not concerned.
   */
  requestShutdown(): void
  /**
   * Leaves the group and stops heartbeats. A static member stays in the group until its session is over, so
   * that it gets its tasks back when it returns; with `permanently` it leaves at once.
   */
  leave(timeoutMs: number, options?: { readonly permanently: boolean }): Promise<void>
}

/** A topic as the cluster describes it. */
export interface TopicDescription {
  /** The name of the topic. */
  readonly name: string
  /** The id that the cluster gave this topic; a topic that is created again under the same name has a different id. */
  readonly topicId: string
  /** The partitions, each with the broker ids of its leader and of all its replicas. */
  readonly partitions: readonly {
    readonly partition: number
    readonly leader: number
    readonly replicas: readonly number[]
  }[]
}

/** A topic that is to be created. */
export interface NewTopic {
  /** 1 to 249 of the characters a-z, A-Z, 0-9, `.`, `_` and `-`. */
  readonly name: string
  /** -1: the broker's default. */
  readonly partitions: number
  /** -1: the broker's default. */
  readonly replicationFactor: number
  /** Configs as Kafka spells them, such as `cleanup.policy`. Other configs have the default of the broker. */
  readonly configs: Readonly<Record<string, string>>
}

/** A consumer group as the cluster sees it. */
export interface GroupDescription {
  /** The id of the group; for a streams application, the application id. */
  readonly groupId: string
  /** The state as the cluster names it, such as `Empty` (no members) or `Stable`. */
  readonly state: string
  /** Who is in the group now; empty for a group that only has offsets. */
  readonly members: readonly GroupMemberDescription[]
}

/** A member of a group as the cluster sees it. */
export interface GroupMemberDescription {
  /** The id that the group gave the member. */
  readonly memberId: string
  /** The client id that the member connects with. */
  readonly clientId: string
  /** The address that the coordinator sees. */
  readonly host: string
  /** The instance id of a static member; undefined for a dynamic member. */
  readonly instanceId: string | undefined
  /** The process that the member runs in; undefined for a member of another library. */
  readonly processId: string | undefined
  /** Where its process answers queries of its state; undefined where it does not, or does not say. */
  readonly applicationServer: string | undefined
  /** The partitions that it reads. */
  readonly partitions: readonly TopicPartition[]
  /** The active tasks that it runs; undefined for a member of another library. */
  readonly active: readonly TaskId[] | undefined
  /** The standby tasks that it keeps; undefined for a member of another library. */
  readonly standby: readonly TaskId[] | undefined
}

/**
 * Topics, configs, offsets and groups. Every call has a deadline and rejects with an error that names what the call was
 * about.
 */
export interface Admin {
  /** Kafka's own topics are left out. */
  listTopics(): Promise<readonly string[]>
  /** Topics that do not exist are left out. */
  describeTopics(topics: readonly string[]): Promise<readonly TopicDescription[]>
  /** Also resolves for topics that already exist; returns those that it created, after every broker knows them. */
  createTopics(topics: readonly NewTopic[], timeoutMs: number): Promise<readonly string[]>
  /**
   * Adds partitions until the topic has `totalCount` of them, and resolves when every broker knows them. Rejects with
   * INVALID_PARTITIONS (fatal) when the count does not grow.
   */
  createPartitions(topic: string, totalCount: number): Promise<void>
  /** Topics that do not exist are skipped. */
  deleteTopics(topics: readonly string[]): Promise<void>
  /** Deletes records before these offsets. */
  deleteRecords(offsets: readonly (TopicPartition & { readonly offset: number })[]): Promise<void>
  /**
   * The configs of these topics by topic name, each as Kafka spells it (`retention.ms` and so on). Rejects with
   * UNKNOWN_TOPIC_OR_PARTITION when a topic does not exist.
   */
  describeTopicConfigs(topics: readonly string[]): Promise<ReadonlyMap<string, Readonly<Record<string, string>>>>
  /**
   * Sets configs of a topic; null removes a config, so that the default of the broker applies again. Configs that are
   * not named stay as they are.
   */
  alterTopicConfigs(topic: string, configs: Readonly<Record<string, string | null>>): Promise<void>
  /** Offsets of partitions; `isolationLevel` decides what `latest` means. */
  listOffsets(
    partitions: readonly (TopicPartition & { readonly at: OffsetPlace })[],
    isolationLevel: IsolationLevel,
  ): Promise<readonly (TopicPartition & { readonly offset: number })[]>
  /** The ids of the groups that the cluster knows. */
  listGroups(): Promise<readonly string[]>
  /**
   * Rejects with GROUP_ID_NOT_FOUND (fatal) if there is no such group, and with INCONSISTENT_GROUP_PROTOCOL (fatal) for
   * one that is neither of the classic nor of the streams protocol.
   */
  describeGroup(groupId: string): Promise<GroupDescription>
  /** Ends the membership of a dynamic member that cannot leave by itself; one that is gone already is no error. */
  removeMember(groupId: string, memberId: string, protocol: GroupProtocol): Promise<void>
  /** All that a group has committed; empty if there is none. Unlike `committed`, it does not wait for open transactions. */
  groupOffsets(groupId: string): Promise<readonly OffsetAndMetadata[]>
  /** Groups that do not exist are skipped; a group with members rejects with NON_EMPTY_GROUP (fatal). */
  deleteGroups(groupIds: readonly string[]): Promise<void>
  /** Ends the use of this client. Its connections belong to the driver. */
  close(): Promise<void>
}
