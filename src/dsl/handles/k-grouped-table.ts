import type { Serde } from '../../serde/serde.ts'
import type { Aggregator, Initializer, Reducer } from '../function-types.ts'
import type { KeyValueStoreOptions } from '../materialized.ts'
import type { NameOption } from '../common-options.ts'
import type { KTable } from './k-table.ts'

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
