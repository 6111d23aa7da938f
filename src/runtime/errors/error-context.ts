import type { Bytes } from '../../core/bytes.ts'
import type { Headers } from '../../core/headers.ts'

/** The source record that was processed when something failed, as it was read. */
export interface ErrorContext {
  readonly applicationId: string
  readonly taskId: string
  /** '' where there is no record: in a punctuation. */
  readonly topic: string
  readonly partition: number
  readonly offset: number
  readonly timestamp: number
  readonly headers: Headers
  readonly rawKey: Bytes | null
  readonly rawValue: Bytes | null
  /** The node that failed; undefined while the record was still being read. */
  readonly nodeName: string | undefined
  /** `errors.deadLetterTopic` of the settings. */
  readonly deadLetterTopic: string | undefined
}
