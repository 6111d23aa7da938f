import type { Serde } from '../../serde/serde.ts'
import type { Windowed } from '../../stores/port.ts'
import type { Aggregator, Initializer, Merger } from '../function-types.ts'
import type { KeyValueStoreOptions, WindowedStoreOptions } from '../materialized.ts'
import type { Sync } from '../mistake.ts'
import type { NameOption } from '../common-options.ts'
import type { SessionWindows, SlidingWindows, TimeWindows } from '../window-definitions.ts'
import type { KGroupedStream } from './k-grouped-stream.ts'
import type { KTable } from './k-table.ts'

/** Grouped streams that feed one aggregate, each with its own aggregator. */
export interface CogroupedStream<K, VR> {
  /** Adds a grouped stream. If the same stream is added again, the new aggregator replaces the old one. */
  cogroup<V, R extends VR | null>(
    grouped: KGroupedStream<K, V, boolean>,
    aggregator: Aggregator<K, V, VR, R> & Sync<R>,
  ): this

  /** Returns the table: the aggregate of each key, beginning with the result of the initializer. */
  aggregate(
    initializer: Initializer<VR>,
    options: NameOption & KeyValueStoreOptions<K, VR> & { readonly value: Serde<VR> },
  ): KTable<K, VR, true, true>

  /** Divides the aggregate into time windows. */
  windowedBy(windows: TimeWindows | SlidingWindows): TimeWindowedCogroupedStream<K, VR>
  windowedBy(windows: SessionWindows): SessionWindowedCogroupedStream<K, VR>
}

type WindowedOptions<K, VR> = NameOption & WindowedStoreOptions<K, VR> & { readonly value: Serde<VR> }

/** Grouped streams that feed one aggregate for each window. */
export interface TimeWindowedCogroupedStream<K, VR> {
  /** Returns the table: the aggregate of each key and window, beginning with the result of the initializer. */
  aggregate(initializer: Initializer<VR>, options: WindowedOptions<K, VR>): KTable<Windowed<K>, VR, true, true>
}

/** Grouped streams that feed one aggregate for each session. */
export interface SessionWindowedCogroupedStream<K, VR> {
  /**
   * Returns the table: the aggregate of each key and session. The merger combines sessions that a record brings
   * together.
   */
  aggregate(
    initializer: Initializer<VR>,
    merger: Merger<K, VR>,
    options: WindowedOptions<K, VR>,
  ): KTable<Windowed<K>, VR, true, true>
}
