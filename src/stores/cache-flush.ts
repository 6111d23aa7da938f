import type { Bytes } from '../core/bytes.ts'
import type { CachedRow } from './cached-rows.ts'
import type { RecordContext } from './record-context.ts'
import type { Rows } from './row.ts'

/** A change that leaves the cache: the row as it was below, and what it is now. */
export interface FlushedRow {
  readonly key: Bytes
  readonly newValue: Bytes | null
  /** The new value without its bytes, where the cache has held it so. */
  readonly newHeld: unknown
  readonly newTimestamp: number
  readonly oldValue: Bytes | null
  readonly oldTimestamp: number
}

/** `contextTimestamp` is the time of the record that wrote the key last. */
export type FlushListener = (flushed: FlushedRow, contextTimestamp: number) => void

/** A dirty row as it is when its flush begins: the listener may put the key again while others still wait. */
export interface PendingFlush {
  readonly row: CachedRow
  readonly value: Bytes | null
  readonly held: unknown
  readonly timestamp: number
  readonly context: Readonly<RecordContext>
}

/** `held`: the value of the row before it had bytes. */
export function pendingFlush(row: CachedRow, held: unknown): PendingFlush {
  return {
    row,
    value: row.value,
    held,
    timestamp: row.timestamp,
    context: {
      topic: row.contextTopic,
      partition: row.contextPartition,
      offset: row.contextOffset,
      timestamp: row.contextTimestamp,
      headers: row.contextHeaders,
    },
  }
}

/** Writes the changes of a record cache to the layers below and reports them to its listener, one after another. */
export class CacheFlush {
  readonly #rows: Rows
  readonly #context: RecordContext
  #listener: FlushListener | undefined
  #sendsOldValues = false

  /** `rows`: the layers below. `context`: the task's, which `write` changes while it runs. */
  constructor(rows: Rows, context: RecordContext) {
    this.#rows = rows
    this.#context = context
  }

  listen(listener: FlushListener, sendsOldValues: boolean): void {
    this.#listener = listener
    this.#sendsOldValues = sendsOldValues
  }

  /**
   * Writes each change with the record context of its last write in place. Throws what the listener throws; `failed` is
   * called first, with that change and those behind it, which are neither written nor reported.
   */
  write(pending: readonly PendingFlush[], failed: (rest: readonly PendingFlush[]) => void): void {
    const context = this.#context
    const current = { ...context }
    let done = 0
    try {
      for (const flush of pending) {
        Object.assign(context, flush.context)
        this.#writeOne(flush)
        done++
      }
    } catch (error) {
      failed(pending.slice(done))
      throw error
    } finally {
      Object.assign(context, current)
    }
  }

  #writeOne({ row, value, held, timestamp, context }: PendingFlush): void {
    const rows = this.#rows
    const listener = this.#listener
    if (listener === undefined) {
      rows.put(row.key, value, timestamp)
      return
    }
    const isOldRead = value === null || this.#sendsOldValues
    const old = isOldRead ? rows.get(row.key) : undefined
    // Put and deleted again between two flushes: nobody below or downstream ever saw it.
    if (value === null && old === undefined) return
    const oldValue = old?.value ?? null
    const oldTimestamp = old?.timestamp ?? -1
    rows.put(row.key, value, timestamp)
    const flushed = {
      key: row.key,
      newValue: value,
      newHeld: held,
      newTimestamp: timestamp,
      oldValue: this.#sendsOldValues ? oldValue : null,
      oldTimestamp,
    }
    try {
      listener(flushed, context.timestamp)
    } catch (error) {
      // So that the next try finds the old value again.
      if (isOldRead) rows.put(row.key, oldValue, old === undefined ? timestamp : oldTimestamp)
      throw error
    }
  }
}
