import type { Serde } from '../../serde/serde.ts'
import type { Aggregator, Initializer, Reducer } from '../function-types.ts'
import type { KeyValueStoreOptions } from '../materialized.ts'
import type { MissingSerde, Sync } from '../mistake.ts'
import type { NameOption, ValueOption } from '../common-options.ts'
import type { SessionWindows, SlidingWindows, TimeWindows } from '../window-definitions.ts'
import type { CogroupedStream } from './cogrouped-stream.ts'
import type { KStream } from './k-stream.ts'
import type { KTable } from './k-table.ts'
import type { SessionWindowedStream } from './session-windowed-stream.ts'
import type { TimeWindowedStream } from './time-windowed-stream.ts'

/** Options of `windowedBy`. */
export interface WindowedByOptions<K, V, HasValue extends boolean = true> {
  /**
   * Called with the stream of records that are too late for every window; they are not counted as dropped. Called once
   * for each aggregation. The stream's node is named after the aggregation, with the suffix `-late`.
   */
  readonly late?: ((late: KStream<K, V, true, HasValue>) => void) | undefined
}

/** A stream grouped by key, to be aggregated as a whole or by windows. */
export interface KGroupedStream<K, V, HasValue extends boolean = true> {
  /**
   * Counts the records of each key. Records with a null value do not count. The result is a table with a store; changes
   * reach it at the commit or when the record cache is full, unless caching is off.
   *
   * @example
   * ```ts
   * const counts = clicks.groupByKey().count({ store: 'clicks' })
   * ```
   */
  count(options?: NameOption & KeyValueStoreOptions<K, number>): KTable<K, number, true, true>

  /**
   * Combines the values of each key into one value of the same type; the first value of a key is the first
   * result. A reducer that
   * returns null deletes the row. Records with a null value are dropped.
   *
   * @example
   * ```ts
   * const largest = orders.groupByKey().reduce((left, right) => (left.amount > right.amount ? left : right))
   * ```
   */
  reduce<R extends V | null>(
    reducer: Reducer<V, R> & Sync<R>,
    options: NameOption & Omit<KeyValueStoreOptions<K, V>, 'value'> & ValueOption<V, HasValue>,
  ): KTable<K, V, true, true, Extract<R, null>>
  reduce<R extends V | null>(
    reducer: Reducer<V, R> & Sync<R> & MissingSerde<'reduce', ValueOption<V, HasValue>>,
  ): KTable<K, V, true, true, Extract<R, null>>

  /**
   * Combines the values of each key into an aggregate of any type, beginning with the result of the initializer. An
   * aggregator that returns null deletes the row. It must return a new aggregate and leave the old one as it is.
   * Records with a null key or value are dropped.
   *
   * @example
   * ```ts
   * const totals = orders.groupByKey().aggregate(
   *   () => 0,
   *   (key, order, total) => total + order.amount,
   *   { value: double(), store: 'totals' },
   * )
   * ```
   */
  aggregate<VR, R extends VR | null>(
    initializer: Initializer<VR>,
    aggregator: Aggregator<K, V, VR, R> & Sync<R>,
    options: NameOption & KeyValueStoreOptions<K, VR> & { readonly value: Serde<VR> },
  ): KTable<K, VR, true, true, Extract<R, null>>

  /**
   * Divides the groups into time windows: tumbling, hopping, sliding, session or unlimited ones. Records that arrive
   * after a window's grace are dropped and counted; with the option `late` they go to a separate stream.
   *
   * @example
   * ```ts
   * const perMinute = clicks.groupByKey().windowedBy(tumblingWindows({ sizeMs: minutes(1) })).count()
   * ```
   */
  windowedBy(
    windows: TimeWindows | SlidingWindows,
    options?: WindowedByOptions<K, V, HasValue>,
  ): TimeWindowedStream<K, V, HasValue>
  windowedBy(
    windows: SessionWindows,
    options?: WindowedByOptions<K, V, HasValue>,
  ): SessionWindowedStream<K, V, HasValue>

  /**
   * Starts an aggregate that several grouped streams with equal keys feed, each with its own aggregator.
   *
   * @example
   * ```ts
   * const seen = clicks
   *   .groupByKey()
   *   .cogroup((key, click, count: number) => count + 1)
   *   .aggregate(() => 0, { value: long(), store: 'seen' })
   * ```
   */
  cogroup<VR>(aggregator: Aggregator<K, V, VR>): CogroupedStream<K, VR>
}
