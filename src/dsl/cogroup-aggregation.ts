import type { GraphPlace } from '../topology/graph.ts'
import { plainProcessor } from '../topology/logical-node.ts'
import type { Aggregator, Initializer, Merger, OperatorSpec } from '../topology/operator-spec.ts'
import { repartitionNode } from '../topology/repartition.ts'
import type { StoreDraft } from '../topology/store-draft.ts'
import type { TableLineage } from '../topology/table-lineage.ts'
import type { Grouping } from './grouped-aggregation.ts'
import { copartition, type Dsl, type TableCore } from './handles.ts'
import { compileMaterialized, keyValueStore } from './materialized.ts'
import { nameOf } from './options.ts'
import {
  type AnyWindows,
  windowCloseGraceMs,
  windowedKeySerde,
  windowedOperator,
  windowedStore,
  windowedView,
} from './windowed-aggregation.ts'

const prefix = 'COGROUPKSTREAM-AGGREGATE-'

export type CogroupInput = Grouping

export interface CogroupState {
  readonly dsl: Dsl
  readonly inputs: Map<CogroupInput, Aggregator>
  /** Where each input's aggregation is appended; a repartition is made once. */
  readonly parents: Map<CogroupInput, GraphPlace>
}

/** One processor for each input, all on one store, and a merge behind them that stands for the table. */
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
  const compiled = compileMaterialized(dsl, options)
  const storeName = compiled.storeName ?? names.store(prefix)
  const key = compiled.key ?? [...state.inputs.keys()].find((input) => input.core.key)?.core.key
  const materialized = { ...compiled, key }
  const store = windows
    ? windowedStore(storeName, windows, 'on-window-update', materialized)
    : keyValueStore(storeName, materialized)
  const sources = repartitionInputs(state, storeName)
  const view = windows
    ? windowedView(windows, storeName)
    : ({ kind: 'store', store: storeName, versioned: store.kind === 'versioned' } as const)
  const lineage: TableLineage = Object.freeze({ kind: 'aggregate', view })
  const aggregations = appendAggregations(state, given, store, windows, lineage, (aggregator, sendOldValues) =>
    inputOperator(store, windows, merger, initializer, aggregator, sendOldValues),
  )
  const name = names.suffixed(given, '-cogroup-merge', 'COGROUPKSTREAM-MERGE-')
  const place = dsl.graph.append(aggregations, plainProcessor(name, { kind: 'pass-through' }))
  const tableKey = windows ? windowedKeySerde(windows, key) : key
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
  windows: AnyWindows | undefined,
  lineage: TableLineage,
  operator: (aggregator: Aggregator, sendOldValues: boolean) => OperatorSpec,
): readonly GraphPlace[] {
  const { graph } = state.dsl
  return [...state.inputs].map(([input, aggregator], index) => {
    const name = graph.names.suffixed(given, `-cogroup-agg-${index}`, prefix)
    const node = plainProcessor(
      name,
      { kind: 'pass-through' },
      {
        operator: ({ needs }) => operator(aggregator, needs.sendsOldValues(lineage)),
        stores: index === 0 ? [{ spec: store }] : [],
        connects: () => (index === 0 ? [] : [store.name]),
        ...(windows
          ? { windowCloseGraceMs: windowCloseGraceMs(windows) }
          : { outputVersioned: store.kind === 'versioned' }),
      },
    )
    return graph.append(state.parents.get(input) as GraphPlace, node)
  })
}

function inputOperator(
  store: StoreDraft,
  windows: AnyWindows | undefined,
  merger: Merger | undefined,
  initializer: Initializer,
  aggregator: Aggregator,
  sendOldValues: boolean,
): OperatorSpec {
  const aggregation = { kind: 'aggregate', initializer, aggregator } as const
  if (windows) return windowedOperator(windows, aggregation, merger, 'on-window-update', store.name, sendOldValues)
  return {
    kind: 'stream-aggregate',
    aggregation,
    store: store.name,
    versioned: store.kind === 'versioned',
    sendOldValues,
  }
}
