import type { Serde } from '../serde/serde.ts'
import type { GraphPlace } from '../topology/graph.ts'
import { processorNode, type TableRepartitionLogical } from '../topology/logical-node.ts'
import type { Aggregator, Initializer } from '../topology/operator-spec.ts'
import { aggregateLineage } from '../topology/table-lineage.ts'
import type { TableCore, TableGrouping } from './core.ts'
import { compileMaterialized, type KeyValueStoreOptions, keyValueStore } from './materialized.ts'
import { type NameOption, nameOf } from './common-options.ts'

/** How the aggregate of a group changes when rows join and leave it. */
export interface GroupChange {
  readonly initializer: Initializer
  readonly adder: Aggregator
  readonly subtractor: Aggregator
  readonly reduce: boolean
}

/**
 * Aggregates a grouped table: appends a repartition by the new key and a table-aggregate node with its store.
 * `resultValue` is the serde of the result if the options give none.
 */
export function aggregateTable(
  grouping: TableGrouping,
  change: GroupChange,
  resultValue: Serde<unknown> | undefined,
  options: (NameOption & KeyValueStoreOptions<unknown, unknown>) | undefined,
): TableCore {
  const { dsl } = grouping.core
  const { graph } = dsl
  const compiled = compileMaterialized(dsl, options ?? {})
  const storeName = compiled.storeName ?? graph.names.store('KTABLE-AGGREGATE-')
  const given = nameOf(options)
  const sinkName = graph.names.suffixed(given, '-sink', 'KSTREAM-SINK-')
  const sourceName = graph.names.suffixed(given, '-source', 'KSTREAM-SOURCE-')
  const name = graph.names.orGenerated(given, change.reduce ? 'KTABLE-REDUCE-' : 'KTABLE-AGGREGATE-')
  const parent = repartitioned(grouping, storeName, sinkName, sourceName)
  const key = compiled.key ?? grouping.core.key
  const value = compiled.value ?? resultValue
  const store = keyValueStore(storeName, { ...compiled, key, value })
  const materialized = { store: storeName, versioned: store.kind === 'versioned' }
  const lineage = aggregateLineage({ kind: 'store', ...materialized })
  const node = processorNode(
    name,
    { kind: 'table-aggregate', ...change, materialized },
    { lineage, stores: [store], outputVersioned: materialized.versioned },
  )
  const place = graph.append(parent, node)
  const sources = new Set([graph.node(parent).name])
  return Object.freeze({ dsl, place, name, key, value, sources, lineage, storeName: compiled.storeName })
}

/** Aggregations of a named grouping share one repartition topic. */
function repartitioned(
  { core, repartition }: TableGrouping,
  storeName: string,
  sinkName: string,
  sourceName: string,
): GraphPlace {
  const { graph } = core.dsl
  const { topicName, key, value } = core
  if (repartition.place === undefined || topicName === undefined) {
    const topic = `${topicName ?? storeName}-repartition`
    const node: TableRepartitionLogical = { kind: 'table-repartition', name: sourceName, topic, sinkName, key, value }
    repartition.place = graph.append(core.place, node)
  } else graph.attach(core.place, repartition.place)
  return repartition.place
}
