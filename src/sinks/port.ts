import type { Headers } from '../core/headers.ts'
import type { SinkPreparation } from './sink-preparation.ts'
import type { SinkVersion } from './sink-version.ts'

/**
 * A document to be written, with its source position, which identifies the document so that a second delivery does no
 * harm.
 */
export interface SinkRecord {
  /** The topic of the source record that led to this document. */
  readonly topic: string
  /** The partition of the source record. */
  readonly partition: number
  /** The offset of the source record. */
  readonly offset: number
  /** Distinguishes several documents of one source record, or of one `identity`; 0 for the first. */
  readonly sequence: number
  /**
   * Given if the document was not caused directly by its source record (a window that closed, a cached result, a
   * punctuation). It then replaces topic, partition and offset, which do not identify this document.
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

/** A document that the target permanently refuses; it becomes a dead letter, and then counts as written. */
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
  /**
   * Called with documents that the target permanently refused; the runtime writes their dead letters before the commit.
   */
  readonly reject: (rejection: SinkRejection) => void
}

/**
 * - `open`: the target accepts documents, as far as is known
 * - `delayed`: it did not accept something; the sink retries after a backoff
 * - `paused`: the same, and a person has to act first: on credentials, on an index, or on documents that are refused
 */
export type SinkState = 'open' | 'delayed' | 'paused'

/** The state of the sink of one task as plain data, for metrics, probes and people. */
export interface SinkStatus {
  /** Whether the target accepts documents now. */
  readonly state: SinkState
  /** How long the sink has been in this state, in milliseconds. */
  readonly stateForMs: number
  /** Documents that are neither written nor rejected. */
  readonly bufferedRecords: number
  /** The size of those documents, in bytes. */
  readonly bufferedBytes: number
  /** How long the oldest of them has waited; 0 when there is none. */
  readonly oldestDocumentMs: number
  /** Requests of this sink in flight. */
  readonly inFlight: number
  /** Requests to the target that failed in a row; 0 if the last one succeeded. */
  readonly failedTries: number
  /** The code of the last failure; undefined while the target accepts everything. */
  readonly lastErrorCode: string | undefined
  /** The last failure as a sentence; undefined while the target accepts everything. */
  readonly lastError: string | undefined
}

/**
 * Writes the records of a topology to a target outside of Kafka. One instance per task; the interval between two
 * commits is the unit of delivery. Delivery is at least once: offsets are committed only after `flush` resolved.
 */
export interface Sink {
  /**
   * Opens connections and checks that the target can be used; rejects with a code that names the target and the fix.
   */
  open(context: SinkContext): Promise<void>
  /** Buffers a document; synchronous. The runtime checks `isFull` after each record and pauses the partitions. */
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
   * (retriable, `details.retryAfterMs`) when the target does not accept them before `timeoutMs`, or earlier if waiting
   * does not help: documents stay buffered, `flush` is called again later, and offsets are not committed. Any other
   * code is fatal.
   */
  flush(timeoutMs: number): Promise<void>
  /** Discards all buffered documents (the tasks moved); none of them counts as written. */
  discard(): void
  /**
   * Closes the connections. Documents that are still buffered are not written and do not count as written.
   */
  close(): Promise<void>
  /** The state of the sink; synchronous and cheap. A sink without this method is left out of the status of its task. */
  status?(): SinkStatus
}

/**
 * What happens when a record is written again, as in a replay.
 * - `idempotent`: the same document is replaced, or left as it is
 * - `append`: it is there twice
 * - `side-effect`: people or systems are notified again
 */
export type OutputClass = 'idempotent' | 'append' | 'side-effect'

/** Where documents of a time go, before the first is written. */
export interface SinkPlaces {
  /** How many indices or files. */
  readonly indices: number
  /** The primary shards of those that do not exist yet; undefined: not known. */
  readonly shards: number | undefined
}

/** Makes the sink of each task. The application registers it, and a topology names it with `toSink`. */
export interface SinkFactory {
  /** The name that `toSink` refers to. */
  readonly name: string
  /**
   * What happens when a replay writes to the sink again. Default: `side-effect`, so a replay writes to it only
   * on request.
   */
  readonly outputClass?: OutputClass
  /** Makes the same sink for a replay: its name ends with the label, and the place that it writes to begins with it. */
  versioned?(label: string): SinkFactory
  /** Of a sink that `versioned` made: what a replay does with its documents; a sink without it is not compared. */
  readonly version?: SinkVersion
  /** How many indices, or files, records of this time go to, and their primary shards; undefined: not known. */
  placesOf?(fromMs: number, toMs: number): SinkPlaces | undefined
  /** What `millrace sinks` does about the target; a sink without it has nothing to prepare. */
  readonly preparation?: SinkPreparation
  /** Makes the sink of one task, such as `0_3`; the runtime opens and closes it. */
  create(taskId: string): Sink
}
