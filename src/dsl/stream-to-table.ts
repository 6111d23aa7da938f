import { processorNode } from '../topology/logical-node.ts'
import { repartitionNode } from '../topology/repartition-node.ts'
import type { TableLineage } from '../topology/table-lineage.ts'
import type { StreamCore, TableCore } from './core.ts'
import { compileMaterialized, type KeyValueStoreOptions, keyValueStore } from './materialized.ts'
import { type NameOption, nameOf } from './common-options.ts'

/** toTable: the latest value of each key; repartitions first where the key has changed. */
export function streamToTable(
  core: StreamCore,
  options: (NameOption & KeyValueStoreOptions<unknown, unknown>) | undefined,
): TableCore {
  const { graph } = core.dsl
  const name = graph.names.orGenerated(nameOf(options), 'KSTREAM-TOTABLE-')
  const materialized = compileMaterialized(core.dsl, options ?? {})
  const storeName = materialized.storeName ?? graph.names.store('KSTREAM-TOTABLE-')
  const key = materialized.key ?? core.key
  const value = materialized.value ?? core.value
  const store = keyValueStore(storeName, { ...materialized, key, value })
  const parent = core.repartitionRequired
    ? repartitionNode(graph.names, { prefix: name, key, value, optimizable: true })
    : undefined
  const versioned = store.kind === 'versioned'
  const lineage: TableLineage = Object.freeze({
    kind: 'source',
    store: storeName,
    versioned,
    named: materialized.storeName !== undefined,
  })
  const node = processorNode(
    name,
    { kind: 'stream-to-table' },
    { lineage, stores: [store], outputVersioned: versioned },
  )
  const parentPlace = parent ? graph.append(core.place, parent) : core.place
  const sources = parent ? new Set([parent.name]) : core.sources
  const place = graph.append(parentPlace, node)
  return Object.freeze({ dsl: core.dsl, place, name, key, value, sources, lineage, storeName: materialized.storeName })
}
