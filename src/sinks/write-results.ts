import type { SinkBatch, SinkFailure, WriteResult } from './batch-target.ts'
import type { ItemBatch } from './item-batch.ts'

const nothing: readonly never[] = Object.freeze([])

/** The result of a batch that was written completely. */
export const allWritten = Object.freeze({ rejected: nothing, retry: nothing, before: 'none' } as const)

/** Nothing was taken, by no fault of the documents. */
export function notTaken<Batch extends SinkBatch>(batch: Batch, failure: SinkFailure): WriteResult<Batch> {
  return { rejected: nothing, retry: [batch], before: 'backoff', failure }
}

/** Nothing was taken, and one of the documents may be the reason. */
export function doubtful<Batch extends SinkBatch>(batch: Batch, failure: SinkFailure): WriteResult<Batch> {
  return { rejected: nothing, retry: nothing, doubtful: { batch, fault: 'one' }, before: 'backoff', failure }
}

/** Nothing was taken because of one of the documents: halves, until that one is left and refused. */
export function halved(batch: ItemBatch, code: string, reason: string, failure: SinkFailure): WriteResult<ItemBatch> {
  if (batch.records > 1) return { rejected: nothing, retry: batch.halves(), before: 'none', failure }
  const rejected = batch.rejections(code, reason)
  return { rejected, rejectedAgain: () => batch, retry: nothing, before: 'none', failure }
}
