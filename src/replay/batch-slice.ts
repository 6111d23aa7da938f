import type { Bytes } from '../core/bytes.ts'
import type { Headers } from '../core/headers.ts'
import { withReplayMark } from '../core/replay-mark.ts'
import type { RecordBatch } from '../kafka/record-batch.ts'

/** A part of a batch, whose records carry the mark of a replay. */
export class BatchSlice implements RecordBatch {
  readonly topic: string
  readonly partition: number
  readonly topicId: string
  readonly count: number
  readonly byteLength: number
  readonly nextOffset: number
  readonly #batch: RecordBatch
  readonly #from: number
  readonly #mark: Uint8Array

  /** The records from index `from` on and before `to`. */
  constructor(batch: RecordBatch, from: number, to: number, nextOffset: number, mark: Uint8Array) {
    this.topic = batch.topic
    this.partition = batch.partition
    this.topicId = batch.topicId
    this.count = to - from
    this.byteLength = batch.count === 0 ? 0 : Math.ceil((batch.byteLength * this.count) / batch.count)
    this.nextOffset = nextOffset
    this.#batch = batch
    this.#from = from
    this.#mark = mark
  }

  offset(index: number): number {
    return this.#batch.offset(this.#from + index)
  }

  timestamp(index: number): number {
    return this.#batch.timestamp(this.#from + index)
  }

  key(index: number): Bytes | null {
    return this.#batch.key(this.#from + index)
  }

  value(index: number): Bytes | null {
    return this.#batch.value(this.#from + index)
  }

  headers(index: number): Headers {
    return withReplayMark(this.#batch.headers(this.#from + index), this.#mark)
  }
}
