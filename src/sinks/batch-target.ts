import type { SinkRecord, SinkRejection } from './port.ts'

/** Documents that are sent to the target together; each is encoded when it is added. */
export interface SinkBatch {
  /** The number of documents in the batch. */
  readonly records: number
  /** The approximate size that it adds to a request. */
  readonly bytes: number
  /**
   * Synchronous. Adds a document. Returns false and adds nothing if the document does not fit any more; an empty batch
   * accepts any document. An error rejects the document, unless it is a MillraceError whose consequence is not
   * `record`.
   */
  add(record: SinkRecord): boolean
  /** Called when the batch was written: its memory may be used for another batch. */
  release(): void
  /**
   * Two batches with the documents of this one, in order; for a target that may refuse a batch because of one document.
   */
  halves?(): readonly this[]
  /** Returns every document of the batch as rejected; needed together with `halves`. */
  rejections?(code: string, reason: string): readonly SinkRejection[]
}

/** Why the target did not accept something, for the log and the status. */
export interface SinkFailure {
  /** A short code in capitals for logs, metrics and the status, such as SINK_UNAVAILABLE. */
  readonly code: string
  /** What happened, as a sentence for people; in the words of the target if it sent any. */
  readonly reason: string
  /**
   * True if no document can be written before somebody changes credentials, settings or the target: the sink is then
   * `paused`, not `delayed`.
   */
  readonly needsPerson?: boolean
  /** How long the target asked to wait, in milliseconds; the sink waits a minute at most. */
  readonly retryAfterMs?: number
}

/** The result of a batch; a document that is in none of its lists is written. */
export interface WriteResult<Batch> {
  /** Documents that are permanently refused. */
  readonly rejected: readonly SinkRejection[]
  /**
   * A batch of the rejected documents. If the target refuses too many documents, this batch is retried until a
   * person fixes the cause.
   */
  readonly rejectedAgain?: () => Batch
  /**
   * Batches that were not written this time, in order: the batch itself, the rest of it, or its halves. The
   * documents in these batches are not the reason.
   */
  readonly retry: readonly Batch[]
  /**
   * A batch that was not written this time, and whose documents may be the reason: `each` document was refused
   * separately, or `one` document makes the target refuse the whole batch. It waits separately while other batches are
   * written. Documents that fail repeatedly while others succeed are rejected in the end; a batch is halved
   * until the single
   * document is found.
   */
  readonly doubtful?: { readonly batch: Batch; readonly fault: 'each' | 'one' }
  /**
   * What to do before the retry: `backoff` if the target is overloaded or unreachable; `none` if a retry may succeed
   * now, because a bad document was removed or a batch that was too large was halved.
   */
  readonly before: 'backoff' | 'none'
  /** Why something has to be retried. */
  readonly failure?: SinkFailure
}

/** Writes documents to one kind of target; shared by the sinks of all tasks of a factory. */
export interface BatchTarget<Batch extends SinkBatch> {
  /**
   * Called before the first write: checks that the target exists and accepts the credentials. An error is logged, and
   * the call is repeated after a backoff; nothing is written before it resolves. A fatal error means that a person has
   * to act.
   */
  open(signal: AbortSignal): Promise<void>
  /** Makes an empty batch. The sink fills it with `add` and gives it to `write`. */
  newBatch(): Batch
  /**
   * Writes a batch of at least one document; called concurrently, up to the limit of the factory. Throws a retriable
   * MillraceError if no document was written, a fatal one if a person has to act; in both cases the batch is sent
   * again. An error without consequence counts as the fault of one of the documents. `signal` is aborted when nobody
   * waits any more.
   */
  write(batch: Batch, signal: AbortSignal): Promise<WriteResult<Batch>>
  /** Closes the connections; nothing is written after that. */
  close(): Promise<void>
}
