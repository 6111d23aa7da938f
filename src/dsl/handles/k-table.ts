import type { FixedKeyProcessorSupplier } from '../../topology/processor-api.ts'
import type { KeyValueMapper, Predicate, ValueGuard, ValueJoiner, ValueMapper } from '../function-types.ts'
import type { AnyTableOf, TableOptions, TableOptionsWithValue } from '../handle-options.ts'
import type { Mistaken, Sync, TableJoinMistake } from '../mistake.ts'
import type { NameOption, SerdeFor } from '../common-options.ts'
import type { ProcessOptions } from '../stream-processors.ts'
import type { Suppressed } from '../suppress.ts'
import type { KGroupedTable } from './k-grouped-table.ts'
import type { KStream } from './k-stream.ts'

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
