import type { EngineBatch, EngineWrite } from '../engine.ts'
import { PackedRows } from '../packed-rows.ts'
import { pageBytes } from './file-meta.ts'
import { shortKeyBytesMax } from './long-keys.ts'

/** Of a key and its value in a page, apart from their bytes. */
const entryBytes = 64

/** What batches write. */
export interface BatchSize {
  readonly keys: number
  readonly bytes: number
}

export const noSize: BatchSize = { keys: 0, bytes: 0 }

export function sizeOf(batch: EngineBatch): BatchSize {
  let { keys, bytes } = { keys: batch.meta.size, bytes: 0 }
  for (const writes of batch.writes.values()) {
    if (writes instanceof PackedRows) {
      keys += writes.count
      bytes += writes.byteLength + writes.count * entryBytes
    } else {
      keys += writes.length
      for (const { key, value } of writes) bytes += key.length + (value?.length ?? 0) + entryBytes
    }
  }
  return { keys, bytes }
}

export function sum(left: BatchSize, right: BatchSize, sign: 1 | -1 = 1): BatchSize {
  return { keys: left.keys + sign * right.keys, bytes: left.bytes + sign * right.bytes }
}

/**
 * Bytes that a transaction may take: every page that it may copy, a path of three for each key but no more than all pages
 * there are, and all that is added.
 */
export function bytesNeeded({ keys, bytes }: BatchSize, fileBytes: number): number {
  return Math.ceil(Math.min(3 * keys * pageBytes, fileBytes) + 2 * bytes)
}

export function hasLongKeys(batch: EngineBatch): boolean {
  for (const writes of batch.writes.values()) {
    const isLong =
      writes instanceof PackedRows
        ? writes.keyBytesMax > shortKeyBytesMax
        : writes.some(({ key }: EngineWrite) => key.length > shortKeyBytesMax)
    if (isLong) return true
  }
  return false
}
