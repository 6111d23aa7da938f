import type { SinkRecord, SinkRejection } from './port.ts'

/** Documents that go to the target together, encoded as they come. */
export interface SinkBatch {
  readonly records: number
  /** What it adds to a request, near enough. */
  readonly bytes: number
  /**
   * Synchronous. False when the document does not fit beside those that are there: nothing was added; an empty batch
   * takes anything. Throws a MillraceError whose consequence is `record` for a document that no target would take.
   */
  add(record: SinkRecord): boolean
  /** It was written: its memory may serve another batch. */
  release(): void
}

/** What became of a batch; a document that is named nowhere is written. */
export interface WriteResult<Batch> {
  /** Refused for good. */
  readonly rejected: readonly SinkRejection[]
  /** Not taken this time, in their order: the batch itself, what is left of it, or its halves. */
  readonly retry: readonly Batch[]
  /**
   * What to do before the retry: `backoff` when the target is overloaded or away, `none` when it may pass now (a bad
   * document taken out, a batch that was too big halved).
   */
  readonly before: 'backoff' | 'none'
  /** Why there is something to retry. */
  readonly reason?: string
  /** What the target asked for, at least. */
  readonly retryAfterMs?: number
}

/** How one kind of target takes documents; shared by the sinks of all tasks of a factory. */
export interface BatchTarget<Batch extends SinkBatch> {
  /** Once before the first write: checks that the target is there and takes these credentials. */
  open(): Promise<void>
  newBatch(): Batch
  /**
   * Called with a batch of at least one document, as many at a time as the factory allows. Throws a retriable
   * MillraceError when nothing was taken, a fatal one when a person has to act.
   */
  write(batch: Batch, signal: AbortSignal): Promise<WriteResult<Batch>>
  close(): Promise<void>
}

const nothing: readonly never[] = Object.freeze([])

/** The result of a batch that was written whole. */
export const allWritten = Object.freeze({ rejected: nothing, retry: nothing, before: 'none' } as const)
