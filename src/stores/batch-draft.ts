import type { EngineBatch, EngineWrite } from './engine.ts'
import type { BatchDraft } from './state-part.ts'

/** Collects what the stores of one task add to a batch; `TaskStores` makes one per interval and per restored batch. */
export class EngineBatchDraft implements BatchDraft, EngineBatch {
  readonly writes = new Map<string, readonly EngineWrite[]>()
  readonly drops: string[] = []
  readonly meta = new Map<string, string>()

  /** Once per map and interval: a second call would replace the first. */
  write(map: string, writes: readonly EngineWrite[]): void {
    this.writes.set(map, writes)
  }

  drop(map: string): void {
    this.drops.push(map)
  }

  setMeta(key: string, text: string): void {
    this.meta.set(key, text)
  }

  get isEmpty(): boolean {
    return this.writes.size === 0 && this.drops.length === 0 && this.meta.size === 0
  }
}
