import type { Bytes } from '../core/bytes.ts'
import { hashKey, owned, unpinned } from './byte-keys.ts'
import type { Direction } from './direction.ts'
import type { EngineMap } from './engine.ts'
import { EngineCursor } from './engine-cursor.ts'
import { KeyFilter } from './key-filter.ts'
import { MergedCursor } from './merged-cursor.ts'
import { emptyCursor, PresentCursor } from './present-cursor.ts'
import { Row, type RowCursor } from './row.ts'
import { lastUnchanged, type RowState, rowStateAfter, rowStates } from './row-state.ts'
import { RowTable } from './row-table.ts'
import { SortedRows } from './sorted-rows.ts'
import type { StateChanges } from './state-base.ts'
import type { RestoredRecord } from './state-part.ts'
import type { ValueFormat } from './value-format.ts'

/** Clean rows of an engine's map that stay readable without asking it again. */
const cleanRowsMax = 20_000
const smallValueBytes = 1024

/**
 * One sorted map and the interval's changes to it. Without an engine map it is the map itself: rows live in a table,
 * and the interval keeps what they were. With one, the table holds the interval's rows, those of the batch in flight,
 * and a bounded number of clean ones, in front of the engine.
 */
export class WriteBuffer {
  readonly #map: EngineMap | undefined
  readonly #format: ValueFormat
  readonly #suffixBytes: number
  readonly #changes: StateChanges
  readonly #table: RowTable<Row>
  readonly #sorted = new SortedRows()
  /** Of all inner keys that the engine's map may hold, where it was empty at first. */
  readonly #filter: KeyFilter | undefined
  #dirty: Row[] = []
  #lastKey: Bytes | undefined
  #lastHash = 0
  #last: Row | undefined
  /** In the batch in flight, or in one that failed and has to be written again. */
  #applying: Row[] = []

  /** `suffixBytes`: what follows the inner key in the keys of window and session stores. */
  constructor(map: EngineMap | undefined, format: ValueFormat, changes: StateChanges, suffixBytes = 0) {
    this.#map = map
    this.#changes = changes
    this.#suffixBytes = suffixBytes
    this.#format = format
    this.#table = new RowTable(suffixBytes)
    if (map !== undefined && map.approximateCount === 0) this.#filter = new KeyFilter()
  }

  /** Rows that the interval has changed. */
  get dirtyEntries(): number {
    return this.#dirty.length
  }

  /** The row, present. */
  get(key: Bytes): Row | undefined {
    const row = this.#lookUp(key) ?? this.#load(key)
    if (row === undefined) return undefined
    row.used = true
    return row.value === null ? undefined : row
  }

  /** null deletes. Does not read the engine: what is below is of no interest to a blind write. */
  put(key: Bytes, value: Bytes | null, timestamp: number): Row {
    this.#changes.count++
    const row = this.#lookUp(key) ?? this.#addRow(key)
    if (row.state <= lastUnchanged) {
      row.state = rowStateAfter.put[row.state] as RowState
      row.savedValue = row.value
      row.savedTimestamp = row.timestamp
      this.#dirty.push(row)
    }
    // Small ones are copied at the commit: to ask where they lie takes longer than that.
    row.value = value !== null && value.length > smallValueBytes ? unpinned(value) : value
    row.timestamp = timestamp
    // A row that is absent below as well needs no place in the order; elsewhere it hides the engine's.
    if (value === null && (this.#map === undefined || wasAbsent(row))) {
      this.#sorted.remove(row)
    } else {
      this.#sorted.add(row)
    }
    return row
  }

  /** Rows of the buffer merged with those of the engine. Rows that are put ahead of the cursor are seen. */
  range(from: Bytes | undefined, to: Bytes | undefined, direction: Direction): RowCursor {
    const rows = this.#sorted.range(from, to, direction)
    if (this.#map === undefined) return new PresentCursor(rows)
    return new PresentCursor(
      new MergedCursor(rows, new EngineCursor(this.#map, this.#format, from, to, direction), direction),
    )
  }

  /** False: no row of the inner key is there. `hash` is that of the inner key. */
  mayHold(inner: Bytes, hash: number): boolean {
    return this.#map === undefined ? this.#table.hasInner(inner, hash) : this.#mayBeInEngine(hash)
  }

  /** The empty cursor where it is known that there is no row. */
  ofKey(inner: Bytes, hash: number, from: Bytes, to: Bytes, direction: Direction): RowCursor {
    const inEngine = this.#map !== undefined && this.#mayBeInEngine(hash) ? this.#map : undefined
    const list = this.#table.ofInner(inner, hash, from, to)
    if (inEngine === undefined && list.length === 0) return emptyCursor
    const rows = new ListCursor(direction === 'backward' ? list.reverse() : list)
    if (inEngine === undefined) return new PresentCursor(rows)
    return new PresentCursor(
      new MergedCursor(rows, new EngineCursor(inEngine, this.#format, from, to, direction, 'key'), direction),
    )
  }

  /** With an engine, a changed row that is in the engine already counts twice. */
  approximateCount(): number {
    return this.#map === undefined ? this.#table.count : this.#map.approximateCount + this.#dirty.length
  }

  /**
   * The rows of the interval that go to the engine, and those of a batch that failed before. They stay readable until
   * `applied`, with what `takenValue` returns as their value.
   */
  take(): readonly Row[] {
    for (const row of this.#dirty) {
      if (row.state !== rowStates.rewritten) this.#applying.push(row)
      row.savedValue = null
      row.state = rowStateAfter.take[row.state] as RowState
    }
    this.#dirty = []
    return this.#map === undefined ? [] : this.#applying
  }

  /** What `take` returned is in the engine. */
  applied(): void {
    const applied = this.#applying
    this.#applying = []
    for (const row of applied) {
      row.state = rowStateAfter.applied[row.state] as RowState
      if (row.value !== null && (this.#map === undefined || row.used)) row.value = owned(row.value)
    }
    if (this.#map === undefined) {
      this.#detachAll(applied.filter((row) => row.state === rowStates.clean && row.value === null))
      return
    }
    this.#sorted.clear()
    for (const row of this.#dirty) if (row.value !== null || !wasAbsent(row)) this.#sorted.add(row)
    this.#forgetClean((row) => row.used, cleanRowsMax)
  }

  /** Rows are as before the interval. */
  discard(): void {
    for (const row of this.#dirty) {
      row.logPending = false
      row.state = rowStateAfter.discard[row.state] as RowState
      if (row.state === rowStates.gone || (row.savedValue === null && this.#map === undefined)) {
        this.#detach(row)
        continue
      }
      row.value = row.savedValue
      row.timestamp = row.savedTimestamp
      row.savedValue = null
      if (row.value !== null || row.state === rowStates.written) this.#sorted.add(row)
      else this.#sorted.remove(row)
    }
    this.#dirty = []
  }

  /** Puts a row as if it had been applied long ago: restoring, without an engine. */
  restoreRow(key: Bytes, value: Bytes | null, timestamp: number): void {
    const row = this.#lookUp(key)
    if (value === null) {
      if (row !== undefined) this.#detach(row)
    } else if (row === undefined) {
      this.#sorted.add(this.#add(new Row(owned(key), this.#lastHash, owned(value), timestamp)))
    } else {
      row.value = owned(value)
      row.timestamp = timestamp
    }
  }

  /** These are written to the engine's map directly. */
  restored(records: readonly RestoredRecord[]): void {
    this.#forgetClean(() => false, 0)
    if (this.#filter === undefined) return
    for (const { key } of records) this.#filter.add(hashKey(key, key.length - this.#suffixBytes))
  }

  /** An operator gets a row and puts it: the second time its key is the same array. */
  #lookUp(key: Bytes): Row | undefined {
    if (this.#lastKey === key && this.#last?.state !== rowStates.gone) return this.#last
    this.#lastKey = key
    this.#lastHash = hashKey(key, key.length - this.#suffixBytes)
    this.#last = this.#table.find(key, this.#lastHash)
    return this.#last
  }

  /** The key is the one that was just looked up. */
  #addRow(key: Bytes): Row {
    const row = this.#add(new Row(owned(key), this.#lastHash, null, -1))
    // An engine's old value is not read for a blind write.
    const mayBeInEngine = this.#mayBeInEngine(this.#lastHash)
    row.state = mayBeInEngine ? rowStates.blind : rowStates.changed
    if (!mayBeInEngine) this.#filter?.add(row.hash)
    this.#dirty.push(row)
    return row
  }

  /** Reads the row from the engine, and keeps it while there is room: also that it is absent. */
  #load(key: Bytes): Row | undefined {
    if (this.#map === undefined || !this.#mayBeInEngine(this.#lastHash)) return undefined
    const bytes = this.#map.get(key)
    const loaded =
      bytes === undefined
        ? new Row(owned(key), this.#lastHash, null, -1)
        : new Row(owned(key), this.#lastHash, this.#format.value(bytes), this.#format.timestamp(bytes))
    const rowsMax = 2 * cleanRowsMax + this.#dirty.length + this.#applying.length
    return this.#table.count < rowsMax ? this.#add(loaded) : loaded
  }

  /** False only if the engine's map was empty when it was opened and no such key was put since. */
  #mayBeInEngine(hash: number): boolean {
    return this.#map !== undefined && (this.#filter === undefined || this.#filter.mayHold(hash))
  }

  /** The row is the one that was looked up last, as it is put next. */
  #add(row: Row): Row {
    this.#table.add(row)
    this.#last = row
    return row
  }

  /** At most `rowsMax` of those chosen stay. */
  #forgetClean(isKept: (row: Row) => boolean, rowsMax: number): void {
    let room = rowsMax
    this.#table.retain((row) => {
      if (row.state !== rowStates.clean) return true
      const stays = room > 0 && isKept(row)
      row.used = false
      if (stays) room--
      else row.state = rowStates.gone
      return stays
    })
  }

  /** Many at once are taken out in one pass over the table. */
  #detachAll(rows: readonly Row[]): void {
    if (rows.length * 8 < this.#table.count) {
      for (const row of rows) this.#detach(row)
      return
    }
    for (const row of rows) {
      row.state = rowStates.gone
      this.#sorted.remove(row)
    }
    this.#table.retain((row) => row.state !== rowStates.gone)
  }

  /** Takes the row out; open cursors skip it by its state. */
  #detach(row: Row): void {
    row.state = rowStates.gone
    this.#table.remove(row)
    this.#sorted.remove(row)
  }
}

/** Below it there is nothing either, nor in a batch in flight. */
function wasAbsent(row: Row): boolean {
  return row.state === rowStates.changed && row.savedValue === null
}

/** Rows as they were when it was opened, less those that are gone since. */
class ListCursor implements RowCursor {
  readonly #rows: readonly Row[]
  #index = 0

  constructor(rows: readonly Row[]) {
    this.#rows = rows
  }

  next(): Row | undefined {
    for (;;) {
      const row = this.#rows[this.#index++]
      if (row === undefined || row.state !== rowStates.gone) return row
    }
  }
}
