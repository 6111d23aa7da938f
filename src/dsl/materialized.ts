import type { Serde } from '../serde/serde.ts'
import type { ChangelogSpec, StoreEngine } from '../stores/store-spec.ts'
import { illegalArgument } from '../topology/build-error.ts'
import { checkName } from '../topology/names.ts'
import type { StoreDraft } from '../topology/store-draft.ts'
import type { Dsl } from './core.ts'
import { checkOptions } from './check-options.ts'

/**
 * How an operator keeps its result (Kafka Streams' Materialized). If any of these options is given, generated
 * names change, as with a Materialized of Kafka Streams; `materialized: true` has only this effect.
 */
export interface StoreOptions<K, V> {
  /** Name of the store; the store can be queried by this name. */
  readonly store?: string | undefined
  /** Serde of the keys in the store. Default: the serde known upstream. */
  readonly key?: Serde<K> | undefined
  /** Serde of the values in the store. Default: the serde known upstream. */
  readonly value?: Serde<V> | undefined
  /** Where the rows are kept: `disk` or `memory`. Default: the `engine` of the builder, which is `disk` by default. */
  readonly engine?: StoreEngine | undefined
  /** Whether updates are coalesced in the record cache. Default true. */
  readonly caching?: boolean | undefined
  /**
   * false: no changelog, the state is lost with the task; an object: topic settings on top of the defaults. Default
   * true.
   */
  readonly changelog?: boolean | Readonly<Record<string, string>> | undefined
  /** Changes generated names as a Materialized of Kafka Streams does, and nothing else. Default: false. */
  readonly materialized?: true | undefined
}

/** A key-value store may also be versioned, or keep only the rows that were used last. */
export interface KeyValueStoreOptions<K, V> extends StoreOptions<K, V> {
  /** How long to keep old versions, in milliseconds (KIP-889). Needs a `store` name. */
  readonly versionedHistoryMs?: number | undefined
  /** How many entries to keep: the most recently used ones. Needs a `store` name. */
  readonly lruEntriesMax?: number | undefined
}

/** How an operator keeps the results of windows. */
export interface WindowedStoreOptions<K, V> extends StoreOptions<K, V> {
  /** How long windows can be read, in milliseconds. Default: as long as they accept records. */
  readonly retentionMs?: number | undefined
}

type AnyStoreOptions = KeyValueStoreOptions<unknown, unknown> & WindowedStoreOptions<unknown, unknown>

const storeOptionNames: readonly (keyof AnyStoreOptions)[] = [
  'store',
  'key',
  'value',
  'engine',
  'caching',
  'changelog',
  'materialized',
  'versionedHistoryMs',
  'lruEntriesMax',
  'retentionMs',
]

/** Store options compiled once. */
export interface Materialized {
  readonly storeName: string | undefined
  readonly key: Serde<unknown> | undefined
  readonly value: Serde<unknown> | undefined
  readonly engine: StoreEngine
  readonly caching: boolean
  readonly changelog: ChangelogSpec | undefined
  readonly historyMs: number | undefined
  readonly entriesMax: number | undefined
  readonly retentionMs: number | undefined
}

/** undefined: no option of a Materialized was given. */
export function materializedOf(dsl: Dsl, options: object | undefined): Materialized | undefined {
  const given = (checkOptions(options) ?? {}) as AnyStoreOptions
  if (!storeOptionNames.some((name) => given[name] !== undefined)) return undefined
  return compileMaterialized(dsl, given)
}

export function compileMaterialized(dsl: Dsl, given: AnyStoreOptions): Materialized {
  checkOptions(given)
  checkKeyValueOptions(given)
  return Object.freeze({
    storeName: storeNameOf(given),
    key: given.key,
    value: given.value,
    engine: given.engine ?? dsl.engine,
    caching: given.caching ?? true,
    changelog: changelogOf(given.changelog),
    historyMs: given.versionedHistoryMs,
    entriesMax: given.lruEntriesMax,
    retentionMs: given.retentionMs,
  })
}

/** As in Kafka Streams the name of a store of a kind of its own is checked at the start only, with its topic. */
function storeNameOf({ store, versionedHistoryMs, lruEntriesMax }: AnyStoreOptions): string | undefined {
  const isSupplied = versionedHistoryMs !== undefined || lruEntriesMax !== undefined
  return store === undefined || isSupplied ? store : checkName(store)
}

export function changelogOf(given: StoreOptions<unknown, unknown>['changelog']): ChangelogSpec | undefined {
  if (given === false) return undefined
  return Object.freeze({ topic: undefined, configs: typeof given === 'object' ? Object.freeze({ ...given }) : {} })
}

function checkKeyValueOptions(given: AnyStoreOptions): void {
  const { versionedHistoryMs, lruEntriesMax, store, engine } = given
  if (versionedHistoryMs !== undefined && versionedHistoryMs < 0) {
    throw illegalArgument(`versionedHistoryMs is ${versionedHistoryMs}: it must not be negative`)
  }
  if (lruEntriesMax !== undefined) checkEntriesMax(store ?? '', 'lruEntriesMax', lruEntriesMax)
  if ((versionedHistoryMs !== undefined || lruEntriesMax !== undefined) && store === undefined) {
    throw illegalArgument('versionedHistoryMs and lruEntriesMax need a store name: give one')
  }
  if ((versionedHistoryMs !== undefined || lruEntriesMax !== undefined) && engine !== undefined) {
    throw illegalArgument(
      `engine is '${engine}', but a versioned store is always on disk and an LRU store in memory: leave engine out`,
    )
  }
}

export function checkEntriesMax(store: string, option: string, entriesMax: number): void {
  if (Number.isSafeInteger(entriesMax) && entriesMax >= 0) return
  throw illegalArgument(`${option} of store ${store} is ${entriesMax}: it must be a whole number, not negative`)
}

/** The store of a key-value table. */
export function keyValueStore(name: string, materialized: Materialized): StoreDraft {
  const { key, value, changelog, engine, caching, historyMs, entriesMax } = materialized
  const base = { name, key, value, changelog }
  if (historyMs !== undefined) {
    return Object.freeze({
      ...base,
      kind: 'versioned',
      engine: 'disk',
      caching: false,
      historyMs,
      segmentMs: undefined,
    })
  }
  if (entriesMax !== undefined) {
    return Object.freeze({ ...base, kind: 'lru', engine: 'memory', caching, timestamped: true, entriesMax })
  }
  return Object.freeze({ ...base, kind: 'timestamped-key-value', engine, caching })
}
