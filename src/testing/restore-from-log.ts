import type { Bytes } from '../core/bytes.ts'
import { type Headers, noHeaders } from '../core/headers.ts'
import type { RecordBatch } from '../kafka/record-batch.ts'
import type { TaskStores } from '../stores/task-stores.ts'

/** A record of a changelog; its offset is its place in the log. */
export interface LoggedRecord {
  readonly key: Bytes | null
  readonly value: Bytes | null
  readonly timestamp: number
  readonly headers?: Headers
}

/** Restores a store from a part of its changelog, in two batches: where a batch ends must not show. */
export async function restoreFromLog(
  stores: TaskStores,
  storeName: string,
  log: readonly LoggedRecord[],
  from: number,
  end: number,
): Promise<void> {
  const middle = from + Math.floor((end - from) / 2)
  if (from < middle) await stores.restore(storeName, batchOf(log, from, middle))
  if (middle < end) await stores.restore(storeName, batchOf(log, middle, end))
}

function batchOf(log: readonly LoggedRecord[], start: number, end: number): RecordBatch {
  const at = (index: number) => log[start + index] as LoggedRecord
  return {
    topic: 'changelog',
    partition: 0,
    topicId: '',
    count: end - start,
    byteLength: 0,
    nextOffset: end,
    offset: (index) => start + index,
    timestamp: (index) => at(index).timestamp,
    key: (index) => at(index).key,
    value: (index) => at(index).value,
    headers: (index) => at(index).headers ?? noHeaders,
  }
}
