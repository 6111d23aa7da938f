import { long } from '../serde/primitives.ts'
import type { Serde } from '../serde/serde.ts'
import type { GraphPlace } from '../topology/graph.ts'
import { plainProcessor, type TableRepartitionLogical } from '../topology/logical-node.ts'
import type { Aggregator as AggregatorSpec } from '../topology/operator-spec.ts'
import type { TableLineage } from '../topology/table-lineage.ts'
import { type Aggregator, erased, type Initializer, type Reducer } from './function-types.ts'
import type { Core, TableCore } from './handles.ts'
import type { KTable } from './ktable.ts'
import { compileMaterialized, type KeyValueStoreOptions, keyValueStore } from './materialized.ts'
import { type NameOption, nameOf } from './options.ts'

export interface GroupedTableCore extends Core {
  readonly topicName: string | undefined
}

interface Change {
  readonly initializer: () => unknown
  readonly adder: AggregatorSpec
  readonly subtractor: AggregatorSpec
  readonly reduce: boolean
}

const increment: AggregatorSpec = (_key, _value, count) => (count as number) + 1
const decrement: AggregatorSpec = (_key, _value, count) => (count as number) - 1

/** (aggregate, value) as specs have it. */
function reducing<V>(reducer: Reducer<V>): AggregatorSpec {
  if (typeof reducer !== 'function') return reducer
  return (_, value, aggregate) => reducer(aggregate as V, value as V)
}

/** A table grouped by another key: rows that join a group are added, rows that leave it subtracted. */
export class KGroupedTable<K, V> {
  readonly #core: GroupedTableCore
  #repartition: GraphPlace | undefined

  constructor(core: GroupedTableCore) {
    this.#core = core
  }

  count(options?: NameOption & KeyValueStoreOptions<K, number>): KTable<K, number, true, true> {
    const change = { initializer: () => 0, adder: increment, subtractor: decrement, reduce: false }
    return this.#aggregate('KTABLE-AGGREGATE-', change, long(), options)
  }

  reduce(
    adder: Reducer<V>,
    subtractor: Reducer<V>,
    options?: NameOption & KeyValueStoreOptions<K, V>,
  ): KTable<K, V, true, true> {
    const change: Change = {
      initializer: () => null,
      adder: reducing(adder),
      subtractor: reducing(subtractor),
      reduce: true,
    }
    return this.#aggregate('KTABLE-REDUCE-', change, this.#core.value, options)
  }

  aggregate<VR>(
    initializer: Initializer<VR>,
    adder: Aggregator<K, V, VR>,
    subtractor: Aggregator<K, V, VR>,
    options: NameOption & KeyValueStoreOptions<K, VR> & { readonly value: Serde<VR> },
  ): KTable<K, VR, true, true> {
    const change: Change = { initializer, adder: erased(adder), subtractor: erased(subtractor), reduce: false }
    return this.#aggregate('KTABLE-AGGREGATE-', change, undefined, options)
  }

  #aggregate<VR>(
    prefix: string,
    change: Change,
    resultValue: Serde<unknown> | undefined,
    options: (NameOption & KeyValueStoreOptions<K, VR>) | undefined,
  ): KTable<K, VR, true, true> {
    const { dsl } = this.#core
    const { graph } = dsl
    const compiled = compileMaterialized(dsl, options ?? {})
    const storeName = compiled.storeName ?? graph.names.store('KTABLE-AGGREGATE-')
    const given = nameOf(options)
    const sinkName = graph.names.suffixed(given, '-sink', 'KSTREAM-SINK-')
    const sourceName = graph.names.suffixed(given, '-source', 'KSTREAM-SOURCE-')
    const name = graph.names.orGenerated(given, prefix)
    const parent = this.#repartitioned(storeName, sinkName, sourceName)
    const key = compiled.key ?? this.#core.key
    const value = compiled.value ?? resultValue
    const store = keyValueStore(storeName, { ...compiled, key, value })
    const materialized = { store: storeName, versioned: store.kind === 'versioned' }
    const view = { kind: 'store', ...materialized } as const
    const lineage: TableLineage = Object.freeze({ kind: 'aggregate', view })
    const node = plainProcessor(
      name,
      { kind: 'pass-through' },
      {
        operator: ({ needs }) => ({
          kind: 'table-aggregate',
          ...change,
          materialized,
          sendOldValues: needs.sendsOldValues(lineage),
        }),
        stores: [{ spec: store }],
        outputVersioned: materialized.versioned,
      },
    )
    const place = graph.append(parent, node)
    const sources = new Set([graph.node(parent).name])
    const core: TableCore = Object.freeze({
      dsl,
      place,
      name,
      key,
      value,
      sources,
      lineage,
      storeName: compiled.storeName,
    })
    return dsl.handles.table(core)
  }

  /** Aggregations of a named grouping share one repartition topic. */
  #repartitioned(storeName: string, sinkName: string, sourceName: string): GraphPlace {
    const { graph } = this.#core.dsl
    const { topicName, key, value, place } = this.#core
    if (this.#repartition === undefined || topicName === undefined) {
      const topic = `${topicName ?? storeName}-repartition`
      const node: TableRepartitionLogical = { kind: 'table-repartition', name: sourceName, topic, sinkName, key, value }
      this.#repartition = graph.append(place, node)
    } else graph.attach(place, this.#repartition)
    return this.#repartition
  }
}
