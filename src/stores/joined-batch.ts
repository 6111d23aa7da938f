import type { Bytes } from '../core/bytes.ts'
import type { Headers } from '../core/headers.ts'
import type { RecordBatch } from '../kafka/record-batch.ts'

/** Batches of one partition, one after another, as one. */
export function joinedBatch(batches: readonly [RecordBatch, ...RecordBatch[]]): RecordBatch {
  return batches.length === 1 ? batches[0] : new JoinedBatch(batches)
}

/** Read from the first record to the last, it looks for the part of a record once a part. */
class JoinedBatch implements RecordBatch {
  readonly topic: string
  readonly partition: number
  readonly topicId: string
  readonly count: number
  readonly byteLength: number
  readonly nextOffset: number
  readonly #parts: readonly RecordBatch[]
  #part: RecordBatch
  /** The index of the part, and of its first record. */
  #at = 0
  #start = 0

  constructor(parts: readonly [RecordBatch, ...RecordBatch[]]) {
    const [first] = parts
    this.topic = first.topic
    this.partition = first.partition
    this.topicId = first.topicId
    this.count = parts.reduce((sum, { count }) => sum + count, 0)
    this.byteLength = parts.reduce((sum, { byteLength }) => sum + byteLength, 0)
    this.nextOffset = (parts.at(-1) as RecordBatch).nextOffset
    this.#parts = parts
    this.#part = first
  }

  offset(index: number): number {
    this.#moveTo(index)
    return this.#part.offset(index - this.#start)
  }

  timestamp(index: number): number {
    this.#moveTo(index)
    return this.#part.timestamp(index - this.#start)
  }

  key(index: number): Bytes | null {
    this.#moveTo(index)
    return this.#part.key(index - this.#start)
  }

  value(index: number): Bytes | null {
    this.#moveTo(index)
    return this.#part.value(index - this.#start)
  }

  headers(index: number): Headers {
    this.#moveTo(index)
    return this.#part.headers(index - this.#start)
  }

  /** To the part that has the record. */
  #moveTo(index: number): void {
    if (index < 0 || index >= this.count) throw new RangeError(`there is no record ${index} in ${this.count}`)
    while (index < this.#start) this.#enter(this.#at - 1, -1)
    while (index >= this.#start + this.#part.count) this.#enter(this.#at + 1, 1)
  }

  #enter(at: number, direction: 1 | -1): void {
    const part = this.#parts[at] as RecordBatch
    this.#start += direction === 1 ? this.#part.count : -part.count
    this.#at = at
    this.#part = part
  }
}
