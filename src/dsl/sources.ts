import type { Serde } from '../serde/serde.ts'
import type { StoreSpec } from '../stores/store-spec.ts'
import { illegalArgument, topologyInvalid } from '../topology/build-error.ts'
import type { Consumed } from '../topology/consumed.ts'
import type { TimestampExtractor } from '../topology/node.ts'
import { checkOffsetReset, type OffsetResetPolicy } from '../topology/offset-reset.ts'
import type { AnyProcessorSupplier } from '../topology/processor-api.ts'
import type { TableLineage } from '../topology/table-lineage.ts'
import type { TimestampOf } from './function-types.ts'
import { GlobalTableHandle } from './global-table.ts'
import type { Dsl, StreamCore, TableCore } from './core.ts'
import {
  compileMaterialized,
  type KeyValueStoreOptions,
  keyValueStore,
  type Materialized,
  materializedOf,
} from './materialized.ts'
import { type NameOption, nameOf } from './common-options.ts'

/** How to read a source topic. */
export interface SourceOptions<K, V> extends NameOption {
  /** Deserializes the keys. */
  readonly key: Serde<K>
  /** Deserializes the values. */
  readonly value: Serde<V>
  /** Default: the record's own time. */
  readonly timestamp?: TimestampOf<K, V> | undefined
  /**
   * Where to start without a committed offset; `{ durationMs }`: this long before now. Default: the
   * application's setting.
   */
  readonly offsetReset?: OffsetResetPolicy | undefined
}

type AnySourceOptions = SourceOptions<unknown, unknown>
type AnyTableOptions = AnySourceOptions & Omit<KeyValueStoreOptions<unknown, unknown>, 'key' | 'value'>

function extractorOf(timestamp: TimestampOf<unknown, unknown>): TimestampExtractor {
  if (typeof timestamp !== 'function') return timestamp
  return (record, partitionTimeMs) => timestamp(record.value, record.key, record, partitionTimeMs)
}

function consumedOf(options: AnySourceOptions): Consumed {
  const { key, value, timestamp, offsetReset } = options
  return Object.freeze({
    key,
    value,
    timestampExtractor: timestamp === undefined ? undefined : extractorOf(timestamp),
    offsetReset: checkOffsetReset(offsetReset),
  })
}

function withoutRepeats(topics: readonly string[] | RegExp): readonly string[] | RegExp {
  return topics instanceof RegExp ? topics : [...new Set(topics)]
}

/** stream(): appends one source. */
export function sourceStream(dsl: Dsl, topics: readonly string[] | RegExp, options: AnySourceOptions): StreamCore {
  const { graph } = dsl
  if (Array.isArray(topics) && topics.length === 0) throw topologyInvalid('a stream has no topic: give at least one')
  const name = graph.names.orGenerated(nameOf(options), 'KSTREAM-SOURCE-')
  const place = graph.append(graph.root, {
    kind: 'source',
    name,
    topics: withoutRepeats(topics),
    consumed: consumedOf(options),
  })
  const { key, value } = options
  return Object.freeze({ dsl, place, name, key, value, sources: new Set([name]), repartitionRequired: false })
}

/** Names of source and table, and the store, which a table without need of it never makes. */
function tableParts(
  dsl: Dsl,
  topic: string,
  options: AnyTableOptions,
): { name: string; sourceName: string; materialized: Materialized; storeName: string } {
  const { names } = dsl.graph
  const given = nameOf(options)
  const materialized = compileMaterialized(dsl, options)
  const storeName = materialized.storeName ?? names.store(`${topic}-`)
  const sourceName = names.suffixed(given, '-source', 'KSTREAM-SOURCE-')
  const name = names.orGenerated(given, 'KTABLE-SOURCE-')
  return { name, sourceName, materialized, storeName }
}

/**
 * table(): appends a source and a table-source node. The store is part of the topology only if it is named or something
 * downstream needs it.
 */
export function sourceTable(dsl: Dsl, topic: string, options: AnyTableOptions): TableCore {
  const { graph } = dsl
  const { name, sourceName, materialized, storeName } = tableParts(dsl, topic, options)
  const store = keyValueStore(storeName, materialized)
  const versioned = store.kind === 'versioned'
  const lineage: TableLineage = Object.freeze({
    kind: 'source',
    store: storeName,
    versioned,
    named: materialized.storeName !== undefined,
  })
  const place = graph.append(graph.root, {
    kind: 'table-source',
    name,
    sourceName,
    topic,
    consumed: consumedOf(options),
    lineage,
    store,
    reusesTopic: false,
    outputVersioned: versioned,
  })
  const { key, value } = options
  return Object.freeze({
    dsl,
    place,
    name,
    key,
    value,
    sources: new Set([sourceName]),
    lineage,
    storeName: materialized.storeName,
  })
}

/** Records of global topics keep their own timestamps: Kafka Streams asks no extractor for them. */
function globalConsumedOf(options: AnySourceOptions) {
  return { ...consumedOf(options), timestampExtractor: undefined }
}

/**
 * globalTable(): appends a source and a global-table-source node with a store that has no changelog, as each process
 * reads the whole topic.
 */
export function sourceGlobalTable(dsl: Dsl, topic: string, options: AnyTableOptions): GlobalTableHandle {
  const { name, sourceName, materialized, storeName } = tableParts(dsl, topic, options)
  if (materialized.historyMs !== undefined) {
    throw topologyInvalid(`global table of topic ${topic} cannot be versioned: leave out versionedHistoryMs`)
  }
  const { key: _key, value: _value, ...rest } = options
  if (materialized.storeName === undefined && materializedOf(dsl, rest) !== undefined) {
    throw illegalArgument(
      `global table of topic ${topic} has store options without a name: give store, or none of them`,
    )
  }
  const store = keyValueStore(storeName, { ...materialized, caching: false, changelog: undefined })
  dsl.graph.append(dsl.graph.root, {
    kind: 'global-store',
    name,
    sourceName,
    processorName: name,
    topic,
    consumed: globalConsumedOf(options),
    store,
    supplier: undefined,
  })
  return new GlobalTableHandle({ kind: 'store', store: storeName, versioned: false }, materialized.storeName)
}

/** addGlobalStore(): appends a source and the user's processor, which fills the store from the topic. */
export function sourceGlobalStore(
  dsl: Dsl,
  store: StoreSpec,
  topic: string,
  supplier: AnyProcessorSupplier,
  options: AnySourceOptions,
): void {
  const { names } = dsl.graph
  const given = nameOf(options)
  const sourceName = names.suffixed(given, '-source', 'KSTREAM-SOURCE-')
  const processorName = names.orGenerated(given, 'KTABLE-SOURCE-')
  dsl.graph.append(dsl.graph.root, {
    kind: 'global-store',
    name: processorName,
    sourceName,
    processorName,
    topic,
    consumed: globalConsumedOf(options),
    store: { ...store, changelog: undefined },
    supplier,
  })
}
