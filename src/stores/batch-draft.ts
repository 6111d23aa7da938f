import type { EngineBatch, EngineWrite } from './engine.ts'
import { packedBytes, PackedRows } from './packed-rows.ts'
import { type Row, takenTimestamp, takenValue } from './row.ts'
import type { BatchDraft } from './state-part.ts'
import type { ValueFormat } from './value-format.ts'

/** Rows of an interval that is over, on their way into a batch. */
interface TakenRows {
  readonly rows: readonly Row[]
  readonly packed: PackedRows
}

/** Collects what the stores of one task add to a batch; `TaskStores` makes one per interval and per restored batch. */
export class EngineBatchDraft implements BatchDraft, EngineBatch {
  readonly writes = new Map<string, readonly EngineWrite[] | PackedRows>()
  readonly drops: string[] = []
  readonly meta = new Map<string, string>()
  readonly #restoredBytes: number
  readonly #unpacked: TakenRows[] = []

  /** `restoredBytes`: of all rows that are restored with it, about. */
  constructor(restoredBytes = 0) {
    this.#restoredBytes = restoredBytes
  }

  /** Once per map and interval: a second call would replace the first. */
  write(map: string, writes: readonly EngineWrite[]): void {
    this.writes.set(map, writes)
  }

  take(map: string, format: ValueFormat, rows: readonly Row[]): void {
    const packed = new PackedRows(map, format, bytesOf(rows, format))
    this.writes.set(map, packed)
    this.#unpacked.push({ rows, packed })
  }

  /** Copies up to `rowsMax` of the rows that were taken; true once all are copied, and in order. */
  pack(rowsMax: number): boolean {
    let room = rowsMax
    for (;;) {
      const taken = this.#unpacked[0]
      if (taken === undefined) return true
      const { rows, packed } = taken
      const end = Math.min(rows.length, packed.count + room)
      room -= end - packed.count
      for (let index = packed.count; index < end; index++) {
        const row = rows[index] as Row
        packed.add(row.key, takenValue(row), takenTimestamp(row))
      }
      if (end < rows.length) return false
      packed.sorted()
      this.#unpacked.shift()
    }
  }

  restored(map: string, format: ValueFormat): PackedRows {
    const known = this.writes.get(map)
    if (known instanceof PackedRows) return known
    const rows = new PackedRows(map, format, this.#restoredBytes)
    this.writes.set(map, rows)
    return rows
  }

  drop(map: string): void {
    this.writes.delete(map)
    this.drops.push(map)
  }

  setMeta(key: string, text: string): void {
    this.meta.set(key, text)
  }

  get isEmpty(): boolean {
    return this.writes.size === 0 && this.drops.length === 0 && this.meta.size === 0
  }
}

function bytesOf(rows: readonly Row[], { prefixBytes }: ValueFormat): number {
  let bytes = 0
  for (const row of rows) bytes += packedBytes(row.key, takenValue(row), prefixBytes)
  return bytes
}
