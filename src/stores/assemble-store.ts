import { type Headers, noHeaders } from '../core/headers.ts'
import { assembleKeyValue } from './assemble-key-value-store.ts'
import { assembleSession, assembleWindow } from './assemble-windowed-store.ts'
import { CustomState } from './custom-state.ts'
import { HashOrder } from './hash-order.ts'
import { JoinGraceState, TypedJoinGraceBuffer } from './join-grace-buffer.ts'
import { MapState } from './map-state.ts'
import { ListOuterJoinStore } from './outer-join-store.ts'
import type { CustomStore } from './port.ts'
import { versionSegmentMsOf } from './retention.ts'
import {
  type AssembledStore,
  noLayers,
  plainValues,
  serdesOf,
  type StoreBase,
  topicOf,
  withChangelog,
  withRecordHeaders,
} from './store-layers.ts'
import type {
  CustomStoreSpec,
  JoinGraceBufferSpec,
  OuterJoinStoreSpec,
  StoreSpec,
  SubscriptionStoreSpec,
  SuppressBufferSpec,
  VersionedStoreSpec,
} from './store-spec.ts'
import { PrefixSubscriptionStore } from './subscription-store.ts'
import { SuppressState, TypedSuppressBuffer } from './suppress-buffer.ts'
import { plainValueFormat, timestampedValueFormat } from './value-format.ts'
import { TypedVersionedStore } from './versioned-store.ts'
import { VersionedState } from './versioned-state.ts'

/**
 * Assembles a store: typed, cache, changelog, interval and engine, from the outside in. Called once per store when a
 * task's stores are opened; the layers are drawn at `AssembledStore`. Reads what the engine has noted about the store,
 * nothing else.
 */
export function assembleStore(spec: StoreSpec, base: StoreBase): AssembledStore {
  switch (spec.kind) {
    case 'key-value':
    case 'timestamped-key-value':
    case 'lru':
      return assembleKeyValue(spec, base)
    case 'versioned':
      return assembleVersioned(spec, base)
    case 'window':
    case 'timestamped-window':
      return assembleWindow(spec, base)
    case 'session':
      return assembleSession(spec, base)
    case 'outer-join-rows':
      return assembleOuterJoin(spec, base)
    case 'suppress-buffer':
      return assembleSuppress(spec, base)
    case 'join-grace-buffer':
      return assembleJoinGrace(spec, base)
    case 'foreign-key-subscriptions':
      return assembleSubscriptions(spec, base)
    case 'custom':
      return assembleCustom(spec, base)
  }
}

/**
 * A store that the user brings: it logs its own rows, with the time of the current record, and gets them back when it
 * is restored.
 */
function assembleCustom(spec: CustomStoreSpec, { options }: StoreBase): AssembledStore {
  const store: CustomStore = spec.create()
  if (spec.changelog !== undefined) {
    const { changelog, recordContext } = options
    store.open?.((key, value) => changelog.log(spec.name, key, value, recordContext.timestamp, noHeaders))
  }
  return { ...noLayers, store, state: new CustomState(store) }
}

/** Without cache, as in Kafka Streams, and without the common changelog layer: the store logs each version itself. */
function assembleVersioned(spec: VersionedStoreSpec, base: StoreBase): AssembledStore {
  const { options } = base
  const segmentMs = spec.segmentMs ?? versionSegmentMsOf(spec.historyMs)
  const state = new VersionedState(spec.name, base, spec.historyMs, segmentMs)
  const store = new TypedVersionedStore({
    name: spec.name,
    historyMs: spec.historyMs,
    state,
    serdes: serdesOf(spec, plainValues, options),
    changelog: spec.changelog === undefined ? undefined : options.changelog,
    onDropped: () => options.onDropped(spec.name),
  })
  return { ...noLayers, store, state }
}

/** Rows that wait for a partner, by time. */
function assembleOuterJoin(spec: OuterJoinStoreSpec, base: StoreBase): AssembledStore {
  const { options } = base
  const state = new MapState(spec.name, base, plainValueFormat)
  const { rows, changelog } = withChangelog(spec, state, options)
  const serdes = { key: spec.key, left: spec.leftValue, right: spec.rightValue, topic: topicOf(spec, options) }
  return {
    ...noLayers,
    store: new ListOuterJoinStore(spec.name, rows, serdes, options.recordContext),
    state,
    changelog,
  }
}

/** Marks the format of the rows, as Java does. */
const suppressHeaders: Headers = Object.freeze([{ key: 'v', value: Uint8Array.of(3) }])

/** Always in memory: the engine of the task is not used. */
function assembleSuppress(spec: SuppressBufferSpec, { options, changes }: StoreBase): AssembledStore {
  const state = new SuppressState(changes)
  // Java logs what is dirty at commit, whatever was put in between.
  const format = { mode: 'coalesced', valueHeaders: suppressHeaders, order: new HashOrder() } as const
  const { rows, changelog } = withChangelog(spec, state.byKey, options, format)
  const serdes = { key: spec.key, value: spec.value, topic: topicOf(spec, options) }
  return { ...noLayers, store: new TypedSuppressBuffer(spec.name, state, rows, serdes), state, changelog }
}

/** Rows that wait for the table to catch up, by time. */
function assembleJoinGrace(spec: JoinGraceBufferSpec, base: StoreBase): AssembledStore {
  const { options } = base
  const state = new JoinGraceState(spec.name, base)
  const { rows, changelog } = withChangelog(spec, state.rows, options)
  const serdes = { key: spec.key, value: spec.value, topic: topicOf(spec, options) }
  return {
    ...noLayers,
    store: new TypedJoinGraceBuffer(spec.name, spec.graceMs, state, rows, serdes),
    state,
    changelog,
  }
}

/** Rows of a foreign-key join. Their changelog has the headers of the record that caused the row. */
function assembleSubscriptions(spec: SubscriptionStoreSpec, base: StoreBase): AssembledStore {
  const { options } = base
  const state = new MapState(spec.name, base, timestampedValueFormat)
  const { rows, changelog } = withChangelog(spec, state, options, withRecordHeaders(options))
  const serdes = {
    foreignKey: spec.key,
    primaryKey: spec.primaryKey,
    value: spec.value,
    topic: topicOf(spec, options),
  }
  const store = new PrefixSubscriptionStore(spec.name, rows, serdes, options.recordContext)
  return { ...noLayers, store, state, changelog }
}
