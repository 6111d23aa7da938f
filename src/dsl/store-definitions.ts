import { shown, told } from '../core/shown.ts'
import type { Serde } from '../serde/serde.ts'
import type {
  KeyValueStoreSpec,
  LruStoreSpec,
  SessionStoreSpec,
  StoreEngine,
  VersionedStoreSpec,
  WindowStoreSpec,
} from '../stores/store-spec.ts'
import { buildError, illegalArgument } from '../topology/build-error.ts'
import { changelogOf, checkEntriesMax } from './materialized.ts'
import { checkRequired } from './check-options.ts'

/** Options of a store for processors. A supplier lists the store in `stores`, or `addStateStore` adds it. */
export interface NamedStoreOptions<K, V> {
  /** The name by which processors ask for the store; also part of the name of its changelog topic. */
  readonly name: string
  /** Serde of the keys. */
  readonly key: Serde<K>
  /** Serde of the values. */
  readonly value: Serde<V>
  /** Default: disk. */
  readonly engine?: StoreEngine | undefined
  /** Whether updates are coalesced in the record cache. Default false. */
  readonly caching?: boolean | undefined
  /** false: the state is lost with the task; an object: topic settings on top of the defaults. Default true. */
  readonly changelog?: boolean | Readonly<Record<string, string>> | undefined
}

function baseOf<K, V>(given: NamedStoreOptions<K, V>) {
  const options = checkRequired(given, 'a store')
  const { name } = options
  // Whether it can be one is checked at the start, with the topic, as in Kafka Streams.
  if (typeof name !== 'string') throw illegalArgument(`the name of a store is ${shown(name)}: it must be a text`)
  return {
    name,
    key: options.key as Serde<unknown>,
    value: options.value as Serde<unknown>,
    engine: options.engine ?? 'disk',
    caching: options.caching ?? false,
    changelog: changelogOf(options.changelog),
  } as const
}

function checkDuration(store: string, option: string, valueMs: number): number {
  if (Number.isSafeInteger(valueMs) && valueMs >= 0) return valueMs
  throw illegalArgument(
    `${option} of store ${store} is ${told(valueMs)}: it must be a whole number of milliseconds, not negative`,
  )
}

/**
 * A key-value store for processors: one value for each key. It is of kind `KeyValueStore`.
 *
 * @example
 * ```ts
 * builder.addStateStore(keyValueStore({ name: 'last-order', key: string(), value: json<{ readonly amount: number }>()
 * }))
 * ```
 */
export function keyValueStore<K, V>(options: NamedStoreOptions<K, V>): KeyValueStoreSpec {
  return Object.freeze({ ...baseOf(options), kind: 'key-value' })
}

/** Rows are `ValueAndTimestamp`. */
export function timestampedKeyValueStore<K, V>(options: NamedStoreOptions<K, V>): KeyValueStoreSpec {
  return Object.freeze({ ...baseOf(options), kind: 'timestamped-key-value' })
}

/** A store that keeps the most recently used rows, in memory. */
export function lruStore<K, V>(options: NamedStoreOptions<K, V> & { readonly entriesMax: number }): LruStoreSpec {
  const { entriesMax } = checkRequired(options, 'a store')
  checkEntriesMax(options.name, 'entriesMax', entriesMax)
  return Object.freeze({ ...baseOf(options), kind: 'lru', engine: 'memory', timestamped: false, entriesMax })
}

/** A store that keeps old versions of each row for `historyMs` milliseconds, on disk, without a cache. */
export function versionedKeyValueStore<K, V>(
  options: NamedStoreOptions<K, V> & { readonly historyMs: number; readonly segmentMs?: number | undefined },
): VersionedStoreSpec {
  checkRequired(options, 'a store')
  const historyMs = checkDuration(options.name, 'historyMs', options.historyMs)
  const { segmentMs } = options
  if (options.caching) {
    throw buildError(
      'ILLEGAL_STATE',
      `store ${options.name} is versioned, and versioned stores have no cache: leave caching out`,
    )
  }
  if (segmentMs !== undefined && checkDuration(options.name, 'segmentMs', segmentMs) === 0) {
    throw illegalArgument(`segmentMs of store ${options.name} is 0: it must be at least 1`)
  }
  return Object.freeze({ ...baseOf(options), kind: 'versioned', engine: 'disk', caching: false, historyMs, segmentMs })
}

/** Options of `windowStore` and `timestampedWindowStore`. */
export interface WindowStoreOptions<K, V> extends NamedStoreOptions<K, V> {
  /** The size of a window in milliseconds: its end is its start plus this size. */
  readonly windowSizeMs: number
  /** How long rows can be read; at least the size of a window. */
  readonly retentionMs: number
  /** If true, each put adds a row, and there is no cache, even with `caching: true`. Default false. */
  readonly retainDuplicates?: boolean | undefined
}

/**
 * A window store for processors: values by key and start of a window. Rows older than `retentionMs` are hidden, and
 * puts of them are dropped and counted. Throws ILLEGAL_ARGUMENT if `retentionMs` is below `windowSizeMs`, or one of
 * them is not a whole number of at least 0.
 *
 * @example
 * ```ts
 * builder.addStateStore(
 *   windowStore({
 *     name: 'readings',
 *     key: string(),
 *     value: double(),
 *     windowSizeMs: minutes(1),
 *     retentionMs: hours(1),
 *   }),
 * )
 * ```
 */
export function windowStore<K, V>(options: WindowStoreOptions<K, V>): WindowStoreSpec {
  return Object.freeze({ ...windowBase(options), kind: 'window' })
}

/** Rows are `ValueAndTimestamp`. */
export function timestampedWindowStore<K, V>(options: WindowStoreOptions<K, V>): WindowStoreSpec {
  return Object.freeze({ ...windowBase(options), kind: 'timestamped-window' })
}

function windowBase<K, V>(options: WindowStoreOptions<K, V>) {
  const { name, retainDuplicates = false } = checkRequired(options, 'a store')
  const windowSizeMs = checkDuration(name, 'windowSizeMs', options.windowSizeMs)
  const retentionMs = checkDuration(name, 'retentionMs', options.retentionMs)
  if (retentionMs < windowSizeMs) {
    throw illegalArgument(
      `retentionMs of store ${name} is ${retentionMs}, less than windowSizeMs, ${windowSizeMs}: set at least that`,
    )
  }
  const base = baseOf(options)
  const caching = base.caching && !retainDuplicates
  return { ...base, caching, windowSizeMs, retentionMs, retainDuplicates, timeOrdered: false } as const
}

/**
 * A session store for processors: values by key, start and end of a session. Rows can be read for `retentionMs`
 * milliseconds of stream time. Throws ILLEGAL_ARGUMENT for a `retentionMs` that is not a whole number of at least 0.
 */
export function sessionStore<K, V>(
  options: NamedStoreOptions<K, V> & { readonly retentionMs: number },
): SessionStoreSpec {
  checkRequired(options, 'a store')
  const retentionMs = checkDuration(options.name, 'retentionMs', options.retentionMs)
  return Object.freeze({ ...baseOf(options), kind: 'session', retentionMs, timeOrdered: false })
}
