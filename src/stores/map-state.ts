import type { Bytes } from '../core/bytes.ts'
import type { Direction } from './direction.ts'
import type { PackedRows } from './packed-rows.ts'
import type { Row, RowCursor, Rows } from './row.ts'
import type { StateBase } from './state-base.ts'
import type { BatchDraft, RestoredRecord, StatePart } from './state-part.ts'
import type { ValueFormat } from './value-format.ts'
import { WriteBuffer } from './write-buffer.ts'

/** A store in one map: key-value stores and what is built like them. */
export class MapState implements Rows, StatePart {
  readonly #mapName: string
  readonly #format: ValueFormat
  readonly #durable: boolean
  readonly #buffer: WriteBuffer
  readonly isRestoredBlindly = true

  constructor(mapName: string, { engine, changes }: StateBase, format: ValueFormat) {
    this.#mapName = mapName
    this.#format = format
    this.#durable = engine !== undefined
    this.#buffer = new WriteBuffer(engine?.map(mapName), format, changes)
  }

  get(key: Bytes): Row | undefined {
    return this.#buffer.get(key)
  }

  put(key: Bytes, value: Bytes | null, timestamp: number): Row {
    return this.#buffer.put(key, value, timestamp)
  }

  range(from: Bytes | undefined, to: Bytes | undefined, direction: Direction): RowCursor {
    return this.#buffer.range(from, to, direction)
  }

  approximateCount(): number {
    return this.#buffer.approximateCount()
  }

  get dirtyEntries(): number {
    return this.#buffer.dirtyEntries
  }

  take(draft: BatchDraft): void {
    const rows = this.#buffer.take()
    if (rows.length > 0) draft.take(this.#mapName, this.#format, rows)
  }

  applied(): void {
    this.#buffer.applied()
  }

  discard(): void {
    this.#buffer.discard()
  }

  restore(records: readonly RestoredRecord[], draft: BatchDraft): void {
    if (!this.#durable) {
      for (const record of records) this.#buffer.restoreRow(record.key, record.value, record.timestamp)
      return
    }
    restoreRows(records, draft.restored(this.#mapName, this.#format))
    this.#buffer.restored(records)
  }
}

export function restoreRows(records: readonly RestoredRecord[], rows: PackedRows): void {
  for (const { key, value, timestamp } of records) rows.add(key, value, timestamp)
}
