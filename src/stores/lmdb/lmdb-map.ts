import { type Database, IF_EXISTS, type RootDatabase } from 'lmdb'
import type { Bytes } from '../../core/bytes.ts'
import type { Direction } from '../direction.ts'
import type { EngineEntry, EngineMap, EngineWrite } from '../engine.ts'
import { copyOf } from '../byte-keys.ts'
import { noValue, PackedRows } from '../packed-rows.ts'
import { Bound, keyEncoder, PlacedKey } from './lmdb-keys.ts'
import { backward, forward, longKeysOfKey, merged, readLongKeys, type RowSource } from './lmdb-reads.ts'
import { aboveLongKey, belowLongKey, longValueAt, shortKeyBytesMax } from './long-keys.ts'
import { checksumBytes } from '../row-checksum.ts'
import { seedOf, storedBytes, StoredValues, wholeEnd } from './stored-row.ts'

/** What a batch writes to a map. */
export interface MapWrites {
  readonly map: LmdbMap
  readonly entries: readonly EngineWrite[] | PackedRows
}

const databaseOptions = { keyEncoder, encoding: 'binary', cache: false } as const

/**
 * A named database. It is opened, and made, no earlier than something is written to it or known to be in it.
 *
 * LMDB limits keys; longer ones are stored under a short form, with the whole key in front of the value
 * (`long-keys.ts`), in a range of their own behind all short keys. Reads of a map that has such keys merge the two
 * ranges.
 */
export class LmdbMap implements EngineMap {
  readonly #root: RootDatabase
  readonly #name: string
  readonly #guard: <T>(read: () => T) => T
  #database: Database<Buffer, Bytes> | undefined
  readonly #seed: number
  #hasLongKeys = false

  constructor(root: RootDatabase, name: string, exists: boolean, guard: <T>(read: () => T) => T) {
    this.#root = root
    this.#name = name
    this.#seed = seedOf(name)
    this.#guard = guard
    if (exists) this.open()
  }

  /** Takes LMDB's write lock for a moment when the database is new: not while a batch is in flight. */
  open(): void {
    if (this.#database !== undefined) return
    const database = this.#root.openDB<Buffer, Bytes>({ name: this.#name, ...databaseOptions })
    const longKeys = { start: new Bound(belowLongKey(undefined)), end: new Bound(aboveLongKey(undefined)), limit: 1 }
    for (const _ of database.getKeys(longKeys)) this.#hasLongKeys = true
    this.#database = database
  }

  get(key: Bytes): Bytes | undefined {
    const database = this.#database
    if (database === undefined) return undefined
    return this.#guard(() => {
      const shared = database.getBinaryFast(key)
      if (shared === undefined) return undefined
      const isLong = key.length > shortKeyBytesMax
      const end = wholeEnd(this.#seed, key, shared)
      // The buffer is LMDB's, its length only pretended: copy exactly that much, at once.
      return copyOf(shared.subarray(isLong ? longValueAt(key) : 0, end))
    })
  }

  read(
    from: Bytes | undefined,
    to: Bytes | undefined,
    direction: Direction,
    after: Bytes | undefined,
    limit: number,
  ): EngineEntry[] {
    if (this.#database === undefined) return []
    const source: RowSource = { database: this.#database, seed: this.#seed }
    return this.#guard(() => {
      const short =
        direction === 'backward'
          ? backward(source, from, after ?? to, after, limit)
          : forward(source, from, to, after, limit)
      if (!this.#hasLongKeys) return short
      // No further than the short ones were read.
      const last = short.length < limit ? undefined : short.at(-1)?.key
      const [low, high] = direction === 'backward' ? [last ?? from, after ?? to] : [after ?? from, last ?? to]
      const { entries: long, ended } = readLongKeys(source, low, high, after, direction, limit)
      return merged(short, long, ended, direction)
    })
  }

  readOfKey(from: Bytes, to: Bytes, direction: Direction, after: Bytes | undefined, limit: number): EngineEntry[] {
    if (this.#database === undefined) return []
    const source: RowSource = { database: this.#database, seed: this.#seed }
    return this.#guard(() => {
      if (from.length > shortKeyBytesMax) return longKeysOfKey(source, from, to, direction, after, limit)
      return direction === 'backward'
        ? backward(source, from, after ?? to, after, limit)
        : forward(source, from, to, after, limit)
    })
  }

  get approximateCount(): number {
    const database = this.#database
    if (database === undefined) return 0
    return this.#guard(() => (database.getStats() as { entryCount: number }).entryCount)
  }

  get isOpen(): boolean {
    return this.#database !== undefined
  }

  /** A batch that is applied, and resolves to true, where an entry is there. */
  batchIf(key: Bytes, apply: () => void): Promise<boolean> {
    return (this.#database as Database<Buffer, Bytes>).ifVersion(key, IF_EXISTS, apply)
  }

  /** Inside of a batch; nothing here may throw, since a batch keeps what was put before an exception. */
  apply(writes: readonly EngineWrite[] | PackedRows): void {
    if (writes instanceof PackedRows) this.#applyRows(writes)
    else this.#applyWrites(writes)
  }

  /** Values are copied into one piece of memory, each with its checksum behind it. */
  #applyWrites(writes: readonly EngineWrite[]): void {
    const database = this.#database as Database<Buffer, Bytes>
    let bytes = 0
    for (const { key, value } of writes) if (value !== null) bytes += storedBytes(key, value)
    const stored = new StoredValues(Buffer.allocUnsafeSlow(bytes), this.#seed)
    for (const { key, value } of writes) {
      if (value === null) {
        void database.remove(key)
      } else {
        if (key.length > shortKeyBytesMax) this.#hasLongKeys = true
        void database.put(key, stored.add(key, value))
      }
    }
  }

  /** Without an object for each key and value: LMDB takes the part of the memory that `start` and `end` say. */
  #applyRows(rows: PackedRows): void {
    const database = this.#database as Database<Buffer, Bytes>
    const { places } = rows
    const key = new PlacedKey(rows.bytes)
    const value = Object.assign(rows.bytes, { start: 0, end: 0 })
    for (const row of rows.sorted()) {
      const valueLength = places[3 * row + 2] as number
      key.start = places[3 * row] as number
      key.end = key.start + (places[3 * row + 1] as number)
      if (key.end - key.start > shortKeyBytesMax) {
        this.#applyWrites([rows.row(row)])
      } else if (valueLength === noValue) {
        void database.remove(key as unknown as Bytes)
      } else {
        value.start = key.end
        value.end = key.end + valueLength + checksumBytes
        void database.put(key as unknown as Bytes, value)
      }
    }
  }

  /** Deletes the database; the map is empty afterwards and may be written to again. */
  async drop(): Promise<void> {
    await this.#database?.drop()
    this.#database = undefined
    this.#hasLongKeys = false
  }
}
