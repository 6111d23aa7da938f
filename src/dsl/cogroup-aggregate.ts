import type { GraphPlace } from '../topology/graph.ts'
import { processorNode } from '../topology/logical-node.ts'
import type { Aggregator, Initializer, Merger } from '../topology/operator-spec.ts'
import { repartitionNode } from '../topology/repartition-node.ts'
import type { OperatorDraft } from '../topology/resolve-spec.ts'
import type { StoreDraft } from '../topology/store-draft.ts'
import { aggregateLineage, type TableLineage } from '../topology/table-lineage.ts'
import { copartition } from './copartition.ts'
import type { Dsl, Grouping, TableCore } from './core.ts'
import { compileMaterialized, keyValueStore } from './materialized.ts'
import { nameOf } from './common-options.ts'
import { type AnyWindows, windowedStore, type WindowShape, windowShape } from './window-shape.ts'

const prefix = 'COGROUPKSTREAM-AGGREGATE-'

export interface CogroupState {
  readonly dsl: Dsl
  readonly inputs: Map<Grouping, Aggregator>
  /** Where each input's aggregation is appended; a repartition is made once. */
  readonly parents: Map<Grouping, GraphPlace>
}

/**
 * Aggregates several grouped streams into one table: appends an aggregation per input (each behind a repartition if its
 * key has changed), all on one store, and a pass-through node behind them that is the table. The inputs are
 * co-partitioned.
 */
export function cogroup(
  state: CogroupState,
  windows: AnyWindows | undefined,
  merger: Merger | undefined,
  initializer: Initializer,
  options: object,
): TableCore {
  const { dsl } = state
  const { names } = dsl.graph
  const given = nameOf(options)
  const compiled = compileMaterialized(dsl, options ?? {})
  const storeName = compiled.storeName ?? names.store(prefix)
  const key = compiled.key ?? [...state.inputs.keys()].find((input) => input.core.key)?.core.key
  const materialized = { ...compiled, key }
  const shape = windows && windowShape(windows)
  const store = shape
    ? windowedStore(storeName, shape, 'on-window-update', materialized)
    : keyValueStore(storeName, materialized)
  const sources = repartitionInputs(state, storeName)
  const view = shape
    ? shape.view(storeName)
    : ({ kind: 'store', store: storeName, versioned: store.kind === 'versioned' } as const)
  const lineage = aggregateLineage(view)
  const aggregations = appendAggregations(state, given, store, shape, lineage, (aggregator) =>
    inputOperator(store, shape, merger, initializer, aggregator),
  )
  const name = names.suffixed(given, '-cogroup-merge', 'COGROUPKSTREAM-MERGE-')
  const place = dsl.graph.append(aggregations, processorNode(name, { kind: 'pass-through' }))
  const tableKey = shape && key ? shape.keySerde(key) : key
  return Object.freeze({
    dsl,
    place,
    name,
    key: tableKey,
    value: materialized.value,
    sources,
    lineage,
    storeName: compiled.storeName,
  })
}

function repartitionInputs(state: CogroupState, storeName: string): ReadonlySet<string> {
  const { graph } = state.dsl
  for (const input of state.inputs.keys()) {
    const { core } = input
    if (!core.repartitionRequired) {
      state.parents.set(input, core.place)
      continue
    }
    const node = repartitionNode(graph.names, {
      prefix: core.topicName ?? storeName,
      key: core.key,
      value: core.value,
      optimizable: true,
    })
    if (!state.parents.has(input)) state.parents.set(input, graph.append(core.place, node))
  }
  return copartition(
    [...state.parents].map(([input, place]) => ({
      dsl: state.dsl,
      key: input.core.key,
      name: input.core.name,
      sources: input.core.repartitionRequired ? new Set([graph.node(place).name]) : input.core.sources,
    })),
  )
}

function appendAggregations(
  state: CogroupState,
  given: string | undefined,
  store: StoreDraft,
  shape: WindowShape | undefined,
  lineage: TableLineage,
  operator: (aggregator: Aggregator) => OperatorDraft,
): readonly GraphPlace[] {
  const { graph } = state.dsl
  return [...state.inputs].map(([input, aggregator], index) => {
    const name = graph.names.suffixed(given, `-cogroup-agg-${index}`, prefix)
    const node = processorNode(name, operator(aggregator), {
      lineage,
      stores: index === 0 ? [store] : [],
      connects: index === 0 ? [] : [store.name],
      ...(shape ? { windowCloseGraceMs: shape.closeGraceMs } : { outputVersioned: store.kind === 'versioned' }),
    })
    return graph.append(state.parents.get(input) as GraphPlace, node)
  })
}

function inputOperator(
  store: StoreDraft,
  shape: WindowShape | undefined,
  merger: Merger | undefined,
  initializer: Initializer,
  aggregator: Aggregator,
): OperatorDraft {
  const aggregation = { kind: 'aggregate', initializer, aggregator } as const
  if (shape) {
    return shape.operator({ aggregation, emit: 'on-window-update', store: store.name, late: undefined }, merger)
  }
  return { kind: 'stream-aggregate', aggregation, store: store.name, versioned: store.kind === 'versioned' }
}
