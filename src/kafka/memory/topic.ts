import type { Bytes } from '../../core/bytes.ts'
import { MillraceError } from '../../core/errors.ts'
import type { Headers } from '../../core/headers.ts'
import { PartitionLog } from './log.ts'

/** Below this a compacted topic is never compacted by itself. */
const compactionFloorBytes = 1024 * 1024
/** At the bound a topic drops about this fraction of itself. */
const segmentsPerBound = 16

/** What the brokers know of a topic. */
export class MemoryTopic {
  readonly name: string
  readonly topicId: string
  readonly configs: Map<string, string>
  readonly logs: PartitionLog[] = []
  readonly #retainedBytesMax: number
  #compactAtBytes: number
  #compacted: boolean
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
    this.#compactAtBytes = Math.min(compactionFloorBytes, retainedBytesMax)
    this.#compacted = this.#isCompacted()
    this.growTo(partitions)
  }

  get retainedBytes(): number {
    return this.#retainedBytes
  }

  growTo(partitions: number): void {
    const arenaBytesMax = Math.ceil(this.#retainedBytesMax / segmentsPerBound)
    while (this.logs.length < partitions) this.logs.push(new PartitionLog(this.name, this.logs.length, arenaBytesMax))
  }

  alterConfigs(configs: Readonly<Record<string, string | null>>): void {
    for (const [name, value] of Object.entries(configs)) {
      if (value === null) this.configs.delete(name)
      else this.configs.set(name, value)
    }
    this.#compacted = this.#isCompacted()
  }

  #isCompacted(): boolean {
    return (this.configs.get('cleanup.policy') ?? 'delete').split(',').some((policy) => policy.trim() === 'compact')
  }

  /** What a broker would answer to a record that it does not take; undefined where it takes it. */
  refusal(partition: number, key: Bytes | null): MillraceError | undefined {
    if (this.logs[partition] === undefined) return unknownPartition(this.name, partition)
    if (!this.#compacted || key !== null) return undefined
    return new MillraceError(
      'INVALID_RECORD',
      'record',
      `topic "${this.name}" is compacted and takes no record without a key; give the record a key`,
      { details: { topic: this.name, partition } },
    )
  }

  /** Returns the offset. Throws the refusal. */
  append(partition: number, timestamp: number, key: Bytes | null, value: Bytes | null, headers: Headers): number {
    const refusal = this.refusal(partition, key)
    if (refusal !== undefined) throw refusal
    const log = this.logs[partition] as PartitionLog
    const before = log.retainedBytes
    const offset = log.append(timestamp, key, value, headers)
    this.#retainedBytes += log.retainedBytes - before
    return offset
  }

  /** Brings the topic back under its bound. Tells of each range of offsets that is lost by it. */
  enforceBound(onLost: (log: PartitionLog, from: number, to: number) => void): void {
    if (this.#compacted) {
      if (this.#retainedBytes > this.#compactAtBytes && Number.isFinite(this.#retainedBytesMax)) this.#compactByItself()
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

  /** Next time when as much again has been written as was live: the cost per record stays constant. */
  #compactByItself(): void {
    this.compact(true)
    this.#compactAtBytes = Math.max(Math.min(compactionFloorBytes, this.#retainedBytesMax), this.#retainedBytes * 2)
  }

  #largestLog(): PartitionLog {
    return this.logs.reduce((largest, log) => (log.retainedBytes > largest.retainedBytes ? log : largest))
  }

  compact(dropTombstones: boolean): void {
    for (const log of this.logs) log.compact(dropTombstones)
    this.recount()
  }

  /** After logs were cut. */
  recount(): void {
    this.#retainedBytes = this.logs.reduce((sum, log) => sum + log.retainedBytes, 0)
  }

  /** Deletes what `retention.ms` and `retention.bytes` (a partition's) no longer keep. */
  applyRetention(nowMs: number): void {
    const retentionMs = Number(this.configs.get('retention.ms') ?? -1)
    const retentionBytes = Number(this.configs.get('retention.bytes') ?? -1)
    for (const log of this.logs) {
      while (retentionMs >= 0 && (log.oldestTimestamp() ?? nowMs) < nowMs - retentionMs) log.deleteOldestRecord()
      while (retentionBytes >= 0 && log.retainedBytes > retentionBytes) log.deleteOldestSegment()
    }
    this.recount()
  }
}

export function unknownPartition(topic: string, partition: number): MillraceError {
  return new MillraceError(
    'UNKNOWN_TOPIC_OR_PARTITION',
    'fatal',
    `topic "${topic}" has no partition ${partition}; create it with that many partitions first`,
    { details: { topic, partition } },
  )
}
