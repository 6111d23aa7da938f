import { long } from '../serde/primitives.ts'
import type { Serde } from '../serde/serde.ts'
import type { Windowed } from '../stores/port.ts'
import { illegalArgument } from '../topology/build-error.ts'
import type { EmitStrategy } from '../topology/operator-spec.ts'
import { type Aggregator, erased, type Initializer, type Reducer } from './function-types.ts'
import { type Aggregate, aggregateWindows, type Grouping } from './grouped-aggregation.ts'
import type { KTable } from './ktable.ts'
import type { WindowedStoreOptions } from './materialized.ts'
import type { NameOption, OptionsArgument, ValueOption } from './options.ts'
import type { SlidingWindows, TimeWindows } from './windows.ts'

/** A grouped stream cut into windows: each key and window has its own aggregate. */
export class TimeWindowedStream<K, V, HasValue extends boolean = boolean> {
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

  reduce(
    reducer: Reducer<V>,
    ...[options]: OptionsArgument<NameOption & WindowedStoreOptions<K, V> & ValueOption<V, HasValue>>
  ): KTable<Windowed<K>, V, true, true> {
    const { value } = this.#grouping.core
    return this.#aggregate({ aggregation: { kind: 'reduce', reducer: erased(reducer) }, value, options })
  }

  aggregate<VR>(
    initializer: Initializer<VR>,
    aggregator: Aggregator<K, V, VR>,
    options: NameOption & WindowedStoreOptions<K, VR> & { readonly value: Serde<VR> },
  ): KTable<Windowed<K>, VR, true, true> {
    const aggregation = {
      kind: 'aggregate',
      initializer,
      aggregator: erased<Aggregator<unknown, unknown, unknown>>(aggregator),
    } as const
    return this.#aggregate({ aggregation, value: undefined, options })
  }

  #aggregate<VR>(request: Aggregate): KTable<Windowed<K>, VR, true, true> {
    const core = aggregateWindows(this.#grouping, this.#windows, this.#emit, undefined, request)
    return this.#grouping.core.dsl.handles.table(core)
  }
}
