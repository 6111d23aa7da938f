import type { Bytes } from '../../core/bytes.ts'
import type { Headers } from '../../core/headers.ts'
import { BatchView } from '../batch-view.ts'
import type { RecordBatch } from '../record-batch.ts'
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
  #waiting = new Set<() => void>()

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

  /** Bytes that the kept records take in memory, roughly. */
  get retainedBytes(): number {
    return this.#retainedBytes
  }

  /** Copies the bytes and returns the offset. Wakes those who wait. */
  append(key: Bytes | null, value: Bytes | null, timestamp: number, headers: Headers): number {
    const offset = this.#endOffset++
    const segment = this.#writable(key, value)
    const before = segment.retainedBytes
    segment.append(offset, key, value, timestamp, headers)
    this.#retainedBytes += segment.retainedBytes - before
    if (this.#waiting.size > 0) this.#tellWaiting()
    return offset
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

  /** Called once, at the next append. Returns how to stop waiting. */
  onceAppended(callback: () => void): () => void {
    this.#waiting.add(callback)
    return () => void this.#waiting.delete(callback)
  }

  #tellWaiting(): void {
    const waiting = this.#waiting
    this.#waiting = new Set()
    for (const callback of waiting) callback()
  }

  /** The records from an offset within the log on, up to the end of their segment; undefined at the log's end. */
  read(offset: number, bytesMax: number): RecordBatch | undefined {
    const index = this.#segmentOf(offset)
    const segment = this.#segments[index]
    if (segment === undefined) return undefined
    const from = segment.indexOf(offset)
    const to = segment.endWithin(from, bytesMax)
    const nextOffset = to < segment.count ? segment.offset(to) : this.#firstOffsetAfter(index)
    return new BatchView(this, segment, { from, to, byteLength: segment.byteLengthOf(from, to), nextOffset })
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

  /** Keeps the last record of each key, at its offset; tombstones only from this offset on. */
  compact(tombstonesFrom: number): void {
    const last = new Map<string, number>()
    this.#eachRecord((segment, index) => last.set(keyText(segment.key(index)), segment.offset(index)))
    const compacted = new PartitionLog(this.topic, this.partition, this.topicId, this.#arenaBytesMax)
    this.#eachRecord((segment, index) => {
      const offset = segment.offset(index)
      const key = segment.key(index)
      const value = segment.value(index)
      if (last.get(keyText(key)) !== offset || (value === null && offset < tombstonesFrom)) return
      compacted.#endOffset = offset
      compacted.append(key, value, segment.timestamp(index), segment.headers(index))
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

function keyText(key: Bytes | null): string {
  return key === null ? '' : `=${Buffer.from(key.buffer, key.byteOffset, key.length).toString('latin1')}`
}
