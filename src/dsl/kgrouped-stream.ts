import { long } from '../serde/primitives.ts'
import type { Serde } from '../serde/serde.ts'
import { CogroupedStream } from './cogrouped-stream.ts'
import { type Aggregator, type AnyFunction, erased, type Initializer, type Reducer } from './function-types.ts'
import { aggregateStream, type Grouping } from './grouped-aggregation.ts'
import type { StreamCore, TableCore } from './handles.ts'
import type { KStream } from './kstream.ts'
import type { KTable } from './ktable.ts'
import type { KeyValueStoreOptions } from './materialized.ts'
import type { MissingSerde, Sync } from './mistake.ts'
import type { NameOption, ValueOption } from './options.ts'
import { SessionWindowedStream } from './session-windowed-stream.ts'
import { TimeWindowedStream } from './time-windowed-stream.ts'
import { aggregationWindows, checkWindows } from './windows.ts'
import type { SessionWindows, SlidingWindows, TimeWindows } from './windows.ts'

export interface GroupedStreamCore extends StreamCore {
  /** Name of the grouping: of its repartition topic, if there is one. */
  readonly topicName: string | undefined
}

export interface WindowedByOptions<K, V, HasValue extends boolean = true> {
  /**
   * Takes the stream of records that no window takes any more; they are not counted as dropped. Called once for each
   * aggregation, which gives its name, with `-late` behind it, to the stream's node.
   */
  readonly late?: ((late: KStream<K, V, true, HasValue>) => void) | undefined
}

/** A stream grouped by key, to be aggregated as a whole or by windows. */
export class KGroupedStream<K, V, HasValue extends boolean = true> {
  readonly #grouping: Grouping

  constructor(core: GroupedStreamCore) {
    this.#grouping = { core, memo: { place: undefined } }
  }

  /** Records with a null value do not count. */
  count(options?: NameOption & KeyValueStoreOptions<K, number>): KTable<K, number, true, true> {
    return this.#table(aggregateStream(this.#grouping, { aggregation: { kind: 'count' }, value: long(), options }))
  }

  reduce<R extends V | null>(
    reducer: Reducer<V, R> & Sync<R>,
    options: NameOption & Omit<KeyValueStoreOptions<K, V>, 'value'> & ValueOption<V, HasValue>,
  ): KTable<K, V, true, true, Extract<R, null>>
  reduce<R extends V | null>(
    reducer: Reducer<V, R> & Sync<R> & MissingSerde<'reduce', ValueOption<V, HasValue>>,
  ): KTable<K, V, true, true, Extract<R, null>>
  reduce(reducer: AnyFunction, options?: object): unknown {
    const { value } = this.#grouping.core
    return this.#table(
      aggregateStream(this.#grouping, { aggregation: { kind: 'reduce', reducer: erased(reducer) }, value, options }),
    )
  }

  /** An aggregator that returns null deletes the row. */
  aggregate<VR, R extends VR | null>(
    initializer: Initializer<VR>,
    aggregator: Aggregator<K, V, VR, R> & Sync<R>,
    options: NameOption & KeyValueStoreOptions<K, VR> & { readonly value: Serde<VR> },
  ): KTable<K, VR, true, true, Extract<R, null>> {
    const aggregation = {
      kind: 'aggregate',
      initializer,
      aggregator: erased<Aggregator<unknown, unknown, unknown>>(aggregator),
    } as const
    return this.#table(aggregateStream(this.#grouping, { aggregation, value: undefined, options }))
  }

  windowedBy(
    windows: TimeWindows | SlidingWindows,
    options?: WindowedByOptions<K, V, HasValue>,
  ): TimeWindowedStream<K, V, HasValue>
  windowedBy(
    windows: SessionWindows,
    options?: WindowedByOptions<K, V, HasValue>,
  ): SessionWindowedStream<K, V, HasValue>
  windowedBy(
    windows: TimeWindows | SlidingWindows | SessionWindows,
    options?: WindowedByOptions<K, V, HasValue>,
  ): unknown {
    checkWindows(windows, aggregationWindows)
    const grouping = this.#withLate(options?.late)
    if (windows.kind === 'session') return new SessionWindowedStream(grouping, windows)
    return new TimeWindowedStream(grouping, windows)
  }

  #withLate(late: WindowedByOptions<K, V, HasValue>['late']): Grouping {
    if (late === undefined) return this.#grouping
    const { handles } = this.#grouping.core.dsl
    return { ...this.#grouping, late: (core) => late(handles.stream(core)) }
  }

  /** Starts an aggregate that several grouped streams feed. */
  cogroup<VR>(aggregator: Aggregator<K, V, VR>): CogroupedStream<K, VR> {
    return new CogroupedStream<K, VR>(this.#grouping.core.dsl).cogroup(this, aggregator as never)
  }

  /** @internal */
  grouping(): Grouping {
    return this.#grouping
  }

  #table<VR, Deleted extends null>(core: TableCore): KTable<K, VR, true, true, Deleted> {
    return this.#grouping.core.dsl.handles.table(core)
  }
}
