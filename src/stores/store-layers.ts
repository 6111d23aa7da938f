import type { Bytes } from '../core/bytes.ts'
import { type ChangelogFormat, ChangelogRows } from './changelog-rows.ts'
import type { LruRows } from './lru-rows.ts'
import type { CachedStore, CacheFlushListener, StateStore } from './port.ts'
import { RecordCache } from './record-cache.ts'
import type { Rows } from './row.ts'
import type { StateBase } from './state-base.ts'
import type { StatePart } from './state-part.ts'
import { plainSerdes, type StoreSerdes, timestampedSerdes } from './store-serdes.ts'
import type { StoreSpec } from './store-spec.ts'
import type { ChangelogMode, TaskStoresOptions } from './task-stores.ts'
import { plainValueFormat, timestampBytes, timestampedValueFormat, type ValueFormat } from './value-format.ts'

/**
 * The layers of one store. A call of an operator goes from the top to the bottom; `TaskStores` brings the interval
 * through them in the order of the commit path.
 *
 * ```
 * store      keys and values of the user       TypedKeyValueStore, TypedWindowStore, …
 * cache      newest value of each key          RecordCache, where the spec has caching
 * changelog  which rows the commit must log    ChangelogRows, where the spec has a changelog
 * lru        forgets the eldest                LruRows, of an LRU store
 * state      rows of the interval and before   MapState, SegmentedState, …: write buffers in front of engine maps
 * ```
 * A store that the user brings has no layers of ours.
 */
export interface AssembledStore {
  readonly store: StateStore
  readonly state: StatePart | undefined
  readonly changelog: ChangelogRows | undefined
  readonly cache: RecordCache | undefined
  readonly lru: LruRows | undefined
}

export const noLayers = { state: undefined, changelog: undefined, cache: undefined, lru: undefined }

/** What a task gives to each of its stores. */
export interface StoreBase extends StateBase {
  readonly options: TaskStoresOptions
}

/** How the values of a store are kept: alone, or with their timestamps. The sizes are those of Java's record cache. */
export interface ValueKind {
  readonly format: ValueFormat
  readonly bindSerdes: typeof plainSerdes
  readonly timestampBytes: number
}

export const plainValues: ValueKind = { format: plainValueFormat, bindSerdes: plainSerdes, timestampBytes: 0 }
export const timestampedValues: ValueKind = {
  format: timestampedValueFormat,
  bindSerdes: timestampedSerdes,
  timestampBytes,
}

/** The store's serdes, bound to their topic. */
export function serdesOf(spec: StoreSpec, values: ValueKind, options: TaskStoresOptions): StoreSerdes {
  return values.bindSerdes(spec.name, spec.key, spec.value, topicOf(spec, options))
}

/** The topic that a store's serdes get: that of its changelog, else the store's name. */
export function topicOf(spec: StoreSpec, options: TaskStoresOptions): string {
  return options.changelogTopic?.(spec.name) ?? spec.name
}

/** Rows as the layers above see them; `changelog` is the same object, where there is one. */
export interface LoggedRows {
  readonly rows: Rows
  readonly changelog: ChangelogRows | undefined
}

/** Puts the changelog in front of the rows, where the store has one. */
export function withChangelog(
  spec: StoreSpec,
  rows: Rows,
  options: TaskStoresOptions,
  { mode = options.changelogMode, ...format }: ChangelogFormat & { readonly mode?: ChangelogMode } = {},
): LoggedRows {
  if (spec.changelog === undefined) return { rows, changelog: undefined }
  const changelog = new ChangelogRows(spec.name, rows, options.changelog, mode, format)
  return { rows: changelog, changelog }
}

/** For changelogs that keep the headers of the record that caused the row. */
export function withRecordHeaders({ recordContext }: TaskStoresOptions): ChangelogFormat {
  return { context: recordContext }
}

/** Puts a record cache in front of the rows; undefined where the store or the application has none. */
export function cacheOf(
  spec: StoreSpec,
  rows: Rows,
  { options, changes }: StoreBase,
  rowOverheadBytes: number,
  timeOf: ((key: Bytes) => number) | undefined,
  serdes: StoreSerdes,
): RecordCache | undefined {
  const { cacheBudget: budget, recordContext: context } = options
  if (!spec.caching || budget.bytesMax <= 0) return undefined
  const cachesReads = timeOf === undefined
  const { held } = serdes
  return new RecordCache({ rows, budget, context, changes, rowOverheadBytes, cachesReads, timeOf, held })
}

/** Adds `onFlush` to a store that has a cache; operators know the cache by this method. */
export function listenable(
  store: StateStore,
  cache: RecordCache | undefined,
  serdes: StoreSerdes,
  keyOf: (bytes: Bytes) => unknown,
): StateStore {
  if (cache === undefined) return store
  const valueOf = (bytes: Bytes | null, timestamp: number) =>
    bytes === null ? undefined : serdes.value(bytes, timestamp)
  const onFlush = (listener: CacheFlushListener, sendOldValues: boolean): void => {
    cache.listen((flushed, contextTimestamp) => {
      const { newValue: bytes, newHeld, newTimestamp } = flushed
      const newValue = newHeld === undefined ? valueOf(bytes, newTimestamp) : serdes.held?.give(newHeld, newTimestamp)
      const oldValue = valueOf(flushed.oldValue, flushed.oldTimestamp)
      listener(keyOf(flushed.key), newValue, oldValue, contextTimestamp)
    }, sendOldValues)
  }
  return Object.assign(store, { onFlush }) satisfies CachedStore
}
