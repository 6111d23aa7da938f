import type { Headers } from '../core/headers.ts'

/** What an asynchronous mapper gets in addition to key and value. */
export interface AsyncCall {
  /** The timestamp of the record, in milliseconds since the epoch. */
  readonly timestamp: number
  /** The headers of the record. */
  readonly headers: Headers
  /** Aborted when the call has taken longer than `timeoutMs`, and when its task is closed: nobody waits any longer. */
  readonly signal: AbortSignal
}
