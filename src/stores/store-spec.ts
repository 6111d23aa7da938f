import type { CustomWindows } from '../core/custom-windows.ts'
import type { Serde } from '../serde/serde.ts'
import type { StateStore } from './port.ts'

/** `disk` is the durable engine (LMDB); with `memory` the state is lost when the task closes. */
export type StoreEngine = 'memory' | 'disk'

interface StoreSpecBase {
  readonly name: string
  readonly engine: StoreEngine
  readonly key: Serde<unknown>
  readonly value: Serde<unknown>
  readonly caching: boolean
  /** undefined: no changelog topic; the state is lost with the task. */
  readonly changelog: ChangelogSpec | undefined
}

export interface ChangelogSpec {
  /** A source topic that serves as changelog; undefined: `<application id>-<store>-changelog`. */
  readonly topic: string | undefined
  /** What the user set on top of the defaults of the store kind. */
  readonly configs: Readonly<Record<string, string>>
}

export interface KeyValueStoreSpec extends StoreSpecBase {
  readonly kind: 'key-value' | 'timestamped-key-value'
}

/** Keeps the most recently used entries only. */
export interface LruStoreSpec extends StoreSpecBase {
  readonly kind: 'lru'
  readonly timestamped: boolean
  readonly entriesMax: number
}

export interface VersionedStoreSpec extends StoreSpecBase {
  readonly kind: 'versioned'
  readonly historyMs: number
  readonly segmentMs: number | undefined
}

export interface WindowStoreSpec extends StoreSpecBase {
  readonly kind: 'window' | 'timestamped-window'
  readonly retentionMs: number
  readonly windowSizeMs: number
  /** Tell the ends of windows in place of their size. */
  readonly customWindows?: CustomWindows | undefined
  readonly retainDuplicates: boolean
  /** Ordered by time first, as emit-on-close needs it (Java's time-ordered window store with index). */
  readonly timeOrdered: boolean
  /** Changelog records carry the headers of the record that was put; Java does so for the windows of stream joins. */
  readonly logsHeaders?: boolean
}

export interface SessionStoreSpec extends StoreSpecBase {
  readonly kind: 'session'
  readonly retentionMs: number
  readonly timeOrdered: boolean
}

/** Unmatched rows of a left or outer stream-stream join, by time, side and key; values are lists. */
export interface OuterJoinStoreSpec extends StoreSpecBase {
  readonly kind: 'outer-join-rows'
  readonly leftValue: Serde<unknown>
  readonly rightValue: Serde<unknown>
}

/** Suppress's time-ordered buffer of changes; always in memory, with a changelog. */
export interface SuppressBufferSpec extends StoreSpecBase {
  readonly kind: 'suppress-buffer'
}

/** Stream records that wait for their grace before a stream-table join. */
export interface JoinGraceBufferSpec extends StoreSpecBase {
  readonly kind: 'join-grace-buffer'
  readonly graceMs: number
}

/** Subscriptions of a foreign-key join: (foreign key, primary key) -> hash, instruction, timestamp. */
export interface SubscriptionStoreSpec extends StoreSpecBase {
  readonly kind: 'foreign-key-subscriptions'
  readonly primaryKey: Serde<unknown>
}

/** A store that the user brings. */
export interface CustomStoreSpec extends StoreSpecBase {
  readonly kind: 'custom'
  readonly create: () => StateStore
}

/** A state store as frozen data; `stores/` turns it into layers, `topology/` into a changelog topic. */
export type StoreSpec =
  | KeyValueStoreSpec
  | LruStoreSpec
  | VersionedStoreSpec
  | WindowStoreSpec
  | SessionStoreSpec
  | OuterJoinStoreSpec
  | SuppressBufferSpec
  | JoinGraceBufferSpec
  | SubscriptionStoreSpec
  | CustomStoreSpec

/** Whether the values of a store are kept with their timestamps. */
export function isTimestamped(spec: StoreSpec): boolean {
  return (
    spec.kind === 'timestamped-key-value' ||
    spec.kind === 'timestamped-window' ||
    (spec.kind === 'lru' && spec.timestamped)
  )
}
