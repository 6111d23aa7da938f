import type { Database, RootDatabase } from 'lmdb'
import type { Bytes } from '../../core/bytes.ts'
import { compareKeys } from '../byte-keys.ts'
import type { EngineEntry, EngineMap, EngineWrite } from '../engine.ts'

/** LMDB has no empty keys: each key gets this byte in front, which also leaves room below and above all keys. */
const keyPrefix = 1
const belowAll = Uint8Array.of(keyPrefix - 1)
const aboveAll = Uint8Array.of(keyPrefix + 1)
/** LMDB's bound for pages of 4096 bytes is 1978: less the prefix, and a byte for a successor. */
const keyBytesMax = 1976

/** A named database. It is opened, and made, no earlier than something is written to it or known to be in it. */
export class LmdbMap implements EngineMap {
  readonly keyBytesMax = keyBytesMax
  readonly #root: RootDatabase
  readonly #name: string
  readonly #guard: <T>(read: () => T) => T
  readonly #scratch = Buffer.alloc(keyBytesMax + 1)
  #database: Database<Buffer, Buffer> | undefined

  constructor(root: RootDatabase, name: string, exists: boolean, guard: <T>(read: () => T) => T) {
    this.#root = root
    this.#name = name
    this.#guard = guard
    this.#scratch[0] = keyPrefix
    if (exists) this.open()
  }

  /** Takes LMDB's write lock for a moment when the database is new: not while a batch is under way. */
  open(): void {
    this.#database ??= this.#root.openDB({ name: this.#name, keyEncoding: 'binary', encoding: 'binary', cache: false })
  }

  get(key: Bytes): Bytes | undefined {
    const database = this.#database
    if (database === undefined || key.length > keyBytesMax) return undefined
    return this.#guard(() => {
      const shared = database.getBinaryFast(this.#prefixed(key))
      // The buffer is LMDB's, its length only pretended: copy exactly that much, at once.
      return shared === undefined ? undefined : Uint8Array.prototype.slice.call(shared, 0, shared.length)
    })
  }

  read(
    from: Bytes | undefined,
    to: Bytes | undefined,
    reverse: boolean,
    after: Bytes | undefined,
    limit: number,
  ): EngineEntry[] {
    const database = this.#database
    if (database === undefined) return []
    return this.#guard(() =>
      reverse ? backward(database, from, after ?? to, after, limit) : forward(database, from, to, after, limit),
    )
  }

  get approximateCount(): number {
    const database = this.#database
    if (database === undefined) return 0
    return this.#guard(() => (database.getStats() as { entryCount: number }).entryCount)
  }

  /** Inside of a batch; nothing here may throw, since a batch keeps what was put before an exception. */
  apply(writes: readonly EngineWrite[]): void {
    const database = this.#database as Database<Buffer, Buffer>
    for (const { key, value } of writes) {
      if (value === null) void database.remove(this.#prefixed(key))
      else void database.put(this.#prefixed(key), value as Buffer)
    }
  }

  async drop(): Promise<void> {
    await this.#database?.drop()
    this.#database = undefined
  }

  #prefixed(key: Bytes): Buffer {
    this.#scratch.set(key, 1)
    return this.#scratch.subarray(0, key.length + 1)
  }
}

function forward(
  database: Database<Buffer, Buffer>,
  from: Bytes | undefined,
  to: Bytes | undefined,
  after: Bytes | undefined,
  limit: number,
): EngineEntry[] {
  const start = after !== undefined ? successor(after) : from !== undefined ? withPrefix(from) : Buffer.of(keyPrefix)
  const end = to === undefined ? Buffer.from(aboveAll) : successor(to)
  return collect(database.getRange({ start, end, limit }), from, undefined, false)
}

function backward(
  database: Database<Buffer, Buffer>,
  from: Bytes | undefined,
  upper: Bytes | undefined,
  after: Bytes | undefined,
  limit: number,
): EngineEntry[] {
  const start = upper === undefined ? Buffer.from(aboveAll) : withPrefix(upper)
  // The start is inclusive: one more, in case it is the entry that was read already.
  const range = database.getRange({ start, end: Buffer.from(belowAll), reverse: true, limit: limit + 1 })
  return collect(range, from, after, true).slice(0, limit)
}

function collect(
  range: Iterable<{ key: Buffer; value: Buffer }>,
  from: Bytes | undefined,
  skip: Bytes | undefined,
  reverse: boolean,
): EngineEntry[] {
  const entries: EngineEntry[] = []
  for (const { key: prefixed, value } of range) {
    const key = prefixed.subarray(1)
    if (from !== undefined && compareKeys(key, from) < 0) {
      if (reverse) break
      continue
    }
    if (skip !== undefined && compareKeys(key, skip) === 0) continue
    entries.push({ key, value })
  }
  return entries
}

/** Bounds may be longer than any key that is stored: what is cut off makes no difference to the keys within. */
function withPrefix(key: Bytes, moreBytes = 0): Buffer {
  const length = Math.min(key.length, keyBytesMax) + 1
  const bytes = Buffer.allocUnsafe(length + moreBytes)
  bytes[0] = keyPrefix
  bytes.set(key.length > keyBytesMax ? key.subarray(0, keyBytesMax) : key, 1)
  return bytes.fill(0, length)
}

/** The key right after: with a zero byte behind. */
function successor(key: Bytes): Buffer {
  return withPrefix(key, 1)
}
