import type { StreamPartitioner, TopicNameExtractor } from '../topology/node.ts'
import type { KeyMapper, OperatorSpec } from '../topology/operator-spec.ts'
import type { FixedKeyProcessorSupplier, ProcessorSupplier } from '../topology/processor.ts'
import { type AsyncValueMapper, type MapAsyncOptions, mapStreamValuesAsync } from './async-map-values.ts'
import { BranchedStream } from './branched-stream.ts'
import { type DeduplicateOptions, deduplicateStream } from './deduplicate.ts'
import { type AnyFunction, erased, joinerKeyFirst, keyFirst } from './function-types.ts'
import type {
  Action,
  KeyGuard,
  KeyValueMapper,
  Predicate,
  ValueGuard,
  ValueJoiner,
  ValueMapper,
} from './function-types.ts'
import { GlobalTable } from './global-table.ts'
import type { StreamCore } from './handles.ts'
import type { KGroupedStream } from './kgrouped-stream.ts'
import type { AnyTableOf } from './ktable.ts'
import type { KTable } from './ktable.ts'
import type { KeyValueStoreOptions } from './materialized.ts'
import type { KeyOption, NameOption, SerdeFor, ValueOption } from './options.ts'
import type {
  JoinWithoutOptions,
  MergeMistake,
  MissingSerde,
  Mistake,
  Mistaken,
  OuterJoinMistake,
  StreamJoinMistake,
  Sync,
} from './mistake.ts'
import { type JoinRepartition, repartitionStream } from './repartitioned.ts'
import { groupByCurrentKey, groupByKeyMapped } from './stream-grouping.ts'
import { type JoinSide, joinStreams, type StreamJoinSettings } from './stream-join.ts'
import { appendOperator, type Effect, mergeStreams } from './stream-operators.ts'
import { type ProcessOptions, processStream, processStreamValues } from './stream-process.ts'
import { sinkStream, sinkStreamExternally } from './stream-sink.ts'
import { joinStreamGlobalTable, joinStreamTable, type StreamTableJoinSettings } from './stream-table-join.ts'
import { streamToTable } from './stream-to-table.ts'
import type { JoinWindows } from './windows.ts'

/** Options of a stream-stream join; serdes only where they are not known. */
export type StreamJoinOptions<
  K,
  V,
  VO,
  HasKey extends boolean,
  HasValue extends boolean,
  HasOther extends boolean,
> = Omit<StreamJoinSettings, 'key' | 'value' | 'otherValue' | 'windows'> & {
  readonly windows: JoinWindows
} & KeyOption<K, HasKey> &
  ValueOption<V, HasValue> &
  ([HasOther] extends [true]
    ? { readonly otherValue?: SerdeFor<VO> | undefined }
    : { readonly otherValue: SerdeFor<VO> })

/** Options of a stream-table join; a stream whose key has changed goes through a topic, and needs the serdes it lost. */
export type StreamTableJoinOptions<
  K,
  V,
  HasKey extends boolean = boolean,
  HasValue extends boolean = boolean,
> = NameOption & {
  /** Records wait so long for the table to catch up. Needs a versioned table. */
  readonly graceMs?: number | undefined
} & ([HasKey] extends [true]
    ? { readonly key?: SerdeFor<K> | undefined; readonly value?: SerdeFor<V> | undefined }
    : KeyOption<K, HasKey> & ValueOption<V, HasValue>)

export interface ToOptions<K = never, V = never> extends NameOption {
  readonly partitioner?: StreamPartitioner<K, V> | undefined
}

/** A topic, or a function that chooses one for each record. */
export type TopicChoice<K, V> = string | TopicNameExtractor<K, V>

/**
 * A stream of records. Every method appends to the builder's graph and returns a new handle; nothing runs.
 *
 * `HasKey` and `HasValue` say whether the serdes of key and value are known here: a source knows them, a mapping loses
 * them. Where one is needed and lost, its option is required. A type that leaves them out is that of a stream whose
 * serdes are known; `KStream<K, V, boolean, boolean>` is any.
 */
export class KStream<K, V, HasKey extends boolean = true, HasValue extends boolean = true> {
  readonly kind = 'stream'
  readonly #core: StreamCore
  readonly #joinRepartition: JoinRepartition = { place: undefined }
  /** Never set: keeps streams of different types apart. */
  declare readonly types: { readonly key: K; readonly value: V }
  /** Never set: keeps streams with known serdes apart from those that have lost one. */
  declare readonly knowsSerdes: { readonly key: HasKey; readonly value: HasValue }

  constructor(core: StreamCore) {
    this.#core = core
  }

  filter<Kept extends V>(predicate: ValueGuard<K, V, Kept>, options?: NameOption): KStream<K, Kept, HasKey, HasValue>
  filter<Kept extends K>(predicate: KeyGuard<K, V, Kept>, options?: NameOption): KStream<Kept, V, HasKey, HasValue>
  filter(predicate: Predicate<K, V>, options?: NameOption): KStream<K, V, HasKey, HasValue>
  filter(predicate: Predicate<K, V>, options?: NameOption): unknown {
    return this.#append(
      'KSTREAM-FILTER-',
      { kind: 'filter', predicate: erased(predicate), not: false },
      'keeps',
      options,
    )
  }

  filterNot<Dropped extends V>(
    predicate: ValueGuard<K, V, Dropped>,
    options?: NameOption,
  ): KStream<K, Exclude<V, Dropped>, HasKey, HasValue>
  filterNot<Dropped extends K>(
    predicate: KeyGuard<K, V, Dropped>,
    options?: NameOption,
  ): KStream<Exclude<K, Dropped>, V, HasKey, HasValue>
  filterNot(predicate: Predicate<K, V>, options?: NameOption): KStream<K, V, HasKey, HasValue>
  filterNot(predicate: Predicate<K, V>, options?: NameOption): unknown {
    return this.#append(
      'KSTREAM-FILTER-',
      { kind: 'filter', predicate: erased(predicate), not: true },
      'keeps',
      options,
    )
  }

  map<KR, VR>(
    mapper: KeyValueMapper<K, V, readonly [KR, VR]> & Sync<KR | VR>,
    options?: NameOption,
  ): KStream<KR, VR, false, false> {
    return this.#append('KSTREAM-MAP-', { kind: 'map', mapper: erased(mapper) }, 'changes-both', options)
  }

  mapValues<VR>(mapper: ValueMapper<K, V, VR> & Sync<VR>, options?: NameOption): KStream<K, VR, HasKey, false> {
    return this.#append(
      'KSTREAM-MAPVALUES-',
      { kind: 'map-values', mapper: keyFirst(mapper) },
      'changes-value',
      options,
    )
  }

  /** Awaits each mapping with bounded concurrency; records with equal keys stay in order. */
  mapValuesAsync<VR>(mapper: AsyncValueMapper<K, V, VR>, options?: MapAsyncOptions): KStream<K, VR, HasKey, false> {
    return this.#stream(
      mapStreamValuesAsync(this.#core, mapper as AsyncValueMapper<unknown, unknown, unknown>, options),
    )
  }

  selectKey<KR>(mapper: KeyValueMapper<K, V, KR> & Sync<KR>, options?: NameOption): KStream<KR, V, false, HasValue> {
    return this.#append('KSTREAM-KEY-SELECT-', { kind: 'select-key', mapper: erased(mapper) }, 'changes-key', options)
  }

  flatMap<KR, VR>(
    mapper: KeyValueMapper<K, V, Iterable<readonly [KR, VR]>> & Sync<KR | VR>,
    options?: NameOption,
  ): KStream<KR, VR, false, false> {
    return this.#append('KSTREAM-FLATMAP-', { kind: 'flat-map', mapper: erased(mapper) }, 'changes-both', options)
  }

  flatMapValues<VR>(
    mapper: ValueMapper<K, V, Iterable<VR>> & Sync<VR>,
    options?: NameOption,
  ): KStream<K, VR, HasKey, false> {
    return this.#append(
      'KSTREAM-FLATMAPVALUES-',
      { kind: 'flat-map-values', mapper: keyFirst(mapper) },
      'changes-value',
      options,
    )
  }

  peek(action: Action<K, V>, options?: NameOption): KStream<K, V, HasKey, HasValue> {
    return this.#append('KSTREAM-PEEK-', { kind: 'peek', action: erased(action), forward: true }, 'keeps', options)
  }

  foreach(action: Action<K, V>, options?: NameOption): void {
    this.#append('KSTREAM-FOREACH-', { kind: 'peek', action: erased(action), forward: false }, 'keeps', options)
  }

  /** Records of both, in no order between them. */
  merge(other: KStream<K, V, boolean, boolean>, options?: NameOption): KStream<K, V, HasKey, HasValue>
  merge<Other>(other: Other & MergeMistake<Other>, options?: NameOption): this
  merge(other: unknown, options?: NameOption): unknown {
    return this.#stream(mergeStreams(this.#core, (other as KStream<K, V>).side().core, options))
  }

  split(options?: NameOption): BranchedStream<K, V, HasKey, HasValue> {
    return new BranchedStream(this.#core, options)
  }

  /** Drops records whose id was seen before, within a time. */
  deduplicate<Id>(options: DeduplicateOptions<K, V, Id>): KStream<K, V, HasKey, HasValue> {
    return this.#stream(deduplicateStream(this.#core, options as DeduplicateOptions<unknown, unknown, unknown>))
  }

  process<KR, VR>(supplier: ProcessorSupplier<K, V, KR, VR>, options?: ProcessOptions): KStream<KR, VR, false, false> {
    return this.#stream(processStream(this.#core, supplier, options))
  }

  processValues<VR>(
    supplier: FixedKeyProcessorSupplier<K, V, VR>,
    options?: ProcessOptions,
  ): KStream<K, VR, HasKey, false> {
    return this.#stream(processStreamValues(this.#core, supplier, options))
  }

  /** Sends the records through a topic, partitioned by their key. */
  repartition(options: RepartitionOptions<K, V, HasKey, HasValue>): KStream<K, V, true, true>
  repartition(this: MissingSerde<'repartition', RepartitionOptions<K, V, HasKey, HasValue>>): KStream<K, V, true, true>
  repartition(options?: object): unknown {
    return this.#stream(repartitionStream(this.#core, options))
  }

  groupBy<KR>(
    mapper: KeyValueMapper<K, V, KR> & Sync<KR>,
    options: NameOption & { readonly key: SerdeFor<KR> } & ValueOption<V, HasValue>,
  ): KGroupedStream<KR, V, true>
  groupBy(
    mapper: KeyValueMapper<K, V, unknown> & Mistake<'groupBy: the serde of the new key is missing: give it as { key }'>,
  ): KGroupedStream<never, V, true>
  groupBy(mapper: AnyFunction, options?: object): unknown {
    return this.#core.dsl.handles.groupedStream(groupByKeyMapped(this.#core, erased(mapper), options))
  }

  groupByKey(
    options: NameOption & KeyOption<K, HasKey> & { readonly value?: undefined },
  ): KGroupedStream<K, V, HasValue>
  groupByKey(
    options: NameOption & KeyOption<K, HasKey> & { readonly value?: SerdeFor<V> | undefined },
  ): KGroupedStream<K, V, true>
  groupByKey(this: MissingSerde<'groupByKey', KeyOption<K, HasKey>>): KGroupedStream<K, V, HasValue>
  groupByKey(options?: object): unknown {
    return this.#core.dsl.handles.groupedStream(groupByCurrentKey(this.#core, options))
  }

  /** The latest value of each key. */
  toTable(options: ToTableOptions<K, V, HasKey, HasValue>): KTable<K, V, true, true>
  toTable(this: MissingSerde<'toTable', ToTableOptions<K, V, HasKey, HasValue>>): KTable<K, V, true, true>
  toTable(options?: object): unknown {
    return this.#core.dsl.handles.table(streamToTable(this.#core, options))
  }

  to(topic: TopicChoice<K, V>, options: ToOptions<K, V> & KeyOption<K, HasKey> & ValueOption<V, HasValue>): void
  to(topic: TopicChoice<K, V> & MissingSerde<'to', KeyOption<K, HasKey> & ValueOption<V, HasValue>>): void
  to(topic: string | AnyFunction, options?: object): void {
    sinkStream(this.#core, typeof topic === 'string' ? topic : erased(topic), options)
  }

  /** Ends in an external system: the sink that the application registers under this name. */
  toSink(sink: string, options?: NameOption): void {
    sinkStreamExternally(this.#core, sink, options)
  }

  join<VO, VR, HasOther extends boolean>(
    other: KStream<K, VO, boolean, HasOther>,
    joiner: ValueJoiner<K, V, VO, VR> & Sync<VR>,
    options: StreamJoinOptions<K, V, VO, HasKey, HasValue, HasOther>,
  ): KStream<K, VR, true, false>
  join<VO, VR>(
    table: AnyTableOf<K, VO>,
    joiner: ValueJoiner<K, V, VO, VR> & Sync<VR>,
    options: StreamTableJoinOptions<K, V, HasKey, HasValue>,
  ): KStream<K, VR, true, false>
  join<VO, VR>(
    table: AnyTableOf<K, VO>,
    joiner: ValueJoiner<K, V, VO, VR> & Sync<VR> & JoinWithoutOptions<StreamTableJoinOptions<K, V, HasKey, HasValue>>,
  ): KStream<K, VR, true, false>
  join<KO, VO, VR>(
    table: GlobalTable<KO, VO>,
    keyOf: KeyValueMapper<K, V, KO | null>,
    joiner: ValueJoiner<K, V, VO, VR> & Sync<VR>,
    options?: NameOption,
  ): KStream<K, VR, HasKey, false>
  join<Other>(other: Other, ...mistaken: Mistaken<StreamJoinMistake<K, Other>>): this
  join(other: unknown, ...rest: readonly unknown[]): unknown {
    return this.#join('inner', other as JoinTarget, rest)
  }

  leftJoin<VO, VR, HasOther extends boolean>(
    other: KStream<K, VO, boolean, HasOther>,
    joiner: ValueJoiner<K, V, VO | null, VR> & Sync<VR>,
    options: StreamJoinOptions<K, V, VO, HasKey, HasValue, HasOther>,
  ): KStream<K, VR, true, false>
  leftJoin<VO, VR>(
    table: AnyTableOf<K, VO>,
    joiner: ValueJoiner<K, V, VO | null, VR> & Sync<VR>,
    options: StreamTableJoinOptions<K, V, HasKey, HasValue>,
  ): KStream<K, VR, true, false>
  leftJoin<VO, VR>(
    table: AnyTableOf<K, VO>,
    joiner: ValueJoiner<K, V, VO | null, VR> &
      Sync<VR> &
      JoinWithoutOptions<StreamTableJoinOptions<K, V, HasKey, HasValue>>,
  ): KStream<K, VR, true, false>
  leftJoin<KO, VO, VR>(
    table: GlobalTable<KO, VO>,
    keyOf: KeyValueMapper<K, V, KO | null>,
    joiner: ValueJoiner<K, V, VO | null, VR> & Sync<VR>,
    options?: NameOption,
  ): KStream<K, VR, HasKey, false>
  leftJoin<Other>(other: Other, ...mistaken: Mistaken<StreamJoinMistake<K, Other>>): this
  leftJoin(other: unknown, ...rest: readonly unknown[]): unknown {
    return this.#join('left', other as JoinTarget, rest)
  }

  outerJoin<VO, VR, HasOther extends boolean>(
    other: KStream<K, VO, boolean, HasOther>,
    joiner: ValueJoiner<K, V | null, VO | null, VR> & Sync<VR>,
    options: StreamJoinOptions<K, V, VO, HasKey, HasValue, HasOther>,
  ): KStream<K, VR, true, false>
  outerJoin<Other>(other: Other, ...mistaken: Mistaken<OuterJoinMistake<K, Other>>): this
  outerJoin(other: unknown, ...rest: readonly unknown[]): unknown {
    const [joiner, options] = rest as [AnyFunction, StreamJoinSettings]
    const side = (other as KStream<unknown, unknown>).side()
    return this.#stream(joinStreams(this.side(), side, 'outer', joinerKeyFirst(joiner), options))
  }

  /** @internal */
  side(): JoinSide {
    return { core: this.#core, memo: this.#joinRepartition }
  }

  #join(join: 'inner' | 'left', other: JoinTarget, rest: readonly unknown[]): unknown {
    const core = this.#core
    if (other instanceof GlobalTable) {
      const [keyOf, joiner, options] = rest as [KeyMapper, AnyFunction, NameOption | undefined]
      return this.#stream(joinStreamGlobalTable(core, other.view(), join, keyOf, joinerKeyFirst(joiner), options))
    }
    const [joiner, settings] = rest as [AnyFunction, unknown]
    const keyed = joinerKeyFirst(joiner)
    if (other.kind === 'stream') {
      return this.#stream(joinStreams(this.side(), other.side(), join, keyed, settings as StreamJoinSettings))
    }
    const table = other.core()
    return this.#stream(
      joinStreamTable(core, this.#joinRepartition, table, join, keyed, settings as StreamTableJoinSettings),
    )
  }

  #append<KR, VR, HK extends boolean, HV extends boolean>(
    prefix: string,
    operator: OperatorSpec,
    effect: Effect,
    options: NameOption | undefined,
  ): KStream<KR, VR, HK, HV> {
    return this.#stream(appendOperator(this.#core, prefix, operator, effect, options))
  }

  #stream<KR, VR, HK extends boolean, HV extends boolean>(core: StreamCore): KStream<KR, VR, HK, HV> {
    return this.#core.dsl.handles.stream(core)
  }
}

type RepartitionOptions<K, V, HasKey extends boolean, HasValue extends boolean> = ToOptions<K, V> & {
  readonly partitions?: number | undefined
} & KeyOption<K, HasKey> &
  ValueOption<V, HasValue>

type ToTableOptions<K, V, HasKey extends boolean, HasValue extends boolean> = NameOption &
  Omit<KeyValueStoreOptions<K, V>, 'key' | 'value'> &
  KeyOption<K, HasKey> &
  ValueOption<V, HasValue>

type JoinTarget = KStream<unknown, unknown> | KTable<unknown, unknown> | GlobalTable<unknown, unknown>
