import type { Serde } from '../../serde/serde.ts'
import type { Windowed } from '../../stores/port.ts'
import type { EmitStrategy } from '../../topology/operator-spec.ts'
import type { Aggregator, Initializer, Merger, Reducer } from '../function-types.ts'
import type { WindowedStoreOptions } from '../materialized.ts'
import type { MissingSerde, Sync } from '../mistake.ts'
import type { NameOption, ValueOption } from '../common-options.ts'
import type { KTable } from './k-table.ts'

/**
 * A grouped stream divided into sessions: records of a key that are at most the gap apart share an aggregate. When
 * sessions merge, the rows of the old sessions are deleted, which the changes show as null. With `on-window-close` each
 * session is emitted once.
 */
export interface SessionWindowedStream<K, V, HasValue extends boolean = true, Deleted extends null = null> {
  /**
   * When results are emitted: `on-window-update` (the default) emits each change; `on-window-close` emits once
   * per session, when the session accepts no more records.
   */
  emitStrategy(emit: 'on-window-close'): SessionWindowedStream<K, V, HasValue, never>
  emitStrategy(emit: EmitStrategy): SessionWindowedStream<K, V, HasValue>

  /**
   * Counts the records of each key and session. Records with a null value do not count.
   *
   * @example
   * ```ts
   * const visits = clicks.groupByKey().windowedBy(sessionWindows({ gapMs: minutes(30) })).count()
   * ```
   */
  count(options?: NameOption & WindowedStoreOptions<K, number>): KTable<Windowed<K>, number, true, true, Deleted>

  /**
   * Combines the values of each key and session into one value of the same type. The values of sessions that merge are
   * combined in the same way.
   *
   * @example
   * ```ts
   * const largest = orders
   *   .groupByKey()
   *   .windowedBy(sessionWindows({ gapMs: minutes(30) }))
   *   .reduce((left, right) => (left.amount > right.amount ? left : right))
   * ```
   */
  reduce<R extends V | null>(
    reducer: Reducer<V, R> & Sync<R>,
    options: NameOption & Omit<WindowedStoreOptions<K, V>, 'value'> & ValueOption<V, HasValue>,
  ): KTable<Windowed<K>, V, true, true, Deleted | Extract<R, null>>
  reduce<R extends V | null>(
    reducer: Reducer<V, R> & Sync<R> & MissingSerde<'reduce', ValueOption<V, HasValue>>,
  ): KTable<Windowed<K>, V, true, true, Deleted | Extract<R, null>>

  /**
   * Combines the values of each key and session into an aggregate of any type. The merger combines the aggregates of two
   * sessions that a record brings together.
   *
   * @example
   * ```ts
   * const totals = orders.groupByKey().windowedBy(sessionWindows({ gapMs: minutes(30) })).aggregate(
   *   () => 0,
   *   (key, order, total) => total + order.amount,
   *   (key, left, right) => left + right,
   *   { value: double() },
   * )
   * ```
   */
  aggregate<VR, R extends VR | null>(
    initializer: Initializer<VR>,
    aggregator: Aggregator<K, V, VR, R> & Sync<R>,
    merger: Merger<K, VR>,
    options: NameOption & WindowedStoreOptions<K, VR> & { readonly value: Serde<VR> },
  ): KTable<Windowed<K>, VR, true, true, Deleted | Extract<R, null>>
}
