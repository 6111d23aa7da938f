import type { Bytes } from '../core/bytes.ts'
import { TypedKeyValueStore } from './key-value-store.ts'
import { LruRows } from './lru-rows.ts'
import { MapState } from './map-state.ts'
import {
  type AssembledStore,
  cacheOf,
  listenable,
  type LoggedRows,
  plainValues,
  serdesOf,
  type StoreBase,
  timestampedValues,
  withChangelog,
} from './store-layers.ts'
import { isTimestamped, type KeyValueStoreSpec, type LruStoreSpec } from './store-spec.ts'

/** One map, and for an LRU store its order of use. */
export function assembleKeyValue(spec: KeyValueStoreSpec | LruStoreSpec, base: StoreBase): AssembledStore {
  const { options } = base
  const values = isTimestamped(spec) ? timestampedValues : plainValues
  // An LRU store forgets, so it has nothing to find again on disk.
  const stateBase = spec.kind === 'lru' ? { ...base, engine: undefined } : base
  const state = new MapState(spec.name, stateBase, values.format)
  const serdes = serdesOf(spec, values, options)
  // As in Kafka Streams only a store of plain values logs its evictions.
  const evict = isTimestamped(spec)
    ? undefined
    : (key: Bytes) => logged.rows.put(key, null, options.recordContext.timestamp)
  const lru = spec.kind === 'lru' ? new LruRows(state, spec.entriesMax, evict) : undefined
  const logged: LoggedRows = withChangelog(spec, lru ?? state, options)
  const cache = cacheOf(spec, logged.rows, base, values.timestampBytes, undefined, serdes)
  const { recordContext: context } = options
  const store = new TypedKeyValueStore({ name: spec.name, kind: spec.kind, rows: logged.rows, cache, serdes, context })
  return {
    store: listenable(store, cache, serdes, (bytes) => serdes.key(bytes)),
    state,
    changelog: logged.changelog,
    cache,
    lru,
  }
}
