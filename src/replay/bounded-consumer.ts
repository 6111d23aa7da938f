import {
  type Consumer,
  type GroupMetadata,
  type OffsetAndMetadata,
  partitionKey,
  type StartOffset,
  type StartPosition,
  type TopicPartition,
} from '../kafka/port.ts'
import type { RecordBatch } from '../kafka/record-batch.ts'
import { BatchSlice } from './batch-slice.ts'
import type { ReplayFront } from './front.ts'

/** Records of one partition that are released together; the order over partitions is only as fine as this. */
const releaseMax = 500

/** A record that comes so many records before older ones is of a clock that is ahead: it does not tell where its partition is. */
const lookRecords = 1000

/** Which partitions a replay reads, and up to where. undefined: a topic of the shadow application, without bounds. */
export type EndOf = (partition: TopicPartition) => number | undefined

/** A partition of the plan that is assigned. */
interface Bounded extends TopicPartition {
  readonly key: string
  readonly endOffset: number
  /** The caller paused it. */
  isPaused: boolean
  /** The consumer behind it does not return it. */
  isStopped: boolean
  /** Fetched and not released yet; of the first, from `index` on. */
  held: Held[]
  index: number
}

/** A batch that is fetched and waits for its time. */
interface Held {
  readonly batch: RecordBatch
  /** How many of its records lie before the end. */
  readonly count: number
  /** By record: the lowest time of it and of those behind it in the batch. */
  readonly lowestMs: Float64Array
}

/**
 * Reads the partitions of a plan up to their ends, ordered by time as the front allows; everything else as the consumer
 * behind it does. What is fetched and not released counts as not read: neither `position` nor a commit passes it.
 */
export class BoundedConsumer implements Consumer {
  readonly #inner: Consumer
  readonly #endOf: EndOf
  readonly #front: ReplayFront
  readonly #mark: Uint8Array
  readonly #bounded = new Map<string, Bounded>()

  constructor(inner: Consumer, endOf: EndOf, front: ReplayFront, mark: Uint8Array) {
    this.#inner = inner
    this.#endOf = endOf
    this.#front = front
    this.#mark = mark
  }

  /** A partition that is assigned again drops what it held; whether the caller paused it stays. */
  assign(partitions: readonly StartPosition[]): void {
    this.#inner.assign(partitions)
    for (const { topic, partition } of partitions) {
      const endOffset = this.#endOf({ topic, partition })
      if (endOffset === undefined) continue
      const key = partitionKey(topic, partition)
      const { isPaused = false, isStopped = false } = this.#bounded.get(key) ?? {}
      const bounded = { topic, partition, key, endOffset, isPaused, isStopped, held: [], index: 0 }
      this.#bounded.set(key, bounded)
      this.#settle(bounded)
    }
  }

  /** The front forgets the partitions, so that others do not wait for them. */
  unassign(partitions: readonly TopicPartition[]): void {
    for (const { topic, partition } of partitions) {
      const key = partitionKey(topic, partition)
      if (this.#bounded.delete(key)) this.#front.leave(key)
    }
    this.#inner.unassign(partitions)
  }

  assignment(): readonly TopicPartition[] {
    return this.#inner.assignment()
  }

  /** What was held is fetched again from the new position. */
  seek(partition: TopicPartition, offset: StartOffset): void {
    this.#inner.seek(partition, offset)
    const bounded = this.#boundedAt(partition)
    if (bounded === undefined) return
    bounded.held = []
    bounded.index = 0
    this.#settle(bounded)
  }

  /**
   * Only keeps bounded partitions from being released: whether the consumer behind pauses them depends on what is held,
   * and `#settle` decides that.
   */
  pause(partitions: readonly TopicPartition[]): void {
    for (const partition of partitions) {
      const bounded = this.#boundedAt(partition)
      if (bounded === undefined) this.#inner.pause([partition])
      else bounded.isPaused = true
    }
  }

  resume(partitions: readonly TopicPartition[]): void {
    for (const partition of partitions) {
      const bounded = this.#boundedAt(partition)
      if (bounded === undefined) this.#inner.resume([partition])
      else bounded.isPaused = false
    }
  }

  /** Does not wait for new batches while held records may be released. */
  async poll(maxWaitMs: number): Promise<readonly RecordBatch[]> {
    const ready = this.#release()
    const batches = await this.#inner.poll(ready.length > 0 ? 0 : maxWaitMs)
    const free: RecordBatch[] = []
    for (const batch of batches) {
      const bounded = this.#boundedAt(batch)
      if (bounded === undefined) free.push(batch)
      else this.#take(bounded, batch)
    }
    for (const bounded of this.#bounded.values()) this.#settle(bounded)
    return ready.length > 0 ? [...ready, ...free] : [...this.#release(), ...free]
  }

  /** Holds the records before the end; a batch beyond it is dropped. */
  #take({ held, endOffset }: Bounded, batch: RecordBatch): void {
    let count = batch.count
    while (count > 0 && batch.offset(count - 1) >= endOffset) count--
    if (count > 0) held.push({ batch, count, lowestMs: lowestOf(batch, count) })
  }

  /** Reads on where nothing is held, or too little to know the time; tells the front where the partition is. */
  #settle(bounded: Bounded): void {
    const { held, key, isStopped } = bounded
    const isRead = this.#isAtEnd(bounded)
    const isAtEnd = held.length === 0 && isRead
    if (isAtEnd) this.#front.report(key, Number.POSITIVE_INFINITY)
    else if (held.length > 0) this.#front.report(key, nextMs(bounded))
    bounded.isStopped = isRead || heldRecords(bounded) >= lookRecords
    if (bounded.isStopped === isStopped) return
    if (isStopped) this.#inner.resume([bounded])
    else this.#inner.pause([bounded])
  }

  /** By position and not by records: what retention, compaction or a transaction removed brings no record. */
  #isAtEnd(bounded: Bounded): boolean {
    const position = this.#inner.position(bounded)
    return position !== undefined && position >= bounded.endOffset
  }

  /** What may be read now. */
  #release(): readonly RecordBatch[] {
    const released: RecordBatch[] = []
    for (const bounded of this.#bounded.values()) {
      const [first] = bounded.held
      if (first === undefined || bounded.isPaused) continue
      const slice = this.#sliceOf(bounded, first, Math.min(releaseMax, this.#front.allowance))
      if (slice === undefined) continue
      this.#front.spend(slice.count, slice.byteLength)
      released.push(slice)
      this.#settle(bounded)
    }
    return released
  }

  /**
   * The records from `index` on whose time the front allows, `recordsMax` at most; undefined: none yet. `index` moves
   * behind them, and a batch that is used up is dropped.
   */
  #sliceOf(bounded: Bounded, { batch, count, lowestMs }: Held, recordsMax: number): BatchSlice | undefined {
    const { limitMs } = this.#front
    const from = bounded.index
    const most = Math.min(count, from + recordsMax)
    const laterMs = lowestOfOthers(bounded)
    let to = from
    while (to < most && Math.min(lowestMs[to] as number, laterMs) <= limitMs) to++
    if (to === from) return undefined
    const isLast = to === count
    bounded.index = isLast ? 0 : to
    if (isLast) bounded.held.shift()
    const nextOffset = isLast ? Math.min(batch.nextOffset, bounded.endOffset) : batch.offset(to)
    return new BatchSlice(batch, from, to, nextOffset, this.#mark)
  }

  wakeup(): void {
    this.#inner.wakeup()
  }

  /** The next record to release, not the next to fetch: a commit must not pass what the topology has not seen. */
  position(partition: TopicPartition): number | undefined {
    const bounded = this.#boundedAt(partition)
    const [first] = bounded?.held ?? []
    if (bounded !== undefined && first !== undefined) return first.batch.offset(bounded.index)
    const position = this.#inner.position(partition)
    return bounded === undefined || position === undefined ? position : Math.min(position, bounded.endOffset)
  }

  topicId(partition: TopicPartition): string | undefined {
    return this.#inner.topicId(partition)
  }

  /**
   * Of a partition of the plan, its end there. While its next record waits for other partitions it is that record's
   * offset: a task that reads both must not wait for it.
   */
  endOffset(partition: TopicPartition): number | undefined {
    const bounded = this.#boundedAt(partition)
    if (bounded === undefined) return this.#inner.endOffset(partition)
    const [first] = bounded.held
    if (first === undefined || nextMs(bounded) <= this.#front.limitMs) return bounded.endOffset
    return first.batch.offset(bounded.index)
  }

  committed(groupId: string, partitions: readonly TopicPartition[]): Promise<readonly OffsetAndMetadata[]> {
    return this.#inner.committed(groupId, partitions)
  }

  commit(offsets: readonly OffsetAndMetadata[], group: GroupMetadata, timeoutMs: number): Promise<void> {
    return this.#inner.commit(offsets, group, timeoutMs)
  }

  close(): Promise<void> {
    for (const key of this.#bounded.keys()) this.#front.leave(key)
    return this.#inner.close()
  }

  #boundedAt({ topic, partition }: TopicPartition): Bounded | undefined {
    return this.#bounded.get(partitionKey(topic, partition))
  }
}

/** Where a partition is by record time: older records behind a clock that is ahead count. */
function nextMs(bounded: Bounded): number {
  const ownMs = bounded.held[0]?.lowestMs[bounded.index] ?? Number.POSITIVE_INFINITY
  return Math.min(ownMs, lowestOfOthers(bounded))
}

/** Of what is held behind the first batch. */
function lowestOfOthers({ held }: Bounded): number {
  let lowestMs = Number.POSITIVE_INFINITY
  for (let index = 1; index < held.length; index++) {
    lowestMs = Math.min(lowestMs, held[index]?.lowestMs[0] ?? lowestMs)
  }
  return lowestMs
}

function heldRecords({ held, index }: Bounded): number {
  let records = -index
  for (const { count } of held) records += count
  return records
}

function lowestOf(batch: RecordBatch, count: number): Float64Array {
  const lowestMs = new Float64Array(count)
  let lowest = Number.POSITIVE_INFINITY
  for (let index = count - 1; index >= 0; index--) {
    lowest = Math.min(lowest, batch.timestamp(index))
    lowestMs[index] = lowest
  }
  return lowestMs
}
