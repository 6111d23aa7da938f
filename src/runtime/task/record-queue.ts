import { noHeaders } from '../../core/headers.ts'
import type { Headers } from '../../core/headers.ts'
import type { RecordBatch } from '../../kafka/record-batch.ts'
import { type FieldReader, keysOf, valuesOf } from './field-reader.ts'
import { timestampOf } from './source.ts'
import type { Source } from './source.ts'

/** Called by a queue for records that never reach the graph. */
export interface QueueObserver {
  /** Bytes that the serde cannot read, or a time that is none; throws to stop, returns to skip the record. */
  undecodable(error: unknown, queue: RecordQueue, batch: RecordBatch, index: number): void
  /** A negative timestamp. */
  invalidTimestamp(queue: RecordQueue, batch: RecordBatch, index: number): void
}

/**
 * The records of one partition that wait for their turn. Only the head is decoded; it is in mutable fields, so that
 * taking a record allocates nothing but what its serdes make.
 *
 * Between `advance` calls the head does not change, also when records are added. Offsets have gaps (compaction, markers
 * of transactions), so positions come from records and batches, never from counting. Example with batches of the
 * offsets 5, 6 and 9, where 6 cannot be read and its handler continues:
 * ```
 * call        head   position()  what happened
 * add         none   5           nothing is decoded
 * findHead    5      5
 * advance     9      9           5 is done, 6 was skipped while looking for the head
 * advance     none   10          `nextOffset` of the last batch
 * ```
 */
export class RecordQueue {
  readonly topic: string
  readonly partition: number
  readonly source: Source
  /** Highest timestamp taken from this partition; -1 at first, kept over restarts in the commit's metadata. */
  partitionTimeMs = -1

  hasHead = false
  headKey: unknown = null
  headValue: unknown = null
  headTimestamp = -1
  headOffset = -1
  headHeaders: Headers = noHeaders

  readonly #observer: QueueObserver
  /** Of the first batch, as soon as one of its records is read. */
  #readKey: FieldReader | undefined
  #readValue: FieldReader | undefined
  /** The head's batch first; processed batches are released immediately, with their bytes. */
  #batches: RecordBatch[] = []
  #index = 0
  #size = 0
  #nextOffset: number | undefined
  #firstOffset: number | undefined

  constructor(topic: string, partition: number, source: Source, observer: QueueObserver) {
    this.topic = topic
    this.partition = partition
    this.source = source
    this.#observer = observer
  }

  /** Records held, the head included. */
  get size(): number {
    return this.#size
  }

  /** Where reading begins: as `startAt` said, else at the first record that it was given; undefined before. */
  get firstOffset(): number | undefined {
    return this.#firstOffset
  }

  /** The start of an input that has no committed offset, once it is known. */
  startAt(offset: number): void {
    this.#firstOffset ??= offset
  }

  /**
   * The offset to commit: everything before it was processed or skipped. `fetched` is where the consumer stands, which
   * passes what has no records (markers of transactions) without a batch. undefined before the first batch without it.
   */
  position(fetched?: number): number | undefined {
    if (this.hasHead) return this.headOffset
    // After a failed decode the record that failed is not a head, and not done either.
    return this.#size > 0 ? this.#batches[0]?.offset(this.#index) : (fetched ?? this.#nextOffset)
  }

  /** Of the topic that the next record is of; undefined while there is none. */
  get topicId(): string | undefined {
    return this.#batches[0]?.topicId
  }

  /** Time of the next record, or of the latest one taken while the next is not here; -1 before the first. */
  get lastSeenMs(): number {
    return this.hasHead ? this.headTimestamp : this.partitionTimeMs
  }

  /** The head's batch and index, for its raw bytes. */
  headBatch(): { readonly batch: RecordBatch; readonly index: number } | undefined {
    const batch = this.#batches[0]
    return batch === undefined || !this.hasHead ? undefined : { batch, index: this.#index }
  }

  /** Takes a batch that begins where the last one ended. */
  add(batch: RecordBatch): void {
    this.#nextOffset = batch.nextOffset
    if (batch.count === 0) return
    this.#firstOffset ??= batch.offset(0)
    this.#batches.push(batch)
    this.#size += batch.count
  }

  /** Decodes the next record, unless that is done. Throws a retriable error of its serde, and what its handler fails. */
  findHead(): void {
    while (!this.hasHead && this.#size > 0) {
      if (this.#decode(this.#batches[0] as RecordBatch, this.#index)) this.hasHead = true
      else this.#skip()
    }
  }

  /** Drops the head, which was processed, and decodes the next one. Throws as `findHead`. */
  advance(): void {
    if (this.headTimestamp > this.partitionTimeMs) this.partitionTimeMs = this.headTimestamp
    this.#skip()
    this.#forgetHead()
    this.findHead()
  }

  /** Drops all records; the next batch may begin at any offset. */
  clear(): void {
    this.#close()
    this.#batches = []
    this.#index = 0
    this.#size = 0
    this.#nextOffset = undefined
    this.#forgetHead()
  }

  #skip(): void {
    this.#index++
    this.#size--
    const batch = this.#batches[0] as RecordBatch
    if (this.#index < batch.count) return
    this.#index = 0
    this.#batches.shift()
    this.#close()
  }

  /** Lets go of the first batch, and of what its readers keep. */
  #close(): void {
    this.#readKey = undefined
    this.#readValue = undefined
  }

  #decode(batch: RecordBatch, index: number): boolean {
    const source = this.source
    const headers = batch.headers(index)
    let key: unknown
    let value: unknown
    let timestamp: number
    try {
      this.#readKey ??= keysOf(source.node, batch)
      this.#readValue ??= valuesOf(source.node, batch)
      key = this.#readKey(index, headers)
      value = this.#readValue(index, headers)
      timestamp = timestampOf(source, batch, index, key, value, headers, this.partitionTimeMs)
    } catch (error) {
      this.#observer.undecodable(error, this, batch, index)
      return false
    }
    if (timestamp < 0) {
      this.#observer.invalidTimestamp(this, batch, index)
      return false
    }
    this.headKey = key
    this.headValue = value
    this.headTimestamp = timestamp
    this.headOffset = batch.offset(index)
    this.headHeaders = headers
    return true
  }

  #forgetHead(): void {
    this.hasHead = false
    this.headKey = null
    this.headValue = null
    this.headTimestamp = -1
    this.headHeaders = noHeaders
  }
}
