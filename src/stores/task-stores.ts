import type { Bytes } from '../core/bytes.ts'
import type { Clock } from '../core/clock.ts'
import type { Headers } from '../core/headers.ts'
import type { Logger } from '../core/logger.ts'
import type { RecordBatch } from '../kafka/record-batch.ts'
import type { OpenEngine } from './engine.ts'
import type { StateStore } from './port.ts'
import type { StateChanges } from './state-base.ts'
import type { CacheBudget } from './cache-budget.ts'
import type { RecordContext } from './record-context.ts'
import type { StoreSpec } from './store-spec.ts'

/** Where stores write their changelog; the runtime implements it over the record collector. */
export interface ChangelogWriter {
  /** Queues one changelog record of the task's partition; synchronous. */
  log(storeName: string, key: Bytes, value: Bytes | null, timestamp: number, headers: Headers): void
}

/**
 * What is logged at the commit. `each-put` logs each put as Java does (and the test driver); `coalesced` writes one
 * record per dirty key and commit interval, in order of the first write.
 */
export type ChangelogMode = 'each-put' | 'coalesced'

export interface TaskStoresOptions {
  readonly taskId: string
  readonly specs: readonly StoreSpec[]
  /** The task's directory; undefined: no disk, every store lives in memory with the semantics of its spec. */
  readonly directory: string | undefined
  /** Opens the durable engine in `directory`; undefined: as if there were no directory. Only app.ts knows an engine. */
  readonly openEngine?: OpenEngine | undefined
  readonly changelog: ChangelogWriter
  /** The topic that is passed to the serdes of a store; undefined: the store's name. */
  readonly changelogTopic?: ((storeName: string) => string) | undefined
  readonly changelogMode: ChangelogMode
  readonly recordContext: RecordContext
  readonly clock: Clock
  readonly logger: Logger
  /** Shared with the other tasks of the thread; one of 0 bytes turns caches off whatever the specs say. */
  readonly cacheBudget: CacheBudget
  /** Called for each record a store refuses because it is too old. */
  readonly onDropped: (storeName: string) => void
}

/**
 * All stores of one task, and the interval between two commits. Reads see the interval's writes; nothing of them
 * reaches the disk before `apply`. Steps are those of the commit path (ADR 13).
 */
export interface TaskStores {
  store(name: string): StateStore
  /** Step 1: record caches hand their changes to their flush listeners. May be called again when that made new ones. */
  emitPending(): void
  /**
   * Step 4: what the changelogs are to get of the interval, one record per dirty key (`coalesced`) or each put; at most
   * `rowsMax` records a call (all by default). True once nothing is left. What the writer throws keeps the rest for the
   * next call.
   */
  logDirty(rowsMax?: number): boolean
  /**
   * Step 6: the interval's writes and the changelog offsets (next offset to restore from, by store name) in one atomic
   * write. Offsets are those acknowledged by Kafka. What is put from the call on belongs to the next interval, which
   * may begin while the write is in flight; its own `apply` waits for it.
   */
  apply(changelogOffsets: ReadonlyMap<string, number>): Promise<void>
  /** Writes again what the last `apply` could not write, and nothing else; resolves at once where there is nothing. */
  reapply(): Promise<void>
  /** Forgets the interval; the stores are as of the last `apply`. */
  discard(): void
  /** Where a restore must continue; undefined: from the start of the changelog. */
  changelogOffset(storeName: string): number | undefined
  /**
   * Puts changelog records into the store (null value deletes), with the offset reached, before processing starts. May be
   * called again before it resolves: batches are prepared at once and written in order. Where one rejects, those behind it
   * that were begun reject as well.
   */
  restore(storeName: string, batch: RecordBatch): Promise<void>
  /** Dirty entries since the last `apply`; the runtime commits early above its bound. */
  readonly dirtyEntries: number
  /** About how many rows each store has, by its name; those that do not count them are left out. Asks the engine. */
  sizes(): ReadonlyMap<string, number>
  /** A record cache cannot make room: a commit has to, and early. */
  readonly isStuck: boolean
  readonly changes: Readonly<StateChanges>
  close(): Promise<void>
  /** Closes and deletes what is on disk (task-corrupted). */
  wipe(): Promise<void>
}

/**
 * Opens the stores of one task: the door of a store engine. Synchronous where `directory` is undefined, so that the
 * test driver needs no await. Rejects or throws with `task-corrupted` when what is on disk cannot be trusted.
 */
export type OpenTaskStores = (options: TaskStoresOptions) => TaskStores | Promise<TaskStores>
