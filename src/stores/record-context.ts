import type { Bytes } from '../core/bytes.ts'
import { type Headers, noHeaders } from '../core/headers.ts'

/** A copy of a record as it was read, for whoever tells its outcome later. */
export interface KeptRecord {
  readonly topic: string
  readonly partition: number
  readonly offset: number
  readonly rawKey: Bytes | null
  readonly rawValue: Bytes | null
}

/** Where the record under way came from; one mutable object a task, read by stores and operators, never kept. */
export interface RecordContext {
  topic: string
  partition: number
  offset: number
  timestamp: number
  headers: Headers
  /** Set while something goes downstream that was held; undefined for what the record gives at once. */
  origin?: Origin | undefined
  /** The bytes of the record whose outcome was told last: those of the record under way where the place is the same. */
  kept?: KeptRecord | undefined
}

/** Who let go of what goes downstream, where it is not what the record under way gives at once. */
export interface Origin {
  /** The node or store that held it. */
  readonly holder: string
  /** What was held: a key, a window with its key, a time. */
  readonly held: unknown
  /**
   * How often there can be such a thing:
   * - `record`: once for the source record that the context names: the newest change of a key
   * - `once`: once and for all, whichever record or clock lets it go: a closed window
   * - `moment`: at any moment anew, by a wall clock: nothing says that two are the same
   */
  readonly scope: 'record' | 'once' | 'moment'
  /** No record that was read is at fault for what goes wrong with it, the one under way least of all. */
  readonly isOfNoRecord?: boolean | undefined
}

/** Runs what goes downstream because somebody let go of it. */
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
