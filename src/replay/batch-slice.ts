import type { Headers } from '../core/headers.ts'
import { withReplayMark } from '../core/replay-mark.ts'
import { BatchView } from '../kafka/batch-view.ts'
import type { RecordBatch } from '../kafka/record-batch.ts'

/** A part of a batch, whose records carry the mark of a replay. */
export class BatchSlice extends BatchView {
  readonly #mark: Uint8Array

  /** The records from index `from` on and before `to`; their size is their share of the batch. */
  constructor(batch: RecordBatch, from: number, to: number, nextOffset: number, mark: Uint8Array) {
    const byteLength = batch.count === 0 ? 0 : Math.ceil((batch.byteLength * (to - from)) / batch.count)
    super(batch, batch, { from, to, byteLength, nextOffset })
    this.#mark = mark
  }

  override headers(index: number): Headers {
    return withReplayMark(super.headers(index), this.#mark)
  }
}
