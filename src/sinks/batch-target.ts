import type { SinkRecord } from './port.ts'

/** A record as the target takes it; `bytes` is what it adds to a request, near enough. */
export interface SinkItem {
  readonly record: SinkRecord
  readonly bytes: number
}

export interface ItemRejection<Item> {
  readonly item: Item
  readonly code: string
  readonly reason: string
}

/** What became of a batch; an item that is named nowhere is written. */
export interface WriteResult<Item> {
  /** Refused for good. */
  readonly rejected: readonly ItemRejection<Item>[]
  /** Not taken this time, in their order. */
  readonly retry: readonly Item[]
  /**
   * What to do before the retry: `backoff` when the target is overloaded or away, `none` when the batch was made good
   * (a bad item taken out), `split` when the batch as a whole was refused and half of it may pass.
   */
  readonly before: 'backoff' | 'none' | 'split'
  /** Why there is something to retry. */
  readonly reason?: string
  /** What the target asked for, at least. */
  readonly retryAfterMs?: number
}

/** How one kind of target takes documents; shared by the sinks of all tasks of a factory. */
export interface BatchTarget<Item extends SinkItem> {
  /** Once before the first write: checks that the target is there and takes these credentials. */
  open(): Promise<void>
  /** Synchronous; throws a MillraceError whose consequence is `record` for a document that no target would take. */
  encode(record: SinkRecord): Item
  /**
   * Called with at least one item, by as many batches at a time as the factory allows. Throws a retriable
   * MillraceError when nothing was taken, a fatal one when a person has to act.
   */
  write(items: readonly Item[], signal: AbortSignal): Promise<WriteResult<Item>>
  close(): Promise<void>
}

const nothing: readonly never[] = Object.freeze([])

/** The result of a batch that was written whole. */
export const allWritten = Object.freeze({ rejected: nothing, retry: nothing, before: 'none' } as const)
