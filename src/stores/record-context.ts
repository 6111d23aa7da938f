import type { Bytes } from '../core/bytes.ts'
import { type Headers, noHeaders } from '../core/headers.ts'

/** A copy of a record as it was read, for the code that reports its result later. */
export interface KeptRecord {
  readonly topic: string
  readonly partition: number
  readonly offset: number
  readonly rawKey: Bytes | null
  readonly rawValue: Bytes | null
}

/** Where the current record came from; one mutable object per task, read by stores and operators, never kept. */
export interface RecordContext {
  topic: string
  partition: number
  offset: number
  timestamp: number
  headers: Headers
  /** Set while something goes downstream that was held; undefined for what the record gives at once. */
  origin?: Origin | undefined
  /**
   * The bytes of the record whose result was reported last: those of the current record if topic, partition and offset
   * are the same.
   */
  kept?: KeptRecord | undefined
}

/** Who released what is forwarded, if the current record does not cause it directly. */
export interface Origin {
  /** The node or store that held it. */
  readonly holder: string
  /** What was held: a key, a window with its key, a time. */
  readonly held: unknown
  /**
   * How often there can be such a thing:
   * - `record`: once for the source record that the context names: the newest change of a key
   * - `once`: only once, whichever record or clock releases it: a closed window
   * - `moment`: at any time again, by a wall clock: two of them are never known to be the same
   */
  readonly scope: 'record' | 'once' | 'moment'
  /** No record that was read caused its errors, in particular not the current one. */
  readonly isOfNoRecord?: boolean | undefined
}

/** Sets the time and headers that writes to stores carry, until the next record or write. */
export function enterRecord(context: RecordContext, timestamp: number, headers: Headers): void {
  context.timestamp = timestamp
  context.headers = headers
}

/** Runs what forwards something that was held and is now released. */
export function letGo(context: RecordContext, origin: Origin, run: () => void): void {
  const before = context.origin
  context.origin = origin
  try {
    run()
  } finally {
    context.origin = before
  }
}

/** The context of a task before its first record. */
export function newRecordContext(): RecordContext {
  return { topic: '', partition: -1, offset: -1, timestamp: -1, headers: noHeaders, origin: undefined, kept: undefined }
}
