import type { SinkRecord, SinkRejection } from './port.ts'

/** Documents that go to the target together, encoded as they come. */
export interface SinkBatch {
  /** How many documents are in it. */
  readonly records: number
  /** What it adds to a request, near enough. */
  readonly bytes: number
  /**
   * Synchronous. False when the document does not fit into the batch any more: nothing was added; an empty batch
   * takes anything. What it throws is the document's fault, and rejects it, unless it is a MillraceError of another
   * consequence than `record`.
   */
  add(record: SinkRecord): boolean
  /** It was written: its memory may serve another batch. */
  release(): void
  /**
   * Two batches with what this one holds, in order; for a target whose batches may be refused because of one document.
   */
  halves?(): readonly this[]
  /** Each of its documents as refused; with `halves`. */
  rejections?(code: string, reason: string): readonly SinkRejection[]
}

/** Why the target did not take something, for the log and the status. */
export interface SinkFailure {
  /** A short code in capitals for logs, metrics and the status, such as SINK_UNAVAILABLE. */
  readonly code: string
  /** What happened, as a sentence for people; the words of the target where it gave any. */
  readonly reason: string
  /**
   * Nothing will pass before somebody changes credentials, settings or the target: the sink is `paused`, not `delayed`.
   */
  readonly needsPerson?: boolean
  /** What the target asked for, at least; a minute at most is granted. */
  readonly retryAfterMs?: number
}

/** What became of a batch; a document that is named nowhere is written. */
export interface WriteResult<Batch> {
  /** Refused for good, document by document. */
  readonly rejected: readonly SinkRejection[]
  /** A batch of the rejected ones: where too much is refused they wait for a person, and are tried again. */
  readonly rejectedAgain?: () => Batch
  /** Not taken this time, in their order: the batch itself, what is left of it, or its halves. No fault of theirs. */
  readonly retry: readonly Batch[]
  /**
   * Not taken this time either, but documents may be the reason: `each` of them was refused by itself, or `one` of them
   * makes the target refuse all. They wait on their own while others pass; what fails again and again while others pass
   * is rejected in the end, and a batch is halved until the one is found.
   */
  readonly doubtful?: { readonly batch: Batch; readonly fault: 'each' | 'one' }
  /**
   * What to do before the retry: `backoff` when the target is overloaded or away, `none` when it may pass now (a bad
   * document taken out, a batch that was too big halved).
   */
  readonly before: 'backoff' | 'none'
  /** Why there is something to try again. */
  readonly failure?: SinkFailure
}

/** How one kind of target takes documents; shared by the sinks of all tasks of a factory. */
export interface BatchTarget<Batch extends SinkBatch> {
  /**
   * Before the first write: checks that the target exists and accepts these credentials. What it throws is logged and
   * tried again after a backoff; until it resolves nothing is written. A fatal error says that a person has to act.
   */
  open(signal: AbortSignal): Promise<void>
  /** Makes an empty batch. The sink fills it with `add` and gives it to `write`. */
  newBatch(): Batch
  /**
   * Called with a batch of at least one document, as many concurrently as the factory allows. Throws a retriable
   * MillraceError when nothing was taken, a fatal one when a person has to act: the batch is sent again either way. An
   * error without consequence counts as the fault of one of the documents. `signal` says that nobody waits any more.
   */
  write(batch: Batch, signal: AbortSignal): Promise<WriteResult<Batch>>
  /** Closes connections. Nothing is written after that. */
  close(): Promise<void>
}
