import type { RecordBatch } from '../../kafka/record-batch.ts'

/** The batch up to an offset, exclusive; the batch itself when all of it lies before. */
export function batchBefore(batch: RecordBatch, endOffset: number): RecordBatch {
  if (batch.nextOffset <= endOffset) return batch
  let count = batch.count
  while (count > 0 && batch.offset(count - 1) >= endOffset) count--
  return {
    topic: batch.topic,
    partition: batch.partition,
    topicId: batch.topicId,
    count,
    byteLength: batch.byteLength,
    nextOffset: endOffset,
    offset: (index) => batch.offset(index),
    timestamp: (index) => batch.timestamp(index),
    key: (index) => batch.key(index),
    value: (index) => batch.value(index),
    headers: (index) => batch.headers(index),
  }
}
