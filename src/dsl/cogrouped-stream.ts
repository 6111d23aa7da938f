import type { Serde } from '../serde/serde.ts'
import type { Windowed } from '../stores/port.ts'
import type { Aggregator as AggregatorSpec, Merger as MergerSpec } from '../topology/operator-spec.ts'
import { cogroup, type CogroupInput, type CogroupState } from './cogroup-aggregation.ts'
import { type Aggregator, erased, type Initializer, type Merger } from './function-types.ts'
import type { Dsl } from './handles.ts'
import type { KGroupedStream } from './kgrouped-stream.ts'
import type { KTable } from './ktable.ts'
import type { Sync } from './mistake.ts'
import type { KeyValueStoreOptions, WindowedStoreOptions } from './materialized.ts'
import type { NameOption } from './options.ts'
import { aggregationWindows, checkWindows } from './windows.ts'
import type { SessionWindows, SlidingWindows, TimeWindows } from './windows.ts'

/** Grouped streams that feed one aggregate, each with its own aggregator. */
export class CogroupedStream<K, VR> {
  readonly #state: CogroupState

  constructor(dsl: Dsl) {
    this.#state = { dsl, inputs: new Map(), parents: new Map() }
  }

  /** Adds a grouped stream; adding one again replaces its aggregator. */
  cogroup<V, R extends VR | null>(
    grouped: KGroupedStream<K, V, boolean>,
    aggregator: Aggregator<K, V, VR, R> & Sync<R>,
  ): this {
    const input: CogroupInput = grouped.grouping()
    this.#state.inputs.set(input, erased<AggregatorSpec>(aggregator))
    return this
  }

  aggregate(
    initializer: Initializer<VR>,
    options: NameOption & KeyValueStoreOptions<K, VR> & { readonly value: Serde<VR> },
  ): KTable<K, VR, true, true> {
    return this.#state.dsl.handles.table(cogroup(this.#state, undefined, undefined, initializer, options))
  }

  windowedBy(windows: TimeWindows | SlidingWindows): TimeWindowedCogroupedStream<K, VR>
  windowedBy(windows: SessionWindows): SessionWindowedCogroupedStream<K, VR>
  windowedBy(windows: TimeWindows | SlidingWindows | SessionWindows): unknown {
    checkWindows(windows, aggregationWindows)
    if (windows.kind === 'session') return new SessionWindowedCogroupedStream(this.#state, windows)
    return new TimeWindowedCogroupedStream(this.#state, windows)
  }
}

type WindowedOptions<K, VR> = NameOption & WindowedStoreOptions<K, VR> & { readonly value: Serde<VR> }

export class TimeWindowedCogroupedStream<K, VR> {
  readonly #state: CogroupState
  readonly #windows: TimeWindows | SlidingWindows

  constructor(state: CogroupState, windows: TimeWindows | SlidingWindows) {
    this.#state = state
    this.#windows = windows
  }

  aggregate(initializer: Initializer<VR>, options: WindowedOptions<K, VR>): KTable<Windowed<K>, VR, true, true> {
    return this.#state.dsl.handles.table(cogroup(this.#state, this.#windows, undefined, initializer, options))
  }
}

export class SessionWindowedCogroupedStream<K, VR> {
  readonly #state: CogroupState
  readonly #windows: SessionWindows

  constructor(state: CogroupState, windows: SessionWindows) {
    this.#state = state
    this.#windows = windows
  }

  aggregate(
    initializer: Initializer<VR>,
    merger: Merger<K, VR>,
    options: WindowedOptions<K, VR>,
  ): KTable<Windowed<K>, VR, true, true> {
    const core = cogroup(this.#state, this.#windows, erased<MergerSpec>(merger), initializer, options)
    return this.#state.dsl.handles.table(core)
  }
}
