import type { Bytes } from '../../core/bytes.ts'
import type { Headers } from '../../core/headers.ts'

/** The source record whose processing failed, with its bytes as they were read. */
export interface ErrorContext {
  /** The `applicationId` of the settings. */
  readonly applicationId: string
  /** The topology that was running, as `topology.hash()` returns it. */
  readonly topologyHash: string
  /** The task that processed the record, such as `0_3`: subtopology and partition. */
  readonly taskId: string
  /** '' in a punctuation, which has no record. */
  readonly topic: string
  /** The partition of `topic` that the record was read from. */
  readonly partition: number
  /** The offset of the record in its partition. */
  readonly offset: number
  /** The timestamp of the record, in milliseconds since the epoch. */
  readonly timestamp: number
  /** The headers of the record. */
  readonly headers: Headers
  /** The key as it was read, before deserialization; null if the record has none. */
  readonly rawKey: Bytes | null
  /** The value as it was read, before deserialization; null for a tombstone. */
  readonly rawValue: Bytes | null
  /** The node that failed; undefined while the record was still being read. */
  readonly nodeName: string | undefined
  /** `errors.deadLetterTopic` of the settings. */
  readonly deadLetterTopic: string | undefined
}
