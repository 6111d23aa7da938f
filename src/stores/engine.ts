import type { Bytes } from '../core/bytes.ts'
import type { Logger } from '../core/logger.ts'
import type { Direction } from './direction.ts'
import type { PackedRows } from './packed-rows.ts'

/** One entry that was read. */
export interface EngineEntry {
  readonly key: Bytes
  readonly value: Bytes
}

/** One put (or a delete: null) of a batch. */
export interface EngineWrite {
  readonly key: Bytes
  readonly value: Bytes | null
}

/**
 * A sorted map of bytes with keys of any length, read at once: no iterator is left open, what is returned stays valid
 * and is never written to.
 */
export interface EngineMap {
  get(key: Bytes): Bytes | undefined
  /**
   * Entries with from <= key <= to (undefined is open), in byte order, or backwards from `to`. Fewer than `limit`:
   * there are none left; more than that only where keys begin with the same kilobyte. `after`: only keys strictly
   * beyond it in the direction of reading.
   */
  read(
    from: Bytes | undefined,
    to: Bytes | undefined,
    direction: Direction,
    after: Bytes | undefined,
    limit: number,
  ): EngineEntry[]
  /**
   * As `read`, of keys that are as long as both bounds and differ from them in their last 16 bytes; others may be among
   * them.
   */
  readOfKey(from: Bytes, to: Bytes, direction: Direction, after: Bytes | undefined, limit: number): EngineEntry[]
  readonly approximateCount: number
}

/** An entry of a map. */
export interface EngineKey {
  readonly map: string
  readonly key: Bytes
}

/** Everything an interval changes: writes by map, sorted by key; maps to drop; texts of the meta map. */
export interface EngineBatch {
  readonly writes: ReadonlyMap<string, readonly EngineWrite[] | PackedRows>
  readonly drops: readonly string[]
  readonly meta: ReadonlyMap<string, string>
}

/**
 * A durable engine: named sorted maps and a small map of texts (changelog offsets), in one directory of one task. Reads
 * are synchronous and see the last batch that resolved.
 *
 * Errors: `STORE_DAMAGED` (task-corrupted: wipe and restore), `STORE_DISK_FULL` and `STORE_UNAVAILABLE` (retriable:
 * nothing of the batch is written, all earlier data stays), `STORE_CLOSED`.
 */
export interface Engine {
  /** Made on demand. */
  map(name: string): EngineMap
  /** Of the maps that were there when it was opened. */
  readonly mapNames: readonly string[]
  meta(key: string): string | undefined
  /**
   * Atomic over all maps and meta. No two calls run concurrently; the caller keeps the batch readable until it
   * resolves.
   */
  write(batch: EngineBatch): Promise<void>
  /**
   * As `write`, and it may be called before those before it have resolved; no `write` is called meanwhile. Several may be
   * committed at once, each whole, in order. A batch is refused (`STORE_UNAVAILABLE`) where the entry that it `needs` is
   * not there when it is applied. Not every engine has this.
   */
  queue?(batch: EngineBatch, needs: EngineKey | undefined): Promise<void>
  close(): Promise<void>
  /** Closes and deletes everything. */
  wipe(): Promise<void>
}

/** Throws or wipes when what is there cannot be trusted; never ends the process. */
export type OpenEngine = (directory: string, logger: Logger) => Engine
