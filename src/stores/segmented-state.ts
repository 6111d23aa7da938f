import type { Bytes } from '../core/bytes.ts'
import type { Engine } from './engine.ts'
import { sessionKeyEnd, windowKeyStart } from './key-schema.ts'
import { lastWrites } from './map-state.ts'
import { MergedCursor } from './merged-cursor.ts'
import { emptyCursor } from './present-cursor.ts'
import { liveFromSegment, type Retention, segmentOf, visibleFromMs } from './retention.ts'
import type { Row, RowCursor, Rows } from './row.ts'
import type { BatchDraft, RestoredRecord, StatePart } from './state-part.ts'
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

/**
 * A store of windows or sessions: a map per segment of time, so that expiry drops whole maps. Stream time is the highest
 * time put; rows that lie too far behind it are hidden, later their segment goes.
 */
export class SegmentedState implements Rows, StatePart {
  readonly #storeName: string
  readonly #engine: Engine | undefined
  readonly #format: ValueFormat
  readonly #retention: Retention
  readonly #timeOf: (key: Bytes) => number
  readonly #suffixBytes: number
  readonly #onDropped: () => void
  readonly #segments = new Map<number, WriteBuffer>()
  /** Of the segments, rising. */
  #ids: number[] = []
  #observedMs = -1
  #appliedObservedMs = -1

  constructor(
    storeName: string,
    engine: Engine | undefined,
    format: ValueFormat,
    retention: Retention,
    keys: SegmentKeys,
    onDropped: () => void,
  ) {
    this.#storeName = storeName
    this.#engine = engine
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
    return this.#segments.get(segmentOf(this.#retention, timeMs))?.get(key)
  }

  /** The row, also where reads would hide it. */
  getLive(key: Bytes): Row | undefined {
    return this.#segments.get(segmentOf(this.#retention, this.#timeOf(key)))?.get(key)
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

  range(from: Bytes | undefined, to: Bytes | undefined, reverse: boolean, fromMs: number, toMs: number): RowCursor {
    const visibleMs = Math.max(fromMs, visibleFromMs(this.#retention, this.#observedMs))
    if (toMs < visibleMs) return emptyCursor
    const first = segmentOf(this.#retention, visibleMs)
    const last = segmentOf(this.#retention, toMs)
    let cursor: RowCursor | undefined
    for (const [id, segment] of this.#segments) {
      if (id < first || id > last) continue
      const rows = segment.range(from, to, reverse)
      cursor = cursor === undefined ? rows : new MergedCursor(cursor, rows, reverse)
    }
    return cursor === undefined ? emptyCursor : new TimeCursor(cursor, this.#timeOf, visibleMs, toMs)
  }

  /** Segments follow each other in time, so those of one key need no merging. */
  ofKey(inner: Bytes, from: Bytes, to: Bytes, reverse: boolean, fromMs: number, toMs: number): RowCursor {
    const visibleMs = Math.max(fromMs, visibleFromMs(this.#retention, this.#observedMs))
    if (toMs < visibleMs) return emptyCursor
    const first = segmentOf(this.#retention, visibleMs)
    const last = segmentOf(this.#retention, toMs)
    const cursors: RowCursor[] = []
    for (const id of this.#ids) {
      if (id < first || id > last) continue
      const cursor = this.#segments.get(id)?.ofKey(inner, from, to, reverse)
      if (cursor !== undefined) cursors.push(cursor)
    }
    if (reverse) cursors.reverse()
    return new TimeCursor(
      cursors.length === 1 ? (cursors[0] as RowCursor) : chain(cursors),
      this.#timeOf,
      visibleMs,
      toMs,
    )
  }

  approximateCount(): number {
    let count = 0
    for (const segment of this.#segments.values()) count += segment.approximateCount()
    return count
  }

  get dirtyEntries(): number {
    let count = 0
    for (const segment of this.#segments.values()) count += segment.dirtyEntries
    return count
  }

  take(draft: BatchDraft): void {
    const live = liveFromSegment(this.#retention, this.#observedMs)
    for (const [id, segment] of this.#segments) {
      if (id < live) {
        draft.drop(this.#mapName(id))
        continue
      }
      const writes = segment.take()
      if (writes.length > 0) draft.write(this.#mapName(id), writes)
    }
    this.#appliedObservedMs = this.#observedMs
    this.#takeMeta(draft)
  }

  applied(): void {
    const live = liveFromSegment(this.#retention, this.#appliedObservedMs)
    for (const [id, segment] of this.#segments) {
      if (id < live) this.#forget(id)
      else segment.applied()
    }
  }

  discard(): void {
    this.#observedMs = this.#appliedObservedMs
    for (const segment of this.#segments.values()) segment.discard()
  }

  restore(records: readonly RestoredRecord[], draft: BatchDraft): void {
    const bySegment = new Map<number, RestoredRecord[]>()
    for (const record of records) {
      const timeMs = this.#timeOf(record.key)
      if (timeMs > this.#observedMs) this.#observedMs = timeMs
      if (this.#isRefused(timeMs)) continue
      const id = segmentOf(this.#retention, timeMs)
      const list = bySegment.get(id)
      if (list === undefined) bySegment.set(id, [record])
      else list.push(record)
    }
    const live = liveFromSegment(this.#retention, this.#observedMs)
    for (const [id, list] of bySegment) if (id >= live) this.#restoreSegment(id, list, draft)
    for (const id of [...this.#segments.keys()]) {
      if (id >= live) continue
      draft.drop(this.#mapName(id))
      this.#forget(id)
    }
    this.#appliedObservedMs = this.#observedMs
    this.#takeMeta(draft)
  }

  #restoreSegment(id: number, records: readonly RestoredRecord[], draft: BatchDraft): void {
    const segment = this.#segment(id)
    if (this.#engine === undefined) {
      for (const record of records) segment.restoreRow(record.key, record.value, record.timestamp)
      return
    }
    segment.forgetClean()
    draft.write(this.#mapName(id), lastWrites(records, this.#format))
  }

  #isRefused(timeMs: number): boolean {
    const retention = this.#retention
    if (retention.refusesHidden) return timeMs < visibleFromMs(retention, this.#observedMs)
    return segmentOf(retention, timeMs) < liveFromSegment(retention, this.#observedMs)
  }

  #segment(id: number): WriteBuffer {
    let segment = this.#segments.get(id)
    if (segment === undefined) {
      segment = new WriteBuffer(this.#engine?.map(this.#mapName(id)), this.#format, this.#suffixBytes)
      this.#segments.set(id, segment)
      this.#ids = [...this.#segments.keys()].sort((left, right) => left - right)
    }
    return segment
  }

  #forget(id: number): void {
    this.#segments.delete(id)
    this.#ids = this.#ids.filter((one) => one !== id)
  }

  #mapName(id: number): string {
    return `${this.#storeName}@${id}`
  }

  #takeMeta(draft: BatchDraft): void {
    const live = liveFromSegment(this.#retention, this.#appliedObservedMs)
    const ids = [...this.#segments.keys()].filter((id) => id >= live)
    draft.setMeta(`segments:${this.#storeName}`, JSON.stringify({ observedMs: this.#appliedObservedMs, ids }))
  }

  #reopen(): void {
    const text = this.#engine?.meta(`segments:${this.#storeName}`)
    if (text === undefined) return
    const state = JSON.parse(text) as { observedMs: number; ids: number[] }
    this.#observedMs = state.observedMs
    this.#appliedObservedMs = state.observedMs
    for (const id of state.ids) this.#segment(id)
  }
}

function chain(cursors: readonly RowCursor[]): RowCursor {
  let index = 0
  return {
    next() {
      for (; index < cursors.length; index++) {
        const row = cursors[index]?.next()
        if (row !== undefined) return row
      }
      return undefined
    },
  }
}

/** Rows whose time lies within bounds, both inclusive. */
class TimeCursor implements RowCursor {
  readonly #rows: RowCursor
  readonly #timeOf: (key: Bytes) => number
  readonly #fromMs: number
  readonly #toMs: number

  constructor(rows: RowCursor, timeOf: (key: Bytes) => number, fromMs: number, toMs: number) {
    this.#rows = rows
    this.#timeOf = timeOf
    this.#fromMs = fromMs
    this.#toMs = toMs
  }

  next(): Row | undefined {
    for (;;) {
      const row = this.#rows.next()
      if (row === undefined) return undefined
      const timeMs = this.#timeOf(row.key)
      if (timeMs >= this.#fromMs && timeMs <= this.#toMs) return row
    }
  }
}
