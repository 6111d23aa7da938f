import { long } from '../serde/primitives.ts'
import type { Serde } from '../serde/serde.ts'
import type { Windowed } from '../stores/port.ts'
import type { EmitStrategy, Merger as MergerSpec } from '../topology/operator-spec.ts'
import {
  type Aggregator,
  type AnyFunction,
  erased,
  type Initializer,
  type Merger,
  type Reducer,
} from './function-types.ts'
import { type Aggregate, aggregateWindows, type Grouping } from './grouped-aggregation.ts'
import type { KTable } from './ktable.ts'
import type { WindowedStoreOptions } from './materialized.ts'
import type { MissingSerde, Sync } from './mistake.ts'
import type { NameOption, ValueOption } from './options.ts'
import type { SessionWindows } from './windows.ts'

const addCounts: MergerSpec = (_, left, right) => (left as number) + (right as number)

/** A grouped stream cut into sessions: records of a key no further apart than the gap share an aggregate. When sessions
 * merge, the rows of those before are deleted, which the changes tell as null; on close each is told once. */
export class SessionWindowedStream<K, V, HasValue extends boolean = true, Deleted extends null = null> {
  readonly #grouping: Grouping
  readonly #windows: SessionWindows
  readonly #emit: EmitStrategy

  constructor(grouping: Grouping, windows: SessionWindows, emit: EmitStrategy = 'on-window-update') {
    this.#grouping = grouping
    this.#windows = windows
    this.#emit = emit
  }

  emitStrategy(emit: 'on-window-close'): SessionWindowedStream<K, V, HasValue, never>
  emitStrategy(emit: EmitStrategy): SessionWindowedStream<K, V, HasValue>
  emitStrategy(emit: EmitStrategy): SessionWindowedStream<K, V, HasValue> {
    return new SessionWindowedStream(this.#grouping, this.#windows, emit)
  }

  count(options?: NameOption & WindowedStoreOptions<K, number>): KTable<Windowed<K>, number, true, true, Deleted> {
    return this.#aggregate({ aggregation: { kind: 'count' }, value: long(), options }, addCounts)
  }

  reduce<R extends V | null>(
    reducer: Reducer<V, R> & Sync<R>,
    options: NameOption & Omit<WindowedStoreOptions<K, V>, 'value'> & ValueOption<V, HasValue>,
  ): KTable<Windowed<K>, V, true, true, Deleted | Extract<R, null>>
  reduce<R extends V | null>(
    reducer: Reducer<V, R> & Sync<R> & MissingSerde<'reduce', ValueOption<V, HasValue>>,
  ): KTable<Windowed<K>, V, true, true, Deleted | Extract<R, null>>
  reduce(reducer: AnyFunction, options?: object): unknown {
    const { value } = this.#grouping.core
    const reduce = erased<Reducer<unknown>>(reducer)

    const merger: MergerSpec = (_, left, right) => (left === null || left === undefined ? right : reduce(left, right))
    return this.#aggregate({ aggregation: { kind: 'reduce', reducer: reduce }, value, options }, merger)
  }

  aggregate<VR, R extends VR | null>(
    initializer: Initializer<VR>,
    aggregator: Aggregator<K, V, VR, R> & Sync<R>,
    merger: Merger<K, VR>,
    options: NameOption & WindowedStoreOptions<K, VR> & { readonly value: Serde<VR> },
  ): KTable<Windowed<K>, VR, true, true, Deleted | Extract<R, null>> {
    const aggregation = {
      kind: 'aggregate',
      initializer,
      aggregator: erased<Aggregator<unknown, unknown, unknown>>(aggregator),
    } as const
    return this.#aggregate({ aggregation, value: undefined, options }, erased(merger))
  }

  #aggregate<VR, Gone extends null>(request: Aggregate, merger: MergerSpec): KTable<Windowed<K>, VR, true, true, Gone> {
    const core = aggregateWindows(this.#grouping, this.#windows, this.#emit, merger, request)
    return this.#grouping.core.dsl.handles.table(core)
  }
}
