import type { Serde } from '../serde/serde.ts'
import type { KeyMapper } from '../topology/operator-spec.ts'
import type { FixedKeyProcessorSupplier } from '../topology/processor.ts'
import { joinByForeignKey } from './foreign-key-join.ts'
import { type AnyFunction, erased, joinerKeyFirst, keyFirst } from './function-types.ts'
import type { KeyValueMapper, Predicate, ValueGuard, ValueJoiner, ValueMapper } from './function-types.ts'
import type { StreamCore, TableCore } from './handles.ts'
import type { KGroupedTable } from './kgrouped-table.ts'
import type { KStream } from './kstream.ts'
import type { KeyValueStoreOptions } from './materialized.ts'
import type { Mistaken, Sync, TableJoinMistake } from './mistake.ts'
import type { NameOption, SerdeFor } from './options.ts'
import type { ProcessOptions } from './stream-process.ts'
import { type Suppressed, suppressTable } from './suppressed.ts'
import { joinTables } from './table-join.ts'
import { filterTable, groupTable, mapTableValues, tableToStream, transformTableValues } from './table-operators.ts'

export type TableOptions<K, V> = NameOption & KeyValueStoreOptions<K, V>
/** As `TableOptions`, with a value serde: the result knows it. */
export type TableOptionsWithValue<K, V> = TableOptions<K, V> & { readonly value: Serde<V> }

/** A table of these keys and values, whatever is known of its serdes: what others are joined with. */
export interface AnyTableOf<K, V, Deleted extends null = null> {
  readonly kind: 'table'
  readonly types: { readonly key: K; readonly value: V; readonly deleted: Deleted }
}

/**
 * A table: the latest value of each key, and the stream of its changes. Every method appends to the builder's graph and
 * returns a new handle. `HasKey` and `HasValue` as in `KStream`. `Deleted` is null where the table's own rows come and go,
 * so that the stream of its changes has values that are null: sessions that merge, rows that a filter or a join drops,
 * aggregates that an aggregator deletes. Of a topic's rows the topic decides: say `Order | null` where it has tombstones.
 */
export class KTable<
  K,
  V,
  HasKey extends boolean = true,
  HasValue extends boolean = true,
  Deleted extends null = never,
> {
  readonly kind = 'table'
  readonly #core: TableCore
  /** Never set: keeps tables of different types apart. */
  declare readonly types: { readonly key: K; readonly value: V; readonly deleted: Deleted }
  /** Never set: keeps tables with known serdes apart from those that have lost one. */
  declare readonly knowsSerdes: { readonly key: HasKey; readonly value: HasValue }

  constructor(core: TableCore) {
    this.#core = core
  }

  /** The store that can be queried by name; undefined: none was named. */
  get storeName(): string | undefined {
    return this.#core.storeName
  }

  filter<Kept extends V>(
    predicate: ValueGuard<K, V, Kept>,
    options?: TableOptions<K, Kept>,
  ): KTable<K, Kept, HasKey, HasValue, null>
  filter(predicate: Predicate<K, V>, options?: TableOptions<K, V>): KTable<K, V, HasKey, HasValue, null>
  filter(predicate: Predicate<K, V>, options?: TableOptions<K, V>): unknown {
    return this.#table(filterTable(this.#core, erased(predicate), false, options))
  }

  filterNot<Dropped extends V>(
    predicate: ValueGuard<K, V, Dropped>,
    options?: TableOptions<K, Exclude<V, Dropped>>,
  ): KTable<K, Exclude<V, Dropped>, HasKey, HasValue, null>
  filterNot(predicate: Predicate<K, V>, options?: TableOptions<K, V>): KTable<K, V, HasKey, HasValue, null>
  filterNot(predicate: Predicate<K, V>, options?: TableOptions<K, V>): unknown {
    return this.#table(filterTable(this.#core, erased(predicate), true, options))
  }

  mapValues<VR>(
    mapper: ValueMapper<K, V, VR> & Sync<VR>,
    options: TableOptionsWithValue<K, VR>,
  ): KTable<K, VR, HasKey, true, Deleted>
  mapValues<VR>(
    mapper: ValueMapper<K, V, VR> & Sync<VR>,
    options?: TableOptions<K, VR>,
  ): KTable<K, VR, HasKey, false, Deleted>
  mapValues(mapper: AnyFunction, options?: TableOptions<K, unknown>): unknown {
    return this.#table(mapTableValues(this.#core, keyFirst(mapper), options))
  }

  /** Maps with a processor that may use stores; what it forwards is the new value. */
  transformValues<VR>(
    supplier: FixedKeyProcessorSupplier<K, V, VR>,
    options: ProcessOptions & TableOptionsWithValue<K, VR>,
  ): KTable<K, VR, HasKey, true, Deleted>
  transformValues<VR>(
    supplier: FixedKeyProcessorSupplier<K, V, VR>,
    options?: ProcessOptions & TableOptions<K, VR>,
  ): KTable<K, VR, HasKey, false, Deleted>
  transformValues<VR>(
    supplier: FixedKeyProcessorSupplier<K, V, VR>,
    options?: ProcessOptions & TableOptions<K, VR>,
  ): unknown {
    return this.#table(transformTableValues(this.#core, supplier, options))
  }

  /** Each change's new value; null for a deleted row. */
  toStream<KR>(
    keyOf: KeyValueMapper<K, V | Deleted, KR> & Sync<KR>,
    options?: NameOption,
  ): KStream<KR, V | Deleted, false, HasValue>
  toStream(options?: NameOption): KStream<K, V | Deleted, HasKey, HasValue>
  toStream(...given: readonly unknown[]): unknown {
    const [first, second] = given
    if (typeof first === 'function') {
      return this.#stream(tableToStream(this.#core, first as KeyMapper, second as NameOption | undefined))
    }
    return this.#stream(tableToStream(this.#core, undefined, first as NameOption | undefined))
  }

  /** Holds changes back: until windows close, or for a time. */
  suppress(until: Suppressed & { readonly kind: 'window-close' }): KTable<K, V, HasKey, HasValue>
  suppress(until: Suppressed): KTable<K, V, HasKey, HasValue, Deleted>
  suppress(until: Suppressed): unknown {
    return this.#table(suppressTable(this.#core, until))
  }

  groupBy<KR, VR>(
    mapper: KeyValueMapper<K, V, readonly [KR, VR]> & Sync<KR | VR>,
    options: NameOption & { readonly key: SerdeFor<KR>; readonly value: SerdeFor<VR> },
  ): KGroupedTable<KR, VR> {
    return this.#core.dsl.handles.groupedTable(groupTable(this.#core, erased(mapper), options))
  }

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
  join(other: unknown, ...rest: readonly unknown[]): unknown {
    return this.#join('inner', other, rest)
  }

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
  leftJoin(other: unknown, ...rest: readonly unknown[]): unknown {
    return this.#join('left', other, rest)
  }

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
  outerJoin(other: unknown, ...rest: readonly unknown[]): unknown {
    return this.#join('outer', other, rest)
  }

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
  foreignKeyJoin<KO, VO, VR>(
    other: AnyTableOf<KO, VO>,
    foreignKey: KeyValueMapper<K, V, KO | null>,
    joiner: ValueJoiner<K, V, VO, VR> & Sync<VR>,
    options?: TableOptions<K, VR>,
  ): unknown {
    return this.#table(
      joinByForeignKey(this.#core, coreOf(other), 'inner', erased(foreignKey), joinerKeyFirst(joiner), options),
    )
  }

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
  foreignKeyLeftJoin<KO, VO, VR>(
    other: AnyTableOf<KO, VO>,
    foreignKey: KeyValueMapper<K, V, KO | null>,
    joiner: ValueJoiner<K, V, VO | null, VR> & Sync<VR>,
    options?: TableOptions<K, VR>,
  ): unknown {
    return this.#table(
      joinByForeignKey(this.#core, coreOf(other), 'left', erased(foreignKey), joinerKeyFirst(joiner), options),
    )
  }

  /** @internal */
  core(): TableCore {
    return this.#core
  }

  #join(join: 'inner' | 'left' | 'outer', other: unknown, rest: readonly unknown[]): unknown {
    const [joiner, options] = rest as [AnyFunction, TableOptions<K, unknown> | undefined]
    return this.#table(
      joinTables(this.#core, coreOf(other as AnyTableOf<unknown, unknown>), join, joinerKeyFirst(joiner), options),
    )
  }

  #table(core: TableCore): unknown {
    return this.#core.dsl.handles.table(core)
  }

  #stream<KR, VR, HK extends boolean, HV extends boolean>(core: StreamCore): KStream<KR, VR, HK, HV> {
    return this.#core.dsl.handles.stream(core)
  }
}

function coreOf(table: AnyTableOf<unknown, unknown>): TableCore {
  return (table as KTable<unknown, unknown>).core()
}
