import type { Serde } from '../serde/serde.ts'
import type { Windowed } from '../stores/port.ts'
import type { StreamPartitioner, TopicNameExtractor } from '../topology/node.ts'
import type { EmitStrategy } from '../topology/operator-spec.ts'
import type { FixedKeyProcessorSupplier, ProcessorSupplier } from '../topology/processor.ts'
import type { AsyncValueMapper, MapAsyncOptions } from './async-map-values.ts'
import type { DeduplicateOptions } from './deduplicate.ts'
import type {
  Action,
  Aggregator,
  Initializer,
  KeyGuard,
  KeyValueMapper,
  Merger,
  Predicate,
  Reducer,
  ValueGuard,
  ValueJoiner,
  ValueMapper,
} from './function-types.ts'
import type { GlobalTable } from './global-table.ts'
import type { KeyValueStoreOptions, WindowedStoreOptions } from './materialized.ts'
import type {
  JoinWithoutOptions,
  MergeMistake,
  MissingSerde,
  Mistake,
  Mistaken,
  OuterJoinMistake,
  StreamJoinMistake,
  Sync,
  TableJoinMistake,
} from './mistake.ts'
import type { KeyOption, NameOption, SerdeFor, ValueOption } from './options.ts'
import type { StreamJoinSettings } from './stream-join.ts'
import type { ProcessOptions } from './stream-process.ts'
import type { Suppressed } from './suppressed.ts'
import type { JoinWindows, SessionWindows, SlidingWindows, TimeWindows } from './windows.ts'

// What users hold. These types return each other, so they stand in one file; the classes behind them do not know each other.

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

export type RepartitionOptions<K, V, HasKey extends boolean, HasValue extends boolean> = ToOptions<K, V> & {
  readonly partitions?: number | undefined
} & KeyOption<K, HasKey> &
  ValueOption<V, HasValue>

export type ToTableOptions<K, V, HasKey extends boolean, HasValue extends boolean> = NameOption &
  Omit<KeyValueStoreOptions<K, V>, 'key' | 'value'> &
  KeyOption<K, HasKey> &
  ValueOption<V, HasValue>

export type TableOptions<K, V> = NameOption & KeyValueStoreOptions<K, V>
/** As `TableOptions`, with a value serde: the result knows it. */
export type TableOptionsWithValue<K, V> = TableOptions<K, V> & { readonly value: Serde<V> }

/** A table of these keys and values, whatever is known of its serdes: what others are joined with. */
export interface AnyTableOf<K, V, Deleted extends null = null> {
  readonly kind: 'table'
  readonly types: { readonly key: K; readonly value: V; readonly deleted: Deleted }
}

/**
 * A stream of records. Every method appends to the builder's graph and returns a new handle; nothing runs.
 *
 * `HasKey` and `HasValue` say whether the serdes of key and value are known here: a source knows them, a mapping loses
 * them. Where one is needed and lost, its option is required. A type that leaves them out is that of a stream whose
 * serdes are known; `KStream<K, V, boolean, boolean>` is any.
 */
export interface KStream<K, V, HasKey extends boolean = true, HasValue extends boolean = true> {
  readonly kind: 'stream'
  /** Never set: keeps streams of different types apart. */
  readonly types: { readonly key: K; readonly value: V }
  /** Never set: keeps streams with known serdes apart from those that have lost one. */
  readonly knowsSerdes: { readonly key: HasKey; readonly value: HasValue }

  filter<Kept extends V>(predicate: ValueGuard<K, V, Kept>, options?: NameOption): KStream<K, Kept, HasKey, HasValue>
  filter<Kept extends K>(predicate: KeyGuard<K, V, Kept>, options?: NameOption): KStream<Kept, V, HasKey, HasValue>
  filter(predicate: Predicate<K, V>, options?: NameOption): KStream<K, V, HasKey, HasValue>

  filterNot<Dropped extends V>(
    predicate: ValueGuard<K, V, Dropped>,
    options?: NameOption,
  ): KStream<K, Exclude<V, Dropped>, HasKey, HasValue>
  filterNot<Dropped extends K>(
    predicate: KeyGuard<K, V, Dropped>,
    options?: NameOption,
  ): KStream<Exclude<K, Dropped>, V, HasKey, HasValue>
  filterNot(predicate: Predicate<K, V>, options?: NameOption): KStream<K, V, HasKey, HasValue>

  map<KR, VR>(
    mapper: KeyValueMapper<K, V, readonly [KR, VR]> & Sync<KR | VR>,
    options?: NameOption,
  ): KStream<KR, VR, false, false>

  mapValues<VR>(mapper: ValueMapper<K, V, VR> & Sync<VR>, options?: NameOption): KStream<K, VR, HasKey, false>

  /** Awaits each mapping with bounded concurrency; records with equal keys stay in order. */
  mapValuesAsync<VR>(mapper: AsyncValueMapper<K, V, VR>, options?: MapAsyncOptions): KStream<K, VR, HasKey, false>

  selectKey<KR>(mapper: KeyValueMapper<K, V, KR> & Sync<KR>, options?: NameOption): KStream<KR, V, false, HasValue>

  flatMap<KR, VR>(
    mapper: KeyValueMapper<K, V, Iterable<readonly [KR, VR]>> & Sync<KR | VR>,
    options?: NameOption,
  ): KStream<KR, VR, false, false>

  flatMapValues<VR>(
    mapper: ValueMapper<K, V, Iterable<VR>> & Sync<VR>,
    options?: NameOption,
  ): KStream<K, VR, HasKey, false>

  peek(action: Action<K, V>, options?: NameOption): KStream<K, V, HasKey, HasValue>

  foreach(action: Action<K, V>, options?: NameOption): void

  /** Records of both, in no order between them. */
  merge(other: KStream<K, V, boolean, boolean>, options?: NameOption): KStream<K, V, HasKey, HasValue>
  merge<Other>(other: Other & MergeMistake<Other>, options?: NameOption): this

  split(options?: NameOption): BranchedStream<K, V, HasKey, HasValue>

  /** Drops records whose id was seen before, within a time. */
  deduplicate<Id>(options: DeduplicateOptions<K, V, Id>): KStream<K, V, HasKey, HasValue>

  process<KR, VR>(supplier: ProcessorSupplier<K, V, KR, VR>, options?: ProcessOptions): KStream<KR, VR, false, false>

  processValues<VR>(
    supplier: FixedKeyProcessorSupplier<K, V, VR>,
    options?: ProcessOptions,
  ): KStream<K, VR, HasKey, false>

  /** Sends the records through a topic, partitioned by their key. */
  repartition(options: RepartitionOptions<K, V, HasKey, HasValue>): KStream<K, V, true, true>
  repartition(this: MissingSerde<'repartition', RepartitionOptions<K, V, HasKey, HasValue>>): KStream<K, V, true, true>

  groupBy<KR>(
    mapper: KeyValueMapper<K, V, KR> & Sync<KR>,
    options: NameOption & { readonly key: SerdeFor<KR> } & ValueOption<V, HasValue>,
  ): KGroupedStream<KR, V, true>
  groupBy(
    mapper: KeyValueMapper<K, V, unknown> & Mistake<'groupBy: the serde of the new key is missing: give it as { key }'>,
  ): KGroupedStream<never, V, true>

  groupByKey(
    options: NameOption & KeyOption<K, HasKey> & { readonly value?: undefined },
  ): KGroupedStream<K, V, HasValue>
  groupByKey(
    options: NameOption & KeyOption<K, HasKey> & { readonly value?: SerdeFor<V> | undefined },
  ): KGroupedStream<K, V, true>
  groupByKey(this: MissingSerde<'groupByKey', KeyOption<K, HasKey>>): KGroupedStream<K, V, HasValue>

  /** The latest value of each key. */
  toTable(options: ToTableOptions<K, V, HasKey, HasValue>): KTable<K, V, true, true>
  toTable(this: MissingSerde<'toTable', ToTableOptions<K, V, HasKey, HasValue>>): KTable<K, V, true, true>

  to(topic: TopicChoice<K, V>, options: ToOptions<K, V> & KeyOption<K, HasKey> & ValueOption<V, HasValue>): void
  to(topic: TopicChoice<K, V> & MissingSerde<'to', KeyOption<K, HasKey> & ValueOption<V, HasValue>>): void

  /** Ends in an external system: the sink that the application registers under this name. */
  toSink(sink: string, options?: NameOption): void

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

  outerJoin<VO, VR, HasOther extends boolean>(
    other: KStream<K, VO, boolean, HasOther>,
    joiner: ValueJoiner<K, V | null, VO | null, VR> & Sync<VR>,
    options: StreamJoinOptions<K, V, VO, HasKey, HasValue, HasOther>,
  ): KStream<K, VR, true, false>
  outerJoin<Other>(other: Other, ...mistaken: Mistaken<OuterJoinMistake<K, Other>>): this
}

/**
 * A table: the latest value of each key, and the stream of its changes. Every method appends to the builder's graph and
 * returns a new handle. `HasKey` and `HasValue` as in `KStream`. `Deleted` is null where the table's own rows come and go,
 * so that the stream of its changes has values that are null: sessions that merge, rows that a filter or a join drops,
 * aggregates that an aggregator deletes. Of a topic's rows the topic decides: say `Order | null` where it has tombstones.
 */
export interface KTable<
  K,
  V,
  HasKey extends boolean = true,
  HasValue extends boolean = true,
  Deleted extends null = never,
> {
  readonly kind: 'table'
  /** Never set: keeps tables of different types apart. */
  readonly types: { readonly key: K; readonly value: V; readonly deleted: Deleted }
  /** Never set: keeps tables with known serdes apart from those that have lost one. */
  readonly knowsSerdes: { readonly key: HasKey; readonly value: HasValue }
  /** The store that can be queried by name; undefined: none was named. */
  readonly storeName: string | undefined

  filter<Kept extends V>(
    predicate: ValueGuard<K, V, Kept>,
    options?: TableOptions<K, Kept>,
  ): KTable<K, Kept, HasKey, HasValue, null>
  filter(predicate: Predicate<K, V>, options?: TableOptions<K, V>): KTable<K, V, HasKey, HasValue, null>

  filterNot<Dropped extends V>(
    predicate: ValueGuard<K, V, Dropped>,
    options?: TableOptions<K, Exclude<V, Dropped>>,
  ): KTable<K, Exclude<V, Dropped>, HasKey, HasValue, null>
  filterNot(predicate: Predicate<K, V>, options?: TableOptions<K, V>): KTable<K, V, HasKey, HasValue, null>

  mapValues<VR>(
    mapper: ValueMapper<K, V, VR> & Sync<VR>,
    options: TableOptionsWithValue<K, VR>,
  ): KTable<K, VR, HasKey, true, Deleted>
  mapValues<VR>(
    mapper: ValueMapper<K, V, VR> & Sync<VR>,
    options?: TableOptions<K, VR>,
  ): KTable<K, VR, HasKey, false, Deleted>

  /** Maps with a processor that may use stores; what it forwards is the new value. */
  transformValues<VR>(
    supplier: FixedKeyProcessorSupplier<K, V, VR>,
    options: ProcessOptions & TableOptionsWithValue<K, VR>,
  ): KTable<K, VR, HasKey, true, Deleted>
  transformValues<VR>(
    supplier: FixedKeyProcessorSupplier<K, V, VR>,
    options?: ProcessOptions & TableOptions<K, VR>,
  ): KTable<K, VR, HasKey, false, Deleted>

  /** Each change's new value; null for a deleted row. */
  toStream<KR>(
    keyOf: KeyValueMapper<K, V | Deleted, KR> & Sync<KR>,
    options?: NameOption,
  ): KStream<KR, V | Deleted, false, HasValue>
  toStream(options?: NameOption): KStream<K, V | Deleted, HasKey, HasValue>

  /** Holds changes back: until windows close, or for a time. */
  suppress(until: Suppressed & { readonly kind: 'window-close' }): KTable<K, V, HasKey, HasValue>
  suppress(until: Suppressed): KTable<K, V, HasKey, HasValue, Deleted>

  groupBy<KR, VR>(
    mapper: KeyValueMapper<K, V, readonly [KR, VR]> & Sync<KR | VR>,
    options: NameOption & { readonly key: SerdeFor<KR>; readonly value: SerdeFor<VR> },
  ): KGroupedTable<KR, VR>

  join<VO, VR, Gone extends null>(
    other: AnyTableOf<K, VO, Gone>,
    joiner: ValueJoiner<K, V, VO, VR> & Sync<VR>,
    options: TableOptionsWithValue<K, VR>,
  ): KTable<K, VR, HasKey, true, Deleted | Gone>
  join<VO, VR, Gone extends null>(
    other: AnyTableOf<K, VO, Gone>,
    joiner: ValueJoiner<K, V, VO, VR> & Sync<VR>,
    options?: TableOptions<K, VR>,
  ): KTable<K, VR, HasKey, false, Deleted | Gone>
  join<Other>(other: Other, ...mistaken: Mistaken<TableJoinMistake<K, Other>>): this

  leftJoin<VO, VR, Gone extends null>(
    other: AnyTableOf<K, VO, Gone>,
    joiner: ValueJoiner<K, V, VO | null, VR> & Sync<VR>,
    options: TableOptionsWithValue<K, VR>,
  ): KTable<K, VR, HasKey, true, Deleted | Gone>
  leftJoin<VO, VR, Gone extends null>(
    other: AnyTableOf<K, VO, Gone>,
    joiner: ValueJoiner<K, V, VO | null, VR> & Sync<VR>,
    options?: TableOptions<K, VR>,
  ): KTable<K, VR, HasKey, false, Deleted | Gone>
  leftJoin<Other>(other: Other, ...mistaken: Mistaken<TableJoinMistake<K, Other>>): this

  outerJoin<VO, VR, Gone extends null>(
    other: AnyTableOf<K, VO, Gone>,
    joiner: ValueJoiner<K, V | null, VO | null, VR> & Sync<VR>,
    options: TableOptionsWithValue<K, VR>,
  ): KTable<K, VR, HasKey, true, Deleted | Gone>
  outerJoin<VO, VR, Gone extends null>(
    other: AnyTableOf<K, VO, Gone>,
    joiner: ValueJoiner<K, V | null, VO | null, VR> & Sync<VR>,
    options?: TableOptions<K, VR>,
  ): KTable<K, VR, HasKey, false, Deleted | Gone>
  outerJoin<Other>(other: Other, ...mistaken: Mistaken<TableJoinMistake<K, Other>>): this

  /** Joins each row with the row of `other` that its foreign key names (KIP-213). A null foreign key matches nothing. */
  foreignKeyJoin<KO, VO, VR>(
    other: AnyTableOf<KO, VO>,
    foreignKey: KeyValueMapper<K, V, KO | null>,
    joiner: ValueJoiner<K, V, VO, VR> & Sync<VR>,
    options: TableOptionsWithValue<K, VR>,
  ): KTable<K, VR, true, true, null>
  foreignKeyJoin<KO, VO, VR>(
    other: AnyTableOf<KO, VO>,
    foreignKey: KeyValueMapper<K, V, KO | null>,
    joiner: ValueJoiner<K, V, VO, VR> & Sync<VR>,
    options?: TableOptions<K, VR>,
  ): KTable<K, VR, true, false, null>

  foreignKeyLeftJoin<KO, VO, VR>(
    other: AnyTableOf<KO, VO>,
    foreignKey: KeyValueMapper<K, V, KO | null>,
    joiner: ValueJoiner<K, V, VO | null, VR> & Sync<VR>,
    options: TableOptionsWithValue<K, VR>,
  ): KTable<K, VR, true, true, null>
  foreignKeyLeftJoin<KO, VO, VR>(
    other: AnyTableOf<KO, VO>,
    foreignKey: KeyValueMapper<K, V, KO | null>,
    joiner: ValueJoiner<K, V, VO | null, VR> & Sync<VR>,
    options?: TableOptions<K, VR>,
  ): KTable<K, VR, true, false, null>
}

type Named<Name extends string, Stream> = { readonly [name in Name]: Stream }

/**
 * split(): each record goes to the first branch whose predicate holds. Branches are known by the names they are given,
 * else by their number ('1', '2', …; the default branch is '0'). Behind a type guard the branch has the type that it
 * keeps, and the branches after it have the rest.
 */
export interface BranchedStream<K, V, HasKey extends boolean, HasValue extends boolean, Taken = unknown> {
  branch<Kept extends V, const Name extends string = never>(
    predicate: ValueGuard<K, V, Kept>,
    options?: { readonly name?: Name | undefined },
  ): BranchedStream<K, Exclude<V, Kept>, HasKey, HasValue, Taken & Named<Name, KStream<K, Kept, HasKey, HasValue>>>
  branch<const Name extends string = never>(
    predicate: Predicate<K, V>,
    options?: { readonly name?: Name | undefined },
  ): BranchedStream<K, V, HasKey, HasValue, Taken & Named<Name, KStream<K, V, HasKey, HasValue>>>

  /** Takes what no other branch took; the branches by name. */
  defaultBranch<const Name extends string = '0'>(options?: {
    readonly name?: Name | undefined
  }): Taken & Named<Name, KStream<K, V, HasKey, HasValue>>

  /** Drops what no branch took; the branches by name. */
  noDefaultBranch(): Taken
}

export interface WindowedByOptions<K, V, HasValue extends boolean = true> {
  /**
   * Takes the stream of records that no window takes any more; they are not counted as dropped. Called once for each
   * aggregation, which gives its name, with `-late` behind it, to the stream's node.
   */
  readonly late?: ((late: KStream<K, V, true, HasValue>) => void) | undefined
}

/** A stream grouped by key, to be aggregated as a whole or by windows. */
export interface KGroupedStream<K, V, HasValue extends boolean = true> {
  /** Records with a null value do not count. */
  count(options?: NameOption & KeyValueStoreOptions<K, number>): KTable<K, number, true, true>

  reduce<R extends V | null>(
    reducer: Reducer<V, R> & Sync<R>,
    options: NameOption & Omit<KeyValueStoreOptions<K, V>, 'value'> & ValueOption<V, HasValue>,
  ): KTable<K, V, true, true, Extract<R, null>>
  reduce<R extends V | null>(
    reducer: Reducer<V, R> & Sync<R> & MissingSerde<'reduce', ValueOption<V, HasValue>>,
  ): KTable<K, V, true, true, Extract<R, null>>

  /** An aggregator that returns null deletes the row. */
  aggregate<VR, R extends VR | null>(
    initializer: Initializer<VR>,
    aggregator: Aggregator<K, V, VR, R> & Sync<R>,
    options: NameOption & KeyValueStoreOptions<K, VR> & { readonly value: Serde<VR> },
  ): KTable<K, VR, true, true, Extract<R, null>>

  windowedBy(
    windows: TimeWindows | SlidingWindows,
    options?: WindowedByOptions<K, V, HasValue>,
  ): TimeWindowedStream<K, V, HasValue>
  windowedBy(
    windows: SessionWindows,
    options?: WindowedByOptions<K, V, HasValue>,
  ): SessionWindowedStream<K, V, HasValue>

  /** Starts an aggregate that several grouped streams feed. */
  cogroup<VR>(aggregator: Aggregator<K, V, VR>): CogroupedStream<K, VR>
}

/** A table grouped by another key: rows that join a group are added, rows that leave it subtracted. */
export interface KGroupedTable<K, V> {
  count(options?: NameOption & KeyValueStoreOptions<K, number>): KTable<K, number, true, true>

  reduce(
    adder: Reducer<V>,
    subtractor: Reducer<V>,
    options?: NameOption & KeyValueStoreOptions<K, V>,
  ): KTable<K, V, true, true>

  aggregate<VR>(
    initializer: Initializer<VR>,
    adder: Aggregator<K, V, VR>,
    subtractor: Aggregator<K, V, VR>,
    options: NameOption & KeyValueStoreOptions<K, VR> & { readonly value: Serde<VR> },
  ): KTable<K, VR, true, true>
}

/** A grouped stream cut into windows: each key and window has its own aggregate. */
export interface TimeWindowedStream<K, V, HasValue extends boolean = true> {
  /** `on-window-close` emits each window once, when it takes no more records. */
  emitStrategy(emit: EmitStrategy): TimeWindowedStream<K, V, HasValue>

  count(options?: NameOption & WindowedStoreOptions<K, number>): KTable<Windowed<K>, number, true, true>

  reduce<R extends V | null>(
    reducer: Reducer<V, R> & Sync<R>,
    options: NameOption & Omit<WindowedStoreOptions<K, V>, 'value'> & ValueOption<V, HasValue>,
  ): KTable<Windowed<K>, V, true, true, Extract<R, null>>
  reduce<R extends V | null>(
    reducer: Reducer<V, R> & Sync<R> & MissingSerde<'reduce', ValueOption<V, HasValue>>,
  ): KTable<Windowed<K>, V, true, true, Extract<R, null>>

  aggregate<VR, R extends VR | null>(
    initializer: Initializer<VR>,
    aggregator: Aggregator<K, V, VR, R> & Sync<R>,
    options: NameOption & WindowedStoreOptions<K, VR> & { readonly value: Serde<VR> },
  ): KTable<Windowed<K>, VR, true, true, Extract<R, null>>
}

/** A grouped stream cut into sessions: records of a key no further apart than the gap share an aggregate. When sessions
 * merge, the rows of those before are deleted, which the changes show as null; on close each is emitted once. */
export interface SessionWindowedStream<K, V, HasValue extends boolean = true, Deleted extends null = null> {
  emitStrategy(emit: 'on-window-close'): SessionWindowedStream<K, V, HasValue, never>
  emitStrategy(emit: EmitStrategy): SessionWindowedStream<K, V, HasValue>

  count(options?: NameOption & WindowedStoreOptions<K, number>): KTable<Windowed<K>, number, true, true, Deleted>

  reduce<R extends V | null>(
    reducer: Reducer<V, R> & Sync<R>,
    options: NameOption & Omit<WindowedStoreOptions<K, V>, 'value'> & ValueOption<V, HasValue>,
  ): KTable<Windowed<K>, V, true, true, Deleted | Extract<R, null>>
  reduce<R extends V | null>(
    reducer: Reducer<V, R> & Sync<R> & MissingSerde<'reduce', ValueOption<V, HasValue>>,
  ): KTable<Windowed<K>, V, true, true, Deleted | Extract<R, null>>

  aggregate<VR, R extends VR | null>(
    initializer: Initializer<VR>,
    aggregator: Aggregator<K, V, VR, R> & Sync<R>,
    merger: Merger<K, VR>,
    options: NameOption & WindowedStoreOptions<K, VR> & { readonly value: Serde<VR> },
  ): KTable<Windowed<K>, VR, true, true, Deleted | Extract<R, null>>
}

/** Grouped streams that feed one aggregate, each with its own aggregator. */
export interface CogroupedStream<K, VR> {
  /** Adds a grouped stream; adding one again replaces its aggregator. */
  cogroup<V, R extends VR | null>(
    grouped: KGroupedStream<K, V, boolean>,
    aggregator: Aggregator<K, V, VR, R> & Sync<R>,
  ): this

  aggregate(
    initializer: Initializer<VR>,
    options: NameOption & KeyValueStoreOptions<K, VR> & { readonly value: Serde<VR> },
  ): KTable<K, VR, true, true>

  windowedBy(windows: TimeWindows | SlidingWindows): TimeWindowedCogroupedStream<K, VR>
  windowedBy(windows: SessionWindows): SessionWindowedCogroupedStream<K, VR>
}

type WindowedOptions<K, VR> = NameOption & WindowedStoreOptions<K, VR> & { readonly value: Serde<VR> }

/** Grouped streams that feed one aggregate for each window. */
export interface TimeWindowedCogroupedStream<K, VR> {
  aggregate(initializer: Initializer<VR>, options: WindowedOptions<K, VR>): KTable<Windowed<K>, VR, true, true>
}

/** Grouped streams that feed one aggregate for each session. */
export interface SessionWindowedCogroupedStream<K, VR> {
  aggregate(
    initializer: Initializer<VR>,
    merger: Merger<K, VR>,
    options: WindowedOptions<K, VR>,
  ): KTable<Windowed<K>, VR, true, true>
}
