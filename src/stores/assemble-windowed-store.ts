import type { Bytes } from '../core/bytes.ts'
import { windowEnds } from '../core/custom-windows.ts'
import type { Direction } from './direction.ts'
import { DuplicateSequence } from './duplicate-sequence.ts'
import { sessionKeyEnd, sessionKeyInner, sessionKeyStart, windowKeyInner, windowKeyStart } from './key-schema.ts'
import type { RecordCache } from './record-cache.ts'
import { type Retention, segmentMsOf, visibleFromMs } from './retention.ts'
import type { RowCursor } from './row.ts'
import { type SegmentKeys, SegmentedState, sessionSegmentKeys, windowSegmentKeys } from './segmented-state.ts'
import { TypedSessionStore } from './session-store.ts'
import {
  type AssembledStore,
  cacheOf,
  listenable,
  noLayers,
  plainValues,
  serdesOf,
  type StoreBase,
  timestampedValues,
  withChangelog,
  withRecordHeaders,
} from './store-layers.ts'
import { isTimestamped, type SessionStoreSpec, type StoreSpec, type WindowStoreSpec } from './store-spec.ts'
import { indexSegmentKeys, sessionIndexKeys, TimeOrderedState, windowIndexKeys } from './time-ordered-state.ts'
import { plainValueFormat, type ValueFormat } from './value-format.ts'
import { TypedWindowStore } from './window-store.ts'

/** The number of its segment, which Java's record cache puts in front of each key of these stores. */
const segmentBytes = 8

/**
 * Rows of segments; with an index by time for aggregations that emit closed windows, and with numbers for rows of one key
 * and time where duplicates are retained, without a cache.
 */
export function assembleWindow(spec: WindowStoreSpec, base: StoreBase): AssembledStore {
  const { options, engine } = base
  const values = isTimestamped(spec) ? timestampedValues : plainValues
  const timeOrderedDisk = spec.timeOrdered && spec.engine === 'disk'
  const retention = retentionOf(spec, timeOrderedDisk ? 'time-ordered-window' : 'window')
  const segments = segmented(spec, values.format, retention, windowSegmentKeys, base)
  const ordered = spec.timeOrdered
    ? new TimeOrderedState(segments, timeIndex(spec, retention, base), windowIndexKeys)
    : undefined
  const state = ordered ?? segments
  const sequence = spec.retainDuplicates ? new DuplicateSequence(spec.name, engine, state) : undefined
  const serdes = serdesOf(spec, values, options)
  const format = spec.logsHeaders ? withRecordHeaders(options) : {}
  const logged = withChangelog(spec, state, options, format)
  const cache = spec.retainDuplicates
    ? undefined
    : cacheOf(spec, logged.rows, base, segmentBytes + values.timestampBytes, windowKeyStart, serdes)
  const endMs = windowEnds(spec.customWindows ?? spec.windowSizeMs)
  const store = new TypedWindowStore({
    name: spec.name,
    kind: spec.kind,
    endMs,
    observedMs: () => segments.observedMs,
    visibleFromMs: (observedMs) => visibleFromMs(retention, observedMs),
    nextSequence: sequence && (() => sequence.next()),
    rows: logged.rows,
    cache,
    byTime: ordered === undefined ? undefined : readerByTime(ordered, cache),
    serdes,
    context: options.recordContext,
  })
  const keyOf = (bytes: Bytes) => {
    const startMs = windowKeyStart(bytes)
    return { key: serdes.key(windowKeyInner(bytes)), window: { startMs, endMs: endMs(startMs) } }
  }
  return {
    ...noLayers,
    store: listenable(store, cache, serdes, keyOf),
    state: sequence ?? state,
    changelog: logged.changelog,
    cache,
  }
}

/** Rows of segments; with an index by time, which turns the cache off. */
export function assembleSession(spec: SessionStoreSpec, base: StoreBase): AssembledStore {
  const { options } = base
  const retention = retentionOf(spec, 'window')
  const segments = segmented(spec, plainValueFormat, retention, sessionSegmentKeys, base)
  const scanned: Retention =
    spec.timeOrdered && spec.engine === 'disk' ? { ...retention, visibility: 'segment' } : retention
  const ordered = spec.timeOrdered
    ? new TimeOrderedState(segments, timeIndex(spec, scanned, base), sessionIndexKeys)
    : undefined
  const state = ordered ?? segments
  const serdes = serdesOf(spec, plainValues, options)
  const logged = withChangelog(spec, state, options)
  const cache =
    ordered === undefined ? cacheOf(spec, logged.rows, base, segmentBytes, sessionKeyEnd, serdes) : undefined
  const store = new TypedSessionStore({
    name: spec.name,
    rows: cache ?? logged.rows,
    visibleFromMs: (observedMs) => visibleFromMs(scanned, observedMs),
    byTime: ordered === undefined ? undefined : (fromMs, toMs, direction) => ordered.byTime(fromMs, toMs, direction),
    serdes,
    context: options.recordContext,
  })
  const keyOf = (bytes: Bytes) => ({
    key: serdes.key(sessionKeyInner(bytes)),
    window: { startMs: sessionKeyStart(bytes), endMs: sessionKeyEnd(bytes) },
  })
  return { ...noLayers, store: listenable(store, cache, serdes, keyOf), state, changelog: logged.changelog, cache }
}

/** Reads by time through the cache, which holds rows that the index does not have yet. */
function readerByTime(ordered: TimeOrderedState, cache: RecordCache | undefined) {
  return (fromMs: number, toMs: number, direction: Direction): RowCursor => {
    const rows = ordered.byTime(fromMs, toMs, direction)
    return cache === undefined
      ? rows
      : cache.byTime(rows, (key) => windowIndexKeys.toIndex(key), fromMs, toMs, direction)
  }
}

/** Rows that come too late are counted and logged as drops of the task. */
function segmented(
  spec: StoreSpec,
  format: ValueFormat,
  retention: Retention,
  keys: SegmentKeys,
  base: StoreBase,
): SegmentedState {
  const onDropped = () => base.options.onDropped(spec.name)
  return new SegmentedState(spec.name, base, format, retention, keys, onDropped)
}

/** Its rows come and go with those of the store, so that nothing of it is dropped by itself. */
function timeIndex(spec: StoreSpec, retention: Retention, base: StoreBase): SegmentedState {
  return new SegmentedState(`${spec.name}/by-time`, base, plainValueFormat, retention, indexSegmentKeys, () => {})
}

/** The store's own; the differences between engines are Java's. */
function retentionOf(spec: WindowStoreSpec | SessionStoreSpec, visibility: Retention['visibility']): Retention {
  return {
    retentionMs: spec.retentionMs,
    segmentMs: segmentMsOf(spec.retentionMs),
    refusesHidden: spec.engine === 'memory',
    ignoresNulls: spec.kind !== 'session' && spec.retainDuplicates && spec.engine === 'disk',
    visibility,
  }
}
