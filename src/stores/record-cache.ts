import type { Bytes } from '../core/bytes.ts'
import { consequenceOf } from '../core/errors.ts'
import { noHeaders } from '../core/headers.ts'
import { contextBytes } from './buffer-value.ts'
import { compareKeys, hashKey, unpinned } from './byte-keys.ts'
import type { CacheBudget } from './cache-budget.ts'
import { CacheFlush, type FlushListener, type PendingFlush, pendingFlush } from './cache-flush.ts'
import { type CachedRow, CachedRows } from './cached-rows.ts'
import type { Direction } from './direction.ts'
import { DirtyRows } from './dirty-rows.ts'
import { keptHeaders } from './kept-headers.ts'
import { MergedCursor } from './merged-cursor.ts'
import { PresentCursor } from './present-cursor.ts'
import { ResumingCursor } from './resuming-cursor.ts'
import { type Row, type RowCursor, type Rows, rowsOfKey } from './row.ts'
import type { StateChanges } from './state-base.ts'
import type { RecordContext } from './record-context.ts'
import { SettledCursor } from './settled-cursor.ts'
import type { StoreKey } from './store-keys.ts'
import type { HeldValues } from './store-serdes.ts'
import { TimeCursor } from './time-cursor.ts'

export interface RecordCacheParts {
  /** The layers below, to which flushed changes are written. */
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
  /** How values that are held are written; undefined: none is. */
  readonly held: HeldValues | undefined
}

/** What Kafka Streams counts for an entry beside key, value and context: three references and a flag. */
const nodeBytes = 25
/** In a row whose value is held. */
const unwritten: Bytes = Buffer.alloc(0)

/**
 * The newest value of each key in front of the layers below, written through and told to the listener when the cache is
 * flushed or has to make room. Sizes, order and what is flushed together are those of Kafka Streams' ThreadCache, since
 * they decide which results a user sees: the least recently used entry goes first, and takes all dirty entries along.
 *
 * Layer of a store between the typed store and its changelog. A commit calls `flush` in its first step, `discard` follows
 * an interval that is rolled back. Where the listener throws a retriable error while a put makes room, the put itself
 * succeeds and the cache is stuck: it grows until a commit, which the task then asks for, has flushed it.
 */
export class RecordCache implements Rows {
  readonly #parts: RecordCacheParts
  readonly #cached: CachedRows
  readonly #flushing: CacheFlush
  readonly #dirty = new DirtyRows()
  /** How often a row went below to make room: cursors that are open look for it there. */
  #evictions = 0
  /** What goes downstream does not get through at the moment, so that nothing can be evicted. */
  #isStuck = false

  constructor(parts: RecordCacheParts) {
    this.#parts = parts
    this.#cached = new CachedRows(parts.budget)
    this.#flushing = new CacheFlush(parts.rows, parts.context)
  }

  /** Called for each change, with the record context of the key's last write in place. */
  listen(listener: FlushListener, sendsOldValues: boolean): void {
    this.#flushing.listen(listener, sendsOldValues)
  }

  get(key: Bytes): Row | undefined {
    const hash = hashKey(key, key.length)
    const cached = this.#cached.find(key, hash)
    if (cached === undefined) return this.#load(key, hash)
    this.#cached.touch(cached)
    this.#settle(cached)
    return cached.value === null ? undefined : cached
  }

  /** What is cached, absent or not; `held` comes before `value`. Counts as use. */
  find(key: StoreKey): CachedRow | undefined {
    const row = this.#rowOf(key)
    if (row !== undefined) this.#cached.touch(row)
    return row
  }

  /** The row below, of a key that is not cached. */
  load(key: StoreKey): Row | undefined {
    return this.#load(key.bytes, key.hash)
  }

  #load(key: Bytes, hash: number): Row | undefined {
    const row = this.#parts.rows.get(key)
    if (row === undefined || !this.#parts.cachesReads) return row
    const clean = this.#cached.add(key, hash, row.value, row.timestamp)
    this.#cached.resize(
      clean,
      nodeBytes + key.length + (row.value?.length ?? 0) + this.#parts.rowOverheadBytes + contextBytes('', noHeaders),
    )
    this.#makeRoom()
    return clean
  }

  put(key: Bytes, value: Bytes | null, timestamp: number): Row {
    const hash = hashKey(key, key.length)
    const row = this.#cached.find(key, hash) ?? this.#cached.add(key, hash, value, timestamp)
    row.held = undefined
    row.read = undefined
    row.value = value === null ? null : unpinned(value)
    this.#written(row, value === null ? 0 : value.length + this.#parts.rowOverheadBytes, timestamp)
    return row
  }

  /** Puts a value that has no bytes yet; `valueBytes`: how many it will have. */
  hold(key: StoreKey, held: unknown, valueBytes: number, timestamp: number): void {
    const row = this.#rowOf(key) ?? kept(key, this.#cached.add(key.bytes, key.hash, unwritten, timestamp))
    row.held = held
    row.read = undefined
    row.value = unwritten
    this.#written(row, valueBytes + this.#parts.rowOverheadBytes, timestamp)
  }

  #rowOf(key: StoreKey): CachedRow | undefined {
    if (key.row?.isLinked === true) return key.row
    if (key.hash === 0) key.hash = hashKey(key.bytes, key.bytes.length)
    const row = this.#cached.find(key.bytes, key.hash)
    return row === undefined ? undefined : kept(key, row)
  }

  /** Writes the bytes of a value that is held. */
  #settle(row: CachedRow): void {
    if (row.held === undefined) return
    row.value = (this.#parts.held as HeldValues).bytes(row.held)
    row.held = undefined
  }

  #written(row: CachedRow, valueBytes: number, timestamp: number): void {
    const { changes, context } = this.#parts
    changes.count++
    this.#cached.touch(row)
    row.timestamp = timestamp
    row.contextTopic = context.topic
    row.contextPartition = context.partition
    row.contextOffset = context.offset
    row.contextTimestamp = context.timestamp
    row.contextHeaders = keptHeaders(context.headers)
    this.#dirty.add(row)
    this.#cached.resize(row, nodeBytes + row.key.length + valueBytes + contextBytes(context.topic, context.headers))
    this.#makeRoom()
  }

  range(from: Bytes | undefined, to: Bytes | undefined, direction: Direction, fromMs: number, toMs: number): RowCursor {
    const open = (lower: Bytes | undefined, upper: Bytes | undefined) =>
      this.#over(this.#parts.rows.range(lower, upper, direction, fromMs, toMs), lower, upper, direction, fromMs, toMs)
    return this.#settled(new ResumingCursor(open, () => this.#evictions, from, to, direction))
  }

  /** What is cached, and the rows below that `lower` reads, in the order of `indexKey`. */
  byTime(
    lower: RowCursor,
    indexKey: (key: Bytes) => Bytes,
    fromMs: number,
    toMs: number,
    direction: Direction,
  ): RowCursor {
    const all = this.#withinTimes(this.#cached.range(undefined, undefined, 'forward'), fromMs, toMs)
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
    return this.#settled(new PresentCursor(rows))
  }

  /** Rows of longer keys may be among them. */
  ofKey(inner: Bytes, from: Bytes, to: Bytes, direction: Direction, fromMs: number, toMs: number): RowCursor {
    const { rows } = this.#parts
    const open = (lower = from, upper = to) =>
      this.#over(rowsOfKey(rows, inner, lower, upper, direction, fromMs, toMs), lower, upper, direction, fromMs, toMs)
    return this.#settled(new ResumingCursor(open, () => this.#evictions, from, to, direction, from.length))
  }

  /** Rows may be put while the cursor is open: what it returns has its bytes. */
  #settled(rows: RowCursor): RowCursor {
    return this.#parts.held === undefined ? rows : new SettledCursor(rows, (row) => this.#settle(row))
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
    const cached = this.#withinTimes(this.#cached.range(from, to, direction), fromMs, toMs)
    return new PresentCursor(new MergedCursor(cached, below, direction))
  }

  approximateCount(): number {
    return this.#parts.rows.approximateCount() + this.#dirty.count
  }

  get dirtyEntries(): number {
    return this.#dirty.count
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
    this.#cached.dropAll()
    this.#dirty.take()
    this.#isStuck = false
  }

  #flush(evicted: CachedRow | undefined): void {
    if (this.#dirty.count === 0) return
    const pending: PendingFlush[] = []
    if (evicted !== undefined) {
      pending.push(this.#pendingFlush(evicted))
      this.#dirty.remove(evicted)
    }
    for (const row of this.#dirty.take()) pending.push(this.#pendingFlush(row))
    this.#flushing.write(pending, (rest) => this.#keepDirty(rest))
    for (const { row, value } of pending) if (value === null && row !== evicted && !row.dirty) this.#cached.drop(row)
  }

  #pendingFlush(row: CachedRow): PendingFlush {
    const { held } = row
    this.#settle(row)
    return pendingFlush(row, held)
  }

  /** Changes that failed are still to be forwarded; rows that were put again in the meantime already are. */
  #keepDirty(pending: readonly PendingFlush[]): void {
    const later = this.#dirty.take()
    for (const { row } of pending) if (this.#cached.restore(row)) this.#dirty.add(row)
    for (const row of later) if (!row.dirty) this.#dirty.add(row)
  }

  #makeRoom(): void {
    const { budget } = this.#parts
    while (budget.isExceeded && !this.#isStuck) {
      const { eldest } = this.#cached
      if (eldest === undefined) return
      const freed = eldest.byteCount
      this.#evictions++
      this.#cached.drop(eldest)
      // As in Java its bytes count until it is flushed: what that puts into other caches makes those evict as well.
      budget.bytes += freed
      try {
        if (eldest.dirty) this.#flush(eldest)
      } catch (error) {
        // The current record is not at fault, and must not be processed twice: the commit comes early, and meets this.
        if (consequenceOf(error) !== 'retriable') throw error
        this.#isStuck = true
        if (eldest.isLinked) this.#cached.resize(eldest, freed)
      } finally {
        budget.bytes -= freed
      }
    }
  }

  #withinTimes(cursor: RowCursor, fromMs: number, toMs: number): RowCursor {
    const { timeOf } = this.#parts
    return timeOf === undefined ? cursor : new TimeCursor(cursor, timeOf, fromMs, toMs)
  }
}

/** The row, which the key has from now on if it may come again. */
function kept(key: StoreKey, row: CachedRow): CachedRow {
  if (!key.isKept) return row
  key.row = row
  row.storeKey = key
  return row
}
