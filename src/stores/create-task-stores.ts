import { errorMessage, knownConsequenceOf, MillraceError } from '../core/errors.ts'
import type { RecordBatch } from '../kafka/record-batch.ts'
import { assembleStore } from './assemble-store.ts'
import { EngineBatchDraft } from './batch-draft.ts'
import { closeStore } from './closed-store.ts'
import type { Engine } from './engine.ts'
import type { StateStore } from './port.ts'
import type { RestoredRecord } from './state-part.ts'
import type { AssembledStore } from './store-layers.ts'
import { timestampBytes } from './value-format.ts'
import { TaskRestores } from './task-restores.ts'
import type { TaskStores, TaskStoresOptions } from './task-stores.ts'

const recordsAtOnce = 1000
/** So that the rows of a large commit do not hold the event loop. */
const rowsPackedAtOnce = 8192

/** Opens all stores of a task, synchronously whatever the engine. */
export function createTaskStores(options: TaskStoresOptions): TaskStores {
  const { directory, openEngine } = options
  const durable = options.specs.some((spec) => spec.engine === 'disk')
  const engine =
    directory !== undefined && openEngine !== undefined && durable ? openEngine(directory, options.logger) : undefined
  return new LayeredTaskStores(options, engine)
}

/**
 * The stores of one task, and the one engine behind those on disk. The thread's checkpoint calls it in this order; the
 * contract of each call is at `TaskStores`.
 * ```
 * emitPending      caches are flushed: changes go downstream and into the layers below
 * logDirty         the changelog gets a record per changed key
 * apply            write buffers and offsets go to the engine in one batch, in the background
 * (next interval)  reads find rows of the batch in flight; the next `apply` waits for it
 * ```
 * A batch that failed stays in `#unwritten`: it is written by the next `apply`, before the interval that followed. The
 * offset of a store in the engine is therefore never ahead of its rows.
 */
class LayeredTaskStores implements TaskStores {
  readonly #options: TaskStoresOptions
  readonly #engine: Engine | undefined
  readonly changes = { count: 0 }
  readonly #parts = new Map<string, AssembledStore>()
  readonly #durable = new Set<string>()
  /** Of stores without an engine. */
  readonly #memoryOffsets = new Map<string, number>()
  #writing: Promise<void> | undefined
  readonly #restores: TaskRestores
  /** The interval that could not be written, or is being written. */
  #unwritten: EngineBatchDraft | undefined

  constructor(options: TaskStoresOptions, engine: Engine | undefined) {
    this.#options = options
    this.#engine = engine
    this.#restores = new TaskRestores(engine, async (draft) => {
      await this.#untilWritten()
      await this.#write(draft)
    })
    for (const spec of options.specs) {
      const storeEngine = spec.engine === 'disk' ? engine : undefined
      if (storeEngine !== undefined) this.#durable.add(spec.name)
      this.#parts.set(spec.name, assembleStore(spec, { options, engine: storeEngine, changes: this.changes }))
    }
  }

  store(name: string): StateStore {
    return this.#part(name).store
  }

  emitPending(): void {
    for (const { cache } of this.#parts.values()) cache?.flush()
  }

  logDirty(rowsMax = Number.POSITIVE_INFINITY): boolean {
    let room = rowsMax
    for (const { changelog } of this.#parts.values()) {
      if (changelog !== undefined) room -= changelog.logDirty(room)
      if (room <= 0) return false
    }
    return true
  }

  async apply(changelogOffsets: ReadonlyMap<string, number>): Promise<void> {
    if (this.#writing !== undefined) await this.#untilWritten()
    if (this.#unwritten !== undefined) await this.reapply()
    const draft = new EngineBatchDraft()
    for (const { state } of this.#parts.values()) state?.take(draft)
    for (const [name, offset] of changelogOffsets) this.#setOffset(name, offset, draft)
    // In memory there is nothing to wait for: who does not await it, as the test driver, finds it applied.
    if (this.#engine === undefined) {
      this.#applied()
      return
    }
    this.#unwritten = draft
    await this.reapply()
  }

  async reapply(): Promise<void> {
    const draft = this.#unwritten
    if (draft === undefined) return
    await this.#write(draft)
    this.#unwritten = undefined
    this.#applied()
  }

  /** The batch is in the engine, or in memory: rows of the interval become clean. */
  #applied(): void {
    for (const { state } of this.#parts.values()) state?.applied()
  }

  discard(): void {
    for (const { state, changelog, cache, lru } of this.#parts.values()) {
      cache?.discard()
      changelog?.discard()
      state?.discard()
      lru?.refresh()
    }
  }

  changelogOffset(storeName: string): number | undefined {
    if (!this.#durable.has(storeName)) return this.#memoryOffsets.get(storeName)
    const text = this.#engine?.meta(`offset:${storeName}`)
    return text === undefined ? undefined : Number(text)
  }

  async restore(storeName: string, batch: RecordBatch): Promise<void> {
    if (this.#part(storeName).state?.isRestoredBlindly === true) {
      return this.#restoreDraft(storeName, this.#prepared(storeName, batch))
    }
    return this.#restores.addInTurn(
      storeName,
      () => this.#prepared(storeName, batch),
      () => this.#part(storeName).state?.applied(),
    )
  }

  /** Apart, so that nothing holds the batch, which is larger than its rows, until they are written. */
  #restoreDraft(storeName: string, draft: EngineBatchDraft): Promise<void> {
    return this.#restores.add(storeName, draft, () => this.#part(storeName).state?.applied())
  }

  #prepared(storeName: string, batch: RecordBatch): EngineBatchDraft {
    const draft = new EngineBatchDraft(batch.byteLength + batch.count * timestampBytes)
    const { state, lru } = this.#part(storeName)
    // In parts, where that is possible: objects that live for long are expensive.
    const partRecords = state?.isRestoredBlindly === true ? recordsAtOnce : batch.count
    for (let start = 0; start < batch.count; start += partRecords) {
      const records = recordsOf(batch, start, Math.min(batch.count, start + partRecords))
      try {
        state?.restore(records, draft)
      } catch (error) {
        throw this.#notRestored(storeName, batch, error)
      }
      lru?.restored(records)
    }
    this.#setOffset(storeName, batch.nextOffset, draft)
    return draft
  }

  get dirtyEntries(): number {
    let count = 0
    for (const { state, cache, changelog } of this.#parts.values()) {
      count += (state?.dirtyEntries ?? 0) + (cache?.dirtyEntries ?? 0) + (changelog?.heldPuts ?? 0)
    }
    return count
  }

  sizes(): ReadonlyMap<string, number> {
    const sizes = new Map<string, number>()
    for (const [name, { state }] of this.#parts) {
      const rows = state?.approximateCount?.()
      if (rows !== undefined) sizes.set(name, rows)
    }
    return sizes
  }

  get isStuck(): boolean {
    for (const { cache } of this.#parts.values()) if (cache?.isStuck === true) return true
    return false
  }

  async close(): Promise<void> {
    this.#end()
    await this.#restores.idle()
    await this.#untilWritten()
    await this.#engine?.close()
  }

  async wipe(): Promise<void> {
    this.#end()
    await this.#restores.idle()
    await this.#untilWritten()
    await this.#engine?.wipe()
  }

  /** What caches held of the budget is for the other tasks of the thread. Stores of a class of the user stay as they are. */
  #end(): void {
    for (const { cache } of this.#parts.values()) cache?.discard()
    const { specs, taskId } = this.#options
    for (const { name, kind } of specs) if (kind !== 'custom') closeStore(this.#part(name).store, taskId)
  }

  /** Throws UNKNOWN_STORE (fatal). */
  #part(name: string): AssembledStore {
    const parts = this.#parts.get(name)
    if (parts === undefined) {
      const known = [...this.#parts.keys()].join(', ')
      throw new MillraceError(
        'UNKNOWN_STORE',
        'fatal',
        `task ${this.#options.taskId} has no store ${name}: it has ${known}`,
      )
    }
    return parts
  }

  /** Rows that no store of its kind can hold, as another program may write them; the task's other state is well. */
  #notRestored(storeName: string, batch: RecordBatch, cause: unknown): unknown {
    if (knownConsequenceOf(cause) !== undefined) return cause
    const { topic, partition } = batch
    const { taskId } = this.#options
    return new MillraceError(
      'STORE_NOT_RESTORED',
      'fatal',
      `store ${storeName} of task ${taskId} cannot be restored from ${topic}-${partition}, offsets ${batch.offset(0)} to ${batch.nextOffset - 1} (${errorMessage(cause)}): find out who else writes to this changelog`,
      { cause, details: { taskId, topic, partition, offset: batch.offset(0) } },
    )
  }

  #setOffset(name: string, offset: number, draft: EngineBatchDraft): void {
    if (this.#durable.has(name)) draft.setMeta(`offset:${name}`, String(offset))
    else this.#memoryOffsets.set(name, offset)
  }

  /** Of those that wait one continues, and the others wait for its write. */
  async #untilWritten(): Promise<void> {
    while (this.#writing !== undefined) await this.#writing.catch(() => {})
  }

  async #write(draft: EngineBatchDraft): Promise<void> {
    if (this.#engine === undefined || draft.isEmpty) return
    this.#writing = this.#packedAndWritten(this.#engine, draft)
    try {
      await this.#writing
    } finally {
      this.#writing = undefined
    }
  }

  async #packedAndWritten(engine: Engine, draft: EngineBatchDraft): Promise<void> {
    while (!draft.pack(rowsPackedAtOnce)) await new Promise((resolve) => setImmediate(resolve))
    await engine.write(draft)
  }
}

/** Records without a key are of no store. */
function recordsOf(batch: RecordBatch, start: number, end: number): RestoredRecord[] {
  const records: RestoredRecord[] = []
  for (let index = start; index < end; index++) {
    const key = batch.key(index)
    if (key !== null) records.push({ key, value: batch.value(index), timestamp: batch.timestamp(index) })
  }
  return records
}
