import type { Database, RootDatabase } from 'lmdb'
import type { Bytes } from '../../core/bytes.ts'
import { compareKeys } from '../byte-keys.ts'
import type { EngineEntry, EngineMap, EngineWrite } from '../engine.ts'

/** LMDB has no empty keys: each key gets this byte in front, which also leaves room below and above all keys. */
const keyPrefix = 1
const belowAll: Bytes = Uint8Array.of(keyPrefix - 1)
const aboveAll: Bytes = Uint8Array.of(keyPrefix + 1)
/** LMDB's bound for pages of 4096 bytes is 1978: less the prefix, and a byte for a successor. */
const keyBytesMax = 1976

const keyEncoder = {
  writeKey(key: Bytes, target: Uint8Array, start: number): number {
    if (key === belowAll || key === aboveAll) {
      target[start] = key[0] as number
      return start + 1
    }
    target[start] = keyPrefix
    target.set(key, start + 1)
    return start + 1 + key.length
  },
  readKey(source: Uint8Array, start: number, end: number): Bytes {
    return Uint8Array.prototype.slice.call(source, start + 1, end)
  },
}

const databaseOptions = { keyEncoder, encoding: 'binary', cache: false } as const

/** A named database. It is opened, and made, no earlier than something is written to it or known to be in it. */
export class LmdbMap implements EngineMap {
  readonly keyBytesMax = keyBytesMax
  readonly #root: RootDatabase
  readonly #name: string
  readonly #guard: <T>(read: () => T) => T
  #database: Database<Buffer, Bytes> | undefined

  constructor(root: RootDatabase, name: string, exists: boolean, guard: <T>(read: () => T) => T) {
    this.#root = root
    this.#name = name
    this.#guard = guard
    if (exists) this.open()
  }

  /** Takes LMDB's write lock for a moment when the database is new: not while a batch is under way. */
  open(): void {
    this.#database ??= this.#root.openDB({ name: this.#name, ...databaseOptions })
  }

  get(key: Bytes): Bytes | undefined {
    const database = this.#database
    if (database === undefined || key.length > keyBytesMax) return undefined
    return this.#guard(() => {
      const shared = database.getBinaryFast(key)
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
    const database = this.#database as Database<Buffer, Bytes>
    for (const { key, value } of writes) {
      if (value === null) void database.remove(key)
      else void database.put(key, value as Buffer)
    }
  }

  async drop(): Promise<void> {
    await this.#database?.drop()
    this.#database = undefined
  }
}

function forward(
  database: Database<Buffer, Bytes>,
  from: Bytes | undefined,
  to: Bytes | undefined,
  after: Bytes | undefined,
  limit: number,
): EngineEntry[] {
  const start = after !== undefined ? successor(after) : from !== undefined ? cut(from) : belowAll
  const end = to === undefined ? aboveAll : successor(to)
  return collect(database.getRange({ start, end, limit }), from, undefined, false)
}

function backward(
  database: Database<Buffer, Bytes>,
  from: Bytes | undefined,
  upper: Bytes | undefined,
  after: Bytes | undefined,
  limit: number,
): EngineEntry[] {
  const start = upper === undefined ? aboveAll : cut(upper)
  // The start is inclusive: one more, in case it is the entry that was read already.
  const range = database.getRange({ start, end: belowAll, reverse: true, limit: limit + 1 })
  return collect(range, from, after, true).slice(0, limit)
}

function collect(
  range: Iterable<EngineEntry>,
  from: Bytes | undefined,
  skip: Bytes | undefined,
  reverse: boolean,
): EngineEntry[] {
  const entries: EngineEntry[] = []
  for (const { key, value } of range) {
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
function cut(key: Bytes): Bytes {
  return key.length > keyBytesMax ? key.subarray(0, keyBytesMax) : key
}

/** The key right after: with a zero byte behind. */
function successor(key: Bytes): Bytes {
  const bytes = Buffer.allocUnsafe(Math.min(key.length, keyBytesMax) + 1)
  bytes.set(cut(key))
  bytes[bytes.length - 1] = 0
  return bytes
}
