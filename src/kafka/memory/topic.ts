import type { Bytes } from '../../core/bytes.ts'
import type { Clock } from '../../core/clock.ts'
import { MillraceError } from '../../core/errors.ts'
import type { Headers } from '../../core/headers.ts'
import { PartitionLog } from './log.ts'
import type { LogTransaction } from './log-transactions.ts'
import { recordBytes } from './segment.ts'

/** Below this a partition of a compacted topic is not compacted by itself, unless the bound is lower. */
const compactionFloorBytes = 1024 * 1024
/** How long after a compaction its tombstones stay at least. */
const tombstoneRetentionMs = 300_000
/** At the bound a topic drops about this fraction of itself. */
const segmentsPerBound = 16

/**
 * A topic as the brokers know it: its partitions, its configs and the bound on its memory. `MemoryCluster` has one per
 * topic, and calls `enforceBound` after appends.
 *
 * Of Kafka's configs, these have an effect: `cleanup.policy`, `retention.ms`, `retention.bytes` and
 * `max.message.bytes`; the others are kept and returned. At the memory bound (which Kafka does not have) a topic that
 * is not compacted loses its oldest segment, and the loss is reported; a compacted one is compacted, as often as it has
 * doubled.
 */
export class MemoryTopic {
  readonly name: string
  readonly topicId: string
  readonly configs: Map<string, string>
  readonly logs: PartitionLog[] = []
  readonly #retainedBytesMax: number
  /** By partition. */
  readonly #compactAtBytes: number[] = []
  /** By partition: where the log ended at this time. */
  readonly #horizons: { readonly endOffset: number; readonly atMs: number }[] = []
  #compacted: boolean
  #messageBytesMax: number
  #retainedBytes = 0

  constructor(
    name: string,
    topicId: string,
    partitions: number,
    configs: Readonly<Record<string, string>>,
    retainedBytesMax: number,
  ) {
    this.name = name
    this.topicId = topicId
    this.configs = new Map(Object.entries(configs))
    this.#retainedBytesMax = retainedBytesMax
    this.#compacted = hasPolicy(this.configs, 'compact')
    this.#messageBytesMax = messageBytesMaxOf(this.configs)
    this.growTo(partitions)
  }

  /** Memory of all partitions, roughly. */
  get retainedBytes(): number {
    return this.#retainedBytes
  }

  /** Adds empty partitions up to the number; fewer than there are changes nothing. */
  growTo(partitions: number): void {
    const arenaBytesMax = Math.ceil(this.#retainedBytesMax / segmentsPerBound)
    while (this.logs.length < partitions)
      this.logs.push(new PartitionLog(this.name, this.logs.length, this.topicId, arenaBytesMax))
  }

  /** null removes a config, as in an incremental alteration. */
  alterConfigs(configs: Readonly<Record<string, string | null>>): void {
    for (const [name, value] of Object.entries(configs)) {
      if (value === null) this.configs.delete(name)
      else this.configs.set(name, value)
    }
    this.#compacted = hasPolicy(this.configs, 'compact')
    this.#messageBytesMax = messageBytesMaxOf(this.configs)
  }

  /** The answer of a broker to a record that it refuses; undefined for one that it accepts. */
  refusal(partition: number, key: Bytes | null, bytes: number): MillraceError | undefined {
    if (this.logs[partition] === undefined) return unknownPartition(this.name, partition)
    if (bytes > this.#messageBytesMax) return messageTooLarge(this.name, partition, bytes, this.#messageBytesMax)
    if (!this.#compacted || key !== null) return undefined
    return new MillraceError(
      'INVALID_RECORD',
      'record',
      `topic ${this.name} is compacted and accepts no record without a key: give the record a key`,
      { details: { topic: this.name, partition } },
    )
  }

  /** Returns the offset. Throws the refusal. */
  append(
    partition: number,
    key: Bytes | null,
    value: Bytes | null,
    timestamp: number,
    headers: Headers,
    transaction?: LogTransaction,
  ): number {
    const refusal = this.refusal(partition, key, recordBytes(key, value, headers))
    if (refusal !== undefined) throw refusal
    const log = this.logs[partition] as PartitionLog
    const before = log.retainedBytes
    const offset = log.append(key, value, timestamp, headers, transaction)
    this.#retainedBytes += log.retainedBytes - before
    return offset
  }

  /** Brings the topic back under its bound after an append. Tells of each range of offsets that is lost by it. */
  enforceBound(partition: number, clock: Clock, onLost: (log: PartitionLog, from: number, to: number) => void): void {
    if (this.#retainedBytesMax === Number.POSITIVE_INFINITY) return
    if (this.#compacted) {
      const log = this.logs[partition] as PartitionLog
      if (log.retainedBytes > (this.#compactAtBytes[partition] ?? this.#compactionFloor()))
        this.#compactByItself(log, clock)
      return
    }
    while (this.#retainedBytes > this.#retainedBytesMax) {
      const log = this.#largestLog()
      const from = log.startOffset
      if (!log.deleteOldestSegment()) return
      this.recount()
      onLost(log, from, log.startOffset)
    }
  }

  #compactionFloor(): number {
    return Math.min(compactionFloorBytes, this.#retainedBytesMax / this.logs.length)
  }

  /** Next time when as much again has been written as is live: the cost per record stays constant. */
  #compactByItself(log: PartitionLog, clock: Clock): void {
    log.compact(this.#tombstonesFrom(log, clock.monotonicMs()))
    if (hasPolicy(this.configs, 'delete')) this.#applyRetentionTo(log, clock.nowMs())
    this.recount()
    this.#compactAtBytes[log.partition] = Math.max(this.#compactionFloor(), log.retainedBytes * 2)
  }

  /** A reader that has seen a value has to see its tombstone: those go that every reader had the time to read. */
  #tombstonesFrom(log: PartitionLog, nowMs: number): number {
    const horizon = this.#horizons[log.partition] ?? { endOffset: 0, atMs: nowMs }
    const isPast = nowMs - horizon.atMs >= tombstoneRetentionMs
    if (isPast || horizon.endOffset === 0) this.#horizons[log.partition] = { endOffset: log.endOffset, atMs: nowMs }
    return isPast ? horizon.endOffset : 0
  }

  #largestLog(): PartitionLog {
    return this.logs.reduce((largest, log) => (log.retainedBytes > largest.retainedBytes ? log : largest))
  }

  compact(tombstonesFrom: number): void {
    for (const log of this.logs) log.compact(tombstonesFrom)
    this.recount()
  }

  /** After logs were cut. */
  recount(): void {
    this.#retainedBytes = this.logs.reduce((sum, log) => sum + log.retainedBytes, 0)
  }

  /** Deletes what `retention.ms` and `retention.bytes` (a partition's) no longer keep, where the policy is to delete. */
  applyRetention(nowMs: number): void {
    if (!hasPolicy(this.configs, 'delete')) return
    for (const log of this.logs) this.#applyRetentionTo(log, nowMs)
    this.recount()
  }

  #applyRetentionTo(log: PartitionLog, nowMs: number): void {
    const retentionMs = Number(this.configs.get('retention.ms') ?? -1)
    const retentionBytes = Number(this.configs.get('retention.bytes') ?? -1)
    while (retentionMs >= 0 && (log.oldestTimestamp() ?? nowMs) < nowMs - retentionMs) log.deleteOldestRecord()
    while (retentionBytes >= 0 && log.retainedBytes > retentionBytes) log.deleteOldestSegment()
  }
}

function hasPolicy(configs: ReadonlyMap<string, string>, policy: 'compact' | 'delete'): boolean {
  const policies = configs.get('cleanup.policy') ?? 'delete'
  return policies.split(',').some((each) => each.trim() === policy)
}

/** Fatal: no retry makes the partition, in contrast to a topic that is missing. */
export function unknownPartition(topic: string, partition: number): MillraceError {
  return new MillraceError(
    'UNKNOWN_TOPIC_OR_PARTITION',
    'fatal',
    `topic ${topic} has no partition ${partition}: create it with that many partitions first`,
    { details: { topic, partition } },
  )
}

/** Without the setting a topic takes what its producer lets through. */
function messageBytesMaxOf(configs: ReadonlyMap<string, string>): number {
  return Number(configs.get('max.message.bytes') ?? Number.POSITIVE_INFINITY)
}

function messageTooLarge(topic: string, partition: number, bytes: number, bytesMax: number): MillraceError {
  return new MillraceError(
    'MESSAGE_TOO_LARGE',
    'record',
    `a record of ${bytes} bytes is larger than max.message.bytes ${bytesMax} of topic ${topic}: raise it, or send less`,
    { details: { topic, partition } },
  )
}
