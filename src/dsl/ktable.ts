import type { Serde } from '../serde/serde.ts'
import type { KeyMapper } from '../topology/operator-spec.ts'
import type { FixedKeyProcessorSupplier } from '../topology/processor.ts'
import { joinByForeignKey } from './foreign-key-join.ts'
import { type AnyFunction, erased, joinerKeyFirst, keyFirst } from './function-types.ts'
import type { KeyValueMapper, Predicate, ValueJoiner, ValueMapper } from './function-types.ts'
import type { StreamCore, TableCore } from './handles.ts'
import type { KGroupedTable } from './kgrouped-table.ts'
import type { KStream } from './kstream.ts'
import type { KeyValueStoreOptions } from './materialized.ts'
import type { Mistaken, TableJoinMistake } from './mistake.ts'
import type { NameOption } from './options.ts'
import type { ProcessOptions } from './stream-process.ts'
import { type Suppressed, suppressTable } from './suppressed.ts'
import { joinTables } from './table-join.ts'
import { filterTable, groupTable, mapTableValues, tableToStream, transformTableValues } from './table-operators.ts'

export type TableOptions<K, V> = NameOption & KeyValueStoreOptions<K, V>
/** As `TableOptions`, with a value serde: the result knows it. */
export type TableOptionsWithValue<K, V> = TableOptions<K, V> & { readonly value: Serde<V> }

/**
 * A table: the latest value of each key, and the stream of its changes. Every method appends to the builder's graph and
 * returns a new handle. `HasKey` and `HasValue` as in `KStream`.
 */
export class KTable<K, V, HasKey extends boolean = boolean, HasValue extends boolean = boolean> {
  readonly kind = 'table'
  readonly #core: TableCore
  /** Never set: keeps tables of different types apart. */
  declare readonly types: { readonly key: K; readonly value: V }

  constructor(core: TableCore) {
    this.#core = core
  }

  /** The store that can be queried by name; undefined: none was named. */
  get storeName(): string | undefined {
    return this.#core.storeName
  }

  filter(predicate: Predicate<K, V>, options?: TableOptions<K, V>): KTable<K, V, HasKey, HasValue> {
    return this.#table(filterTable(this.#core, erased(predicate), false, options))
  }

  filterNot(predicate: Predicate<K, V>, options?: TableOptions<K, V>): KTable<K, V, HasKey, HasValue> {
    return this.#table(filterTable(this.#core, erased(predicate), true, options))
  }

  mapValues<VR>(mapper: ValueMapper<K, V, VR>, options: TableOptionsWithValue<K, VR>): KTable<K, VR, HasKey, true>
  mapValues<VR>(mapper: ValueMapper<K, V, VR>, options?: TableOptions<K, VR>): KTable<K, VR, HasKey, false>
  mapValues<VR>(mapper: ValueMapper<K, V, VR>, options?: TableOptions<K, VR>): KTable<K, VR, HasKey> {
    return this.#table(mapTableValues(this.#core, keyFirst(mapper), options))
  }

  /** Maps with a processor that may use stores; what it forwards is the new value. */
  transformValues<VR>(
    supplier: FixedKeyProcessorSupplier<K, V, VR>,
    options: ProcessOptions & TableOptionsWithValue<K, VR>,
  ): KTable<K, VR, HasKey, true>
  transformValues<VR>(
    supplier: FixedKeyProcessorSupplier<K, V, VR>,
    options?: ProcessOptions & TableOptions<K, VR>,
  ): KTable<K, VR, HasKey, false>
  transformValues<VR>(
    supplier: FixedKeyProcessorSupplier<K, V, VR>,
    options?: ProcessOptions & TableOptions<K, VR>,
  ): KTable<K, VR, HasKey> {
    return this.#table(transformTableValues(this.#core, supplier, options))
  }

  /** Each change's new value; null for a deleted row. */
  toStream<KR>(keyOf: KeyValueMapper<K, V, KR>, options?: NameOption): KStream<KR, V, false, HasValue>
  toStream(options?: NameOption): KStream<K, V, HasKey, HasValue>
  toStream(...given: readonly unknown[]): unknown {
    const [first, second] = given
    if (typeof first === 'function') {
      return this.#stream(tableToStream(this.#core, first as KeyMapper, second as NameOption | undefined))
    }
    return this.#stream(tableToStream(this.#core, undefined, first as NameOption | undefined))
  }

  /** Holds changes back: until windows close, or for a time. */
  suppress(until: Suppressed): KTable<K, V, HasKey, HasValue> {
    return this.#table(suppressTable(this.#core, until))
  }

  groupBy<KR, VR>(
    mapper: KeyValueMapper<K, V, readonly [KR, VR]>,
    options: NameOption & { readonly key: Serde<KR>; readonly value: Serde<VR> },
  ): KGroupedTable<KR, VR> {
    return this.#core.dsl.handles.groupedTable(groupTable(this.#core, erased(mapper), options))
  }

  join<VO, VR>(
    other: KTable<K, VO>,
    joiner: ValueJoiner<K, V, VO, VR>,
    options: TableOptionsWithValue<K, VR>,
  ): KTable<K, VR, HasKey, true>
  join<VO, VR>(
    other: KTable<K, VO>,
    joiner: ValueJoiner<K, V, VO, VR>,
    options?: TableOptions<K, VR>,
  ): KTable<K, VR, HasKey, false>
  join<Other>(other: Other, ...mistaken: Mistaken<TableJoinMistake<K, Other>>): this
  join(other: unknown, ...rest: readonly unknown[]): unknown {
    return this.#join('inner', other, rest)
  }

  leftJoin<VO, VR>(
    other: KTable<K, VO>,
    joiner: ValueJoiner<K, V, VO | null, VR>,
    options: TableOptionsWithValue<K, VR>,
  ): KTable<K, VR, HasKey, true>
  leftJoin<VO, VR>(
    other: KTable<K, VO>,
    joiner: ValueJoiner<K, V, VO | null, VR>,
    options?: TableOptions<K, VR>,
  ): KTable<K, VR, HasKey, false>
  leftJoin<Other>(other: Other, ...mistaken: Mistaken<TableJoinMistake<K, Other>>): this
  leftJoin(other: unknown, ...rest: readonly unknown[]): unknown {
    return this.#join('left', other, rest)
  }

  outerJoin<VO, VR>(
    other: KTable<K, VO>,
    joiner: ValueJoiner<K, V | null, VO | null, VR>,
    options: TableOptionsWithValue<K, VR>,
  ): KTable<K, VR, HasKey, true>
  outerJoin<VO, VR>(
    other: KTable<K, VO>,
    joiner: ValueJoiner<K, V | null, VO | null, VR>,
    options?: TableOptions<K, VR>,
  ): KTable<K, VR, HasKey, false>
  outerJoin<Other>(other: Other, ...mistaken: Mistaken<TableJoinMistake<K, Other>>): this
  outerJoin(other: unknown, ...rest: readonly unknown[]): unknown {
    return this.#join('outer', other, rest)
  }

  /** Joins each row with the row of `other` that its foreign key names (KIP-213). A null foreign key matches nothing. */
  foreignKeyJoin<KO, VO, VR>(
    other: KTable<KO, VO>,
    foreignKey: KeyValueMapper<K, V, KO | null>,
    joiner: ValueJoiner<K, V, VO, VR>,
    options: TableOptionsWithValue<K, VR>,
  ): KTable<K, VR, true, true>
  foreignKeyJoin<KO, VO, VR>(
    other: KTable<KO, VO>,
    foreignKey: KeyValueMapper<K, V, KO | null>,
    joiner: ValueJoiner<K, V, VO, VR>,
    options?: TableOptions<K, VR>,
  ): KTable<K, VR, true, false>
  foreignKeyJoin<KO, VO, VR>(
    other: KTable<KO, VO>,
    foreignKey: KeyValueMapper<K, V, KO | null>,
    joiner: ValueJoiner<K, V, VO, VR>,
    options?: TableOptions<K, VR>,
  ): KTable<K, VR, true> {
    return this.#table(
      joinByForeignKey(this.#core, other.core(), 'inner', erased(foreignKey), joinerKeyFirst(joiner), options),
    )
  }

  foreignKeyLeftJoin<KO, VO, VR>(
    other: KTable<KO, VO>,
    foreignKey: KeyValueMapper<K, V, KO | null>,
    joiner: ValueJoiner<K, V, VO | null, VR>,
    options: TableOptionsWithValue<K, VR>,
  ): KTable<K, VR, true, true>
  foreignKeyLeftJoin<KO, VO, VR>(
    other: KTable<KO, VO>,
    foreignKey: KeyValueMapper<K, V, KO | null>,
    joiner: ValueJoiner<K, V, VO | null, VR>,
    options?: TableOptions<K, VR>,
  ): KTable<K, VR, true, false>
  foreignKeyLeftJoin<KO, VO, VR>(
    other: KTable<KO, VO>,
    foreignKey: KeyValueMapper<K, V, KO | null>,
    joiner: ValueJoiner<K, V, VO | null, VR>,
    options?: TableOptions<K, VR>,
  ): KTable<K, VR, true> {
    return this.#table(
      joinByForeignKey(this.#core, other.core(), 'left', erased(foreignKey), joinerKeyFirst(joiner), options),
    )
  }

  /** @internal */
  core(): TableCore {
    return this.#core
  }

  #join(join: 'inner' | 'left' | 'outer', other: unknown, rest: readonly unknown[]): unknown {
    const [joiner, options] = rest as [AnyFunction, TableOptions<K, unknown> | undefined]
    const table = (other as KTable<unknown, unknown>).core()
    return this.#table(joinTables(this.#core, table, join, joinerKeyFirst(joiner), options))
  }

  #table<KR, VR, HK extends boolean, HV extends boolean>(core: TableCore): KTable<KR, VR, HK, HV> {
    return this.#core.dsl.handles.table(core)
  }

  #stream<KR, VR, HK extends boolean, HV extends boolean>(core: StreamCore): KStream<KR, VR, HK, HV> {
    return this.#core.dsl.handles.stream(core)
  }
}
