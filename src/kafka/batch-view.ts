import type { Bytes } from '../core/bytes.ts'
import type { Headers } from '../core/headers.ts'
import type { RecordBatch } from './record-batch.ts'

/** Which partition of which topic. */
type PartitionOfTopic = Pick<RecordBatch, 'topic' | 'partition' | 'topicId'>

/** Where the records lie: a batch, or what batches are made of. */
export type RecordColumns = Pick<RecordBatch, 'offset' | 'timestamp' | 'key' | 'value' | 'headers'>

/** Which of the records are seen, what they weigh, and what comes after them. */
export interface BatchRange {
  /** The records from this index on. */
  readonly from: number
  /** The records before this index. */
  readonly to: number
  readonly byteLength: number
  readonly nextOffset: number
}

/** Some records as a batch, seen where they lie. */
export class BatchView implements RecordBatch {
  readonly topic: string
  readonly partition: number
  readonly topicId: string
  readonly count: number
  readonly byteLength: number
  readonly nextOffset: number
  readonly #columns: RecordColumns
  readonly #from: number

  constructor(place: PartitionOfTopic, columns: RecordColumns, { from, to, byteLength, nextOffset }: BatchRange) {
    this.topic = place.topic
    this.partition = place.partition
    this.topicId = place.topicId
    this.count = to - from
    this.byteLength = byteLength
    this.nextOffset = nextOffset
    this.#columns = columns
    this.#from = from
  }

  offset(index: number): number {
    return this.#columns.offset(this.#from + index)
  }

  timestamp(index: number): number {
    return this.#columns.timestamp(this.#from + index)
  }

  key(index: number): Bytes | null {
    return this.#columns.key(this.#from + index)
  }

  value(index: number): Bytes | null {
    return this.#columns.value(this.#from + index)
  }

  headers(index: number): Headers {
    return this.#columns.headers(this.#from + index)
  }
}
