import { long } from '../serde/primitives.ts'
import type { Serde } from '../serde/serde.ts'
import type { Windowed } from '../stores/port.ts'
import { illegalArgument } from '../topology/build-error.ts'
import type { EmitStrategy } from '../topology/operator-spec.ts'
import { type Aggregator, type AnyFunction, erased, type Initializer, type Reducer } from './function-types.ts'
import { type Aggregate, aggregateWindows, type Grouping } from './grouped-aggregation.ts'
import type { KTable } from './ktable.ts'
import type { WindowedStoreOptions } from './materialized.ts'
import type { MissingSerde, Sync } from './mistake.ts'
import type { NameOption, ValueOption } from './options.ts'
import type { SlidingWindows, TimeWindows } from './windows.ts'

/** A grouped stream cut into windows: each key and window has its own aggregate. */
export class TimeWindowedStream<K, V, HasValue extends boolean = true> {
  readonly #grouping: Grouping
  readonly #windows: TimeWindows | SlidingWindows
  readonly #emit: EmitStrategy

  constructor(grouping: Grouping, windows: TimeWindows | SlidingWindows, emit: EmitStrategy = 'on-window-update') {
    this.#grouping = grouping
    this.#windows = windows
    this.#emit = emit
  }

  /** `on-window-close` emits each window once, when it takes no more records. */
  emitStrategy(emit: EmitStrategy): TimeWindowedStream<K, V, HasValue> {
    if (emit === 'on-window-close' && this.#windows.kind === 'unlimited') {
      throw illegalArgument(
        'Unlimited windows never close, so emitStrategy cannot be on-window-close; use on-window-update',
      )
    }
    return new TimeWindowedStream(this.#grouping, this.#windows, emit)
  }

  count(options?: NameOption & WindowedStoreOptions<K, number>): KTable<Windowed<K>, number, true, true> {
    return this.#aggregate({ aggregation: { kind: 'count' }, value: long(), options })
  }

  reduce<R extends V | null>(
    reducer: Reducer<V, R> & Sync<R>,
    options: NameOption & Omit<WindowedStoreOptions<K, V>, 'value'> & ValueOption<V, HasValue>,
  ): KTable<Windowed<K>, V, true, true, Extract<R, null>>
  reduce<R extends V | null>(
    reducer: Reducer<V, R> & Sync<R> & MissingSerde<'reduce', ValueOption<V, HasValue>>,
  ): KTable<Windowed<K>, V, true, true, Extract<R, null>>
  reduce(reducer: AnyFunction, options?: object): unknown {
    const { value } = this.#grouping.core
    return this.#aggregate({ aggregation: { kind: 'reduce', reducer: erased(reducer) }, value, options })
  }

  aggregate<VR, R extends VR | null>(
    initializer: Initializer<VR>,
    aggregator: Aggregator<K, V, VR, R> & Sync<R>,
    options: NameOption & WindowedStoreOptions<K, VR> & { readonly value: Serde<VR> },
  ): KTable<Windowed<K>, VR, true, true, Extract<R, null>> {
    const aggregation = {
      kind: 'aggregate',
      initializer,
      aggregator: erased<Aggregator<unknown, unknown, unknown>>(aggregator),
    } as const
    return this.#aggregate({ aggregation, value: undefined, options })
  }

  #aggregate<VR, Deleted extends null>(request: Aggregate): KTable<Windowed<K>, VR, true, true, Deleted> {
    const core = aggregateWindows(this.#grouping, this.#windows, this.#emit, undefined, request)
    return this.#grouping.core.dsl.handles.table(core)
  }
}
