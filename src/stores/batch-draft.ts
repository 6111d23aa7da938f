import type { EngineBatch, EngineWrite } from './engine.ts'
import { RestoredRows } from './restored-rows.ts'
import type { BatchDraft } from './state-part.ts'
import type { ValueFormat } from './value-format.ts'

/** Collects what the stores of one task add to a batch; `TaskStores` makes one per interval and per restored batch. */
export class EngineBatchDraft implements BatchDraft, EngineBatch {
  readonly writes = new Map<string, readonly EngineWrite[] | RestoredRows>()
  readonly drops: string[] = []
  readonly meta = new Map<string, string>()
  readonly #restoredBytes: number

  /** `restoredBytes`: of all rows that are restored with it, about. */
  constructor(restoredBytes = 0) {
    this.#restoredBytes = restoredBytes
  }

  /** Once per map and interval: a second call would replace the first. */
  write(map: string, writes: readonly EngineWrite[]): void {
    this.writes.set(map, writes)
  }

  restored(map: string, format: ValueFormat): RestoredRows {
    const known = this.writes.get(map)
    if (known instanceof RestoredRows) return known
    const rows = new RestoredRows(map, format, this.#restoredBytes)
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
