import type { Serde } from '../serde/serde.ts'
import type { Windowed } from '../stores/port.ts'
import type { EmitStrategy } from '../topology/operator-spec.ts'
import type { FixedKeyProcessorSupplier, ProcessorSupplier } from '../topology/processor-api.ts'
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
import type {
  AnyTableOf,
  RepartitionOptions,
  StreamJoinOptions,
  StreamTableJoinOptions,
  TableOptions,
  TableOptionsWithValue,
  ToOptions,
  ToTableOptions,
  TopicChoice,
} from './handle-options.ts'
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
import type { KeyOption, NameOption, SerdeFor, ValueOption } from './common-options.ts'
import type { ProcessOptions } from './stream-processors.ts'
import type { Suppressed } from './suppress.ts'
import type { SessionWindows, SlidingWindows, TimeWindows } from './window-definitions.ts'

// The objects that users hold. These types return each other, so they are in one file; their classes are not.

/**
 * A stream of records. Every method appends to the builder's graph and returns a new handle; nothing runs.
 *
 * `HasKey` and `HasValue` say whether the serdes of key and value are known here: a source knows them, a mapping loses
 * them. If a lost serde is needed, its option is required. A type without these two parameters is a stream whose serdes
 * are known; `KStream<K, V, boolean, boolean>` is any stream.
 */
export interface KStream<K, V, HasKey extends boolean = true, HasValue extends boolean = true> {
  /** Distinguishes a stream from a table. */
  readonly kind: 'stream'
  /** Never set: keeps streams of different types apart. */
  readonly types: { readonly key: K; readonly value: V }
  /** Never set: keeps streams with known serdes apart from those that have lost one. */
  readonly knowsSerdes: { readonly key: HasKey; readonly value: HasValue }

  /**
   * Keeps the records for which the predicate is true. A type guard narrows the type of the value, or of the key.
   * Records with null values are passed to the predicate like any other. Key and partition stay as they are.
   *
   * @example
   * ```ts
   * const large = orders.filter((key, order) => order.amount > 100)
   * ```
   */
  filter<Kept extends V>(predicate: ValueGuard<K, V, Kept>, options?: NameOption): KStream<K, Kept, HasKey, HasValue>
  filter<Kept extends K>(predicate: KeyGuard<K, V, Kept>, options?: NameOption): KStream<Kept, V, HasKey, HasValue>
  filter(predicate: Predicate<K, V>, options?: NameOption): KStream<K, V, HasKey, HasValue>

  /**
   * Drops the records for which the predicate is true: the opposite of `filter`.
   *
   * @example
   * ```ts
   * const others = orders.filterNot((key, order) => order.amount > 100)
   * ```
   */
  filterNot<Dropped extends V>(
    predicate: ValueGuard<K, V, Dropped>,
    options?: NameOption,
  ): KStream<K, Exclude<V, Dropped>, HasKey, HasValue>
  filterNot<Dropped extends K>(
    predicate: KeyGuard<K, V, Dropped>,
    options?: NameOption,
  ): KStream<Exclude<K, Dropped>, V, HasKey, HasValue>
  filterNot(predicate: Predicate<K, V>, options?: NameOption): KStream<K, V, HasKey, HasValue>

  /**
   * Maps each record to a new key and a new value, given as a pair. Both may have other types, so both serdes are lost.
   * The key may have changed, so a later grouping, join or table goes through a repartition topic. To map only the
   * value use `mapValues`, which needs no repartition.
   *
   * @example
   * ```ts
   * const amounts = orders.map((key, order) => [order.user, order.amount])
   * ```
   */
  map<KR, VR>(
    mapper: KeyValueMapper<K, V, readonly [KR, VR]> & Sync<KR | VR>,
    options?: NameOption,
  ): KStream<KR, VR, false, false>

  /**
   * Maps the value of each record; the mapper gets `(value, key)`, value first. The key and the partition stay the
   * same. Null values are mapped too.
   *
   * @example
   * ```ts
   * const amounts = orders.mapValues((order) => order.amount)
   * ```
   */
  mapValues<VR>(mapper: ValueMapper<K, V, VR> & Sync<VR>, options?: NameOption): KStream<K, VR, HasKey, false>

  /**
   * Maps the value of each record with a function that returns a promise, such as a lookup over HTTP. Up to
   * `concurrencyMax` calls of a task are in flight (default 16); records with equal keys stay in order.
   * A call that takes longer than `timeoutMs` (default 30 s) or rejects fails its record, which then goes to the
   * processing handler. Offsets are committed only for records whose calls have ended. An extension of millrace.
   *
   * @example
   * ```ts
   * const located = orders.mapValuesAsync(async (order) => ({ ...order, country: await countryOf(order.user) }), {
   *   concurrencyMax: 8,
   * })
   * ```
   */
  mapValuesAsync<VR>(mapper: AsyncValueMapper<K, V, VR>, options?: MapAsyncOptions): KStream<K, VR, HasKey, false>

  /**
   * Gives each record a new key; the value stays. Use it before a grouping or join by another field. The grouping or
   * join then goes through a repartition topic and needs the serde of the new key. Records whose new key is null are
   * dropped there.
   *
   * @example
   * ```ts
   * const byUser = orders.selectKey((key, order) => order.user)
   * ```
   */
  selectKey<KR>(mapper: KeyValueMapper<K, V, KR> & Sync<KR>, options?: NameOption): KStream<KR, V, false, HasValue>

  /**
   * Maps each record to any number of records, as pairs of key and value; an empty list drops the record.
   * All results have the timestamp and headers of the record. The keys may have changed, as with `map`.
   *
   * @example
   * ```ts
   * const tagged = orders.flatMap((key, order) => order.tags.map((tag) => [tag, order.amount] as const))
   * ```
   */
  flatMap<KR, VR>(
    mapper: KeyValueMapper<K, V, Iterable<readonly [KR, VR]>> & Sync<KR | VR>,
    options?: NameOption,
  ): KStream<KR, VR, false, false>

  /**
   * Maps the value of each record to any number of values under the same key; an empty list drops the record.
   *
   * @example
   * ```ts
   * const tags = orders.flatMapValues((order) => order.tags)
   * ```
   */
  flatMapValues<VR>(
    mapper: ValueMapper<K, V, Iterable<VR>> & Sync<VR>,
    options?: NameOption,
  ): KStream<K, VR, HasKey, false>

  /**
   * Calls a function for its effect, such as a log line, and passes the record on. The function must not
   * return a promise. It is called again for records that are processed again after a crash.
   *
   * @example
   * ```ts
   * const seen = orders.peek((key, order) => console.log(key, order.amount))
   * ```
   */
  peek(action: Action<K, V>, options?: NameOption): KStream<K, V, HasKey, HasValue>

  /**
   * Calls a function for its effect with each record, and ends the stream. Otherwise the same as `peek`.
   *
   * @example
   * ```ts
   * orders.foreach((key, order) => console.log(key, order.amount))
   * ```
   */
  foreach(action: Action<K, V>, options?: NameOption): void

  /**
   * Merges two streams of the same types into one. Records of one partition of one topic stay in order; there is no
   * order between the two streams.
   *
   * @example
   * ```ts
   * const all = orders.merge(olderOrders)
   * ```
   */
  merge(other: KStream<K, V, boolean, boolean>, options?: NameOption): KStream<K, V, HasKey, HasValue>
  merge<Other>(other: Other & MergeMistake<Other>, options?: NameOption): this

  /**
   * Splits the stream into branches: each record goes to the first branch whose predicate is true. The branches are the
   * members of what `defaultBranch` or `noDefaultBranch` returns.
   *
   * @example
   * ```ts
   * const { large, rest } = orders
   *   .split()
   *   .branch((key, order) => order.amount > 100, { name: 'large' })
   *   .defaultBranch({ name: 'rest' })
   * ```
   */
  split(options?: NameOption): BranchedStream<K, V, HasKey, HasValue>

  /**
   * Drops records whose id was seen before, within `ttlMs` of stream time. Ids are remembered in a store of each partition:
   * records that share an id must have the same key. Records without an id (null or undefined) pass.
   * Dropped records are counted under `reason`. An extension of millrace.
   *
   * @example
   * ```ts
   * const once = orders.deduplicate({
   *   id: (key, order) => order.id,
   *   idSerde: string(),
   *   ttlMs: hours(1),
   *   store: 'seen-orders',
   * })
   * ```
   */
  deduplicate<Id>(options: DeduplicateOptions<K, V, Id>): KStream<K, V, HasKey, HasValue>

  /**
   * Runs your own processor, with state stores, punctuations and headers; see docs/processor-api.md. It may forward
   * any key, so a later grouping or join goes through a repartition topic, and both serdes are lost. The supplier makes
   * one processor for each task.
   *
   * @example
   * ```ts
   * const doubled = orders.process<string, number>({
   *   create() {
   *     let context: ProcessorContext<string, number>
   *     return {
   *       init: (given) => void (context = given),
   *       process: (record) => context.forward({ ...record, value: record.value.amount * 2 }),
   *     }
   *   },
   * })
   * ```
   */
  process<KR, VR>(supplier: ProcessorSupplier<K, V, KR, VR>, options?: ProcessOptions): KStream<KR, VR, false, false>

  /**
   * As `process`, with a processor that cannot change the key, so no repartition is needed after it.
   *
   * @example
   * ```ts
   * const doubled = orders.processValues<number>({
   *   create() {
   *     let context: FixedKeyProcessorContext<string, number>
   *     return {
   *       init: (given) => void (context = given),
   *       process: (record) => context.forward({ ...record, value: record.value.amount * 2 }),
   *     }
   *   },
   * })
   * ```
   */
  processValues<VR>(
    supplier: FixedKeyProcessorSupplier<K, V, VR>,
    options?: ProcessOptions,
  ): KStream<K, VR, HasKey, false>

  /**
   * Always sends the records through an internal topic, partitioned by their key. Use it to change the number of
   * partitions, or to repartition once for several operators. `name` names the topic: `<application
   * id>-<name>-repartition`.
   *
   * @example
   * ```ts
   * const spread = orders.repartition({ name: 'orders-by-id', partitions: 12 })
   * ```
   */
  repartition(options: RepartitionOptions<K, V, HasKey, HasValue>): KStream<K, V, true, true>
  repartition(this: MissingSerde<'repartition', RepartitionOptions<K, V, HasKey, HasValue>>): KStream<K, V, true, true>

  /**
   * Groups the records by a new key, to aggregate them. The records go through a repartition topic; those whose new key is
   * null are dropped there. The serde of the new key is required.
   *
   * @example
   * ```ts
   * const totals = orders.groupBy((key, order) => order.user, { key: string() }).count({ store: 'orders-of-user' })
   * ```
   */
  groupBy<KR>(
    mapper: KeyValueMapper<K, V, KR> & Sync<KR>,
    options: NameOption & { readonly key: SerdeFor<KR> } & ValueOption<V, HasValue>,
  ): KGroupedStream<KR, V, true>
  groupBy(
    mapper: KeyValueMapper<K, V, unknown> & Mistake<'groupBy: the serde of the new key is missing: give it as { key }'>,
  ): KGroupedStream<never, V, true>

  /**
   * Groups the records by their current key, to aggregate them. They go through a repartition topic only if the key may
   * have changed since the source.
   *
   * @example
   * ```ts
   * const counts = clicks.groupByKey().count({ store: 'clicks' })
   * ```
   */
  groupByKey(
    options: NameOption & KeyOption<K, HasKey> & { readonly value?: undefined },
  ): KGroupedStream<K, V, HasValue>
  groupByKey(
    options: NameOption & KeyOption<K, HasKey> & { readonly value?: SerdeFor<V> | undefined },
  ): KGroupedStream<K, V, true>
  groupByKey(this: MissingSerde<'groupByKey', KeyOption<K, HasKey>>): KGroupedStream<K, V, HasValue>

  /**
   * Reads the stream as a table: the latest value of each key, where null deletes the row. Records with a null key are
   * dropped. It goes through a repartition topic if the key may have changed.
   *
   * @example
   * ```ts
   * const latest = orders.toTable({ store: 'latest-orders' })
   * ```
   */
  toTable(options: ToTableOptions<K, V, HasKey, HasValue>): KTable<K, V, true, true>
  toTable(this: MissingSerde<'toTable', ToTableOptions<K, V, HasKey, HasValue>>): KTable<K, V, true, true>

  /**
   * Writes the records to a topic, which must exist, or to the topic that a function chooses for each record. Known
   * serdes can be left out. `partitioner` replaces the default, the murmur2 hash of the key's bytes as in Java.
   *
   * @example
   * ```ts
   * orders.mapValues((order) => order.amount).to('amounts', { value: long() })
   * ```
   */
  to(topic: TopicChoice<K, V>, options: ToOptions<K, V> & KeyOption<K, HasKey> & ValueOption<V, HasValue>): void
  to(topic: TopicChoice<K, V> & MissingSerde<'to', KeyOption<K, HasKey> & ValueOption<V, HasValue>>): void

  /**
   * Writes the records to an external system: the sink that the application registers under this name. Delivery is at
   * least once, and offsets are committed only after the sink has accepted every document. An extension of millrace.
   *
   * @example
   * ```ts
   * orders.toSink('search')
   * ```
   */
  toSink(sink: string, options?: NameOption): void

  /**
   * Joins the stream with another one within a time distance, with a table by key, or with a global table by any key.
   * The joiner gets `(value, other value, key)`. A record without a partner gives no result; records with a null key or
   * value are dropped. Two streams (and a stream and a table) must have equal partition counts; a side whose key has
   * changed goes through a repartition topic. With a stream, `windows` says how far apart in time two records may be;
   * records that arrive after its grace are dropped.
   *
   * @example
   * ```ts
   * const paid = orders.join(payments, (order, payment) => payment.amount >= order.amount, {
   *   windows: joinWindows({ differenceMs: minutes(10) }),
   * })
   * const named = clicks.join(users, (click, user) => `${user.name} saw ${click.page}`)
   * ```
   */
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

  /**
   * As `join`, but a record without a partner gives a result too, with null for the other value. In a join with a
   * stream, that result is emitted when the window has closed, so it is final.
   *
   * @example
   * ```ts
   * const named = clicks.leftJoin(users, (click, user) => `${user?.name ?? 'somebody'} saw ${click.page}`)
   * ```
   */
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

  /**
   * Joins two streams. Records without a partner, from either side, give a result too when the window has closed, with
   * null for the missing value.
   *
   * @example
   * ```ts
   * const both = orders.outerJoin(payments, (order, payment) => (order?.amount ?? 0) - (payment?.amount ?? 0), {
   *   windows: joinWindows({ differenceMs: minutes(10) }),
   * })
   * ```
   */
  outerJoin<VO, VR, HasOther extends boolean>(
    other: KStream<K, VO, boolean, HasOther>,
    joiner: ValueJoiner<K, V | null, VO | null, VR> & Sync<VR>,
    options: StreamJoinOptions<K, V, VO, HasKey, HasValue, HasOther>,
  ): KStream<K, VR, true, false>
  outerJoin<Other>(other: Other, ...mistaken: Mistaken<OuterJoinMistake<K, Other>>): this
}

/**
 * A table: the latest value of each key, and the stream of its changes. Every method appends to the builder's graph and
 * returns a new handle. `HasKey` and `HasValue` are as in `KStream`. The type `Deleted` is `null` if the
 * operator can delete rows; the stream of changes then contains null values. Rows are deleted when sessions
 * merge, when a filter or a join drops a row, and when an aggregator returns null. For the table of a topic,
 * write `Order | null` if the topic has
 * tombstones.
 */
export interface KTable<
  K,
  V,
  HasKey extends boolean = true,
  HasValue extends boolean = true,
  Deleted extends null = never,
> {
  /** Distinguishes a table from a stream. */
  readonly kind: 'table'
  /** Never set: keeps tables of different types apart. */
  readonly types: { readonly key: K; readonly value: V; readonly deleted: Deleted }
  /** Never set: keeps tables with known serdes apart from those that have lost one. */
  readonly knowsSerdes: { readonly key: HasKey; readonly value: HasValue }
  /** The name under which the store can be queried; undefined if no name was given. */
  readonly storeName: string | undefined

  /**
   * Keeps the rows for which the predicate is true. A row that no longer passes is deleted from the result, so changes may
   * have null values. Options that name a store materialize the result.
   *
   * @example
   * ```ts
   * const german = users.filter((key, user) => user.country === 'DE')
   * ```
   */
  filter<Kept extends V>(
    predicate: ValueGuard<K, V, Kept>,
    options?: TableOptions<K, Kept>,
  ): KTable<K, Kept, HasKey, HasValue, null>
  filter(predicate: Predicate<K, V>, options?: TableOptions<K, V>): KTable<K, V, HasKey, HasValue, null>

  /**
   * Keeps the rows for which the predicate is false: the opposite of `filter`.
   *
   * @example
   * ```ts
   * const foreign = users.filterNot((key, user) => user.country === 'DE')
   * ```
   */
  filterNot<Dropped extends V>(
    predicate: ValueGuard<K, V, Dropped>,
    options?: TableOptions<K, Exclude<V, Dropped>>,
  ): KTable<K, Exclude<V, Dropped>, HasKey, HasValue, null>
  filterNot(predicate: Predicate<K, V>, options?: TableOptions<K, V>): KTable<K, V, HasKey, HasValue, null>

  /**
   * Maps the value of each row; the mapper gets `(value, key)`. Deleted rows are deleted from the result; the mapper is not called for them.
   *
   * @example
   * ```ts
   * const names = users.mapValues((user) => user.name)
   * ```
   */
  mapValues<VR>(
    mapper: ValueMapper<K, V, VR> & Sync<VR>,
    options: TableOptionsWithValue<K, VR>,
  ): KTable<K, VR, HasKey, true, Deleted>
  mapValues<VR>(
    mapper: ValueMapper<K, V, VR> & Sync<VR>,
    options?: TableOptions<K, VR>,
  ): KTable<K, VR, HasKey, false, Deleted>

  /**
   * Maps the value of each row with a processor, which may use stores; the value that it forwards is the new one.
   *
   * @example
   * ```ts
   * const labelled = users.transformValues<string>({
   *   create() {
   *     let context: FixedKeyProcessorContext<string, string>
   *     return {
   *       init: (given) => void (context = given),
   *       process: (record) => context.forward({ ...record, value: `user ${record.value.name}` }),
   *     }
   *   },
   * })
   * ```
   */
  transformValues<VR>(
    supplier: FixedKeyProcessorSupplier<K, V, VR>,
    options: ProcessOptions & TableOptionsWithValue<K, VR>,
  ): KTable<K, VR, HasKey, true, Deleted>
  transformValues<VR>(
    supplier: FixedKeyProcessorSupplier<K, V, VR>,
    options?: ProcessOptions & TableOptions<K, VR>,
  ): KTable<K, VR, HasKey, false, Deleted>

  /**
   * The changes of the table as records: the new value of a row, null where a row was deleted. With a function as the first
   * argument the records get new keys.
   *
   * @example
   * ```ts
   * const changes = users.toStream((key, user) => user?.country ?? 'unknown')
   * ```
   */
  toStream<KR>(
    keyOf: KeyValueMapper<K, V | Deleted, KR> & Sync<KR>,
    options?: NameOption,
  ): KStream<KR, V | Deleted, false, HasValue>
  toStream(options?: NameOption): KStream<K, V | Deleted, HasKey, HasValue>

  /**
   * Holds changes back: `untilWindowCloses()` emits one final result per window, `untilTimeLimit(…)` emits at most one
   * change per key and time limit. The buffer is in memory, with a changelog.
   *
   * @example
   * ```ts
   * const final = clicks
   *   .groupByKey()
   *   .windowedBy(tumblingWindows({ sizeMs: minutes(1), graceMs: seconds(10) }))
   *   .count()
   *   .suppress(untilWindowCloses())
   * ```
   */
  suppress(until: Suppressed & { readonly kind: 'window-close' }): KTable<K, V, HasKey, HasValue>
  suppress(until: Suppressed): KTable<K, V, HasKey, HasValue, Deleted>

  /**
   * Groups the rows by a new key, to aggregate them. When a row changes, its old value is subtracted from its
   * old group and its new value is added to its new group. Rows whose new key or value is null are left out.
   *
   * @example
   * ```ts
   * const perCountry = users
   *   .groupBy((key, user) => [user.country, user.name], { key: string(), value: string() })
   *   .count({ store: 'users-per-country' })
   * ```
   */
  groupBy<KR, VR>(
    mapper: KeyValueMapper<K, V, readonly [KR, VR]> & Sync<KR | VR>,
    options: NameOption & { readonly key: SerdeFor<KR>; readonly value: SerdeFor<VR> },
  ): KGroupedTable<KR, VR>

  /**
   * Joins rows of two tables with equal keys. A change on either side gives a new result; a row that loses its partner is
   * deleted from the result. Both tables must have equal partition counts.
   *
   * @example
   * ```ts
   * const limited = users.join(limits, (user, limit) => ({ ...user, limit }))
   * ```
   */
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

  /**
   * As `join`, but a row of this table without a partner gives a result too, with null for the other value.
   *
   * @example
   * ```ts
   * const limited = users.leftJoin(limits, (user, limit) => ({ ...user, limit: limit ?? 100 }))
   * ```
   */
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

  /**
   * As `join`, but a row without a partner, from either table, gives a result too, with null for the missing value.
   *
   * @example
   * ```ts
   * const both = users.outerJoin(limits, (user, limit) => `${user?.name ?? 'nobody'}: ${limit ?? 'no limit'}`)
   * ```
   */
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

  /**
   * Joins each row with the row of the other table that its foreign key names (KIP-213). The tables may have different
   * partition counts: subscriptions and answers go through two internal topics. A null foreign key matches nothing.
   *
   * @example
   * ```ts
   * const placed = latestOrders.foreignKeyJoin(users, (key, order) => order.user, (order, user) => `${user.name}: ${order.amount}`)
   * ```
   */
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

  /**
   * As `foreignKeyJoin`, but a row without a partner gives a result too, with null for the other value.
   *
   * @example
   * ```ts
   * const placed = latestOrders.foreignKeyLeftJoin(users, (key, order) => order.user, (order, user) => user?.name ?? 'nobody')
   * ```
   */
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
 * split(): each record goes to the first branch whose predicate is true. A branch is known by its name; without a name,
 * by its number ('1', '2', …; the default branch is '0'). A branch with a type guard has the type of the guard, and the
 * branches after it have the remaining types.
 */
export interface BranchedStream<K, V, HasKey extends boolean, HasValue extends boolean, Taken = unknown> {
  /**
   * Adds a branch for the records that no earlier branch took and for which the predicate is true. `name` is the member of
   * the result; without it, the branch is known by its number, beginning with `'1'`.
   */
  branch<Kept extends V, const Name extends string = never>(
    predicate: ValueGuard<K, V, Kept>,
    options?: { readonly name?: Name | undefined },
  ): BranchedStream<K, Exclude<V, Kept>, HasKey, HasValue, Taken & Named<Name, KStream<K, Kept, HasKey, HasValue>>>
  branch<const Name extends string = never>(
    predicate: Predicate<K, V>,
    options?: { readonly name?: Name | undefined },
  ): BranchedStream<K, V, HasKey, HasValue, Taken & Named<Name, KStream<K, V, HasKey, HasValue>>>

  /** Adds a branch for the records that no other branch took; returns all branches by name. */
  defaultBranch<const Name extends string = '0'>(options?: {
    readonly name?: Name | undefined
  }): Taken & Named<Name, KStream<K, V, HasKey, HasValue>>

  /** Drops the records that no branch took; returns the branches by name. */
  noDefaultBranch(): Taken
}

/** Options of `windowedBy`. */
export interface WindowedByOptions<K, V, HasValue extends boolean = true> {
  /**
   * Called with the stream of records that are too late for every window; they are not counted as dropped. Called once
   * for each aggregation. The stream's node is named after the aggregation, with the suffix `-late`.
   */
  readonly late?: ((late: KStream<K, V, true, HasValue>) => void) | undefined
}

/** A stream grouped by key, to be aggregated as a whole or by windows. */
export interface KGroupedStream<K, V, HasValue extends boolean = true> {
  /**
   * Counts the records of each key. Records with a null value do not count. The result is a table with a store; changes
   * reach it at the commit or when the record cache is full, unless caching is off.
   *
   * @example
   * ```ts
   * const counts = clicks.groupByKey().count({ store: 'clicks' })
   * ```
   */
  count(options?: NameOption & KeyValueStoreOptions<K, number>): KTable<K, number, true, true>

  /**
   * Combines the values of each key into one value of the same type; the first value of a key is the first
   * result. A reducer that
   * returns null deletes the row. Records with a null value are dropped.
   *
   * @example
   * ```ts
   * const largest = orders.groupByKey().reduce((left, right) => (left.amount > right.amount ? left : right))
   * ```
   */
  reduce<R extends V | null>(
    reducer: Reducer<V, R> & Sync<R>,
    options: NameOption & Omit<KeyValueStoreOptions<K, V>, 'value'> & ValueOption<V, HasValue>,
  ): KTable<K, V, true, true, Extract<R, null>>
  reduce<R extends V | null>(
    reducer: Reducer<V, R> & Sync<R> & MissingSerde<'reduce', ValueOption<V, HasValue>>,
  ): KTable<K, V, true, true, Extract<R, null>>

  /**
   * Combines the values of each key into an aggregate of any type, beginning with the result of the initializer. An
   * aggregator that returns null deletes the row. It must return a new aggregate and leave the old one as it is.
   * Records with a null key or value are dropped.
   *
   * @example
   * ```ts
   * const totals = orders.groupByKey().aggregate(
   *   () => 0,
   *   (key, order, total) => total + order.amount,
   *   { value: double(), store: 'totals' },
   * )
   * ```
   */
  aggregate<VR, R extends VR | null>(
    initializer: Initializer<VR>,
    aggregator: Aggregator<K, V, VR, R> & Sync<R>,
    options: NameOption & KeyValueStoreOptions<K, VR> & { readonly value: Serde<VR> },
  ): KTable<K, VR, true, true, Extract<R, null>>

  /**
   * Divides the groups into time windows: tumbling, hopping, sliding, session or unlimited ones. Records that arrive
   * after a window's grace are dropped and counted; with the option `late` they go to a separate stream.
   *
   * @example
   * ```ts
   * const perMinute = clicks.groupByKey().windowedBy(tumblingWindows({ sizeMs: minutes(1) })).count()
   * ```
   */
  windowedBy(
    windows: TimeWindows | SlidingWindows,
    options?: WindowedByOptions<K, V, HasValue>,
  ): TimeWindowedStream<K, V, HasValue>
  windowedBy(
    windows: SessionWindows,
    options?: WindowedByOptions<K, V, HasValue>,
  ): SessionWindowedStream<K, V, HasValue>

  /**
   * Starts an aggregate that several grouped streams with equal keys feed, each with its own aggregator.
   *
   * @example
   * ```ts
   * const seen = clicks
   *   .groupByKey()
   *   .cogroup((key, click, count: number) => count + 1)
   *   .aggregate(() => 0, { value: long(), store: 'seen' })
   * ```
   */
  cogroup<VR>(aggregator: Aggregator<K, V, VR>): CogroupedStream<K, VR>
}

/** A table grouped by another key: rows that join a group are added, and rows that leave it are subtracted. */
export interface KGroupedTable<K, V> {
  /**
   * Counts the rows of each group.
   *
   * @example
   * ```ts
   * const perCountry = users
   *   .groupBy((key, user) => [user.country, user.name], { key: string(), value: string() })
   *   .count({ store: 'users-per-country' })
   * ```
   */
  count(options?: NameOption & KeyValueStoreOptions<K, number>): KTable<K, number, true, true>

  /**
   * Combines the values of each group into one value of the same type: `adder` when a row joins the group,
   * `subtractor` when
   * it leaves. The subtractor must undo the adder. If the subtractor is not exact, the result becomes wrong.
   *
   * @example
   * ```ts
   * const sums = limits
   *   .groupBy((key, limit) => ['all', limit], { key: string(), value: long() })
   *   .reduce((sum, limit) => sum + limit, (sum, limit) => sum - limit)
   * ```
   */
  reduce(
    adder: Reducer<V>,
    subtractor: Reducer<V>,
    options?: NameOption & KeyValueStoreOptions<K, V>,
  ): KTable<K, V, true, true>

  /**
   * Combines the values of each group into an aggregate of any type, with an adder for rows that join the group and a
   * subtractor for rows that leave it.
   *
   * @example
   * ```ts
   * const sums = limits.groupBy((key, limit) => ['all', limit], { key: string(), value: long() }).aggregate(
   *   () => 0,
   *   (key, limit, sum) => sum + limit,
   *   (key, limit, sum) => sum - limit,
   *   { value: long(), store: 'limits-in-all' },
   * )
   * ```
   */
  aggregate<VR>(
    initializer: Initializer<VR>,
    adder: Aggregator<K, V, VR>,
    subtractor: Aggregator<K, V, VR>,
    options: NameOption & KeyValueStoreOptions<K, VR> & { readonly value: Serde<VR> },
  ): KTable<K, VR, true, true>
}

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
