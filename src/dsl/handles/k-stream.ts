import type { FixedKeyProcessorSupplier, ProcessorSupplier } from '../../topology/processor-api.ts'
import type { AsyncValueMapper, MapAsyncOptions } from '../async-map-values.ts'
import type { DeduplicateOptions } from '../deduplicate.ts'
import type {
  Action,
  KeyGuard,
  KeyValueMapper,
  Predicate,
  ValueGuard,
  ValueJoiner,
  ValueMapper,
} from '../function-types.ts'
import type { GlobalTable } from '../global-table.ts'
import type {
  AnyTableOf,
  RepartitionOptions,
  StreamJoinOptions,
  StreamTableJoinOptions,
  ToOptions,
  ToTableOptions,
  TopicChoice,
} from '../handle-options.ts'
import type {
  JoinWithoutOptions,
  MergeMistake,
  MissingSerde,
  Mistake,
  Mistaken,
  OuterJoinMistake,
  StreamJoinMistake,
  Sync,
} from '../mistake.ts'
import type { KeyOption, NameOption, SerdeFor, ValueOption } from '../common-options.ts'
import type { ProcessOptions } from '../stream-processors.ts'
import type { BranchedStream } from './branched-stream.ts'
import type { KGroupedStream } from './k-grouped-stream.ts'
import type { KTable } from './k-table.ts'

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
