import { randomUUID } from 'node:crypto'
import type { EngineBatchDraft } from './batch-draft.ts'
import type { Bytes } from '../core/bytes.ts'
import type { Engine, EngineKey, EngineWrite } from './engine.ts'

/** Not a store: names of stores have no such letter in front. */
const markersMap = '@restored'
const noBytes: Bytes = Buffer.alloc(0)

interface Restore {
  readonly written: Promise<void>
  /** What it leaves in the engine; undefined where it is not queued. */
  readonly marker: EngineKey | undefined
}

/**
 * Orders the restored batches of a task. Those of one store go to the engine without waiting for the ones before them,
 * where the engine can queue them: it then commits several at once, which copies fewer pages.
 *
 * An offset must never hide that rows before it are missing. So each batch leaves a marker, and takes away the one of the
 * batch before it, without which it is refused:
 * ```
 * batch 1   needs nothing     leaves …:1
 * batch 2   needs …:1         leaves …:2, removes …:1
 * ```
 */
export class TaskRestores {
  readonly #engine: Engine | undefined
  readonly #write: (draft: EngineBatchDraft) => Promise<void>
  readonly #last = new Map<string, Restore>()
  /** One of this process is never met by another. */
  readonly #prefix = randomUUID()
  #sequence = 0
  /** Of batches after which none was queued. */
  #leftMarkers: EngineKey[] | undefined

  /** `write` waits for its turn among all writes of the task. */
  constructor(engine: Engine | undefined, write: (draft: EngineBatchDraft) => Promise<void>) {
    this.#write = write
    this.#engine = engine?.queue === undefined ? undefined : engine
  }

  /** A batch that is prepared already: it may go to the engine while those before it are in flight. */
  add(storeName: string, draft: EngineBatchDraft, applied: () => void): Promise<void> {
    const before = this.#last.get(storeName)
    if (this.#engine !== undefined) return this.#follow(storeName, this.#queued(this.#engine, before, draft, applied))
    return this.#follow(storeName, { written: this.#inTurn(before, () => draft, applied), marker: undefined })
  }

  /** One that is prepared when those before it are applied. */
  addInTurn(storeName: string, prepare: () => EngineBatchDraft, applied: () => void): Promise<void> {
    const before = this.#last.get(storeName)
    return this.#follow(storeName, { written: this.#inTurn(before, prepare, applied), marker: undefined })
  }

  async #follow(storeName: string, restore: Restore): Promise<void> {
    this.#last.set(storeName, restore)
    try {
      await restore.written
    } finally {
      if (this.#last.get(storeName) === restore) this.#forget(storeName, restore)
    }
  }

  /** None is on its way. */
  async idle(): Promise<void> {
    while (this.#last.size > 0) await Promise.allSettled([...this.#last.values()].map(({ written }) => written))
  }

  #forget(storeName: string, { marker }: Restore): void {
    this.#last.delete(storeName)
    if (marker !== undefined) this.#leftMarkers?.push(marker)
  }

  /** After the one before it, and not at all when that failed. */
  async #inTurn(before: Restore | undefined, prepare: () => EngineBatchDraft, applied: () => void): Promise<void> {
    await before?.written
    await this.#write(prepare())
    applied()
  }

  #queued(engine: Engine, before: Restore | undefined, draft: EngineBatchDraft, applied: () => void): Restore {
    const marker = { map: markersMap, key: Buffer.from(`${this.#prefix}:${++this.#sequence}`) }
    this.#leftMarkers ??= leftMarkers(engine)
    const removed = before?.marker === undefined ? this.#leftMarkers.splice(0) : [before.marker]
    const writes: EngineWrite[] = removed.map(({ key }) => ({ key, value: null }))
    draft.write(markersMap, [...writes, { key: marker.key, value: noBytes }])
    const queue = async (): Promise<void> => {
      await engine.queue?.(draft, before?.marker)
      // What it needed was there; who waits for both hears of what became of the one before it.
      await before?.written
      applied()
    }
    return { written: queue(), marker }
  }
}

/** Of another process. */
function leftMarkers(engine: Engine): EngineKey[] {
  const left = engine.map(markersMap).read(undefined, undefined, 'forward', undefined, 1000)
  return left.map(({ key }) => ({ map: markersMap, key }))
}
