import type { Bytes } from '../core/bytes.ts'
import { hashKey } from './byte-keys.ts'
import type { Direction } from './direction.ts'
import { sessionKeyEnd, windowKeyStart } from './key-schema.ts'
import { restoreRows } from './map-state.ts'
import { MergedCursor } from './merged-cursor.ts'
import { emptyCursor } from './present-cursor.ts'
import { liveFromSegment, type Retention, segmentOf, visibleFromMs } from './retention.ts'
import type { Row, RowCursor, Rows } from './row.ts'
import type { StateBase } from './state-base.ts'
import type { BatchDraft, RestoredRecord, StatePart } from './state-part.ts'
import { TimeCursor } from './time-cursor.ts'
import type { ValueFormat } from './value-format.ts'
import { WriteBuffer } from './write-buffer.ts'

/** What a segmented store has to know of its keys. */
export interface SegmentKeys {
  readonly timeOf: (key: Bytes) => number
  /** Length of what follows the inner key. */
  readonly suffixBytes: number
}

export const windowSegmentKeys: SegmentKeys = Object.freeze({ timeOf: windowKeyStart, suffixBytes: 12 })
export const sessionSegmentKeys: SegmentKeys = Object.freeze({ timeOf: sessionKeyEnd, suffixBytes: 16 })

interface Segment {
  readonly id: number
  readonly rows: WriteBuffer
}

/**
 * A store of windows or sessions: a map per segment of time, so that expiry drops whole maps. Stream time is the highest
 * time put; rows that lie too far behind it are hidden, later their segment goes.
 *
 * Example: store `counts`, retention 300 s, so segments of 150 s (`segmentMsOf`). Stream time is 460 s:
 * ```
 * segment          0            1              2              3
 * seconds      0 - 149      150 - 299      300 - 449      450 - 599
 * map          counts@0     counts@1       counts@2       counts@3
 * at 460 s     dropped      live                                460
 *                           up to 160 hidden, from 160.001 on visible (`window`)
 * ```
 * The lowest live segment is that of 460 - 300 = 160 s, number 1. Maps are dropped in the batch of the interval, together
 * with the text `segments:counts` in the engine's meta map: `{"observedMs":460000,"ids":[1,2,3]}`. A reopened store has
 * these segments; a map that the text does not name is left from a crash and dropped with the next batch.
 *
 * Used by the thread of the task only. `put` returns undefined, and calls `onDropped`, for a row that is too old.
 */
export class SegmentedState implements Rows, StatePart {
  readonly #storeName: string
  readonly #base: StateBase
  readonly #format: ValueFormat
  readonly #retention: Retention
  readonly #timeOf: (key: Bytes) => number
  readonly #suffixBytes: number
  readonly #onDropped: () => void
  /** By id, rising. */
  #segments: Segment[] = []
  /** Maps of segments that a crash kept from being dropped. */
  #orphans: string[] = []
  #lastInner: Bytes | undefined
  #lastHash = 0
  #observedMs = -1
  #appliedObservedMs = -1
  readonly isRestoredBlindly = true

  constructor(
    storeName: string,
    base: StateBase,
    format: ValueFormat,
    retention: Retention,
    keys: SegmentKeys,
    onDropped: () => void,
  ) {
    this.#storeName = storeName
    this.#base = base
    this.#format = format
    this.#retention = retention
    this.#timeOf = keys.timeOf
    this.#suffixBytes = keys.suffixBytes
    this.#onDropped = onDropped
    this.#reopen()
  }

  get(key: Bytes): Row | undefined {
    const timeMs = this.#timeOf(key)
    if (timeMs < visibleFromMs(this.#retention, this.#observedMs)) return undefined
    return this.#find(segmentOf(this.#retention, timeMs))?.get(key)
  }

  /** The row, also where reads would hide it. */
  getLive(key: Bytes): Row | undefined {
    return this.#find(segmentOf(this.#retention, this.#timeOf(key)))?.get(key)
  }

  put(key: Bytes, value: Bytes | null, timestamp: number): Row | undefined {
    if (value === null && this.#retention.ignoresNulls) return undefined
    const timeMs = this.#timeOf(key)
    if (timeMs > this.#observedMs) this.#observedMs = timeMs
    if (this.#isRefused(timeMs)) {
      this.#onDropped()
      return undefined
    }
    return this.#segment(segmentOf(this.#retention, timeMs)).put(key, value, timestamp)
  }

  get observedMs(): number {
    return this.#observedMs
  }

  /** Moves stream time without a row. */
  observe(timeMs: number): void {
    if (timeMs > this.#observedMs) this.#observedMs = timeMs
  }

  range(from: Bytes | undefined, to: Bytes | undefined, direction: Direction, fromMs: number, toMs: number): RowCursor {
    const visibleMs = Math.max(fromMs, visibleFromMs(this.#retention, this.#observedMs))
    if (toMs < visibleMs) return emptyCursor
    const first = segmentOf(this.#retention, visibleMs)
    const last = segmentOf(this.#retention, toMs)
    let cursor: RowCursor | undefined
    for (const { id, rows } of this.#segments) {
      if (id < first || id > last) continue
      const more = rows.range(from, to, direction)
      cursor = cursor === undefined ? more : new MergedCursor(cursor, more, direction)
    }
    return cursor === undefined ? emptyCursor : new TimeCursor(cursor, this.#timeOf, visibleMs, toMs)
  }

  mayHold(inner: Bytes, fromMs: number, toMs: number): boolean {
    const visibleMs = Math.max(fromMs, visibleFromMs(this.#retention, this.#observedMs))
    const first = segmentOf(this.#retention, visibleMs)
    const last = segmentOf(this.#retention, toMs)
    const hash = this.#hashOf(inner)
    for (const { id, rows } of this.#segments) if (id >= first && id <= last && rows.mayHold(inner, hash)) return true
    return false
  }

  /** Segments follow each other in time, so that rows of one key need no merging; those of longer keys are left out. */
  ofKey(inner: Bytes, from: Bytes, to: Bytes, direction: Direction, fromMs: number, toMs: number): RowCursor {
    const visibleMs = Math.max(fromMs, visibleFromMs(this.#retention, this.#observedMs))
    if (toMs < visibleMs) return emptyCursor
    const first = segmentOf(this.#retention, visibleMs)
    const last = segmentOf(this.#retention, toMs)
    const hash = this.#hashOf(inner)
    const cursors: RowCursor[] = []
    for (const { id, rows } of this.#segments) {
      if (id < first || id > last) continue
      const cursor = rows.ofKey(inner, hash, from, to, direction)
      if (cursor !== emptyCursor) cursors.push(cursor)
    }
    if (cursors.length === 0) return emptyCursor
    if (direction === 'backward') cursors.reverse()
    const rows = cursors.length === 1 ? (cursors[0] as RowCursor) : new ChainedCursor(cursors, from.length)
    return new TimeCursor(rows, this.#timeOf, visibleMs, toMs)
  }

  approximateCount(): number {
    let count = 0
    for (const { rows } of this.#segments) count += rows.approximateCount()
    return count
  }

  get dirtyEntries(): number {
    let count = 0
    for (const { rows } of this.#segments) count += rows.dirtyEntries
    return count
  }

  take(draft: BatchDraft): void {
    const live = liveFromSegment(this.#retention, this.#observedMs)
    this.#dropOrphans(draft)
    for (const { id, rows } of this.#segments) {
      if (id < live) {
        draft.drop(this.#mapName(id))
        continue
      }
      const taken = rows.take()
      if (taken.length > 0) draft.take(this.#mapName(id), this.#format, taken)
    }
    this.#appliedObservedMs = this.#observedMs
    this.#takeMeta(draft)
  }

  applied(): void {
    const live = liveFromSegment(this.#retention, this.#appliedObservedMs)
    this.#segments = this.#segments.filter(({ id }) => id >= live)
    for (const { rows } of this.#segments) rows.applied()
  }

  discard(): void {
    this.#observedMs = this.#appliedObservedMs
    for (const { rows } of this.#segments) rows.discard()
  }

  restore(records: readonly RestoredRecord[], draft: BatchDraft): void {
    const bySegment = new Map<number, RestoredRecord[]>()
    for (const record of records) {
      if (record.key.length < this.#suffixBytes) {
        throw new RangeError(
          `a key of ${record.key.length} bytes is not a key of windows, whose times alone have ${this.#suffixBytes}`,
        )
      }
      const timeMs = this.#timeOf(record.key)
      if (timeMs > this.#observedMs) this.#observedMs = timeMs
      if (this.#isRefused(timeMs)) continue
      const id = segmentOf(this.#retention, timeMs)
      const list = bySegment.get(id)
      if (list === undefined) bySegment.set(id, [record])
      else list.push(record)
    }
    const live = liveFromSegment(this.#retention, this.#observedMs)
    this.#dropOrphans(draft)
    for (const [id, list] of bySegment) if (id >= live) this.#restoreSegment(id, list, draft)
    for (const { id } of this.#segments) if (id < live) draft.drop(this.#mapName(id))
    this.#segments = this.#segments.filter(({ id }) => id >= live)
    this.#appliedObservedMs = this.#observedMs
    this.#takeMeta(draft)
  }

  #restoreSegment(id: number, records: readonly RestoredRecord[], draft: BatchDraft): void {
    const segment = this.#segment(id)
    if (this.#base.engine === undefined) {
      for (const record of records) segment.restoreRow(record.key, record.value, record.timestamp)
      return
    }
    restoreRows(records, draft.restored(this.#mapName(id), this.#format))
    segment.restored(records)
  }

  #isRefused(timeMs: number): boolean {
    const retention = this.#retention
    if (retention.refusesHidden) return timeMs < visibleFromMs(retention, this.#observedMs)
    return segmentOf(retention, timeMs) < liveFromSegment(retention, this.#observedMs)
  }

  /** A record's key comes as the same array each time. */
  #hashOf(inner: Bytes): number {
    if (inner !== this.#lastInner) {
      this.#lastInner = inner
      this.#lastHash = hashKey(inner, inner.length)
    }
    return this.#lastHash
  }

  /** Most look for the newest. */
  #find(id: number): WriteBuffer | undefined {
    const segments = this.#segments
    for (let index = segments.length - 1; index >= 0; index--) {
      const segment = segments[index] as Segment
      if (segment.id === id) return segment.rows
      if (segment.id < id) return undefined
    }
    return undefined
  }

  #segment(id: number): WriteBuffer {
    const found = this.#find(id)
    if (found !== undefined) return found
    const { engine, changes } = this.#base
    const rows = new WriteBuffer(engine?.map(this.#mapName(id)), this.#format, changes, this.#suffixBytes)
    this.#segments = [...this.#segments, { id, rows }].sort((left, right) => left.id - right.id)
    return rows
  }

  #mapName(id: number): string {
    return `${this.#storeName}@${id}`
  }

  #takeMeta(draft: BatchDraft): void {
    const live = liveFromSegment(this.#retention, this.#appliedObservedMs)
    const ids = this.#segments.map(({ id }) => id).filter((id) => id >= live)
    draft.setMeta(`segments:${this.#storeName}`, JSON.stringify({ observedMs: this.#appliedObservedMs, ids }))
  }

  #dropOrphans(draft: BatchDraft): void {
    if (this.#orphans.length === 0) return
    const used = new Set(this.#segments.map(({ id }) => this.#mapName(id)))
    for (const name of this.#orphans) if (!used.has(name)) draft.drop(name)
    this.#orphans = []
  }

  #reopen(): void {
    const text = this.#base.engine?.meta(`segments:${this.#storeName}`)
    if (text === undefined) return
    const state = JSON.parse(text) as { observedMs: number; ids: number[] }
    this.#observedMs = state.observedMs
    this.#appliedObservedMs = state.observedMs
    for (const id of state.ids) this.#segment(id)
    const mapNames = this.#base.engine?.mapNames ?? []
    this.#orphans = mapNames.filter(
      (name) => this.#isSegment(name) && !state.ids.some((id) => name === this.#mapName(id)),
    )
  }

  #isSegment(mapName: string): boolean {
    return mapName.startsWith(`${this.#storeName}@`) && /^-?\d+$/.test(mapName.slice(this.#storeName.length + 1))
  }
}

/** One cursor after another, of rows with keys of this length: longer ones of a later cursor would break the order. */
class ChainedCursor implements RowCursor {
  readonly #cursors: readonly RowCursor[]
  readonly #keyBytes: number
  #index = 0

  constructor(cursors: readonly RowCursor[], keyBytes: number) {
    this.#cursors = cursors
    this.#keyBytes = keyBytes
  }

  next(): Row | undefined {
    for (; this.#index < this.#cursors.length; this.#index++) {
      let row = this.#cursors[this.#index]?.next()
      while (row !== undefined && row.key.length !== this.#keyBytes) row = this.#cursors[this.#index]?.next()
      if (row !== undefined) return row
    }
    return undefined
  }
}
