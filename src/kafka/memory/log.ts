import type { Bytes } from '../../core/bytes.ts'
import type { Headers } from '../../core/headers.ts'
import { BatchView } from '../batch-view.ts'
import type { IsolationLevel } from '../port.ts'
import type { RecordBatch } from '../record-batch.ts'
import { type LogTransaction, LogTransactions } from './log-transactions.ts'
import { Segment } from './segment.ts'

const firstArenaBytes = 4 * 1024
const largestArenaBytes = 256 * 1024
const segmentRecordsMax = 4096

/**
 * The records of one partition, in segments. Batches that were read stay valid whatever happens to the log: they hold
 * their segment, and a segment's records never change.
 *
 * Offsets rise by 1 per append and are never used again. `startOffset` is the first offset that a reader may ask for;
 * after `compact` there are gaps behind it. Deleting cuts whole segments out of memory: the records of a segment before
 * `startOffset` are not returned any more, but stay in memory until all of the segment is deleted.
 *
 * The marker at the end of a transaction takes an offset too, and is a gap like any other. Readers of committed records
 * stop at the last stable offset, where the oldest open transaction begins:
 * ```
 * offset   0  1  2  3  4  5  6  7         a, b, c: records of transactions; r: a record of none
 *          a  b  r  a  A  b  c  r         A: the end of a
 *             ^ lastStableOffset, until b ends; the next record gets 8 (endOffset)
 * ```
 */
export class PartitionLog {
  readonly topic: string
  readonly partition: number
  readonly topicId: string
  #segments: Segment[] = []
  #startOffset = 0
  #endOffset = 0
  #retainedBytes = 0
  readonly #arenaBytesMax: number
  readonly #transactions = new LogTransactions()
  readonly #waiting: Record<IsolationLevel, Set<() => void>> = {
    read_committed: new Set(),
    read_uncommitted: new Set(),
  }

  /** Old records go by the segment: where they have to go soon, segments are to be small. */
  constructor(topic: string, partition: number, topicId: string, arenaBytesMax = largestArenaBytes) {
    this.topic = topic
    this.partition = partition
    this.topicId = topicId
    this.#arenaBytesMax = Math.min(largestArenaBytes, arenaBytesMax)
  }

  /** The first offset that is still readable; rises when records are deleted. */
  get startOffset(): number {
    return this.#startOffset
  }

  /** The offset that the next record gets. */
  get endOffset(): number {
    return this.#endOffset
  }

  /** Up to here every record is committed or aborted. */
  get lastStableOffset(): number {
    return Math.max(this.#startOffset, this.#transactions.firstOpenOffset ?? this.#endOffset)
  }

  /** Where a reader has nothing more to read. */
  endFor(isolationLevel: IsolationLevel): number {
    return isolationLevel === 'read_committed' ? this.lastStableOffset : this.#endOffset
  }

  /** Bytes that the kept records take in memory, roughly. */
  get retainedBytes(): number {
    return this.#retainedBytes
  }

  /** Copies the bytes and returns the offset. Wakes those who wait for what they can read now. */
  append(
    key: Bytes | null,
    value: Bytes | null,
    timestamp: number,
    headers: Headers,
    transaction?: LogTransaction,
  ): number {
    const offset = this.#endOffset++
    if (transaction !== undefined) this.#transactions.add(transaction, offset)
    this.#write(offset, key, value, timestamp, headers, transaction)
    this.#tellWaiting('read_uncommitted')
    if (this.lastStableOffset === this.#endOffset) this.#tellWaiting('read_committed')
    return offset
  }

  /** Writes the marker that ends a transaction which has records here. */
  endTransaction(transaction: LogTransaction, isCommitted: boolean): void {
    const before = this.lastStableOffset
    this.#endOffset++
    this.#transactions.end(transaction, isCommitted)
    this.#tellWaiting('read_uncommitted')
    if (this.lastStableOffset > before) this.#tellWaiting('read_committed')
  }

  #write(
    offset: number,
    key: Bytes | null,
    value: Bytes | null,
    timestamp: number,
    headers: Headers,
    transaction: LogTransaction | undefined,
  ): void {
    const segment = this.#writable(key, value)
    const before = segment.retainedBytes
    segment.append(offset, key, value, timestamp, headers, transaction)
    this.#retainedBytes += segment.retainedBytes - before
  }

  /** The last segment, or a new one of double the size: small topics stay small. */
  #writable(key: Bytes | null, value: Bytes | null): Segment {
    const last = this.#segments.at(-1)
    const hasRoom = last !== undefined && last.hasRoom(key, value)
    if (hasRoom && last.count < segmentRecordsMax && last.retainedBytes < this.#arenaBytesMax) return last
    const arenaBytes = Math.min(this.#arenaBytesMax, last === undefined ? firstArenaBytes : last.arenaBytes * 2)
    const segment = new Segment(Math.max(arenaBytes, (key?.length ?? 0) + (value?.length ?? 0)))
    this.#segments.push(segment)
    return segment
  }

  /** Called once, when there is more to read. Returns how to stop waiting. */
  onceAppended(callback: () => void, isolationLevel: IsolationLevel): () => void {
    this.#waiting[isolationLevel].add(callback)
    return () => void this.#waiting[isolationLevel].delete(callback)
  }

  #tellWaiting(isolationLevel: IsolationLevel): void {
    const waiting = this.#waiting[isolationLevel]
    if (waiting.size === 0) return
    this.#waiting[isolationLevel] = new Set()
    for (const callback of waiting) callback()
  }

  /**
   * The next records that the reader may see from an offset within the log on, as far as they lie together in one
   * segment; undefined where there are none up to the reader's end.
   */
  read(offset: number, bytesMax: number, isolationLevel: IsolationLevel = 'read_committed'): RecordBatch | undefined {
    const end = this.endFor(isolationLevel)
    const leavesOut = isolationLevel === 'read_committed' && this.#transactions.hasAborted
    for (let at = this.#segmentOf(offset); at < this.#segments.length; at++) {
      const segment = this.#segments[at] as Segment
      const last = segment.indexOf(end)
      const first = segment.indexOf(offset)
      const from = leavesOut ? segment.seek(first, last, false) : first
      if (from < last) {
        const within = Math.min(last, segment.endWithin(from, bytesMax))
        const to = leavesOut ? segment.seek(from, within, true) : within
        const nextOffset = to < segment.count ? segment.offset(to) : this.#firstOffsetAfter(at)
        return new BatchView(this, segment, { from, to, byteLength: segment.byteLengthOf(from, to), nextOffset })
      }
      if (last < segment.count) return undefined
    }
    return undefined
  }

  /** Committed records from an offset on, also those that wait behind an open transaction. */
  countCommitted(offset: number): number {
    let count = 0
    for (const segment of this.#segments.slice(this.#segmentOf(offset))) {
      const from = segment.indexOf(offset)
      if (!this.#transactions.areAny) count += segment.count - from
      else
        for (let index = from; index < segment.count; index++) count += isCommitted(segment.transaction(index)) ? 1 : 0
    }
    return count
  }

  /** The index of the segment with the first record at or after the offset. */
  #segmentOf(offset: number): number {
    let low = 0
    let high = this.#segments.length
    while (low < high) {
      const middle = (low + high) >>> 1
      const segment = this.#segments[middle] as Segment
      if (segment.offset(segment.count - 1) < offset) low = middle + 1
      else high = middle
    }
    return low
  }

  #firstOffsetAfter(index: number): number {
    return this.#segments[index + 1]?.offset(0) ?? this.#endOffset
  }

  /** The offset of the first record at or after the time; the log's end if there is none. */
  offsetAt(timestampMs: number): number {
    for (const segment of this.#segments) {
      for (let index = 0; index < segment.count; index++) {
        const offset = segment.offset(index)
        if (offset >= this.#startOffset && segment.timestamp(index) >= timestampMs) return offset
      }
    }
    return this.#endOffset
  }

  /** Records before the offset are no longer there; their memory goes with their segment. */
  deleteBefore(offset: number): void {
    this.#startOffset = Math.max(this.#startOffset, Math.min(offset, this.#endOffset))
    const kept = this.#segmentOf(this.#startOffset)
    for (const segment of this.#segments.splice(0, kept)) this.#retainedBytes -= segment.retainedBytes
  }

  /** Deletes the oldest segment, or the only one; returns whether there was one. */
  deleteOldestSegment(): boolean {
    if (this.#segments.length === 0) return false
    this.deleteBefore(this.#firstOffsetAfter(0))
    return true
  }

  /** Deletes the first readable record, if there is one. */
  deleteOldestRecord(): void {
    const segment = this.#segments[0]
    if (segment === undefined) return
    const second = segment.indexOf(this.#startOffset) + 1
    this.deleteBefore(second < segment.count ? segment.offset(second) : this.#firstOffsetAfter(0))
  }

  /** The timestamp of the oldest record that is kept. */
  oldestTimestamp(): number | undefined {
    const segment = this.#segments[0]
    return segment?.timestamp(segment.indexOf(this.#startOffset))
  }

  /**
   * Keeps the last committed record of each key, at its offset; tombstones only from this offset on. Does not touch
   * what is behind the last stable offset.
   */
  compact(tombstonesFrom: number): void {
    const stableOffset = this.lastStableOffset
    const last = new Map<string, number>()
    this.#eachRecord((segment, index) => {
      const offset = segment.offset(index)
      if (offset < stableOffset && isCommitted(segment.transaction(index)))
        last.set(keyText(segment.key(index)), offset)
    })
    const compacted = new PartitionLog(this.topic, this.partition, this.topicId, this.#arenaBytesMax)
    this.#eachRecord((segment, index) => {
      const offset = segment.offset(index)
      const key = segment.key(index)
      const value = segment.value(index)
      const isKept = last.get(keyText(key)) === offset && (value !== null || offset >= tombstonesFrom)
      if (!isKept && offset < stableOffset) return
      const transaction = segment.transaction(index)
      compacted.#write(offset, key, value, segment.timestamp(index), segment.headers(index), transaction)
    })
    this.#segments = compacted.#segments
    this.#retainedBytes = compacted.#retainedBytes
  }

  #eachRecord(visit: (segment: Segment, index: number) => void): void {
    for (const segment of this.#segments) {
      for (let index = segment.indexOf(this.#startOffset); index < segment.count; index++) visit(segment, index)
    }
  }
}

function isCommitted(transaction: LogTransaction | undefined): boolean {
  return transaction === undefined || transaction.state === 'committed'
}

function keyText(key: Bytes | null): string {
  return key === null ? '' : `=${Buffer.from(key.buffer, key.byteOffset, key.length).toString('latin1')}`
}
