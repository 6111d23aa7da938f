import type { Headers } from '../core/headers.ts'

/** The third argument of an asynchronous mapper, beside key and value. */
export interface AsyncCall {
  /** The timestamp of the record, in milliseconds since the epoch. */
  readonly timestamp: number
  /** The headers of the record. */
  readonly headers: Headers
  /** Aborted when the call has taken longer than `timeoutMs`, and when its task is closed: nobody waits any longer. */
  readonly signal: AbortSignal
}
