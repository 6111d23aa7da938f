import type { Bytes } from '../core/bytes.ts'
import { windowEnds } from '../core/custom-windows.ts'
import { type Headers, noHeaders } from '../core/headers.ts'
import { type ChangelogFormat, ChangelogRows } from './changelog-rows.ts'
import { CustomState } from './custom-state.ts'
import { DuplicateSequence } from './duplicate-sequence.ts'
import { HashOrder } from './hash-order.ts'
import { JoinGraceState, TypedJoinGraceBuffer } from './join-grace-buffer.ts'
import { sessionKeyEnd, sessionKeyInner, sessionKeyStart, windowKeyInner, windowKeyStart } from './key-schema.ts'
import { TypedKeyValueStore } from './key-value-store.ts'
import { LruRows } from './lru-rows.ts'
import { MapState } from './map-state.ts'
import { ListOuterJoinStore } from './outer-join-store.ts'
import type { CachedStore, CacheFlushListener, CustomStore, StateStore } from './port.ts'
import { RecordCache } from './record-cache.ts'
import { type Retention, segmentMsOf, versionSegmentMsOf, visibleFromMs } from './retention.ts'
import type { RowCursor, Rows } from './row.ts'
import { type SegmentKeys, SegmentedState, sessionSegmentKeys, windowSegmentKeys } from './segmented-state.ts'
import { TypedSessionStore } from './session-store.ts'
import type { StateBase } from './state-base.ts'
import type { StatePart } from './state-part.ts'
import { plainSerdes, type StoreSerdes, timestampedSerdes } from './store-serdes.ts'
import type {
  CustomStoreSpec,
  JoinGraceBufferSpec,
  KeyValueStoreSpec,
  LruStoreSpec,
  OuterJoinStoreSpec,
  SessionStoreSpec,
  StoreSpec,
  SubscriptionStoreSpec,
  SuppressBufferSpec,
  VersionedStoreSpec,
  WindowStoreSpec,
} from './store-spec.ts'
import { PrefixSubscriptionStore } from './subscription-store.ts'
import { SuppressState, TypedSuppressBuffer } from './suppress-buffer.ts'
import type { ChangelogMode, TaskStoresOptions } from './task-stores.ts'
import { indexSegmentKeys, sessionIndexKeys, TimeOrderedState, windowIndexKeys } from './time-ordered-state.ts'
import { plainValueFormat, timestampedValueFormat, type ValueFormat } from './value-format.ts'
import { TypedVersionedStore } from './versioned-store.ts'
import { VersionedState } from './versioned-state.ts'
import { TypedWindowStore } from './window-store.ts'

/** The layers of one store, as the interval needs them. A store that the user brings has none. */
export interface StoreParts {
  readonly store: StateStore
  readonly state: StatePart | undefined
  readonly changelog: ChangelogRows | undefined
  readonly cache: RecordCache | undefined
  readonly lru: LruRows | undefined
}

/** What a task gives to each of its stores. */
export interface ComposeContext extends StateBase {
  readonly options: TaskStoresOptions
}

/** Composes a store: typed, cache, changelog, interval and engine, from the outside in. */
export function composeStore(spec: StoreSpec, compose: ComposeContext): StoreParts {
  switch (spec.kind) {
    case 'key-value':
    case 'timestamped-key-value':
    case 'lru':
      return composeKeyValue(spec, compose)
    case 'versioned':
      return composeVersioned(spec, compose)
    case 'window':
    case 'timestamped-window':
      return composeWindow(spec, compose)
    case 'session':
      return composeSession(spec, compose)
    case 'outer-join-rows':
      return composeOuterJoin(spec, compose)
    case 'suppress-buffer':
      return composeSuppress(spec, compose)
    case 'join-grace-buffer':
      return composeJoinGrace(spec, compose)
    case 'foreign-key-subscriptions':
      return composeSubscriptions(spec, compose)
    case 'custom':
      return composeCustom(spec, compose)
  }
}

const noParts = { state: undefined, changelog: undefined, cache: undefined, lru: undefined }

function composeCustom(spec: CustomStoreSpec, { options }: ComposeContext): StoreParts {
  const store: CustomStore = spec.create()
  if (spec.changelog !== undefined) {
    const { changelog, recordContext } = options
    store.open?.((key, value) => changelog.log(spec.name, key, value, recordContext.timestamp, noHeaders))
  }
  return { ...noParts, store, state: new CustomState(store) }
}

function composeKeyValue(spec: KeyValueStoreSpec | LruStoreSpec, compose: ComposeContext): StoreParts {
  const { options } = compose
  const timestamped = spec.kind === 'timestamped-key-value' || (spec.kind === 'lru' && spec.timestamped)
  // An LRU store forgets, so it has nothing to find again on disk.
  const base = spec.kind === 'lru' ? { ...compose, engine: undefined } : compose
  const state = new MapState(spec.name, base, formatOf(timestamped))
  const serdes = serdesOf(spec, timestamped, options)
  // As in Kafka Streams only a store of plain values logs its evictions.
  const evict = timestamped ? undefined : (key: Bytes) => logged.rows.put(key, null, options.recordContext.timestamp)
  const lru = spec.kind === 'lru' ? new LruRows(state, spec.entriesMax, evict) : undefined
  const logged: Logged = withChangelog(spec, lru ?? state, options)
  const cache = cacheOf(spec, logged.rows, compose, timestamped ? 8 : 0, undefined)
  const rows = cache ?? logged.rows
  const store = new TypedKeyValueStore(spec.name, spec.kind, rows, serdes, options.recordContext)
  return {
    store: listenable(store, cache, serdes, (bytes) => serdes.key(bytes)),
    state,
    changelog: logged.changelog,
    cache,
    lru,
  }
}

function composeVersioned(spec: VersionedStoreSpec, compose: ComposeContext): StoreParts {
  const { options } = compose
  const segmentMs = spec.segmentMs ?? versionSegmentMsOf(spec.historyMs)
  const state = new VersionedState(spec.name, compose, spec.historyMs, segmentMs)
  const store = new TypedVersionedStore({
    name: spec.name,
    historyMs: spec.historyMs,
    state,
    serdes: serdesOf(spec, false, options),
    changelog: spec.changelog === undefined ? undefined : options.changelog,
    onDropped: () => options.onDropped(spec.name),
  })
  return { ...noParts, store, state }
}

function composeWindow(spec: WindowStoreSpec, compose: ComposeContext): StoreParts {
  const { options, engine } = compose
  const timestamped = spec.kind === 'timestamped-window'
  const timeOrderedDisk = spec.timeOrdered && spec.engine === 'disk'
  const retention = retentionOf(spec, timeOrderedDisk ? 'time-ordered-window' : 'window')
  const base = segmented(spec, formatOf(timestamped), retention, windowSegmentKeys, compose)
  const ordered = spec.timeOrdered
    ? new TimeOrderedState(base, timeIndex(spec, retention, compose), windowIndexKeys)
    : undefined
  const state = ordered ?? base
  const sequence = spec.retainDuplicates ? new DuplicateSequence(spec.name, engine, state) : undefined
  const serdes = serdesOf(spec, timestamped, options)
  const format = spec.logsHeaders ? withRecordHeaders(options) : {}
  const logged = withChangelog(spec, state, options, options.changelogMode, format)
  const cache = spec.retainDuplicates
    ? undefined
    : cacheOf(spec, logged.rows, compose, timestamped ? 16 : 8, windowKeyStart)
  const endMs = windowEnds(spec.customWindows ?? spec.windowSizeMs)
  const store = new TypedWindowStore({
    name: spec.name,
    kind: spec.kind,
    endMs,
    observedMs: () => base.observedMs,
    visibleFromMs: (observedMs) => visibleFromMs(retention, observedMs),
    nextSequence: sequence && (() => sequence.next()),
    rows: cache ?? logged.rows,
    byTime: ordered === undefined ? undefined : readerByTime(ordered, cache),
    serdes,
    context: options.recordContext,
  })
  const keyOf = (bytes: Bytes) => {
    const startMs = windowKeyStart(bytes)
    return { key: serdes.key(windowKeyInner(bytes)), window: { startMs, endMs: endMs(startMs) } }
  }
  return {
    ...noParts,
    store: listenable(store, cache, serdes, keyOf),
    state: sequence ?? state,
    changelog: logged.changelog,
    cache,
  }
}

function composeSession(spec: SessionStoreSpec, compose: ComposeContext): StoreParts {
  const { options } = compose
  const retention = retentionOf(spec, 'window')
  const base = segmented(spec, plainValueFormat, retention, sessionSegmentKeys, compose)
  const scanned: Retention =
    spec.timeOrdered && spec.engine === 'disk' ? { ...retention, visibility: 'segment' } : retention
  const ordered = spec.timeOrdered
    ? new TimeOrderedState(base, timeIndex(spec, scanned, compose), sessionIndexKeys)
    : undefined
  const state = ordered ?? base
  const serdes = serdesOf(spec, false, options)
  const logged = withChangelog(spec, state, options)
  const cache = ordered === undefined ? cacheOf(spec, logged.rows, compose, 8, sessionKeyEnd) : undefined
  const store = new TypedSessionStore({
    name: spec.name,
    rows: cache ?? logged.rows,
    visibleFromMs: (observedMs) => visibleFromMs(scanned, observedMs),
    byTime: ordered === undefined ? undefined : (fromMs, toMs, reverse) => ordered.byTime(fromMs, toMs, reverse),
    serdes,
    context: options.recordContext,
  })
  const keyOf = (bytes: Bytes) => ({
    key: serdes.key(sessionKeyInner(bytes)),
    window: { startMs: sessionKeyStart(bytes), endMs: sessionKeyEnd(bytes) },
  })
  return { ...noParts, store: listenable(store, cache, serdes, keyOf), state, changelog: logged.changelog, cache }
}

function composeOuterJoin(spec: OuterJoinStoreSpec, compose: ComposeContext): StoreParts {
  const { options } = compose
  const state = new MapState(spec.name, compose, plainValueFormat)
  const { rows, changelog } = withChangelog(spec, state, options)
  const serdes = { key: spec.key, left: spec.leftValue, right: spec.rightValue, topic: topicOf(spec, options) }
  return { ...noParts, store: new ListOuterJoinStore(spec.name, rows, serdes, options.recordContext), state, changelog }
}

const suppressHeaders: Headers = Object.freeze([{ key: 'v', value: Uint8Array.of(3) }])

function composeSuppress(spec: SuppressBufferSpec, { options, changes }: ComposeContext): StoreParts {
  const state = new SuppressState(changes)
  // Java logs what is dirty at commit, whatever was put in between.
  const format = { valueHeaders: suppressHeaders, order: new HashOrder() }
  const { rows, changelog } = withChangelog(spec, state.byKey, options, 'coalesced', format)
  const serdes = { key: spec.key, value: spec.value, topic: topicOf(spec, options) }
  return { ...noParts, store: new TypedSuppressBuffer(spec.name, state, rows, serdes), state, changelog }
}

function composeJoinGrace(spec: JoinGraceBufferSpec, compose: ComposeContext): StoreParts {
  const { options } = compose
  const state = new JoinGraceState(spec.name, compose)
  const { rows, changelog } = withChangelog(spec, state.rows, options)
  const serdes = { key: spec.key, value: spec.value, topic: topicOf(spec, options) }
  return { ...noParts, store: new TypedJoinGraceBuffer(spec.name, spec.graceMs, state, rows, serdes), state, changelog }
}

function composeSubscriptions(spec: SubscriptionStoreSpec, compose: ComposeContext): StoreParts {
  const { options } = compose
  const state = new MapState(spec.name, compose, timestampedValueFormat)
  const { rows, changelog } = withChangelog(spec, state, options, options.changelogMode, withRecordHeaders(options))
  const serdes = {
    foreignKey: spec.key,
    primaryKey: spec.primaryKey,
    value: spec.value,
    topic: topicOf(spec, options),
  }
  const store = new PrefixSubscriptionStore(spec.name, rows, serdes, options.recordContext)
  return { ...noParts, store, state, changelog }
}

function readerByTime(ordered: TimeOrderedState, cache: RecordCache | undefined) {
  return (fromMs: number, toMs: number, reverse: boolean): RowCursor => {
    const rows = ordered.byTime(fromMs, toMs, reverse)
    return cache === undefined ? rows : cache.byTime(rows, (key) => windowIndexKeys.toIndex(key), fromMs, toMs, reverse)
  }
}

function segmented(
  spec: StoreSpec,
  format: ValueFormat,
  retention: Retention,
  keys: SegmentKeys,
  compose: ComposeContext,
): SegmentedState {
  const onDropped = () => compose.options.onDropped(spec.name)
  return new SegmentedState(spec.name, compose, format, retention, keys, onDropped)
}

function timeIndex(spec: StoreSpec, retention: Retention, compose: ComposeContext): SegmentedState {
  return new SegmentedState(`${spec.name}/by-time`, compose, plainValueFormat, retention, indexSegmentKeys, () => {})
}

function retentionOf(spec: WindowStoreSpec | SessionStoreSpec, visibility: Retention['visibility']): Retention {
  return {
    retentionMs: spec.retentionMs,
    segmentMs: segmentMsOf(spec.retentionMs),
    refusesHidden: spec.engine === 'memory',
    ignoresNulls: spec.kind !== 'session' && spec.retainDuplicates && spec.engine === 'disk',
    visibility,
  }
}

interface Logged {
  readonly rows: Rows
  readonly changelog: ChangelogRows | undefined
}

function withChangelog(
  spec: StoreSpec,
  rows: Rows,
  options: TaskStoresOptions,
  mode: ChangelogMode = options.changelogMode,
  format: ChangelogFormat = {},
): Logged {
  if (spec.changelog === undefined) return { rows, changelog: undefined }
  const changelog = new ChangelogRows(spec.name, rows, options.changelog, mode, format)
  return { rows: changelog, changelog }
}

function withRecordHeaders({ recordContext }: TaskStoresOptions): ChangelogFormat {
  return { context: recordContext }
}

function cacheOf(
  spec: StoreSpec,
  rows: Rows,
  { options, changes }: ComposeContext,
  rowOverheadBytes: number,
  timeOf: ((key: Bytes) => number) | undefined,
): RecordCache | undefined {
  const { cacheBudget: budget, recordContext: context } = options
  if (!spec.caching || budget.bytesMax <= 0) return undefined
  const cachesReads = timeOf === undefined
  return new RecordCache({ rows, budget, context, changes, rowOverheadBytes, cachesReads, timeOf })
}

/** Adds `onFlush` to a store that has a cache; operators know the cache by this method. */
function listenable(
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
      const newValue = valueOf(flushed.newValue, flushed.newTimestamp)
      const oldValue = valueOf(flushed.oldValue, flushed.oldTimestamp)
      listener(keyOf(flushed.key), newValue, oldValue, contextTimestamp)
    }, sendOldValues)
  }
  return Object.assign(store, { onFlush }) satisfies CachedStore
}

function formatOf(timestamped: boolean): ValueFormat {
  return timestamped ? timestampedValueFormat : plainValueFormat
}

function serdesOf(spec: StoreSpec, timestamped: boolean, options: TaskStoresOptions): StoreSerdes {
  const topic = topicOf(spec, options)
  return timestamped
    ? timestampedSerdes(spec.name, spec.key, spec.value, topic)
    : plainSerdes(spec.name, spec.key, spec.value, topic)
}

function topicOf(spec: StoreSpec, options: TaskStoresOptions): string {
  return options.changelogTopic?.(spec.name) ?? spec.name
}
