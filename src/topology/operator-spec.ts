import type { CustomWindows } from '../core/custom-windows.ts'
import type { AsyncCall } from './async-call.ts'
import type { Serde } from '../serde/serde.ts'
import type { AnyFixedKeyProcessorSupplier, AnyProcessorSupplier } from './processor-api.ts'

/** User functions after the types were checked at the DSL's door. */
export type Predicate = (key: unknown, value: unknown) => boolean
export type ValueMapper = (key: unknown, value: unknown) => unknown
export type KeyMapper = (key: unknown, value: unknown) => unknown
export type Joiner = (key: unknown, left: unknown, right: unknown) => unknown
export type Initializer = () => unknown
export type Aggregator = (key: unknown, value: unknown, aggregate: unknown) => unknown
export type Reducer = (aggregate: unknown, value: unknown) => unknown
export type Merger = (key: unknown, left: unknown, right: unknown) => unknown

export type EmitStrategy = 'on-window-update' | 'on-window-close'

/**
 * Time windows, [start, end): aligned to the epoch, or to `offsetMs` after it. `unlimited` has one window from startMs.
 */
export type TimeWindowsSpec =
  | {
      readonly kind: 'time'
      readonly sizeMs: number
      readonly advanceMs: number
      readonly graceMs: number
      readonly offsetMs?: number | undefined
    }
  | { readonly kind: 'unlimited'; readonly startMs: number }
  | CustomWindows

/**
 * How a join or grouping reads the current row of a table: from its store, or through the table's lineage when it has
 * none (Java's KTableValueGetter).
 */
export type TableView =
  | { readonly kind: 'store'; readonly store: string; readonly versioned: boolean }
  | { readonly kind: 'filter'; readonly source: TableView; readonly predicate: Predicate; readonly not: boolean }
  | { readonly kind: 'map-values'; readonly source: TableView; readonly mapper: ValueMapper }
  | { readonly kind: 'transform-values'; readonly source: TableView; readonly supplier: AnyFixedKeyProcessorSupplier }
  | {
      readonly kind: 'table-table-join'
      readonly left: TableView
      readonly right: TableView
      readonly join: 'inner' | 'left' | 'outer'
      readonly joiner: Joiner
    }
  /** A suppressed table: the row last emitted for a key that is buffered, else the source's row. */
  | { readonly kind: 'suppress'; readonly source: TableView; readonly buffer: string }
  /** Table of a windowed or session aggregation, read by windowed key. */
  | { readonly kind: 'window-store'; readonly store: string }
  | { readonly kind: 'session-store'; readonly store: string }

/** Where a table operator keeps its result; undefined: nowhere. */
export interface Materialization {
  readonly store: string
  readonly versioned: boolean
}

/** Set for every table operator: whether something downstream needs the old value of a change. */
interface TableOutput {
  readonly sendOldValues: boolean
}

/** Operators that treat changes of versioned tables otherwise. */
interface VersionedInput {
  /** The input has versioned semantics: its out-of-order changes are no news. Others pass on even if they are late. */
  readonly inputVersioned: boolean
}

/**
 * Where an aggregation takes its input: `aggregate` for reduce has no initializer (the first value is the aggregate).
 */
export type AggregationSpec =
  | { readonly kind: 'aggregate'; readonly initializer: Initializer; readonly aggregator: Aggregator }
  | { readonly kind: 'reduce'; readonly reducer: Reducer }
  | { readonly kind: 'count' }

/**
 * Extension: the child that gets the records that no window accepts any more, instead of dropping them. `late` of
 * windowed aggregations; it is not among the children that changes go to.
 */
export function lateChildOf(operator: OperatorSpec): string | undefined {
  return 'late' in operator ? operator.late : undefined
}

/** Joins of two streams within a time distance: other.ts in [ts - beforeMs, ts + afterMs], seen from the left. */
export interface JoinWindowsSpec {
  readonly beforeMs: number
  readonly afterMs: number
  readonly graceMs: number
}

/**
 * One physical processor as frozen data. The table in `operators/create-operator.ts` has an entry for each `kind`.
 * Names follow the operators' files. Stateless kinds first, then aggregations, joins, tables, foreign-key join,
 * processors, sinks.
 */
export type OperatorSpec =
  | { readonly kind: 'filter'; readonly predicate: Predicate; readonly not: boolean }
  | { readonly kind: 'map'; readonly mapper: (key: unknown, value: unknown) => readonly [unknown, unknown] }
  | { readonly kind: 'map-values'; readonly mapper: ValueMapper }
  | { readonly kind: 'select-key'; readonly mapper: KeyMapper }
  | {
      readonly kind: 'flat-map'
      readonly mapper: (key: unknown, value: unknown) => Iterable<readonly [unknown, unknown]>
    }
  | { readonly kind: 'flat-map-values'; readonly mapper: (key: unknown, value: unknown) => Iterable<unknown> }
  | { readonly kind: 'peek'; readonly action: (key: unknown, value: unknown) => void; readonly forward: boolean }
  /**
   * First match wins; the child of each branch is named, a record without a match is dropped unless there is a default
   * (predicate undefined).
   */
  | {
      readonly kind: 'branch'
      readonly branches: readonly { readonly predicate: Predicate | undefined; readonly child: string }[]
    }
  /** merge, split's branches, cogroup's end: forwards as it is. */
  | { readonly kind: 'pass-through' }
  /** Drops null keys in front of a repartition topic (not counted as dropped). */
  | { readonly kind: 'repartition-filter' }
  | { readonly kind: 'processor'; readonly supplier: AnyProcessorSupplier }
  | { readonly kind: 'fixed-key-processor'; readonly supplier: AnyFixedKeyProcessorSupplier }
  /** Extension: drops a record whose id was seen within the time (proposed in KIP-655). `id` undefined/null: passes. */
  | {
      readonly kind: 'deduplicate'
      readonly id: KeyMapper
      readonly ttlMs: number
      readonly store: string
      /** Under which its drops are counted. */
      readonly reason: string
      /** Whether records that are older than all remembered ids pass, or are dropped and counted. */
      readonly lateRecords: 'pass' | 'drop'
    }
  /** Extension: awaits a mapping with bounded concurrency; order per key is kept. */
  | {
      readonly kind: 'async-map-values'
      readonly mapper: (key: unknown, value: unknown, call: AsyncCall) => Promise<unknown>
      readonly concurrencyMax: number
      readonly timeoutMs: number
    }
  /** Extension: ends the topology in an external sink, by the name of its factory. */
  | {
      readonly kind: 'external-sink'
      readonly sink: string
      /** The application whose documents these are, where it is not the one that runs: a replay writes those again. */
      readonly identityOf?: string | undefined
    }

  // aggregations of streams
  | ({
      readonly kind: 'stream-aggregate'
      readonly aggregation: AggregationSpec
      readonly store: string
    } & TableOutput & {
        readonly versioned: boolean
      })
  | ({
      readonly kind: 'window-aggregate'
      readonly aggregation: AggregationSpec
      readonly windows: TimeWindowsSpec
      readonly emit: EmitStrategy
      readonly store: string
      readonly late?: string | undefined
    } & TableOutput)
  | ({
      readonly kind: 'sliding-aggregate'
      readonly aggregation: AggregationSpec
      readonly timeDifferenceMs: number
      readonly graceMs: number
      readonly emit: EmitStrategy
      readonly store: string
      readonly late?: string | undefined
    } & TableOutput)
  | ({
      readonly kind: 'session-aggregate'
      readonly aggregation: AggregationSpec
      readonly merger: Merger
      readonly gapMs: number
      readonly graceMs: number
      readonly emit: EmitStrategy
      readonly store: string
      readonly late?: string | undefined
    } & TableOutput)

  // stream joins
  /** Forwards the record, then puts it into a join window store (KSTREAM-WINDOWED). */
  | { readonly kind: 'join-window'; readonly store: string }
  | {
      readonly kind: 'stream-stream-join'
      readonly side: 'left' | 'right'
      readonly join: 'inner' | 'left' | 'outer'
      readonly windows: JoinWindowsSpec
      readonly joiner: Joiner
      /** The window store of the other side. */
      readonly otherStore: string
      /** Unmatched rows; undefined for an inner join. */
      readonly outerStore: string | undefined
      /** Both sides of one join share their clock by this key. */
      readonly clock: string
      /** Throttle of scans for unmatched rows; undefined: as the application sets it. */
      readonly emitIntervalMs?: number | undefined
    }
  | {
      readonly kind: 'stream-stream-self-join'
      readonly windows: JoinWindowsSpec
      readonly joiner: Joiner
      readonly store: string
      readonly clock: string
    }
  | {
      readonly kind: 'stream-table-join'
      readonly join: 'inner' | 'left'
      readonly joiner: Joiner
      readonly table: TableView
      /** A record waits until stream time passes its timestamp by this (KIP-923). */
      readonly grace: { readonly graceMs: number; readonly buffer: string } | undefined
    }
  | {
      readonly kind: 'stream-global-table-join'
      readonly join: 'inner' | 'left'
      readonly keyMapper: KeyMapper
      readonly joiner: Joiner
      readonly table: TableView
    }

  // tables
  | ({ readonly kind: 'table-source'; readonly materialized: Materialization | undefined } & TableOutput)
  /** Keeps a global table's store; its end. */
  | { readonly kind: 'global-table-source'; readonly store: string }
  | {
      readonly kind: 'stream-to-table'
      readonly materialized: Materialization | undefined
      readonly sendOldValues: boolean
    }
  | ({
      readonly kind: 'table-filter'
      readonly predicate: Predicate
      readonly not: boolean
      readonly materialized: Materialization | undefined
      /**
       * The input sent old values when the filter was added (Java asks its parent in the constructor): then a tombstone
       * comes only when a row leaves.
       */
      readonly inputSendsOldValues: boolean
      /** The input has versioned semantics: rows that fail are always forwarded as tombstones. */
      readonly inputVersioned: boolean
    } & TableOutput)
  | ({
      readonly kind: 'table-map-values'
      readonly mapper: ValueMapper
      readonly materialized: Materialization | undefined
      readonly inputSendsOldValues: boolean
    } & TableOutput)
  | ({
      readonly kind: 'table-transform-values'
      readonly supplier: AnyFixedKeyProcessorSupplier
      readonly source: TableView
      readonly materialized: Materialization | undefined
    } & TableOutput)
  /** `mapper` of a windowed toStream's new key; undefined keeps the key. */
  | { readonly kind: 'table-to-stream' }
  /** groupBy of a table: (key, Change) -> (new key, Change of mapped values), split in two when the key moves. */
  | ({
      readonly kind: 'table-group-by'
      readonly mapper: (key: unknown, value: unknown) => readonly [unknown, unknown]
    } & VersionedInput)
  | ({
      readonly kind: 'table-aggregate'
      readonly initializer: Initializer
      readonly adder: Aggregator
      readonly subtractor: Aggregator
      /** reduce: no initializer, the first value is the aggregate. */
      readonly reduce: boolean
      readonly materialized: Materialization
    } & TableOutput)
  | ({
      readonly kind: 'table-table-join'
      readonly side: 'left' | 'right'
      readonly join: 'inner' | 'left' | 'outer'
      readonly joiner: Joiner
      /** The other side. */
      readonly other: TableView
    } & TableOutput &
      VersionedInput)
  /** Merges both sides of a table-table join, and keeps the result where it is materialized. */
  | ({ readonly kind: 'table-join-merge'; readonly materialized: Materialization | undefined } & TableOutput)
  | ({
      readonly kind: 'suppress'
      readonly buffer: string
      readonly waitMs: number
      /** untilWindowCloses: the buffer time is the window's end, tombstones vanish. */
      readonly finalResults: boolean
      readonly recordsMax: number
      readonly bytesMax: number
      readonly whenFull: 'emit' | 'shut-down'
      /** Where the old value of a key is read when it is not in the buffer. */
      readonly source: TableView
    } & TableOutput)

  // foreign-key join (KIP-213, KIP-1104)
  | ({
      readonly kind: 'foreign-key-subscription-send'
      readonly foreignKey: (key: unknown, value: unknown) => unknown
      readonly join: 'inner' | 'left'
      readonly foreignKeySerde: Serde<unknown>
      readonly leftValueSerde: Serde<unknown>
      readonly primaryKeyTopic: string
      readonly foreignKeyTopic: string
    } & VersionedInput)
  | {
      readonly kind: 'foreign-key-subscription-receive'
      readonly store: string
      readonly foreignKeySerde: Serde<unknown>
      readonly primaryKeySerde: Serde<unknown>
    }
  | { readonly kind: 'foreign-key-subscription-join'; readonly right: TableView }
  | ({
      readonly kind: 'foreign-key-right-change'
      readonly store: string
      readonly foreignKeySerde: Serde<unknown>
      readonly primaryKeySerde: Serde<unknown>
    } & VersionedInput)
  | {
      readonly kind: 'foreign-key-response-join'
      readonly left: TableView
      readonly leftValueSerde: Serde<unknown>
      readonly join: 'inner' | 'left'
      readonly joiner: (key: unknown, left: unknown, right: unknown) => unknown
      readonly responseTopic: string
    }
  /** The result table of a foreign-key join. */
  | ({ readonly kind: 'foreign-key-result'; readonly materialized: Materialization | undefined } & TableOutput)

export type OperatorKind = OperatorSpec['kind']
