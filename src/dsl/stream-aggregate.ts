import type { Serde } from '../serde/serde.ts'
import { processorNode } from '../topology/logical-node.ts'
import { checkName } from '../topology/names.ts'
import type { AggregationSpec, EmitStrategy, Merger } from '../topology/operator-spec.ts'
import { repartitionNode } from '../topology/repartition-node.ts'
import type { OperatorDraft } from '../topology/resolve-spec.ts'
import type { StoreDraft } from '../topology/store-draft.ts'
import { aggregateLineage, type TableLineage } from '../topology/table-lineage.ts'
import type { GroupedStreamCore, Grouping, SharedRepartition, StreamCore, TableCore } from './core.ts'
import { compileMaterialized, keyValueStore, type Materialized, materializedOf } from './materialized.ts'
import { nameOf } from './common-options.ts'
import { type AnyWindows, windowedStore, windowShape } from './window-shape.ts'

/** An aggregation as the user asked for it; `value` is the serde of the result where none is given. */
export interface Aggregate {
  readonly aggregation: AggregationSpec
  readonly value: Serde<unknown> | undefined
  readonly options: object | undefined
}

/** An aggregation whose names and serdes are decided. */
interface AggregationDraft {
  readonly name: string
  readonly operator: OperatorDraft
  readonly lineage: TableLineage
  readonly store: StoreDraft
  readonly storeName: string | undefined
  readonly key: Serde<unknown> | undefined
  readonly value: Serde<unknown> | undefined
  readonly windowCloseGraceMs?: number
}

/**
 * Aggregates a whole grouped stream: appends a stream-aggregate node with its store, behind a repartition if the key
 * has changed.
 */
export function aggregateStream({ core, repartition }: Grouping, request: Aggregate): TableCore {
  const { name, storeName, materialized } = named(core, request)
  const store = keyValueStore(storeName, materialized)
  const versioned = store.kind === 'versioned'
  return appendAggregation(core, repartition, {
    name,
    operator: { kind: 'stream-aggregate', aggregation: request.aggregation, store: storeName, versioned },
    lineage: aggregateLineage({ kind: 'store', store: storeName, versioned }),
    store,
    storeName: materialized.storeName,
    key: materialized.key,
    value: materialized.value,
  })
}

/**
 * Aggregates a grouped stream by window: appends a window-, sliding- or session-aggregate node with its store, behind a
 * repartition if the key has changed, and, with `late`, a pass-through node for the records that no window takes.
 */
export function aggregateWindows(
  { core, repartition, late }: Grouping,
  windows: AnyWindows,
  emit: EmitStrategy,
  merger: Merger | undefined,
  request: Aggregate,
): TableCore {
  const { name, storeName, materialized } = named(core, request, windows)
  const shape = windowShape(windows)
  const store = windowedStore(storeName, shape, emit, materialized)
  const lateName = late === undefined ? undefined : checkName(`${name}-late`)
  const { aggregation } = request
  const { key } = materialized
  const table = appendAggregation(core, repartition, {
    name,
    operator: shape.operator({ aggregation, emit, store: storeName, late: lateName }, merger),
    lineage: aggregateLineage(shape.view(storeName)),
    store,
    storeName: materialized.storeName,
    key: key && shape.keySerde(key),
    value: materialized.value,
    windowCloseGraceMs: shape.closeGraceMs,
  })
  if (lateName !== undefined) late?.(lateStream(core, table, lateName))
  return table
}

/** Decides serdes, store name and operator name, in the order in which Kafka Streams uses up the numbers of names. */
function named(
  core: GroupedStreamCore,
  { aggregation, value, options }: Aggregate,
  windows?: AnyWindows,
): { name: string; storeName: string; materialized: Materialized } {
  const { names } = core.dsl.graph
  const prefix = aggregation.kind === 'reduce' ? 'KSTREAM-REDUCE-' : 'KSTREAM-AGGREGATE-'
  const given = materializedOf(core.dsl, options)
  // Kafka Streams: a count uses up a number for an unnamed Materialized, except over sliding windows.
  const usesNumber = aggregation.kind === 'count' && windows?.kind !== 'sliding'
  if (usesNumber && given && given.storeName === undefined) names.store(prefix)
  const compiled = given ?? compileMaterialized(core.dsl, {})
  const storeName = compiled.storeName ?? names.store(prefix)
  const name = names.orGenerated(nameOf(options), prefix)
  return {
    name,
    storeName,
    materialized: { ...compiled, key: compiled.key ?? core.key, value: compiled.value ?? value },
  }
}

/** Appends an aggregation of a grouped stream, behind a repartition where the key has changed. */
function appendAggregation(
  core: GroupedStreamCore,
  repartition: SharedRepartition,
  draft: AggregationDraft,
): TableCore {
  const { dsl } = core
  const { graph } = dsl
  let parent = core.place
  let { sources } = core
  if (core.repartitionRequired) {
    const prefix = core.topicName ?? draft.store.name
    const node = repartitionNode(graph.names, { prefix, key: core.key, value: core.value, optimizable: true })
    if (repartition.place === undefined || core.topicName === undefined) {
      repartition.place = graph.append(core.place, node)
    } else graph.attach(core.place, repartition.place)
    parent = repartition.place
    sources = new Set([graph.node(parent).name])
  }
  const { name, key, value, storeName, lineage, operator, store, ...grace } = draft
  const outputVersioned = store.kind === 'versioned'
  const node = processorNode(name, operator, { lineage, stores: [store], outputVersioned, ...grace })
  const place = graph.append(parent, node)
  return Object.freeze({ dsl, place, name, key, value, sources, lineage, storeName })
}

/** Keyed and written as the aggregation's input; it begins behind the input's repartition. */
function lateStream({ dsl, key, value }: GroupedStreamCore, table: TableCore, name: string): StreamCore {
  const place = dsl.graph.append(table.place, processorNode(name, { kind: 'pass-through' }))
  return Object.freeze({ dsl, place, name, key, value, sources: table.sources, repartitionRequired: false })
}
