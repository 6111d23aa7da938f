import type { ByteRanges } from '../core/byte-ranges.ts'
import type { Bytes } from '../core/bytes.ts'
import type { Headers } from '../core/headers.ts'

/**
 * Records of one partition as lazy columns over the fetched buffer: nothing is decoded before it is read. Indexes go
 * from 0 to count - 1; offsets increase. Views stay valid for as long as the batch is referenced. Control records,
 * aborted records (read_committed) and records below the asked offset are not in it.
 */
export interface RecordBatch {
  /** The topic of all records of this batch. */
  readonly topic: string
  /** The partition of all records of this batch. */
  readonly partition: number
  /**
   * The id of the topic that the batch was read from; '' if the cluster has no topic ids. A topic that is created again
   * under the same name has a different id.
   */
  readonly topicId: string
  /** How many records there are. */
  readonly count: number
  /** Size of keys, values and headers, for memory bounds. */
  readonly byteLength: number
  /** The offset after the last record, control and compacted records included: the offset to fetch or commit next. */
  readonly nextOffset: number
  /** The offset of the record at this index. */
  offset(index: number): number
  /** Milliseconds since the epoch; -1 when the record has none. */
  timestamp(index: number): number
  /** The bytes of the key, without a copy; null when the record has none. */
  key(index: number): Bytes | null
  /** The bytes of the value, without a copy; null when the record has none. */
  value(index: number): Bytes | null
  /** The headers of the record; empty when it has none. */
  headers(index: number): Headers
  /** Where keys and values lie; undefined if they are not in one buffer. */
  readonly places?: RecordPlaces | undefined
}

/** Keys and values of a batch as parts of one buffer, to be read without a view of each. */
export interface RecordPlaces {
  readonly keys: ByteRanges
  readonly values: ByteRanges
}
