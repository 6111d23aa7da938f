import { MillraceError } from '../../core/errors.ts'
import {
  type Consumer,
  type ConsumerOptions,
  type GroupMetadata,
  type OffsetAndMetadata,
  type OffsetPlace,
  partitionKey,
  type PositionLossKind,
  type StartOffset,
  type StartPosition,
  type TopicPartition,
} from '../port.ts'
import type { RecordBatch } from '../record-batch.ts'
import { outOfRange, topicMissing, topicRecreated } from '../position-errors.ts'
import type { MemoryCluster } from './cluster.ts'
import type { PartitionLog } from './log.ts'
import { uncommittable, untilDecided } from './undecided-offsets.ts'
import { Waits } from './waits.ts'

interface Assigned extends TopicPartition {
  position: StartOffset
  /** Of the topic that a numeric position is in. */
  topicId: string | undefined
  paused: boolean
  endOffset: number | undefined
  /** Since when the topic is missing; undefined while it exists. */
  missingSinceMs: number | undefined
}

/** The default `requestTimeoutMs` of the wire driver, which waits for so long. */
const topicMissingMaxMs = 30_000

/**
 * The port's consumer on the cluster in memory. Reads straight from the logs; nothing is fetched ahead. Positions,
 * resets and errors are those of the wire consumer, which the suite of drivers checks: a position outside of the log is
 * reset as `offsetReset` says, or is an error; a topic that was created again under its name is another topic; a topic
 * that is missing is waited for, then reported.
 */
export class MemoryConsumer implements Consumer {
  readonly #cluster: MemoryCluster
  readonly #options: ConsumerOptions
  readonly #assigned = new Map<string, Assigned>()
  /** Which partition comes first in the next poll, so that none starves. */
  #turn = 0
  #wokenUp = false
  readonly #waits = new Waits()
  #closedBy: MillraceError | undefined

  constructor(cluster: MemoryCluster, options: ConsumerOptions) {
    this.#cluster = cluster
    this.#options = options
  }

  assign(partitions: readonly StartPosition[]): void {
    for (const { topic, partition, offset, topicId } of partitions) {
      const known = this.#assigned.get(partitionKey(topic, partition))
      const assigned = known ?? {
        topic,
        partition,
        position: offset,
        topicId,
        paused: false,
        endOffset: undefined,
        missingSinceMs: undefined,
      }
      this.#assigned.set(partitionKey(topic, partition), assigned)
      assigned.topicId = topicId
      this.#moveTo(assigned, offset)
    }
    this.#waits.end()
  }

  unassign(partitions: readonly TopicPartition[]): void {
    for (const { topic, partition } of partitions) this.#assigned.delete(partitionKey(topic, partition))
  }

  assignment(): readonly TopicPartition[] {
    return [...this.#assigned.values()].map(({ topic, partition }) => ({ topic, partition }))
  }

  seek(partition: TopicPartition, offset: StartOffset): void {
    this.#moveTo(this.#assignedAt(partition), offset)
    this.#waits.end()
  }

  #moveTo(assigned: Assigned, offset: StartOffset): void {
    assigned.position = offset
    const log = this.#logOf(assigned)
    if (log !== undefined) this.#lookUp(assigned, log)
  }

  pause(partitions: readonly TopicPartition[]): void {
    for (const partition of partitions) this.#assignedAt(partition).paused = true
  }

  resume(partitions: readonly TopicPartition[]): void {
    for (const partition of partitions) this.#assignedAt(partition).paused = false
    this.#waits.end()
  }

  #assignedAt({ topic, partition }: TopicPartition): Assigned {
    const assigned = this.#assigned.get(partitionKey(topic, partition))
    if (assigned !== undefined) return assigned
    throw new MillraceError('NOT_ASSIGNED', 'fatal', `${topic}-${partition} is not assigned to this consumer`, {
      details: { topic, partition },
    })
  }

  async poll(maxWaitMs: number): Promise<readonly RecordBatch[]> {
    if (this.#closedBy !== undefined) throw this.#closedBy
    let batches = this.#collect()
    if (batches.length > 0 || this.#wokenUp || maxWaitMs <= 0) {
      this.#wokenUp = false
      return batches
    }
    const deadlineMs = this.#cluster.clock.monotonicMs() + maxWaitMs
    while (batches.length === 0 && !this.#wokenUp) {
      const leftMs = deadlineMs - this.#cluster.clock.monotonicMs()
      if (leftMs <= 0) break
      await this.#waitForChange(leftMs)
      batches = this.#collect()
    }
    this.#wokenUp = false
    return batches
  }

  /** At most one batch per partition, beginning with another partition in each poll. */
  #collect(): readonly RecordBatch[] {
    const batches: RecordBatch[] = []
    const all = [...this.#assigned.values()]
    const first = this.#turn++ % Math.max(1, all.length)
    let bytesLeft = this.#options.fetchMaxBytes
    for (let index = 0; index < all.length && bytesLeft > 0; index++) {
      const assigned = all[(first + index) % all.length] as Assigned
      if (assigned.paused) continue
      const batch = this.#read(assigned, Math.min(bytesLeft, this.#options.partitionFetchMaxBytes))
      if (batch === undefined) continue
      batches.push(batch)
      bytesLeft -= batch.byteLength
    }
    return batches
  }

  /** The next batch of a partition; moves its position past it. undefined at the end of the log. */
  #read(assigned: Assigned, bytesMax: number): RecordBatch | undefined {
    const log = this.#logOf(assigned)
    if (log === undefined) return this.#noteMissing(assigned)
    assigned.missingSinceMs = undefined
    const { isolationLevel } = this.#options
    assigned.endOffset = log.endFor(isolationLevel)
    const position = this.#positionIn(assigned, log)
    assigned.topicId = log.topicId
    const batch = log.read(position, bytesMax, isolationLevel)
    // A position behind the last stable offset is in the log, and waits there.
    assigned.position = batch?.nextOffset ?? Math.max(position, assigned.endOffset)
    return batch
  }

  /** A new topic may be missing for a while; waiting for one that stays missing must be reported. */
  #noteMissing(assigned: Assigned): undefined {
    const nowMs = this.#cluster.clock.monotonicMs()
    assigned.missingSinceMs ??= nowMs
    const missingMs = nowMs - assigned.missingSinceMs
    if (missingMs >= topicMissingMaxMs) throw topicMissing(assigned, missingMs)
  }

  #logOf({ topic, partition }: TopicPartition): PartitionLog | undefined {
    return this.#cluster.topics.get(topic)?.logs[partition]
  }

  #positionIn(assigned: Assigned, log: PartitionLog): number {
    const position = this.#lookUp(assigned, log)
    const kind = lossOf(position, assigned.topicId, log)
    return kind === undefined ? position : this.#reset(assigned, log, position, kind)
  }

  /** Turns a symbolic position into an offset. */
  #lookUp(assigned: Assigned, log: PartitionLog): number {
    const { position } = assigned
    if (typeof position === 'number') return position
    assigned.topicId = log.topicId
    assigned.position = this.#offsetOf(position, log)
    return assigned.position
  }

  #offsetOf(place: OffsetPlace, log: PartitionLog): number {
    const end = log.endFor(this.#options.isolationLevel)
    if (place === 'earliest') return log.startOffset
    return place === 'latest' ? end : Math.min(end, log.offsetAt(place.timestampMs))
  }

  #reset(assigned: Assigned, log: PartitionLog, from: number, kind: PositionLossKind): number {
    const { topic, partition } = assigned
    const reset = this.#options.offsetReset(assigned)
    if (reset === 'none') throw kind === 'recreated' ? topicRecreated(assigned, from) : outOfRange(assigned, from)
    this.#cluster.offsetResets++
    assigned.position = reset
    const to = this.#lookUp(assigned, log)
    this.#options.onPositionLost?.({ topic, partition, kind, from, to })
    return to
  }

  /** Ends when there is more to read, topics or the assignment change, or after the time. */
  #waitForChange(maxWaitMs: number): Promise<void> {
    return this.#waits.wait(this.#cluster.clock, maxWaitMs, (end) => {
      const stop = [this.#cluster.onceTopicsChanged(end)]
      for (const assigned of this.#assigned.values()) {
        const log = assigned.paused ? undefined : this.#logOf(assigned)
        if (log !== undefined) stop.push(log.onceAppended(end, this.#options.isolationLevel))
      }
      return stop
    })
  }

  wakeup(): void {
    this.#wokenUp = true
    this.#waits.end()
  }

  position({ topic, partition }: TopicPartition): number | undefined {
    const position = this.#assigned.get(partitionKey(topic, partition))?.position
    return typeof position === 'number' ? position : undefined
  }

  topicId({ topic, partition }: TopicPartition): string | undefined {
    return this.#assigned.get(partitionKey(topic, partition))?.topicId
  }

  endOffset({ topic, partition }: TopicPartition): number | undefined {
    return this.#assigned.get(partitionKey(topic, partition))?.endOffset
  }

  async committed(groupId: string, partitions: readonly TopicPartition[]): Promise<readonly OffsetAndMetadata[]> {
    if (this.#closedBy !== undefined) throw this.#closedBy
    const offsets = this.#cluster.groups.get(groupId)?.offsets
    if (offsets === undefined) return []
    await untilDecided(this.#cluster.clock, offsets, partitions, this.#waits)
    return offsets.of(partitions)
  }

  async commit(offsets: readonly OffsetAndMetadata[], group: GroupMetadata, _timeoutMs: number): Promise<void> {
    if (this.#closedBy !== undefined) throw this.#closedBy
    const fault = this.#cluster.faults.nextCommit()
    if (fault !== undefined && !fault.applied) throw fault.error
    const there = offsets.filter((offset) => this.#logOf(offset) !== undefined)
    this.#cluster.group(group.groupId).commit(there, group)
    const gone = offsets.find((offset) => this.#logOf(offset) === undefined)
    if (gone !== undefined) throw uncommittable(gone)
    if (fault !== undefined) throw fault.error
  }

  async close(): Promise<void> {
    this.end(new MillraceError('CONSUMER_CLOSED', 'fatal', `consumer ${this.#options.clientId} is closed`))
  }

  get isEnded(): boolean {
    return this.#closedBy !== undefined
  }

  /** From now on every call rejects with this. */
  end(error: MillraceError): void {
    this.#closedBy ??= error
    this.#assigned.clear()
    this.#waits.end(this.#closedBy)
  }
}

function lossOf(position: number, topicId: string | undefined, log: PartitionLog): PositionLossKind | undefined {
  if (topicId !== undefined && topicId !== log.topicId) return 'recreated'
  if (position < log.startOffset) return 'deleted'
  return position > log.endOffset ? 'beyond-end' : undefined
}
