import { shown } from '../core/shown.ts'
import type { Serde } from '../serde/serde.ts'
import { sessionWindowed, timeWindowed } from '../serde/windowed.ts'
import { illegalArgument } from '../topology/build-error.ts'
import type { AggregationSpec, EmitStrategy, Merger, OperatorSpec, TableView } from '../topology/operator-spec.ts'
import type { StoreDraft } from '../topology/store-draft.ts'
import type { Materialized } from './materialized.ts'
import { retentionMsOf, type SessionWindows, type SlidingWindows, type TimeWindows, endOfTimeMs } from './windows.ts'

export type AnyWindows = TimeWindows | SlidingWindows | SessionWindows

/** The length that a window's key is written with. */
export function windowSizeMs(windows: TimeWindows | SlidingWindows): number {
  if (windows.kind === 'sliding') return windows.timeDifferenceMs
  return windows.kind === 'unlimited' ? endOfTimeMs : windows.sizeMs
}

export function windowedKeySerde(windows: AnyWindows, key: Serde<unknown> | undefined): Serde<unknown> | undefined {
  if (!key) return undefined
  if (windows.kind === 'session') return sessionWindowed(key)
  return timeWindowed(key, windows.kind === 'custom' ? windows : windowSizeMs(windows))
}

export function windowedView(windows: AnyWindows, store: string): TableView {
  return { kind: windows.kind === 'session' ? 'session-store' : 'window-store', store }
}

/** When a window's result is final, counted from its end; for sessions from the last record. */
export function windowCloseGraceMs(windows: AnyWindows): number {
  if (windows.kind === 'session') return windows.graceMs + windows.gapMs
  return windows.kind === 'unlimited' ? 0 : windows.graceMs
}

export function windowedStore(
  name: string,
  windows: AnyWindows,
  emit: EmitStrategy,
  materialized: Materialized,
): StoreDraft {
  const leastMs = retentionMsOf(windows)
  const retentionMs = materialized.retentionMs ?? leastMs
  if (!Number.isInteger(retentionMs) || retentionMs < leastMs) {
    throw illegalArgument(
      `retentionMs of store ${name} is ${shown(retentionMs)}, but its windows stay open for ${leastMs} ms; set at least that`,
    )
  }
  const timeOrdered = emit === 'on-window-close'
  const { key, value, changelog, engine } = materialized
  const base = {
    name,
    key,
    value,
    changelog,
    engine,
    // Of windows that emit on close Kafka Streams caches those of a class of `Windows` alone; that decides which windows a jump loses.
    caching: materialized.caching && (!timeOrdered || windows.kind === 'time' || windows.kind === 'custom'),
    retentionMs,
    timeOrdered,
  }
  if (windows.kind === 'session') return Object.freeze({ ...base, kind: 'session' })
  return Object.freeze({
    ...base,
    kind: 'timestamped-window',
    windowSizeMs: windowSizeMs(windows),
    ...(windows.kind === 'custom' && { customWindows: windows }),
    retainDuplicates: false,
  })
}

type WindowedOperator = Extract<OperatorSpec, { readonly emit: EmitStrategy }>

export function windowedOperator(
  windows: AnyWindows,
  aggregation: AggregationSpec,
  merger: Merger | undefined,
  emit: EmitStrategy,
  store: string,
  sendOldValues: boolean,
): WindowedOperator {
  const shared = { aggregation, emit, store, sendOldValues } as const
  switch (windows.kind) {
    case 'sliding':
      return {
        kind: 'sliding-aggregate',
        timeDifferenceMs: windows.timeDifferenceMs,
        graceMs: windows.graceMs,
        ...shared,
      }
    case 'session': {
      if (!merger) throw illegalArgument(`Session aggregation into ${store} has no merger; pass one`)
      return { kind: 'session-aggregate', gapMs: windows.gapMs, graceMs: windows.graceMs, merger, ...shared }
    }
    default:
      return { kind: 'window-aggregate', windows, ...shared }
  }
}
