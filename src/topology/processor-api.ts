import type { Headers } from '../core/headers.ts'
import type { NoPromise } from '../core/no-promise.ts'
import type { StateStore } from '../stores/port.ts'
import type { StoreSpec } from '../stores/store-spec.ts'
import type { ProcessorMetrics } from './processor-metrics.ts'

/** A record as processors see it; immutable. */
export interface StreamRecord<K, V> {
  /** The deserialized key. */
  readonly key: K
  /** The deserialized value. */
  readonly value: V
  /** The time of the record, in milliseconds since the epoch. */
  readonly timestamp: number
  /** The headers of the record. */
  readonly headers: Headers
}

/** A record that a processor forwards; `headers` can be left out. */
export interface ForwardedRecord<K, V> extends Omit<StreamRecord<K, V>, 'headers'> {
  /** Headers of the record. Default: none. */
  readonly headers?: Headers | undefined
}

/** Where the current record was read. */
export interface RecordMetadata {
  /**
   * The topic of the record; '' in a punctuation, which has no record (null in Kafka Streams). Partition and offset are
   * -1 then.
   */
  readonly topic: string
  /** The partition that the record was read from. */
  readonly partition: number
  /** The offset of the record in its partition. */
  readonly offset: number
}

/** A scheduled call, returned by `schedule`. */
export interface Punctuation {
  /** Stops the calls. It may be called more than once. */
  cancel(): void
}

/** Options of `schedule`. */
export interface PunctuationOptions {
  /**
   * The time of the first call; the next calls follow, one per interval (KIP-1146). Times in the past are skipped.
   * Default: on the wall clock the first call comes after one interval, in stream time with the first record.
   */
  readonly startTimeMs?: number | undefined
}

/** The services that a processor may use; valid from `init` to `close`. */
export interface ProcessorContext<KOut, VOut> {
  /** The `applicationId` of the settings. */
  readonly applicationId: string
  /** The task that the processor runs in, such as `0_3`: subtopology and partition. */
  readonly taskId: string
  /** Counters and gauges that appear among the metrics of the application. */
  readonly metrics: ProcessorMetrics
  /** The settings of the application, complete and frozen. */
  readonly appConfigs: Readonly<Record<string, unknown>>
  /**
   * A directory for files of the task, created when this property is first read; undefined if state is in memory. The
   * files are not restored in another process; they are deleted when the task has moved away or its state is damaged.
   * Throws STATE_DIRECTORY_UNUSABLE (retriable).
   */
  readonly stateDirectory: string | undefined
  /** Forwards a record to all children, or to the named child. Throws UNKNOWN_CHILD. */
  forward(record: ForwardedRecord<KOut, VOut>, child?: string): void
  /**
   * A store that is connected to this processor, or a global one. Throws STORE_NOT_CONNECTED (fatal) for any other
   * name.
   */
  getStateStore<S extends StateStore>(name: string): S
  /** Throws PUNCTUATION_INTERVAL, PUNCTUATION_TYPE, PUNCTUATION_CALLBACK and PUNCTUATION_START (fatal). */
  schedule(
    intervalMs: number,
    type: 'stream-time' | 'wall-clock-time',
    callback: (timestampMs: number) => NoPromise,
    options?: PunctuationOptions,
  ): Punctuation
  /** Asks for a commit soon, before `commitIntervalMs` is over. The call returns before the commit begins. */
  commit(): void
  /** Topic, partition and offset of the record in progress; undefined when there is none, such as in `init`. */
  recordMetadata(): RecordMetadata | undefined
  /** The highest record timestamp that the task has processed, in milliseconds since the epoch; -1 before the first. */
  currentStreamTimeMs(): number
  /** Wall-clock time in milliseconds since the epoch; under test, the time of the test's clock. */
  currentSystemTimeMs(): number
  /**
   * Extension: whether the task has processed every record that its input partitions hold, as far as the last fetch of
   * each of them shows: none waits in the task, such as for a sink that is full, and no asynchronous call is open.
   * False while a broker does not answer, and in `process`, whose record counts as one that waits.
   */
  isCaughtUp(): boolean
}

/**
 * Logic that no built-in operator covers, with state stores, punctuations and access to headers. All calls are
 * synchronous.
 *
 * @example
 * ```ts
 * class Total implements Processor<string, { readonly amount: number }, string, number> {
 *   context!: ProcessorContext<string, number>
 *   total = 0
 *   init(context: ProcessorContext<string, number>) {
 *     this.context = context
 *   }
 *   process(record: { key: string; value: { readonly amount: number }; timestamp: number }) {
 *     this.total += record.value.amount
 *     this.context.forward({ key: record.key, value: this.total, timestamp: record.timestamp })
 *   }
 * }
 * const totals = orders.process({ create: () => new Total() })
 * ```
 */
export interface Processor<KIn, VIn, KOut, VOut> {
  /** Called once before the first record. Store the context, get the stores, and schedule punctuations here. */
  init?(context: ProcessorContext<KOut, VOut>): NoPromise
  /**
   * Called for each record, synchronously. It may forward any number of records. An error goes to the processing
   * handler.
   */
  process(record: StreamRecord<KIn, VIn>): NoPromise
  /**
   * Extension: called as the first step of every commit, after the records that the commit covers. Forward here what
   * you have held back. Records that are still held back afterwards are lost if the process ends, because
   * their offsets are committed. There is no current record. An error goes to the processing handler.
   */
  beforeCommit?(): NoPromise
  /**
   * Extension: called when a commit has succeeded: the stores as `beforeCommit` left them are durable. Forward here what
   * must not leave before the decision about it is durable; keep the decision in a store until then. What is
   * forwarded or written to stores here belongs to the next interval: after a crash it may be forwarded once more, by
   * the next owner. It is not called after the last commit of a task that closes; the next owner finds in its stores what
   * is left, and asks for a commit in `init`. There is no current record. An error goes to the processing handler.
   */
  afterCommit?(): NoPromise
  /** Called once when the task closes, to release what `init` opened. */
  close?(): NoPromise
}

/** A processor that cannot change the key: what it forwards keeps key and partitioning. */
export interface FixedKeyProcessorContext<K, VOut> extends Omit<ProcessorContext<K, VOut>, 'forward'> {
  /**
   * Forwards `{ ...record, value }` to all children, or to the named child. Throws FIXED_KEY_CHANGED (record) for a
   * record that was not made from an input record or that has another key, and UNKNOWN_CHILD.
   */
  forward(record: ForwardedRecord<K, VOut>, child?: string): void
}

/** A processor that may change the value of a record, but not its key. */
export interface FixedKeyProcessor<K, VIn, VOut> {
  /** Called once before the first record. Store the context, get the stores, and schedule punctuations here. */
  init?(context: FixedKeyProcessorContext<K, VOut>): NoPromise
  /** Called for each record, synchronously. An error goes to the processing handler. */
  process(record: StreamRecord<K, VIn>): NoPromise
  /** Extension: as `Processor.beforeCommit`. */
  beforeCommit?(): NoPromise
  /** Extension: as `Processor.afterCommit`. */
  afterCommit?(): NoPromise
  /** Called once when the task closes, to release what `init` opened. */
  close?(): NoPromise
}

/** Makes one processor per task; `stores` are added to the topology and connected. */
export interface ProcessorSupplier<KIn, VIn, KOut, VOut> {
  /** Returns a new processor; called once for each task, so no state is shared. */
  create(): Processor<KIn, VIn, KOut, VOut>
  /** Stores that only this processor uses, added and connected automatically. Default: none. */
  readonly stores?: readonly StoreSpec[]
}

/** Makes one processor per task; `stores` are added to the topology and connected. */
export interface FixedKeyProcessorSupplier<K, VIn, VOut> {
  /** Returns a new processor; called once for each task, so no state is shared. */
  create(): FixedKeyProcessor<K, VIn, VOut>
  /** Stores that only this processor uses, added and connected automatically. Default: none. */
  readonly stores?: readonly StoreSpec[]
}

/** The erased forms that frozen specs carry. */
export type AnyProcessorSupplier = ProcessorSupplier<unknown, unknown, unknown, unknown>
export type AnyFixedKeyProcessorSupplier = FixedKeyProcessorSupplier<unknown, unknown, unknown>
