import type { Joiner } from '../topology/operator-spec.ts'
import type { TableLineage } from '../topology/table-lineage.ts'
import { copartition } from './copartition.ts'
import type { TableCore } from './core.ts'
import { type KeyValueStoreOptions, keyValueStore, materializedOf } from './materialized.ts'
import { type NameOption, nameOf } from './common-options.ts'

/**
 * Joins two tables by equal keys: appends one logical join, which is written as a table-table-join node per side and a
 * table-join-merge node that keeps the result where it is materialized. Both tables get what the join reads: stores,
 * and old values for the sides that may be missing.
 */
export function joinTables(
  left: TableCore,
  right: TableCore,
  join: 'inner' | 'left' | 'outer',
  joiner: Joiner,
  options: (NameOption & KeyValueStoreOptions<unknown, unknown>) | undefined,
): TableCore {
  const { dsl } = left
  const { names, needs } = dsl.graph
  const given = nameOf(options)
  const materialized = materializedOf(dsl, options)
  const storeName = materialized && (materialized.storeName ?? names.store('KTABLE-MERGE-'))
  const name = names.orGenerated(given, 'KTABLE-MERGE-')
  const sources = copartition([left, right])
  if (join !== 'inner') needs.requireOldValues(left.lineage)
  if (join === 'outer') needs.requireOldValues(right.lineage)
  needs.view(left.lineage)
  needs.view(right.lineage)
  const key = materialized?.key ?? left.key ?? right.key
  const value = materialized?.value
  const store = materialized && storeName !== undefined ? keyValueStore(storeName, { ...materialized, key }) : undefined
  const lineage: TableLineage & { kind: 'join' } = Object.freeze({
    kind: 'join',
    left: left.lineage,
    right: right.lineage,
    join,
    joiner,
    materialized: store && { store: store.name, versioned: store.kind === 'versioned' },
  })
  const leftName = names.suffixed(given, '-join-this', 'KTABLE-JOINTHIS-')
  const rightName = names.suffixed(given, '-join-other', 'KTABLE-JOINOTHER-')
  const place = dsl.graph.append([left.place, right.place], {
    kind: 'table-table-join',
    name,
    lineage,
    leftName,
    rightName,
    leftParent: left.name,
    rightParent: right.name,
    store,
    outputVersioned: store?.kind === 'versioned',
  })
  return Object.freeze({ dsl, place, name, key, value, sources, lineage, storeName })
}
