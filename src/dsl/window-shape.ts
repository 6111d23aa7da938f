import type { CustomWindows } from '../core/custom-windows.ts'
import { shown } from '../core/shown.ts'
import type { Serde } from '../serde/serde.ts'
import { sessionWindowed, timeWindowed } from '../serde/windowed.ts'
import { illegalArgument } from '../topology/build-error.ts'
import type { AggregationSpec, EmitStrategy, Merger, TableView } from '../topology/operator-spec.ts'
import type { OperatorDraft } from '../topology/resolve-spec.ts'
import type { StoreDraft } from '../topology/store-draft.ts'
import type { Materialized } from './materialized.ts'
import { endOfTimeMs, type SessionWindows, type SlidingWindows, type TimeWindows } from './window-definitions.ts'

export type AnyWindows = TimeWindows | SlidingWindows | SessionWindows

/** A windowed aggregation, whatever its windows. */
export interface WindowedAggregation {
  readonly aggregation: AggregationSpec
  readonly emit: EmitStrategy
  readonly store: string
  /** Name of the node that takes late records. */
  readonly late: string | undefined
}

/** All that an aggregation has to know of a kind of windows. */
export interface WindowShape {
  /** How long windows stay open for updates and can be read: their store keeps them at least for so long. */
  readonly retentionLeastMs: number
  /** When a window's result is final, counted from its end; for sessions from the last record. */
  readonly closeGraceMs: number
  /** Emitting on close, Kafka Streams caches those of a class of `Windows` alone; that decides which windows a jump loses. */
  readonly cachedOnClose: boolean
  keySerde(key: Serde<unknown>): Serde<unknown>
  view(store: string): TableView
  store(base: WindowStoreBase): StoreDraft
  /** `merger`: of sessions alone. */
  operator(aggregation: WindowedAggregation, merger: Merger | undefined): OperatorDraft
}

type WindowStoreBase = Pick<StoreDraft, 'name' | 'key' | 'value' | 'changelog' | 'engine' | 'caching'> & {
  readonly retentionMs: number
  readonly timeOrdered: boolean
}

/** The shape of windows: the one place that asks for their kind. */
export function windowShape(windows: AnyWindows): WindowShape {
  switch (windows.kind) {
    case 'time':
      return {
        ...timeShape(windows.sizeMs),
        retentionLeastMs: windows.sizeMs + windows.graceMs,
        closeGraceMs: windows.graceMs,
        cachedOnClose: true,
        operator: (given) => ({ kind: 'window-aggregate', windows, ...given }),
      }
    case 'custom':
      return {
        ...timeShape(windows.sizeMs, windows),
        retentionLeastMs: windows.sizeMs + windows.graceMs,
        closeGraceMs: windows.graceMs,
        cachedOnClose: true,
        operator: (given) => ({ kind: 'window-aggregate', windows, ...given }),
      }
    case 'unlimited':
      return {
        ...timeShape(endOfTimeMs),
        retentionLeastMs: endOfTimeMs,
        closeGraceMs: 0,
        cachedOnClose: false,
        operator: (given) => ({ kind: 'window-aggregate', windows, ...given }),
      }
    case 'sliding': {
      const { timeDifferenceMs, graceMs } = windows
      return {
        ...timeShape(timeDifferenceMs),
        retentionLeastMs: 2 * timeDifferenceMs + graceMs,
        closeGraceMs: graceMs,
        cachedOnClose: false,
        operator: (given) => ({ kind: 'sliding-aggregate', timeDifferenceMs, graceMs, ...given }),
      }
    }
    case 'session':
      return sessionShape(windows)
  }
}

/** Windows whose keys are written with their start alone: the end follows from the length, or from custom windows. */
function timeShape(
  windowSizeMs: number,
  customWindows?: CustomWindows,
): Pick<WindowShape, 'keySerde' | 'view' | 'store'> {
  const custom = customWindows && { customWindows }
  return {
    keySerde: (key) => timeWindowed(key, customWindows ?? windowSizeMs),
    view: (store) => ({ kind: 'window-store', store }),
    store: (base) =>
      Object.freeze({ ...base, kind: 'timestamped-window', windowSizeMs, ...custom, retainDuplicates: false }),
  }
}

function sessionShape({ gapMs, graceMs }: SessionWindows): WindowShape {
  return {
    retentionLeastMs: gapMs + graceMs,
    closeGraceMs: gapMs + graceMs,
    cachedOnClose: false,
    keySerde: sessionWindowed,
    view: (store) => ({ kind: 'session-store', store }),
    store: (base) => Object.freeze({ ...base, kind: 'session' }),
    operator: (given, merger) => {
      if (!merger) throw illegalArgument(`session aggregation into ${given.store} has no merger: pass one`)
      return { kind: 'session-aggregate', gapMs, graceMs, merger, ...given }
    },
  }
}

/** The store of a windowed aggregation. Throws ILLEGAL_ARGUMENT where it would forget windows that still take records. */
export function windowedStore(
  name: string,
  shape: WindowShape,
  emit: EmitStrategy,
  materialized: Materialized,
): StoreDraft {
  const { retentionLeastMs, cachedOnClose } = shape
  const { key, value, changelog, engine, retentionMs = retentionLeastMs } = materialized
  if (!Number.isInteger(retentionMs) || retentionMs < retentionLeastMs) {
    throw illegalArgument(
      `retentionMs of store ${name} is ${shown(retentionMs)}, but its windows stay open for ${retentionLeastMs} ms: set at least that`,
    )
  }
  const timeOrdered = emit === 'on-window-close'
  const caching = materialized.caching && (!timeOrdered || cachedOnClose)
  return shape.store({ name, key, value, changelog, engine, caching, retentionMs, timeOrdered })
}
