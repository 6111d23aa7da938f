import type { Bytes } from '../core/bytes.ts'
import { consequenceOf } from '../core/errors.ts'
import { type Headers, noHeaders } from '../core/headers.ts'
import { contextBytes } from './buffer-value.ts'
import { compareKeys, hashKey, unpinned } from './byte-keys.ts'
import type { Direction } from './direction.ts'
import { keptHeaders } from './kept-headers.ts'
import { MergedCursor } from './merged-cursor.ts'
import { PresentCursor } from './present-cursor.ts'
import { ResumingCursor } from './resuming-cursor.ts'
import { Row, type RowCursor, type Rows, rowsOfKey } from './row.ts'
import { RowTable } from './row-table.ts'
import { SortedRows } from './sorted-rows.ts'
import type { StateChanges } from './state-base.ts'
import type { RecordContext } from './record-context.ts'
import { TimeCursor } from './time-cursor.ts'

/** The bytes that the record caches of a thread share, those of all its tasks. */
export class CacheBudget {
  readonly bytesMax: number
  bytes = 0

  constructor(bytesMax: number) {
    this.bytesMax = bytesMax
  }
}

/** A change that leaves the cache: the row as it was below, and what it is now. */
export interface FlushedRow {
  readonly key: Bytes
  readonly newValue: Bytes | null
  readonly newTimestamp: number
  readonly oldValue: Bytes | null
  readonly oldTimestamp: number
}

export interface RecordCacheParts {
  readonly rows: Rows
  readonly budget: CacheBudget
  readonly context: RecordContext
  readonly changes: StateChanges
  /** Bytes that Java adds to each key and value: a segment, a timestamp. */
  readonly rowOverheadBytes: number
  /** Reads that miss leave a clean entry (key-value stores). */
  readonly cachesReads: boolean
  /** The time of a store key where rows have one. */
  readonly timeOf: ((key: Bytes) => number) | undefined
}

const nodeBytes = 25

class CachedRow extends Row {
  dirty = false
  /** It is one of the rows of the cache. */
  isLinked = false
  byteCount = 0
  newer: CachedRow | undefined = undefined
  older: CachedRow | undefined = undefined
  contextTopic = ''
  contextPartition = -1
  contextOffset = -1
  contextTimestamp = -1
  contextHeaders: Headers = noHeaders
}

interface PendingFlush {
  readonly row: CachedRow
  readonly value: Bytes | null
  readonly timestamp: number
  readonly context: Readonly<RecordContext>
}

/**
 * The newest value of each key in front of the layers below, written through and told to the listener when the cache is
 * flushed or has to make room. Sizes, order and what is flushed together are those of Kafka Streams' ThreadCache, since
 * they decide which results a user sees: the least recently used entry goes first, and takes all dirty entries along.
 */
export class RecordCache implements Rows {
  readonly #parts: RecordCacheParts
  readonly #table = new RowTable<CachedRow>()
  readonly #sorted = new SortedRows()
  /** In order of the last write. */
  readonly #dirty = new Set<CachedRow>()
  #newest: CachedRow | undefined
  #eldest: CachedRow | undefined
  #listener: ((flushed: FlushedRow, contextTimestamp: number) => void) | undefined
  #sendsOldValues = false
  /** How often a row went below to make room: cursors that are open look for it there. */
  #evictions = 0
  /** What goes downstream does not get through for now, so that nothing can be evicted. */
  #isStuck = false

  constructor(parts: RecordCacheParts) {
    this.#parts = parts
  }

  /** Called for each change, with the record context of the key's last write in place. */
  listen(listener: (flushed: FlushedRow, contextTimestamp: number) => void, sendsOldValues: boolean): void {
    this.#listener = listener
    this.#sendsOldValues = sendsOldValues
  }

  get(key: Bytes): Row | undefined {
    const hash = hashKey(key, key.length)
    const cached = this.#table.find(key, hash)
    if (cached !== undefined) {
      this.#touch(cached)
      return cached.value === null ? undefined : cached
    }
    const row = this.#parts.rows.get(key)
    if (row === undefined || !this.#parts.cachesReads) return row
    const clean = this.#add(new CachedRow(unpinned(key), hash, row.value, row.timestamp))
    this.#resize(
      clean,
      nodeBytes + key.length + (row.value?.length ?? 0) + this.#parts.rowOverheadBytes + contextBytes('', noHeaders),
    )
    this.#makeRoom()
    return clean
  }

  put(key: Bytes, value: Bytes | null, timestamp: number): Row {
    this.#parts.changes.count++
    const { context, rowOverheadBytes } = this.#parts
    const hash = hashKey(key, key.length)
    let row = this.#table.find(key, hash)
    if (row === undefined) row = this.#add(new CachedRow(unpinned(key), hash, value, timestamp))
    else this.#touch(row)
    row.value = value === null ? null : unpinned(value)
    row.timestamp = timestamp
    row.contextTopic = context.topic
    row.contextPartition = context.partition
    row.contextOffset = context.offset
    row.contextTimestamp = context.timestamp
    row.contextHeaders = keptHeaders(context.headers)
    if (row.dirty) this.#dirty.delete(row)
    row.dirty = true
    this.#dirty.add(row)
    const valueBytes = value === null ? 0 : value.length + rowOverheadBytes
    this.#resize(row, nodeBytes + key.length + valueBytes + contextBytes(context.topic, context.headers))
    this.#makeRoom()
    return row
  }

  range(from: Bytes | undefined, to: Bytes | undefined, direction: Direction, fromMs: number, toMs: number): RowCursor {
    const open = (lower: Bytes | undefined, upper: Bytes | undefined) =>
      this.#over(this.#parts.rows.range(lower, upper, direction, fromMs, toMs), lower, upper, direction, fromMs, toMs)
    return new ResumingCursor(open, () => this.#evictions, from, to, direction)
  }

  /** What is cached, and the rows below that `lower` reads, in the order of `indexKey`. */
  byTime(
    lower: RowCursor,
    indexKey: (key: Bytes) => Bytes,
    fromMs: number,
    toMs: number,
    direction: Direction,
  ): RowCursor {
    const all = this.#withinTimes(this.#sorted.range(undefined, undefined, 'forward'), fromMs, toMs)
    const cached: { readonly place: Bytes; readonly row: Row }[] = []
    for (let row = all.next(); row !== undefined; row = all.next()) cached.push({ place: indexKey(row.key), row })
    const sign = direction === 'backward' ? -1 : 1
    cached.sort((left, right) => sign * compareKeys(left.place, right.place))
    let index = 0
    let next = lower.next()
    const rows: RowCursor = {
      next() {
        const upper = cached[index]
        const order =
          upper === undefined ? 1 : next === undefined ? -1 : sign * compareKeys(upper.place, indexKey(next.key))
        const row = order <= 0 ? upper?.row : next
        if (order <= 0) index++
        if (order >= 0 && next !== undefined) next = lower.next()
        return row
      },
    }
    return new PresentCursor(rows)
  }

  /** Rows of longer keys may be among them. */
  ofKey(inner: Bytes, from: Bytes, to: Bytes, direction: Direction, fromMs: number, toMs: number): RowCursor {
    const { rows } = this.#parts
    const open = (lower = from, upper = to) =>
      this.#over(rowsOfKey(rows, inner, lower, upper, direction, fromMs, toMs), lower, upper, direction, fromMs, toMs)
    return new ResumingCursor(open, () => this.#evictions, from, to, direction, from.length)
  }

  /** What is cached in front of rows below. */
  #over(
    below: RowCursor,
    from: Bytes | undefined,
    to: Bytes | undefined,
    direction: Direction,
    fromMs: number,
    toMs: number,
  ): RowCursor {
    const cached = this.#withinTimes(this.#sorted.range(from, to, direction), fromMs, toMs)
    return new PresentCursor(new MergedCursor(cached, below, direction))
  }

  approximateCount(): number {
    return this.#parts.rows.approximateCount() + this.#dirty.size
  }

  get dirtyEntries(): number {
    return this.#dirty.size
  }

  /** It cannot make room: a commit has to. */
  get isStuck(): boolean {
    return this.#isStuck
  }

  /** Throws what a listener throws; its row and those behind it are flushed by the next call. */
  flush(): void {
    this.#flush(undefined)
    if (!this.#isStuck) return
    this.#isStuck = false
    this.#makeRoom()
  }

  /** Drops everything, clean entries too: what they were read from is rolled back as well. */
  discard(): void {
    let row = this.#newest
    while (row !== undefined) {
      const next: CachedRow | undefined = row.older
      this.#drop(row)
      row = next
    }
    this.#dirty.clear()
    this.#isStuck = false
  }

  #flush(evicted: CachedRow | undefined): void {
    if (this.#dirty.size === 0) return
    const pending: PendingFlush[] = []
    if (evicted !== undefined) {
      pending.push(pendingFlush(evicted))
      this.#dirty.delete(evicted)
    }
    for (const row of this.#dirty) {
      pending.push(pendingFlush(row))
      row.dirty = false
    }
    this.#dirty.clear()
    const { context } = this.#parts
    const current = { ...context }
    let done = 0
    try {
      for (const flush of pending) {
        Object.assign(context, flush.context)
        this.#writeThrough(flush)
        done++
      }
    } catch (error) {
      this.#keepDirty(pending.slice(done))
      throw error
    } finally {
      Object.assign(context, current)
    }
    for (const { row, value } of pending) if (value === null && row !== evicted && !row.dirty) this.#drop(row)
  }

  /** Changes that failed are still to be forwarded; rows that were put again in the meantime already are. */
  #keepDirty(pending: readonly PendingFlush[]): void {
    const later = [...this.#dirty]
    this.#dirty.clear()
    for (const { row } of pending) {
      if (!row.isLinked) {
        const hash = hashKey(row.key, row.key.length)
        if (this.#table.find(row.key, hash) !== undefined) continue
        this.#add(row)
      }
      row.dirty = true
      this.#dirty.add(row)
    }
    for (const row of later) this.#dirty.add(row)
  }

  #writeThrough(flush: PendingFlush): void {
    const { rows } = this.#parts
    const { row, value, timestamp } = flush
    const listener = this.#listener
    if (listener === undefined) {
      rows.put(row.key, value, timestamp)
      return
    }
    const isOldRead = value === null || this.#sendsOldValues
    const old = isOldRead ? rows.get(row.key) : undefined
    // Put and deleted again between two flushes: nobody below or downstream ever saw it.
    if (value === null && old === undefined) return
    const oldValue = old?.value ?? null
    const oldTimestamp = old?.timestamp ?? -1
    rows.put(row.key, value, timestamp)
    const flushed = {
      key: row.key,
      newValue: value,
      newTimestamp: timestamp,
      oldValue: this.#sendsOldValues ? oldValue : null,
      oldTimestamp,
    }
    try {
      listener(flushed, flush.context.timestamp)
    } catch (error) {
      // So that the next try finds the old value again.
      if (isOldRead) rows.put(row.key, oldValue, old === undefined ? timestamp : oldTimestamp)
      throw error
    }
  }

  #makeRoom(): void {
    const { budget } = this.#parts
    while (budget.bytes > budget.bytesMax && !this.#isStuck) {
      const eldest = this.#eldest
      if (eldest === undefined) return
      const freed = eldest.byteCount
      this.#evictions++
      this.#drop(eldest)
      // As in Java its bytes count until it is flushed: what that puts into other caches makes those evict as well.
      budget.bytes += freed
      try {
        if (eldest.dirty) this.#flush(eldest)
      } catch (error) {
        // The current record is not at fault, and must not be processed twice: the commit comes early, and meets this.
        if (consequenceOf(error) !== 'retriable') throw error
        this.#isStuck = true
        if (eldest.isLinked) this.#resize(eldest, freed)
      } finally {
        budget.bytes -= freed
      }
    }
  }

  #add(row: CachedRow): CachedRow {
    this.#table.add(row)
    this.#sorted.add(row)
    this.#link(row)
    return row
  }

  /** Does nothing where a listener that reads other rows has dropped it already. */
  #drop(row: CachedRow): void {
    if (!row.isLinked) return
    this.#table.remove(row)
    this.#sorted.remove(row)
    this.#unlink(row)
    this.#resize(row, 0)
  }

  #resize(row: CachedRow, byteCount: number): void {
    this.#parts.budget.bytes += byteCount - row.byteCount
    row.byteCount = byteCount
  }

  #touch(row: CachedRow): void {
    if (row === this.#newest) return
    this.#unlink(row)
    this.#link(row)
  }

  #link(row: CachedRow): void {
    row.isLinked = true
    row.older = this.#newest
    row.newer = undefined
    if (this.#newest !== undefined) this.#newest.newer = row
    this.#newest = row
    this.#eldest ??= row
  }

  #unlink(row: CachedRow): void {
    if (row.newer === undefined) this.#newest = row.older
    else row.newer.older = row.older
    if (row.older === undefined) this.#eldest = row.newer
    else row.older.newer = row.newer
    row.newer = undefined
    row.older = undefined
    row.isLinked = false
  }

  #withinTimes(cursor: RowCursor, fromMs: number, toMs: number): RowCursor {
    const { timeOf } = this.#parts
    return timeOf === undefined ? cursor : new TimeCursor(cursor, timeOf, fromMs, toMs)
  }
}

function pendingFlush(row: CachedRow): PendingFlush {
  return {
    row,
    value: row.value,
    timestamp: row.timestamp,
    context: {
      topic: row.contextTopic,
      partition: row.contextPartition,
      offset: row.contextOffset,
      timestamp: row.contextTimestamp,
      headers: row.contextHeaders,
    },
  }
}
