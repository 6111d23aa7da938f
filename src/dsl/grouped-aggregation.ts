import type { Serde } from '../serde/serde.ts'
import type { AggregationSpec, EmitStrategy, Merger } from '../topology/operator-spec.ts'
import { plainProcessor } from '../topology/logical-node.ts'
import { checkName } from '../topology/names.ts'
import { aggregationPrefix, appendAggregation, type GroupingRepartition } from './aggregation.ts'
import type { StreamCore, TableCore } from './handles.ts'
import type { GroupedStreamCore } from './kgrouped-stream.ts'
import { compileMaterialized, keyValueStore, type Materialized, materializedOf } from './materialized.ts'
import { nameOf } from './options.ts'
import {
  type AnyWindows,
  windowCloseGraceMs,
  windowedKeySerde,
  windowedOperator,
  windowedStore,
  windowedView,
} from './windowed-aggregation.ts'

export interface Grouping {
  readonly core: GroupedStreamCore
  readonly memo: GroupingRepartition
  /** Told the stream of records that are too late for their windows, for each windowed aggregation. */
  readonly late?: ((late: StreamCore) => void) | undefined
}

/** An aggregation as the user asked for it; `value` is the serde of the result where none is given. */
export interface Aggregate {
  readonly aggregation: AggregationSpec
  readonly value: Serde<unknown> | undefined
  readonly options: object | undefined
}

/** Serdes, store name and operator name; the order in which numbers are used up is Kafka Streams'. */
function named(
  core: GroupedStreamCore,
  { aggregation, value, options }: Aggregate,
  countSkipsNumber: boolean,
): { name: string; storeName: string; materialized: Materialized } {
  const { names } = core.dsl.graph
  const prefix = aggregationPrefix(aggregation)
  const given = materializedOf(core.dsl, options)
  if (aggregation.kind === 'count' && given && given.storeName === undefined && !countSkipsNumber) names.store(prefix)
  const compiled = given ?? compileMaterialized(core.dsl, {})
  const storeName = compiled.storeName ?? names.store(prefix)
  const name = names.orGenerated(nameOf(options), prefix)
  return {
    name,
    storeName,
    materialized: { ...compiled, key: compiled.key ?? core.key, value: compiled.value ?? value },
  }
}

export function aggregateStream({ core, memo }: Grouping, request: Aggregate): TableCore {
  const { name, storeName, materialized } = named(core, request, false)
  const store = keyValueStore(storeName, materialized)
  const versioned = store.kind === 'versioned'
  const { aggregation } = request
  return appendAggregation(core, memo, {
    name,
    store,
    operator: (sendOldValues) => ({
      kind: 'stream-aggregate',
      aggregation,
      store: storeName,
      versioned,
      sendOldValues,
    }),
    view: { kind: 'store', store: storeName, versioned },
    storeName: materialized.storeName,
    key: materialized.key,
    value: materialized.value,
    windowCloseGraceMs: undefined,
  })
}

export function aggregateWindows(
  { core, memo, late }: Grouping,
  windows: AnyWindows,
  emit: EmitStrategy,
  merger: Merger | undefined,
  request: Aggregate,
): TableCore {
  // The count of sliding windows alone does not use up a number for an unnamed Materialized.
  const { name, storeName, materialized } = named(core, request, windows.kind === 'sliding')
  const store = windowedStore(storeName, windows, emit, materialized)
  const lateName = late === undefined ? undefined : checkName(`${name}-late`)
  const { aggregation } = request
  const table = appendAggregation(core, memo, {
    name,
    store,
    operator: (sendOldValues) => ({
      ...windowedOperator(windows, aggregation, merger, emit, storeName, sendOldValues),
      late: lateName,
    }),
    view: windowedView(windows, storeName),
    storeName: materialized.storeName,
    key: windowedKeySerde(windows, materialized.key),
    value: materialized.value,
    windowCloseGraceMs: windowCloseGraceMs(windows),
  })
  if (lateName !== undefined) late?.(lateStream(core, table, lateName))
  return table
}

/** Keyed and written as the aggregation's input; it begins behind the input's repartition. */
function lateStream({ dsl, key, value }: GroupedStreamCore, table: TableCore, name: string): StreamCore {
  const place = dsl.graph.append(table.place, plainProcessor(name, { kind: 'pass-through' }))
  return Object.freeze({ dsl, place, name, key, value, sources: table.sources, repartitionRequired: false })
}
