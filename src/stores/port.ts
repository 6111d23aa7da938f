import type { Bytes } from '../core/bytes.ts'
import type { Headers } from '../core/headers.ts'

/**
 * The stores that operators and processors use, typed. Kinds, names and results are those of Kafka Streams; all calls
 * are synchronous and see the task's own uncommitted writes. Iteration is in unsigned order of the serialized key
 * bytes. Iterators are lazy. You may write to the store while an iterator is open: rows that you do not change are
 * returned once, in order; a row that you put or delete meanwhile is returned at most once, with its old or its new
 * value. Do not keep an iterator for the next record.
 */
export interface StateStore {
  /** The name of the store, unique in the topology. */
  readonly name: string
  /** The kind of the store, such as `key-value` or `timestamped-window`. */
  readonly kind: string
}

/**
 * The function that a user's own store calls to write one record to its changelog. The record is restored
 * later; a null value is a deletion.
 */
export type LogChange = (key: Bytes, value: Bytes | null) => void

/**
 * A store that the user brings (kind `custom`). It belongs to one task: each time a task opens, the store is created
 * again and gets everything that it logged, in order, before the task processes records.
 */
export interface CustomStore extends StateStore {
  /** Called before all other methods if the store has a changelog. */
  open?(log: LogChange): void
  /** The bytes are valid during the call only: copy what you keep. */
  restore?(key: Bytes, value: Bytes | null, timestamp: number): void
}

/** A value with the timestamp of the record that wrote it. */
export interface ValueAndTimestamp<V> {
  /** The value. */
  readonly value: V
  /** The timestamp of the record that wrote the value, in milliseconds since the epoch. */
  readonly timestamp: number
}

/** A time range in milliseconds; whether the end belongs to the range depends on the kind of window. */
export interface Window {
  /** Start of the window in milliseconds since the epoch, inclusive. */
  readonly startMs: number
  /** End of the window in milliseconds since the epoch. */
  readonly endMs: number
}

/** A key together with a window: the key of a windowed result. */
export interface Windowed<K> {
  /** The key of the group. */
  readonly key: K
  /** The time range of the result. */
  readonly window: Window
}

/** A row: a key and its value. */
export interface KeyValue<K, V> {
  /** The key of the row. */
  readonly key: K
  /** The value of the row. */
  readonly value: V
}

/** The reading half of a key-value store. */
export interface ReadOnlyKeyValueStore<K, V> extends StateStore {
  /** The value of a key; undefined if there is none. */
  get(key: K): V | undefined
  /** Rows between two keys, both inclusive; an undefined bound is open. */
  range(from: K | undefined, to: K | undefined): IterableIterator<KeyValue<K, V>>
  /** As `range`, in descending order of the key bytes. */
  reverseRange(from: K | undefined, to: K | undefined): IterableIterator<KeyValue<K, V>>
  /** All rows, in ascending order of the key bytes. */
  all(): IterableIterator<KeyValue<K, V>>
  /** All rows, in descending order of the key bytes. */
  reverseAll(): IterableIterator<KeyValue<K, V>>
  /** Rows whose key bytes begin with these bytes. */
  prefixScan(prefix: Uint8Array): IterableIterator<KeyValue<K, V>>
  /** Approximate number of rows: rows with changes that are not written yet may be counted twice. */
  approximateNumEntries(): number
}

/** A key-value store that can be written to. */
export interface KeyValueStore<K, V> extends ReadOnlyKeyValueStore<K, V> {
  /** Sets the value of a key; undefined and null delete the row. */
  put(key: K, value: V | null | undefined): void
  /**
   * Sets the value if the key has none. Returns the existing value; undefined if there was none and the new value was
   * put.
   */
  putIfAbsent(key: K, value: V): V | undefined
  /** Puts all entries, in order; null deletes. */
  putAll(entries: Iterable<KeyValue<K, V | null>>): void
  /** Deletes a row and returns the value that was deleted. */
  delete(key: K): V | undefined
}

/** A key-value store whose values carry the timestamp of the record that wrote them. */
export type TimestampedKeyValueStore<K, V> = KeyValueStore<K, ValueAndTimestamp<V>>

/** One version of a value. */
export interface VersionedRecord<V> {
  /** The value. */
  readonly value: V
  /** From when the version is valid, inclusive, in milliseconds since the epoch. */
  readonly timestamp: number
  /** End of validity, exclusive; undefined for the latest version, and outside of `getRange`. */
  readonly validTo: number | undefined
}

/** `putNotStored`: the record was older than the history that is kept. `undefined`: it became the latest version. */
export const versionedPutNotStored = -9223372036854775808n
export type VersionedPutResult = number | undefined | typeof versionedPutNotStored

/** A store that keeps old versions of each value for a while (KIP-889). Times are in milliseconds since the epoch. */
export interface VersionedKeyValueStore<K, V> extends StateStore {
  /** The latest version of a key; undefined if there is none, or it is deleted. */
  get(key: K): VersionedRecord<V> | undefined
  /** The version of a key that was valid at a time; undefined if there was none, or it is no longer kept. */
  getAsOf(key: K, asOfTimestampMs: number): VersionedRecord<V> | undefined
  /** Puts a version; returns the end of its validity. */
  put(key: K, value: V | null, timestampMs: number): VersionedPutResult
  /** Deletes the value of a key from a time on; returns the version that was valid then. */
  delete(key: K, timestampMs: number): VersionedRecord<V> | undefined
  /** Versions of a key valid within the times, both inclusive, newest first unless `ascending`. */
  getRange(key: K, fromMs: number, toMs: number, ascending?: boolean): IterableIterator<VersionedRecord<V>>
}

/** A row of a window store under one key: the window's start and its value. */
export interface WindowEntry<V> {
  /** Start of the window in milliseconds since the epoch, inclusive. */
  readonly startMs: number
  /** The value in that window. */
  readonly value: V
}

/** Bounds are inclusive everywhere. Rows older than the retention are hidden. */
export interface ReadOnlyWindowStore<K, V> extends StateStore {
  /** The value of a key in the window that starts at this time; undefined if there is none. */
  get(key: K, startMs: number): V | undefined
  /** The windows of a key that start within the times, in order of their starts. */
  fetch(key: K, fromMs: number, toMs: number): IterableIterator<WindowEntry<V>>
  /** As `fetch`, the latest window first. */
  backwardFetch(key: K, fromMs: number, toMs: number): IterableIterator<WindowEntry<V>>
  /** The windows of all keys between two keys that start within the times; an undefined key is an open bound. */
  fetchRange(
    fromKey: K | undefined,
    toKey: K | undefined,
    fromMs: number,
    toMs: number,
  ): IterableIterator<KeyValue<Windowed<K>, V>>
  /** As `fetchRange`, in reverse order. */
  backwardFetchRange(
    fromKey: K | undefined,
    toKey: K | undefined,
    fromMs: number,
    toMs: number,
  ): IterableIterator<KeyValue<Windowed<K>, V>>
  /** All windows of all keys. */
  all(): IterableIterator<KeyValue<Windowed<K>, V>>
  /** All windows of all keys, in reverse order. */
  backwardAll(): IterableIterator<KeyValue<Windowed<K>, V>>
  /** The windows of all keys that start within the times. */
  fetchAll(fromMs: number, toMs: number): IterableIterator<KeyValue<Windowed<K>, V>>
  /** As `fetchAll`, in reverse order. */
  backwardFetchAll(fromMs: number, toMs: number): IterableIterator<KeyValue<Windowed<K>, V>>
}

/** A window store that can be written to. */
export interface WindowStore<K, V> extends ReadOnlyWindowStore<K, V> {
  /**
   * Sets the value of a key and window; null deletes the row. With `retainDuplicates` each put adds a row (null is
   * ignored). A row that is too old is dropped and counted.
   */
  put(key: K, value: V | null, startMs: number): void
}

/** A window store whose values carry the timestamp of the record that wrote them. */
export type TimestampedWindowStore<K, V> = WindowStore<K, ValueAndTimestamp<V>>

/** The reading half of a session store. Times are in milliseconds; sessions older than the retention are hidden. */
export interface ReadOnlySessionStore<K, V> extends StateStore {
  /** The value of the session with exactly this key, start and end; undefined if there is none. */
  fetchSession(key: K, startMs: number, endMs: number): V | undefined
  /** Sessions of a key with end >= earliestEndMs and start <= latestStartMs, in order of their ends. */
  findSessions(key: K, earliestEndMs: number, latestStartMs: number): IterableIterator<KeyValue<Windowed<K>, V>>
  /** As `findSessions`, in reverse order. */
  backwardFindSessions(key: K, earliestEndMs: number, latestStartMs: number): IterableIterator<KeyValue<Windowed<K>, V>>
  /** As `findSessions`, for all keys between two keys, both inclusive; undefined is an open bound. */
  findSessionsRange(
    fromKey: K | undefined,
    toKey: K | undefined,
    earliestEndMs: number,
    latestStartMs: number,
  ): IterableIterator<KeyValue<Windowed<K>, V>>
  /** Sessions of all keys that end within the times. */
  findSessionsByEnd(earliestEndMs: number, latestEndMs: number): IterableIterator<KeyValue<Windowed<K>, V>>
  /** All sessions of a key, in order of their ends. */
  fetch(key: K): IterableIterator<KeyValue<Windowed<K>, V>>
  /** All sessions of a key, in reverse order. */
  backwardFetch(key: K): IterableIterator<KeyValue<Windowed<K>, V>>
  /** All sessions of all keys. */
  all(): IterableIterator<KeyValue<Windowed<K>, V>>
}

/** A session store that can be written to. */
export interface SessionStore<K, V> extends ReadOnlySessionStore<K, V> {
  /** Sets the value of a session; null deletes the session. */
  put(session: Windowed<K>, value: V | null): void
  /** Deletes a session, as `put` with null does. */
  remove(session: Windowed<K>): void
}

/** Context of a buffered record; what `RecordContext` was when it was put. */
export interface BufferedContext {
  readonly topic: string
  readonly partition: number
  readonly offset: number
  readonly timestamp: number
  readonly headers: Headers
}

/** The entry of a suppress buffer with the lowest buffer time: the last change put for the key. undefined: absent. */
export interface SuppressedChange<K, V> {
  readonly key: K
  readonly newValue: V | undefined
  readonly oldValue: V | undefined
  readonly bufferTimeMs: number
  readonly context: BufferedContext
}

/** Suppress's buffer, by buffer time, then key bytes (kind `suppress-buffer`). */
export interface SuppressBuffer<K, V> extends StateStore {
  /**
   * A key that is buffered keeps its buffer time and its prior value (the `oldValue` of the first put); change and
   * context are replaced. The context is copied.
   */
  put(bufferTimeMs: number, key: K, newValue: V | undefined, oldValue: V | undefined, context: BufferedContext): void
  /** Infinity when empty. */
  readonly minBufferTimeMs: number
  readonly entryCount: number
  /** As Java estimates it: the bounds of `Suppressed.maxBytes` mean this. */
  readonly byteCount: number
  first(): SuppressedChange<K, V> | undefined
  /** Removes what `first` returned. */
  removeFirst(): void
  has(key: K): boolean
  /** The value the table had before the first buffered change of the key; undefined also when it is not buffered. */
  priorValue(key: K): V | undefined
}

export interface WaitingRecord<K, V> {
  readonly key: K
  readonly value: V
  readonly context: BufferedContext
}

/**
 * Stream records that wait for their grace, by timestamp, key bytes, arrival (kind `join-grace-buffer`). Its stream
 * time is the highest timestamp put.
 */
export interface JoinGraceBuffer<K, V> extends StateStore {
  /** False, and not kept, when the record is older than stream time minus grace. The context is copied. */
  put(key: K, value: V, context: BufferedContext): boolean
  /** The first record whose timestamp is at or below stream time minus grace. */
  firstDue(): WaitingRecord<K, V> | undefined
  /** Removes what `firstDue` returned. */
  removeFirst(): void
}

/**
 * What a store with a record cache calls for each entry that leaves the cache: one change per dirty key since the last
 * flush. `newValue`/`oldValue` undefined: absent. The record context is that of the last write of the key.
 * Values are those of the store's `put` (`ValueAndTimestamp` for timestamped stores), keys are `Windowed` for window
 * and session stores, `timestamp` is the record context's (of the last write of the key).
 */
export type CacheFlushListener = (key: unknown, newValue: unknown, oldValue: unknown, timestamp: number) => void

/** Implemented by stores built with a cache. Operators ask `cachedStore(store)` once, at open. */
export interface CachedStore extends StateStore {
  /**
   * After this call writes are forwarded by the listener, not by the operator. `sendOldValues`: look the old value up.
   */
  onFlush(listener: CacheFlushListener, sendOldValues: boolean): void
}

export type JoinSide = 'left' | 'right'

/** A stream record that has found no partner so far. */
export interface UnmatchedRow<K, V> {
  readonly side: JoinSide
  readonly key: K
  readonly timestamp: number
  readonly value: V
}

/** Unmatched rows of a left or outer stream-stream join (kind `outer-join-rows`); several rows may be equal. */
export interface OuterJoinStore<K, V> extends StateStore {
  put(side: JoinSide, key: K, timestamp: number, value: V): void
  /** Deletes all rows of that side, key and time; false when there were none. */
  delete(side: JoinSide, key: K, timestamp: number): boolean
  /**
   * By timestamp, then right before left, then key bytes, then order of arrival. Rows may be deleted while this is
   * iterated; rows put meanwhile may or may not be seen.
   */
  all(): IterableIterator<UnmatchedRow<K, V>>
}

/** Who subscribed to a foreign key, by primary key (kind `foreign-key-subscriptions`). */
export interface SubscriptionStore<F, P, V> extends StateStore {
  get(foreignKey: F, primaryKey: P): ValueAndTimestamp<V> | undefined
  put(foreignKey: F, primaryKey: P, subscription: ValueAndTimestamp<V>): void
  delete(foreignKey: F, primaryKey: P): void
  /** In byte order of the primary keys. May be written to while iterated. */
  subscribers(foreignKey: F): IterableIterator<KeyValue<P, ValueAndTimestamp<V>>>
}
