import type { Windowed } from '../../src/index.ts'
import type {
  KeyValueStore,
  OuterJoinStore,
  SessionStore,
  StateStore,
  TimestampedKeyValueStore,
  TimestampedWindowStore,
  VersionedKeyValueStore,
  WindowStore,
} from '../../src/stores/port.ts'
import type { StoreSpec } from '../../src/stores/store-spec.ts'
import type { VectorStore } from './vector.ts'

/**
 * Keys that came in or went out, as JSON text, by the name of their serde: a versioned store is asked for these, as it has
 * no iterator over its keys.
 */
export type SeenKeys = ReadonlyMap<string, ReadonlySet<string>>

/** The rows of a store that its own iterator shows, in the form of a vector. */
export function rowsOf(spec: StoreSpec, store: StateStore, seenKeys: SeenKeys): VectorStore {
  switch (spec.kind) {
    case 'timestamped-key-value':
      return timestamped(store)
    case 'lru':
      return spec.timestamped ? timestamped(store) : plain(store)
    case 'key-value':
      return plain(store)
    case 'versioned':
      return versioned(store, seenKeys.get(spec.key.name) ?? new Set())
    case 'timestamped-window':
      return {
        type: 'timestampedWindow',
        rows: [...(store as TimestampedWindowStore<unknown, unknown>).all()].map(({ key, value }) => ({
          key: jsonOf(key),
          ...value,
        })),
      }
    case 'window':
      // Java cannot show windows of no size.
      if (spec.windowSizeMs === 0 && !(store as WindowStore<unknown, unknown>).all().next().done)
        return { type: 'internal' }
      return { type: 'window', rows: entries((store as WindowStore<unknown, unknown>).all()) }
    case 'session':
      return { type: 'session', rows: entries((store as SessionStore<unknown, unknown>).all()) }
    case 'outer-join-rows':
      return {
        type: 'keyValue',
        rows: [...(store as OuterJoinStore<unknown, unknown>).all()].map(({ key, timestamp, side, value }) => ({
          key: { key: jsonOf(key), timestamp, side },
          value,
        })),
      }
    default:
      return { type: 'internal' }
  }
}

function plain(store: StateStore): VectorStore {
  return { type: 'keyValue', rows: entries((store as KeyValueStore<unknown, unknown>).all()) }
}

function timestamped(store: StateStore): VectorStore {
  const rows = [...(store as TimestampedKeyValueStore<unknown, unknown>).all()]
  return {
    type: 'timestampedKeyValue',
    rows: rows.map(({ key, value }) => ({ key: jsonOf(key), value: value.value, timestamp: value.timestamp })),
  }
}

function versioned(store: StateStore, keys: ReadonlySet<string>): VectorStore {
  const rows = [...keys].flatMap((text) => {
    const key: unknown = JSON.parse(text)
    const versions = [
      ...(store as VersionedKeyValueStore<unknown, unknown>).getRange(key, 0, Number.MAX_SAFE_INTEGER, true),
    ]
    return versions.map(({ value, timestamp, validTo }) => ({
      key,
      value,
      timestamp,
      ...(validTo === undefined ? {} : { validTo }),
    }))
  })
  return { type: 'versioned', rows }
}

function entries(rows: Iterable<{ readonly key: unknown; readonly value: unknown }>): readonly unknown[] {
  return [...rows].map(({ key, value }) => ({ key: jsonOf(key), value }))
}

function isWindowed(value: unknown): value is Windowed<unknown> {
  return typeof value === 'object' && value !== null && 'window' in value && 'key' in value
}

/** A key in the form of a vector: windowed keys are flat. */
export function jsonOf(key: unknown): unknown {
  if (!isWindowed(key)) return key
  return { key: jsonOf(key.key), start: key.window.startMs, end: key.window.endMs }
}
