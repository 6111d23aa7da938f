import type { Bytes } from '../core/bytes.ts'
import type { Direction } from './direction.ts'
import { type RowState, rowStates } from './row-state.ts'

/**
 * One entry of a store, by its store key. Rows are shared by the layers of a store, and mutable so that an update
 * allocates nothing; the byte arrays they point to are replaced, never written to.
 */
export class Row {
  readonly key: Bytes
  readonly hash: number
  /** null: absent (deleted, or known to be absent). */
  value: Bytes | null
  /** The record timestamp on the changelog; for timestamped stores the value's. */
  timestamp: number
  state: RowState = rowStates.clean
  /** What a discard brings back, in the states that know it. */
  savedValue: Bytes | null = null
  savedTimestamp = -1
  /** Waits for its changelog record. */
  logPending = false
  /** Seen by ordered reads. */
  ordered = false
  /** Has a place in the ordered index, seen or not. */
  placed = false
  /** Got since the last commit: worth keeping when it is clean. */
  used = false

  constructor(key: Bytes, hash: number, value: Bytes | null, timestamp: number) {
    this.key = key
    this.hash = hash
    this.value = value
    this.timestamp = timestamp
  }
}

/** The value with which the row is in the batch in flight; it may have been put again since. */
export function takenValue(row: Row): Bytes | null {
  return row.state === rowStates.rewritten ? row.savedValue : row.value
}

export function takenTimestamp(row: Row): number {
  return row.state === rowStates.rewritten ? row.savedTimestamp : row.timestamp
}

/** Reads rows one after another; undefined at the end. Survives writes to the store in between. */
export interface RowCursor {
  next(): Row | undefined
}

/**
 * Rows of one store by store key in byte order: the interface of every layer below the typed stores. Times bound the
 * rows of window and session stores (inclusive) and are ignored by others. Synchronous, and called by the thread of the
 * task only. Keys and values that are passed in are not written to afterwards. A returned row is shared: it may change
 * with the next put, so that who needs its value later takes the value, whose bytes never change.
 */
export interface Rows {
  /** The row, present (value not null). */
  get(key: Bytes): Row | undefined
  /** null deletes. undefined: the store refused it as too old. */
  put(key: Bytes, value: Bytes | null, timestamp: number): Row | undefined
  /** Present rows with from <= key <= to (undefined is open). */
  range(from: Bytes | undefined, to: Bytes | undefined, direction: Direction, fromMs: number, toMs: number): RowCursor
  /**
   * Window and session stores: the rows of an inner key, by time; `from` and `to` are store keys of it. Rows of longer
   * keys, whose bytes lie in between, may be among them. Cheaper than `range` where rows are in memory.
   */
  ofKey?(inner: Bytes, from: Bytes, to: Bytes, direction: Direction, fromMs: number, toMs: number): RowCursor
  /** False: no row of the inner key lies within the times. Cheaper than to look. */
  mayHold?(inner: Bytes, fromMs: number, toMs: number): boolean
  approximateCount(): number
}

/** The rows of an inner key, the cheapest way that these rows offer. */
export function rowsOfKey(
  rows: Rows,
  inner: Bytes,
  from: Bytes,
  to: Bytes,
  direction: Direction,
  fromMs: number,
  toMs: number,
): RowCursor {
  return rows.ofKey?.(inner, from, to, direction, fromMs, toMs) ?? rows.range(from, to, direction, fromMs, toMs)
}
