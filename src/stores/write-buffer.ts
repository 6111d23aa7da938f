import type { Bytes } from '../core/bytes.ts'
import { MillraceError } from '../core/errors.ts'
import { compareKeys, hashKey } from './byte-keys.ts'
import type { EngineMap, EngineWrite } from './engine.ts'
import { KeyIndex } from './key-index.ts'
import { MergedCursor } from './merged-cursor.ts'
import { PresentCursor } from './present-cursor.ts'
import { Row, type RowCursor, type Rows, saved } from './row.ts'
import { RowTable } from './row-table.ts'
import { SortedRows } from './sorted-rows.ts'
import type { ValueFormat } from './value-format.ts'

/** Clean rows of an engine's map that stay readable without asking it again. */
const cleanRowsMax = 20_000

/**
 * One sorted map and the interval's changes to it. Without an engine map it is the map itself: rows live in a table,
 * and the interval keeps what they were. With one, the table holds the interval's rows, those of the batch in flight,
 * and a bounded number of clean ones, in front of the engine.
 */
export class WriteBuffer implements Rows {
  readonly #map: EngineMap | undefined
  readonly #format: ValueFormat
  readonly #table = new RowTable<Row>()
  readonly #sorted = new SortedRows()
  readonly #suffixBytes: number
  /** The ordered rows by inner key, from the first read of this kind on. */
  #byKey: KeyIndex | undefined
  #dirty: Row[] = []
  #lastKey: Bytes | undefined
  #last: Row | undefined
  /** In the batch in flight, or in one that failed and has to be written again. */
  #applying: Row[] = []

  /** `suffixBytes`: what follows the inner key in the keys of window and session stores. */
  constructor(map: EngineMap | undefined, format: ValueFormat, suffixBytes = 0) {
    this.#map = map
    this.#suffixBytes = suffixBytes
    this.#format = format
  }

  get dirtyEntries(): number {
    return this.#dirty.length
  }

  get(key: Bytes): Row | undefined {
    const row = this.#lookUp(key) ?? this.#load(key)
    return row === undefined || row.value === null ? undefined : row
  }

  put(key: Bytes, value: Bytes | null, timestamp: number): Row {
    const row = this.#lookUp(key) ?? this.#addRow(key)
    if (row.savedState === saved.none) {
      row.savedState = saved.known
      row.savedValue = row.value
      row.savedTimestamp = row.timestamp
      this.#dirty.push(row)
    }
    row.used = true
    row.value = value
    row.timestamp = timestamp
    // A row that is absent below as well needs no place in the order; elsewhere it hides the engine's.
    if (value === null && (this.#map === undefined || (wasAbsent(row) && !row.applying))) {
      this.#sorted.remove(row)
    } else {
      this.#order(row)
    }
    return row
  }

  range(from: Bytes | undefined, to: Bytes | undefined, reverse: boolean): RowCursor {
    const rows = this.#sorted.range(from, to, reverse)
    if (this.#map === undefined) return new PresentCursor(rows)
    return new PresentCursor(
      new MergedCursor(rows, new EngineCursor(this.#map, this.#format, from, to, reverse), reverse),
    )
  }

  ofKey(inner: Bytes, from: Bytes, to: Bytes, reverse: boolean): RowCursor {
    const rows = this.#indexByKey().range(inner, from, to, reverse)
    if (this.#map === undefined) return new PresentCursor(rows)
    return new PresentCursor(
      new MergedCursor(rows, new EngineCursor(this.#map, this.#format, from, to, reverse), reverse),
    )
  }

  approximateCount(): number {
    return this.#map === undefined ? this.#table.count : this.#map.approximateCount + this.#dirty.length
  }

  /** The writes of the interval, sorted, and of a batch that failed before. They stay readable until `applied`. */
  take(): EngineWrite[] {
    for (const row of this.#dirty) {
      forgetSaved(row)
      if (row.applying) continue
      row.applying = true
      this.#applying.push(row)
    }
    this.#dirty = []
    if (this.#map === undefined) return []
    this.#applying.sort((left, right) => compareKeys(left.key, right.key))
    return this.#applying.map((row) => ({
      key: row.key,
      value: row.value === null ? null : this.#format.encode(row.value, row.timestamp),
    }))
  }

  /** What `take` returned is in the engine. */
  applied(): void {
    const applied = this.#applying
    this.#applying = []
    if (this.#map !== undefined) {
      this.#sorted.clear()
      this.#byKey?.clear()
    }
    for (const row of applied) {
      row.applying = false
      if (row.savedState !== saved.none) continue
      if (this.#map === undefined && row.value === null) this.#detach(row)
    }
    if (this.#map === undefined) return
    for (const row of this.#dirty) if (row.value !== null || !wasAbsent(row)) this.#order(row)
    if (this.#table.count > cleanRowsMax) this.#sweepClean()
  }

  /** Rows are as before the interval. */
  discard(): void {
    for (const row of this.#dirty) {
      row.logPending = false
      if (row.savedState === saved.unknown || (row.savedValue === null && this.#map === undefined)) {
        forgetSaved(row)
        this.#detach(row)
        continue
      }
      row.value = row.savedValue
      row.timestamp = row.savedTimestamp
      forgetSaved(row)
      if (row.value !== null || row.applying) this.#order(row)
      else this.#sorted.remove(row)
    }
    this.#dirty = []
  }

  /** Puts a row as if it had been applied long ago: restoring, without an engine. */
  restoreRow(key: Bytes, value: Bytes | null, timestamp: number): void {
    const hash = hashKey(key)
    let row = this.#table.find(key, hash)
    if (value === null) {
      if (row !== undefined) this.#detach(row)
      return
    }
    if (row === undefined) {
      row = new Row(key, hash, value, timestamp)
      this.#table.add(row)
      this.#order(row)
      return
    }
    row.value = value
    row.timestamp = timestamp
  }

  /** Forgets clean rows: the engine's map was written to directly. */
  forgetClean(): void {
    this.#table.forEach((row) => {
      if (row.savedState === saved.none && !row.applying) this.#detach(row)
    })
  }

  /** An operator gets a row and puts it: the second time its key is the same array. */
  #lookUp(key: Bytes): Row | undefined {
    const last = this.#last
    if (last !== undefined && this.#lastKey === key && !last.detached) return last
    const row = this.#table.find(key, hashKey(key))
    if (row === undefined) return undefined
    row.used = true
    this.#lastKey = key
    this.#last = row
    return row
  }

  #addRow(key: Bytes): Row {
    this.#requireKeyFits(key)
    const row = new Row(key, hashKey(key), null, -1)
    // An engine's old value is not read for a blind write.
    row.savedState = this.#map === undefined ? saved.known : saved.unknown
    this.#table.add(row)
    this.#dirty.push(row)
    return row
  }

  #load(key: Bytes): Row | undefined {
    if (this.#map === undefined || key.length > this.#map.keyBytesMax) return undefined
    const bytes = this.#map.get(key)
    const loaded =
      bytes === undefined
        ? new Row(key, hashKey(key), null, -1)
        : new Row(key, hashKey(key), this.#format.value(bytes), this.#format.timestamp(bytes))
    if (this.#table.count < 2 * cleanRowsMax + this.#dirty.length + this.#applying.length) this.#table.add(loaded)
    return loaded
  }

  #requireKeyFits(key: Bytes): void {
    if (this.#map === undefined || key.length <= this.#map.keyBytesMax) return
    throw new MillraceError(
      'STORE_KEY_TOO_LONG',
      'record',
      `a store key has ${key.length} bytes and the disk engine holds up to ${this.#map.keyBytesMax}: shorten the key, or keep the store in memory`,
    )
  }

  #sweepClean(): void {
    this.#table.forEach((row) => {
      if (row.savedState === saved.none && !row.applying && !row.used) this.#detach(row)
      row.used = false
    })
  }

  #order(row: Row): void {
    if (!row.placed) this.#byKey?.add(row)
    this.#sorted.add(row)
  }

  #indexByKey(): KeyIndex {
    if (this.#byKey === undefined) {
      const index = new KeyIndex(this.#suffixBytes)
      this.#table.forEach((row) => {
        if (row.placed) index.add(row)
      })
      this.#byKey = index
    }
    return this.#byKey
  }

  #detach(row: Row): void {
    this.#byKey?.remove(row)
    row.detached = true
    this.#table.remove(row)
    this.#sorted.remove(row)
  }
}

function wasAbsent(row: Row): boolean {
  return row.savedState === saved.known && row.savedValue === null
}

function forgetSaved(row: Row): void {
  row.savedState = saved.none
  row.savedValue = null
}

/** An engine's entries as rows that belong to no table, read in pages that grow: no engine iterator stays open. */
class EngineCursor implements RowCursor {
  readonly #map: EngineMap
  readonly #format: ValueFormat
  readonly #from: Bytes | undefined
  readonly #to: Bytes | undefined
  readonly #reverse: boolean
  #after: Bytes | undefined
  #page: Row[] = []
  #index = 0
  #pageRows = 16
  #ended = false

  constructor(map: EngineMap, format: ValueFormat, from: Bytes | undefined, to: Bytes | undefined, reverse: boolean) {
    this.#map = map
    this.#format = format
    this.#from = from
    this.#to = to
    this.#reverse = reverse
  }

  next(): Row | undefined {
    if (this.#index === this.#page.length && !this.#ended) this.#readPage()
    return this.#page[this.#index++]
  }

  #readPage(): void {
    const entries = this.#map.read(this.#from, this.#to, this.#reverse, this.#after, this.#pageRows)
    this.#ended = entries.length < this.#pageRows
    this.#pageRows = Math.min(512, this.#pageRows * 4)
    this.#after = entries.at(-1)?.key
    this.#page = entries.map(
      (entry) => new Row(entry.key, 0, this.#format.value(entry.value), this.#format.timestamp(entry.value)),
    )
    this.#index = 0
  }
}
