import type { Serde } from '../../serde/serde.ts'
import type { Windowed } from '../../stores/port.ts'
import type { EmitStrategy } from '../../topology/operator-spec.ts'
import type { Aggregator, Initializer, Reducer } from '../function-types.ts'
import type { WindowedStoreOptions } from '../materialized.ts'
import type { MissingSerde, Sync } from '../mistake.ts'
import type { NameOption, ValueOption } from '../common-options.ts'
import type { KTable } from './k-table.ts'

/** A grouped stream divided into windows: each key and window has its own aggregate. */
export interface TimeWindowedStream<K, V, HasValue extends boolean = true> {
  /**
   * When results are emitted: `on-window-update` (the default) emits each change; `on-window-close` emits once
   * per window, when the window accepts no more records. Throws ILLEGAL_ARGUMENT for unlimited windows with
   * `on-window-close`.
   *
   * @example
   * ```ts
   * const final = clicks
   *   .groupByKey()
   *   .windowedBy(tumblingWindows({ sizeMs: minutes(1) }))
   *   .emitStrategy('on-window-close')
   *   .count()
   * ```
   */
  emitStrategy(emit: EmitStrategy): TimeWindowedStream<K, V, HasValue>

  /**
   * Counts the records of each key and window. Records with a null value do not count.
   *
   * @example
   * ```ts
   * const perMinute = clicks.groupByKey().windowedBy(tumblingWindows({ sizeMs: minutes(1) })).count()
   * ```
   */
  count(options?: NameOption & WindowedStoreOptions<K, number>): KTable<Windowed<K>, number, true, true>

  /**
   * Combines the values of each key and window into one value of the same type. A reducer that returns null
   * deletes the row.
   *
   * @example
   * ```ts
   * const largest = orders
   *   .groupByKey()
   *   .windowedBy(hoppingWindows({ sizeMs: minutes(10), advanceMs: minutes(1) }))
   *   .reduce((left, right) => (left.amount > right.amount ? left : right))
   * ```
   */
  reduce<R extends V | null>(
    reducer: Reducer<V, R> & Sync<R>,
    options: NameOption & Omit<WindowedStoreOptions<K, V>, 'value'> & ValueOption<V, HasValue>,
  ): KTable<Windowed<K>, V, true, true, Extract<R, null>>
  reduce<R extends V | null>(
    reducer: Reducer<V, R> & Sync<R> & MissingSerde<'reduce', ValueOption<V, HasValue>>,
  ): KTable<Windowed<K>, V, true, true, Extract<R, null>>

  /**
   * Combines the values of each key and window into an aggregate of any type. An aggregator that returns null deletes the row.
   *
   * @example
   * ```ts
   * const totals = orders.groupByKey().windowedBy(slidingWindows({ timeDifferenceMs: minutes(5) })).aggregate(
   *   () => 0,
   *   (key, order, total) => total + order.amount,
   *   { value: double() },
   * )
   * ```
   */
  aggregate<VR, R extends VR | null>(
    initializer: Initializer<VR>,
    aggregator: Aggregator<K, V, VR, R> & Sync<R>,
    options: NameOption & WindowedStoreOptions<K, VR> & { readonly value: Serde<VR> },
  ): KTable<Windowed<K>, VR, true, true, Extract<R, null>>
}
