import type { Headers } from '../../../src/core/headers.ts'
import { noHeaders } from '../../../src/core/headers.ts'
import type { RecordBatch } from '../../../src/kafka/record-batch.ts'

export interface SketchedRecord {
  readonly offset?: number
  readonly timestamp: number
  readonly key?: string | null
  readonly value?: string | Uint8Array | null
  readonly headers?: Headers
}

/** A batch of texts; offsets follow each other from `firstOffset` unless given. */
export function batchOf(
  topic: string,
  firstOffset: number,
  records: readonly SketchedRecord[],
  partition = 0,
): RecordBatch {
  const bytes = (value: string | Uint8Array | null | undefined) =>
    value === null || value === undefined ? null : typeof value === 'string' ? Buffer.from(value) : value
  const offsetOf = (index: number) => records[index]?.offset ?? firstOffset + index
  return {
    topic,
    partition,
    topicId: '',
    count: records.length,
    byteLength: 0,
    nextOffset: records.length === 0 ? firstOffset : offsetOf(records.length - 1) + 1,
    offset: offsetOf,
    timestamp: (index) => records[index]?.timestamp ?? -1,
    key: (index) => bytes(records[index]?.key),
    value: (index) => bytes(records[index]?.value),
    headers: (index) => records[index]?.headers ?? noHeaders,
  }
}
