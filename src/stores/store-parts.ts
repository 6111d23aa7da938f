import { assert } from '../core/assert.ts'
import { ChangelogRows } from './changelog-rows.ts'
import type { Engine } from './engine.ts'
import { sessionKeyEnd, windowKeyStart } from './key-schema.ts'
import { TypedKeyValueStore } from './key-value-store.ts'
import { MapState } from './map-state.ts'
import type { StateStore } from './port.ts'
import { type Retention, segmentMsOf } from './retention.ts'
import type { Rows } from './row.ts'
import { SegmentedState } from './segmented-state.ts'
import { TypedSessionStore } from './session-store.ts'
import type { StatePart } from './state-part.ts'
import type { KeyValueStoreSpec, SessionStoreSpec, StoreSpec, WindowStoreSpec } from './store-spec.ts'
import { plainSerdes, type StoreSerdes, timestampedSerdes } from './store-serdes.ts'
import type { TaskStoresOptions } from './task-stores.ts'
import { plainValueFormat, timestampedValueFormat } from './value-format.ts'
import { TypedWindowStore } from './window-store.ts'

/** The layers of one store, as the interval needs them. */
export interface StoreParts {
  readonly store: StateStore
  readonly state: StatePart
  readonly changelog: ChangelogRows | undefined
}

/** Composes a store: typed, changelog, interval and engine, from the outside in. */
export function composeStore(spec: StoreSpec, engine: Engine | undefined, options: TaskStoresOptions): StoreParts {
  switch (spec.kind) {
    case 'key-value':
    case 'timestamped-key-value':
      return composeKeyValue(spec, engine, options)
    case 'window':
    case 'timestamped-window':
      return composeWindow(spec, engine, options)
    case 'session':
      return composeSession(spec, engine, options)
    default:
      assert(false, `store kind ${spec.kind} is not composed`)
  }
}

function composeKeyValue(spec: KeyValueStoreSpec, engine: Engine | undefined, options: TaskStoresOptions): StoreParts {
  const timestamped = spec.kind === 'timestamped-key-value'
  const state = new MapState(spec.name, engine, timestamped ? timestampedValueFormat : plainValueFormat)
  const { rows, changelog } = logged(spec, state, options)
  const serdes = serdesOf(spec, timestamped, options)
  return { store: new TypedKeyValueStore(spec.name, spec.kind, rows, serdes, options.recordContext), state, changelog }
}

function composeWindow(spec: WindowStoreSpec, engine: Engine | undefined, options: TaskStoresOptions): StoreParts {
  const timestamped = spec.kind === 'timestamped-window'
  const state = new SegmentedState(
    spec.name,
    engine,
    timestamped ? timestampedValueFormat : plainValueFormat,
    retentionOf(spec, spec.timeOrdered && spec.engine === 'disk'),
    windowKeyStart,
    () => options.onDropped(spec.name),
  )
  const { rows, changelog } = logged(spec, state, options)
  const store = new TypedWindowStore({
    name: spec.name,
    kind: spec.kind,
    windowSizeMs: spec.windowSizeMs,
    retainDuplicates: spec.retainDuplicates,
    rows,
    serdes: serdesOf(spec, timestamped, options),
    context: options.recordContext,
  })
  return { store, state, changelog }
}

function composeSession(spec: SessionStoreSpec, engine: Engine | undefined, options: TaskStoresOptions): StoreParts {
  const state = new SegmentedState(spec.name, engine, plainValueFormat, retentionOf(spec, false), sessionKeyEnd, () =>
    options.onDropped(spec.name),
  )
  const { rows, changelog } = logged(spec, state, options)
  const serdes = serdesOf(spec, false, options)
  return { store: new TypedSessionStore(spec.name, spec.kind, rows, serdes, options.recordContext), state, changelog }
}

function retentionOf(spec: WindowStoreSpec | SessionStoreSpec, showsOldest: boolean): Retention {
  return {
    retentionMs: spec.retentionMs,
    segmentMs: segmentMsOf(spec.retentionMs),
    refusesHidden: spec.engine === 'memory',
    showsOldest,
  }
}

function logged(spec: StoreSpec, rows: Rows, options: TaskStoresOptions) {
  if (spec.changelog === undefined) return { rows, changelog: undefined }
  const changelog = new ChangelogRows(spec.name, rows, options.changelog, options.changelogMode)
  return { rows: changelog, changelog }
}

function serdesOf(spec: StoreSpec, timestamped: boolean, options: TaskStoresOptions): StoreSerdes {
  const topic = options.changelogTopic?.(spec.name) ?? spec.name
  return timestamped ? timestampedSerdes(spec.key, spec.value, topic) : plainSerdes(spec.key, spec.value, topic)
}
