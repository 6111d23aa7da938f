import {
  hoppingWindows,
  keyValueStore,
  sessionStore,
  timestampedKeyValueStore,
  versionedKeyValueStore,
  windowStore,
  type JoinWindows,
  joinWindows,
  type KeyValueStoreOptions,
  type SessionWindows,
  type SlidingWindows,
  sessionWindows,
  slidingWindows,
  type Suppressed,
  type TimestampOf,
  type TimeWindows,
  tumblingWindows,
  unlimitedWindows,
  untilTimeLimit,
  untilWindowCloses,
  type WindowedStoreOptions,
} from '../../src/index.ts'
import type { StoreSpec } from '../../src/stores/store-spec.ts'
import { serdeOf } from './vector-serdes.ts'
import type { VectorMaterialized, VectorStep, VectorType, VectorWindow } from './vector.ts'

type AnyStoreOptions = KeyValueStoreOptions<unknown, unknown> & WindowedStoreOptions<unknown, unknown>

/** Engine names of the scenario language. */
export function engineOf(storeType: string | undefined): 'memory' | 'disk' | undefined {
  if (storeType === undefined) return undefined
  return storeType === 'inMemory' ? 'memory' : 'disk'
}

/** Where `materialized` is absent, so are these options; an empty one still counts as a Materialized. */
export function storeOptions(
  given: VectorMaterialized | undefined,
  key: VectorType,
  value: VectorType,
): AnyStoreOptions {
  if (given === undefined || given === null) return {}
  return {
    materialized: true,
    store: given.name,
    key: serdeOf(key),
    value: serdeOf(value),
    engine: engineOf(given.storeType),
    caching: given.caching,
    changelog: given.logConfig ?? given.logging,
    retentionMs: given.retention,
    versionedHistoryMs: given.versioned,
    lruEntriesMax: given.lru,
  }
}

/** Aggregations and toTable are always given serdes. */
export function aggregationOptions(given: VectorMaterialized | undefined, key: VectorType, value: VectorType) {
  return { ...storeOptions(given ?? {}, key, value), value: serdeOf(value) }
}

export function windowsOf(window: VectorWindow): TimeWindows | SlidingWindows | SessionWindows {
  const graceMs = window.grace ?? 0
  switch (window.type) {
    case 'sliding':
      return slidingWindows({ timeDifferenceMs: window.diff ?? 0, graceMs })
    case 'session':
      return sessionWindows({ gapMs: window.gap ?? 0, graceMs })
    case 'unlimited':
      return unlimitedWindows({ startMs: window.start ?? 0 })
    default: {
      const sizeMs = window.size ?? 0
      return window.advance === undefined
        ? tumblingWindows({ sizeMs, graceMs })
        : hoppingWindows({ sizeMs, advanceMs: window.advance, graceMs })
    }
  }
}

export function windowedType(key: VectorType, window: VectorWindow): VectorType {
  switch (window.type) {
    case 'session':
      return { session: key }
    case 'sliding':
      return { windowed: key, size: window.diff ?? 0 }
    case 'unlimited':
      return { windowed: key, size: 2 ** 63 }
    default:
      return { windowed: key, size: window.size ?? 0 }
  }
}

export function joinWindowsOf(window: VectorWindow): JoinWindows {
  const { diff = 0, before, after, grace = 0 } = window
  return joinWindows({
    differenceMs: diff,
    ...(before === undefined ? {} : { beforeMs: before }),
    ...(after === undefined ? {} : { afterMs: after }),
    graceMs: grace,
  })
}

export function suppressedOf(step: VectorStep): Suppressed {
  const { buffer } = step
  const shared = { name: step.named, bufferedRecordsMax: buffer?.maxRecords, bufferedBytesMax: buffer?.maxBytes }
  if (step.until === 'windowCloses') return untilWindowCloses(shared)
  const whenFull = buffer?.full === 'shutdown' ? 'shut-down' : 'emit'
  return untilTimeLimit({ ...shared, limitMs: step.limit ?? 0, whenFull })
}

/** The extractors that scenarios name; the record's own time where there is none. */
export function timestampOf(extractor: string | undefined): TimestampOf<unknown, unknown> | undefined {
  if (extractor === undefined || extractor === 'logAndSkip') return undefined
  if (extractor.startsWith('field:')) {
    const name = extractor.slice('field:'.length)
    return (value) => integerOf((value as Readonly<{ [name: string]: unknown }> | null)?.[name])
  }
  switch (extractor) {
    case 'value':
      return (value) => integerOf(value)
    case 'partitionTime':
      return (_value, _key, _record, partitionTimeMs) => partitionTimeMs
    case 'usePartitionTime':
      return (_value, _key, record, partitionTimeMs) => (record.timestamp < 0 ? partitionTimeMs : record.timestamp)
    default:
      throw new Error(`unknown extractor ${extractor}`)
  }
}

function integerOf(value: unknown): number {
  return Number.isInteger(value) ? (value as number) : -1
}

/** addStateStore's stores. */
export function storeSpecOf(step: VectorStep): StoreSpec {
  const { name = '', key = 'string', value = 'string', retention: retentionMs = 0, retainDuplicates = false } = step
  const options = {
    name,
    key: serdeOf(key),
    value: serdeOf(value),
    engine: engineOf(step.storeType),
    caching: step.caching,
    changelog: step.logging,
  }
  switch (step.type) {
    case 'kv':
      return keyValueStore(options)
    case 'timestampedKv':
      return timestampedKeyValueStore(options)
    case 'versioned':
      return versionedKeyValueStore({ ...options, historyMs: step.history ?? 0, segmentMs: step.segment })
    case 'window':
      return windowStore({ ...options, retentionMs, windowSizeMs: step.size ?? 0, retainDuplicates })
    case 'session':
      return sessionStore({ ...options, retentionMs })
    default:
      throw new Error(`unknown store type ${step.type}`)
  }
}
