import type { Database } from 'lmdb'
import type { Bytes } from '../../core/bytes.ts'
import { compareKeys } from '../byte-keys.ts'
import type { Direction } from '../direction.ts'
import type { EngineEntry } from '../engine.ts'
import { aboveAll, belowAll, Bound, boundOf, successor } from './lmdb-keys.ts'
import { aboveLongKey, belowLongKey, decodeLongEntry, LongKeyGroup, longKeyBytes, longKeyEnd } from './long-keys.ts'
import { wholeEnd } from './stored-row.ts'

/** A database, and what its checksums begin with. */
export interface RowSource {
  readonly database: Database<Buffer, Bytes>
  readonly seed: number
}

/** Entries from `from` or behind `after` up to `to`, in rising order, at most `limit`. Keys and values are copies. */
export function forward(
  { database, seed }: RowSource,
  from: Bytes | undefined,
  to: Bytes | undefined,
  after: Bytes | undefined,
  limit: number,
): EngineEntry[] {
  const start = after !== undefined ? successor(after) : from !== undefined ? boundOf(from) : belowAll
  const end = to === undefined ? aboveAll : successor(to)
  return collect(database.getRange({ start, end, limit }), seed, from, undefined, 'forward')
}

/** Entries from `upper` down to `from`, at most `limit`, without `after`. */
export function backward(
  { database, seed }: RowSource,
  from: Bytes | undefined,
  upper: Bytes | undefined,
  after: Bytes | undefined,
  limit: number,
): EngineEntry[] {
  const start = upper === undefined ? aboveAll : boundOf(upper)
  // The start is inclusive: one more, in case it is the entry that was read already.
  const range = database.getRange({ start, end: belowAll, reverse: true, limit: limit + 1 })
  return collect(range, seed, from, after, 'backward').slice(0, limit)
}

function collect(
  range: Iterable<EngineEntry>,
  seed: number,
  from: Bytes | undefined,
  skip: Bytes | undefined,
  direction: Direction,
): EngineEntry[] {
  const entries: EngineEntry[] = []
  for (const { key, value } of range) {
    if (from !== undefined && compareKeys(key, from) < 0) {
      if (direction === 'backward') break
      continue
    }
    if (skip !== undefined && compareKeys(key, skip) === 0) continue
    entries.push({ key, value: value.subarray(0, wholeEnd(seed, key, value)) })
  }
  return entries
}

/** At least `limit` long keys, unless they are ended, and all that begin as the last one does. */
export function readLongKeys(
  { database, seed }: RowSource,
  low: Bytes | undefined,
  high: Bytes | undefined,
  after: Bytes | undefined,
  direction: Direction,
  limit: number,
): { readonly entries: EngineEntry[]; readonly ended: boolean } {
  const [below, above] = [new Bound(belowLongKey(low)), new Bound(aboveLongKey(high))]
  const range = database.getRange(
    direction === 'backward' ? { start: above, end: below, reverse: true } : { start: below, end: above },
  )
  const isRead = ({ key }: EngineEntry): boolean =>
    (low === undefined || compareKeys(key, low) >= 0) &&
    (high === undefined || compareKeys(key, high) <= 0) &&
    (after === undefined || compareKeys(key, after) !== 0)
  const entries: EngineEntry[] = []
  const group = new LongKeyGroup()
  for (const { value } of range) {
    const entry = longEntry(seed, value)
    if (group.add(entry)) continue
    entries.push(...group.take(direction).filter(isRead))
    if (entries.length >= limit) return { entries, ended: false }
    group.add(entry)
  }
  entries.push(...group.take(direction).filter(isRead))
  return { entries, ended: true }
}

/** Long keys that differ in their last bytes only. */
export function longKeysOfKey(
  { database, seed }: RowSource,
  from: Bytes,
  to: Bytes,
  direction: Direction,
  after: Bytes | undefined,
  limit: number,
): EngineEntry[] {
  const [start, end] = direction === 'backward' ? [after ?? to, from] : [after ?? from, to]
  const bounds = { start: new Bound(longKeyBytes(start)), end: new Bound(longKeyEnd(end, direction)) }
  const entries: EngineEntry[] = []
  // The start is inclusive: one more, in case it is the entry that was read already.
  for (const { value } of database.getRange({ ...bounds, reverse: direction === 'backward', limit: limit + 1 })) {
    const entry = longEntry(seed, value)
    if (entries.length === limit || compareKeys(entry.key, from) < 0) break
    if (after === undefined || compareKeys(entry.key, after) !== 0) entries.push(entry)
  }
  return entries
}

/** Two lists in order as one, no further than the long keys were read. */
export function merged(
  short: readonly EngineEntry[],
  long: readonly EngineEntry[],
  longEnded: boolean,
  direction: Direction,
): EngineEntry[] {
  const entries: EngineEntry[] = []
  const isBackward = direction === 'backward'
  let index = 0
  for (const entry of long) {
    for (; index < short.length; index++) {
      const other = short[index] as EngineEntry
      if (compareKeys(other.key, entry.key) < 0 === isBackward) break
      entries.push(other)
    }
    entries.push(entry)
  }
  return longEnded ? entries.concat(short.slice(index)) : entries
}

const emptyKey: Bytes = Buffer.alloc(0)

function longEntry(seed: number, value: Buffer): EngineEntry {
  return decodeLongEntry(value.subarray(0, wholeEnd(seed, emptyKey, value)))
}
