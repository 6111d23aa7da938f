import type { Headers } from '../core/headers.ts'

/** A document on its way out, with where it came from: the identity that makes a second delivery harmless. */
export interface SinkRecord {
  /** The topic of the source record that led to this document. */
  readonly topic: string
  /** The partition of the source record. */
  readonly partition: number
  /** The offset of the source record. */
  readonly offset: number
  /** Tells several documents of one source record, or of one `identity`, apart; 0 for the first. */
  readonly sequence: number
  /**
   * Given where the document is not what its source record gave at once (a window that closed, a cached result, a
   * punctuation): then it replaces topic, partition and offset, which name no record or not this document alone.
   */
  readonly identity?: string | undefined
  /** The event time, in milliseconds since the epoch. */
  readonly timestamp: number
  /** The key as the topology forwarded it, not serialized. */
  readonly key: unknown
  /** The value as the topology forwarded it, not serialized. */
  readonly value: unknown
  /** The headers that the topology forwarded with it. */
  readonly headers: Headers
}

/** A document that the other side refuses for good; it becomes a dead letter, then counts as written. */
export interface SinkRejection {
  /** Its value is the one that was added, or the document's bytes as they were sent. */
  readonly record: SinkRecord
  /** Why it was refused, as a sentence; it is written to the dead letter. */
  readonly reason: string
  /** A short code in capitals, such as DOCUMENT_INVALID. */
  readonly code: string
}

/** What the runtime gives to a sink when it opens it. */
export interface SinkContext {
  /** The sink's rejects of this interval; the runtime writes the dead letters before the commit. */
  readonly reject: (rejection: SinkRejection) => void
}

/**
 * - `open`: the target takes what it is sent, as far as is known
 * - `delayed`: it did not take something; it is asked again after a backoff
 * - `paused`: the same, and nothing will pass before a person acts: credentials, an index, what it refuses
 */
export type SinkState = 'open' | 'delayed' | 'paused'

/** How one task's sink is, as plain data: for metrics, probes and people. */
export interface SinkStatus {
  /** Whether the target takes documents now. */
  readonly state: SinkState
  /** How long it has been so. */
  readonly stateForMs: number
  /** Documents that are neither written nor rejected. */
  readonly bufferedRecords: number
  /** The size of those documents, in bytes. */
  readonly bufferedBytes: number
  /** How long the oldest of them has waited; 0 when there is none. */
  readonly oldestDocumentMs: number
  /** Requests of this sink in flight. */
  readonly inFlight: number
  /** Requests to the target that failed in a row; 0 when the last one passed. */
  readonly failedTries: number
  /** Of the last failure; undefined while the target takes everything. */
  readonly lastErrorCode: string | undefined
  /** The last failure as a sentence; undefined while the target takes everything. */
  readonly lastError: string | undefined
}

/**
 * The end of a topology outside Kafka. One instance per task; the interval between two commits is the unit of delivery.
 * Delivery is at least once: offsets are committed only after `flush` resolved.
 */
export interface Sink {
  /**
   * Opens connections and checks that the target can be used; rejects with a code that names the target and the fix.
   */
  open(context: SinkContext): Promise<void>
  /** Buffers; synchronous, bounded by `isFull`: the runtime asks it after each record and pauses the partitions. */
  add(record: SinkRecord): void
  /** True while no more documents should be added; the runtime then pauses the partitions of the task. */
  readonly isFull: boolean
  /**
   * Starts writing what is buffered when a batch is due by size or age (`nowMs` is monotonic); never waits, never
   * throws.
   */
  pump(nowMs: number): void
  /**
   * Ends the interval: resolves when each document added so far is written or rejected. Rejects with SINK_BACKPRESSURE
   * (retriable, `details.retryAfterMs`) when the target does not take them before `timeoutMs`, or earlier when waiting
   * is no use: what is buffered stays, `flush` is called again later, offsets wait. Any other code is fatal.
   */
  flush(timeoutMs: number): Promise<void>
  /** Forgets what is buffered (the tasks moved); nothing of it counts as written. */
  discard(): void
  /** Closes connections. What is still buffered is not written and does not count as written. */
  close(): Promise<void>
  /** Its state; synchronous and cheap. A sink without this method is left out of the status of its task. */
  status?(): SinkStatus
}

/** Makes the sink of one task; configured at the composition root, named in a topology by `toSink`. */
export interface SinkFactory {
  /** The name that `toSink` refers to. */
  readonly name: string
  /** Makes the sink of one task, such as `0_3`; the runtime opens and closes it. */
  create(taskId: string): Sink
}
