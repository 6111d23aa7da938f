import type { Headers } from '../core/headers.ts'
import type { NoPromise } from '../core/no-promise.ts'
import type { StateStore } from '../stores/port.ts'
import type { StoreSpec } from '../stores/store-spec.ts'
import type { ProcessorMetrics } from './processor-metrics.ts'

/** A record as processors see it; immutable. */
export interface StreamRecord<K, V> {
  readonly key: K
  readonly value: V
  readonly timestamp: number
  readonly headers: Headers
}

/** A record that a processor sends on; without headers it has none. */
export interface ForwardedRecord<K, V> extends Omit<StreamRecord<K, V>, 'headers'> {
  readonly headers?: Headers | undefined
}

/** Where the current record was read. */
export interface RecordMetadata {
  /** '' in a punctuation, which is no record's doing (null in Kafka Streams); partition and offset are -1 then. */
  readonly topic: string
  readonly partition: number
  readonly offset: number
}

export interface Punctuation {
  cancel(): void
}

export interface PunctuationOptions {
  /**
   * The first time, and the others are whole intervals from it (KIP-1146). One that is past is not made up for: the
   * next on the grid is the first. Without it the wall clock begins with an interval, and stream time with the first
   * record.
   */
  readonly startTimeMs?: number | undefined
}

/** What a processor may do; valid from `init` to `close`. */
export interface ProcessorContext<KOut, VOut> {
  readonly applicationId: string
  readonly taskId: string
  /** Counters and gauges that show with the metrics of the application. */
  readonly metrics: ProcessorMetrics
  /** The settings of the application, complete and frozen. */
  readonly appConfigs: Readonly<Record<string, unknown>>
  /**
   * Where the task may keep its own files, created when it is first read; undefined where state is in memory. They are
   * not restored elsewhere, and deleted when the task has moved away or its state is damaged. Throws
   * STATE_DIRECTORY_UNUSABLE (retriable).
   */
  readonly stateDirectory: string | undefined
  /** To all children, or to the one named. Throws UNKNOWN_CHILD. */
  forward(record: ForwardedRecord<KOut, VOut>, child?: string): void
  getStateStore<S extends StateStore>(name: string): S
  /** Throws PUNCTUATION_INTERVAL, PUNCTUATION_TYPE, PUNCTUATION_CALLBACK and PUNCTUATION_START (fatal). */
  schedule(
    intervalMs: number,
    type: 'stream-time' | 'wall-clock-time',
    callback: (timestampMs: number) => NoPromise,
    options?: PunctuationOptions,
  ): Punctuation
  commit(): void
  recordMetadata(): RecordMetadata | undefined
  currentStreamTimeMs(): number
  currentSystemTimeMs(): number
}

export interface Processor<KIn, VIn, KOut, VOut> {
  init?(context: ProcessorContext<KOut, VOut>): NoPromise
  process(record: StreamRecord<KIn, VIn>): NoPromise
  /**
   * Extension: called first in every commit, after the records that the commit covers. Forwards what was held back of
   * them: what is still held afterwards is lost with the process, because its offsets are committed. There is no
   * current record, and what it throws goes to the processing handler.
   */
  beforeCommit?(): NoPromise
  close?(): NoPromise
}

/** A processor that cannot change the key: what it forwards keeps key and partitioning. */
export interface FixedKeyProcessorContext<K, VOut> extends Omit<ProcessorContext<K, VOut>, 'forward'> {
  forward(record: ForwardedRecord<K, VOut>, child?: string): void
}

export interface FixedKeyProcessor<K, VIn, VOut> {
  init?(context: FixedKeyProcessorContext<K, VOut>): NoPromise
  process(record: StreamRecord<K, VIn>): NoPromise
  /** Extension: as `Processor.beforeCommit`. */
  beforeCommit?(): NoPromise
  close?(): NoPromise
}

/** Makes one processor a task; `stores` are added to the topology and connected. */
export interface ProcessorSupplier<KIn, VIn, KOut, VOut> {
  create(): Processor<KIn, VIn, KOut, VOut>
  readonly stores?: readonly StoreSpec[]
}

export interface FixedKeyProcessorSupplier<K, VIn, VOut> {
  create(): FixedKeyProcessor<K, VIn, VOut>
  readonly stores?: readonly StoreSpec[]
}

/** The erased forms that frozen specs carry. */
export type AnyProcessorSupplier = ProcessorSupplier<unknown, unknown, unknown, unknown>
export type AnyFixedKeyProcessorSupplier = FixedKeyProcessorSupplier<unknown, unknown, unknown>
