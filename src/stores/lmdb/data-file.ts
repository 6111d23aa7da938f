import { closeSync, fstatSync, openSync, readSync } from 'node:fs'

// The file format of LMDB as lmdb 3.5.6 writes it (data version 2, 64 bit, little-endian, pages of 4096 bytes). LMDB
// trusts its file: a damaged one ends the process with SIGSEGV, SIGBUS or an assertion, or reads as if entries were
// missing. So the file is looked at with plain reads before LMDB opens it.

export const pageBytes = 4096
const headerBytes = 24
const magic = 0xbeefc0de
const dataVersion = 2
const noPage = 0xffffffffffffffffn
const databaseRecordBytes = 48
const pagesATurn = 1024

const pageFlag = { branch: 0x01, leaf: 0x02, overflow: 0x04, meta: 0x08, dirty: 0x10, fixedKeys: 0x20 } as const
const nodeFlag = { big: 0x01, database: 0x02, duplicates: 0x04 } as const

export type FileCheck = { readonly ok: true } | { readonly ok: false; readonly reason: string }

interface DatabaseRecord {
  readonly depth: number
  readonly entries: number
  readonly root: number | undefined
}

interface Meta {
  readonly transaction: bigint
  readonly lastPage: number
  readonly free: DatabaseRecord
  readonly main: DatabaseRecord
}

class Damage extends Error {}

/**
 * Says whether LMDB may open the file. Both meta pages and the file's size are always checked; all pages that can be
 * reached are walked when the file is no larger than `walkBytesMax` (about 6 microseconds a page). What this cannot see
 * is a flipped bit inside a key or value.
 */
export function checkDataFile(path: string, walkBytesMax: number): FileCheck {
  const steps = checkSteps(path, walkBytesMax)
  for (;;) {
    const step = steps.next()
    if (step.done === true) return step.value
  }
}

/** The same, in turns of some milliseconds: a file of 512 MiB takes a second. */
export async function checkDataFileInTurns(path: string, walkBytesMax: number): Promise<FileCheck> {
  const steps = checkSteps(path, walkBytesMax)
  for (;;) {
    const step = steps.next()
    if (step.done === true) return step.value
    await new Promise((resolve) => setImmediate(resolve))
  }
}

function* checkSteps(path: string, walkBytesMax: number): Generator<void, FileCheck> {
  const file = openSync(path, 'r')
  try {
    const size = fstatSync(file).size
    if (size === 0) return { ok: true }
    const meta = newestMeta(file, size)
    if (size <= walkBytesMax) yield* new PageWalk(file, meta.lastPage).walk(meta)
    return { ok: true }
  } catch (error) {
    if (error instanceof Damage || error instanceof RangeError) return { ok: false, reason: error.message }
    throw error
  } finally {
    closeSync(file)
  }
}

function newestMeta(file: number, size: number): Meta {
  if (size < 2 * pageBytes) throw new Damage(`the file has ${size} bytes, less than its two meta pages`)
  const page = Buffer.alloc(pageBytes)
  const metas = [0, 1].map((number) => {
    readSync(file, page, 0, pageBytes, number * pageBytes)
    return readMeta(page, number)
  })
  const [first, second] = metas as [Meta, Meta]
  const newest = first.transaction >= second.transaction ? first : second
  if ((newest.lastPage + 1) * pageBytes > size) {
    throw new Damage(`the file has ${size} bytes, but its last page is ${newest.lastPage}`)
  }
  return newest
}

function readMeta(page: Buffer, number: number): Meta {
  if (page.readUInt32LE(headerBytes) !== magic) throw new Damage(`meta page ${number} has no magic number`)
  if (page.readUInt32LE(headerBytes + 4) !== dataVersion) throw new Damage(`meta page ${number} has another version`)
  if (page.readUInt32LE(48) !== pageBytes) throw new Damage(`meta page ${number} has another page size`)
  return {
    free: readDatabase(page, 48),
    main: readDatabase(page, 96),
    lastPage: Number(page.readBigUInt64LE(144)),
    transaction: page.readBigUInt64LE(152),
  }
}

function readDatabase(page: Buffer, at: number): DatabaseRecord {
  const root = page.readBigUInt64LE(at + 40)
  return {
    depth: page.readUInt16LE(at + 6),
    entries: Number(page.readBigUInt64LE(at + 32)),
    root: root === noPage ? undefined : Number(root),
  }
}

/** What the leaves of a database are: only the main database lists others, and none of those does. */
type Holding = 'rows' | 'databases'

/**
 * Visits every page that can be reached, one buffer per level of the tree. Checks what a torn or lost write would
 * break: each page has its own number, the kind of page that its depth asks for, nodes inside the page and keys in
 * order; each database has as many entries as its record says.
 * ```
 * page    0 number (8) | 18 flags (2) | 20 lower (2) | 22 upper (2) | 24 offsets of nodes (2 each) ... nodes
 * node    0 size (4) | 4 flags (2) | 6 key length (2) | 8 key | value, page of a large value, or database record
 * ```
 */
class PageWalk {
  readonly #file: number
  readonly #lastPage: number
  readonly #levels: Buffer[] = []
  #pages = 0

  constructor(file: number, lastPage: number) {
    this.#file = file
    this.#lastPage = lastPage
  }

  /** Yields between the pages of two turns. */
  *walk(meta: Meta): Generator<void, void> {
    yield* this.#database(meta.free, 0, 'rows')
    yield* this.#database(meta.main, 0, 'databases')
  }

  *#database(record: DatabaseRecord, level: number, holds: Holding): Generator<void, void> {
    if (record.root === undefined) {
      if (record.entries !== 0) throw new Damage(`a database of ${record.entries} entries has no root`)
      return
    }
    const entries = yield* this.#tree(record.root, record.depth, level, holds)
    if (entries !== record.entries) throw new Damage(`a database has ${entries} entries instead of ${record.entries}`)
  }

  /** The number of entries below the page. */
  *#tree(number: number, depth: number, level: number, holds: Holding): Generator<void, number> {
    if (++this.#pages % pagesATurn === 0) yield
    const page = this.#read(number, level)
    const flags = page.readUInt16LE(18) & ~pageFlag.dirty
    const expected = depth === 1 ? pageFlag.leaf : pageFlag.branch
    if (flags !== expected) throw new Damage(`page ${number} has flags ${flags} instead of ${expected}`)
    const count = page.readUInt16LE(20) >>> 1
    if (headerBytes + count * 2 > headerBytes + page.readUInt16LE(22))
      throw new Damage(`page ${number} has no room for its nodes`)
    let entries = 0
    let previous: Buffer | undefined
    for (let index = 0; index < count; index++) {
      const node = headerBytes + page.readUInt16LE(headerBytes + index * 2)
      const keyBytes = page.readUInt16LE(node + 6)
      const key = page.subarray(node + 8, node + 8 + keyBytes)
      if (node + 8 + keyBytes > pageBytes) throw new Damage(`page ${number} has a key beyond its end`)
      if (depth === 1) {
        yield* this.#leafNode(page, number, node, keyBytes, level, holds)
        entries++
      } else {
        entries += yield* this.#tree(childOf(page, node), depth - 1, level + 1, holds)
      }
      // The free list is ordered as integers, and the first key of a branch is empty.
      if (level > 0 && previous !== undefined && previous.length > 0 && Buffer.compare(previous, key) >= 0) {
        throw new Damage(`page ${number} has keys out of order`)
      }
      previous = Buffer.from(key)
    }
    return entries
  }

  *#leafNode(
    page: Buffer,
    number: number,
    node: number,
    keyBytes: number,
    level: number,
    holds: Holding,
  ): Generator<void, void> {
    const flags = page.readUInt16LE(node + 4)
    const size = page.readUInt16LE(node) + page.readUInt16LE(node + 2) * 65536
    const data = node + 8 + keyBytes
    if ((flags & nodeFlag.big) !== 0) {
      this.#overflow(Number(page.readBigUInt64LE(data)), size, level + 1)
      return
    }
    if (data + size > pageBytes) throw new Damage(`page ${number} has a value beyond its end`)
    if ((flags & nodeFlag.duplicates) !== 0) throw new Damage(`page ${number} has duplicates, which are never written`)
    if ((flags & nodeFlag.database) === 0) return
    if (holds === 'rows' || size !== databaseRecordBytes) throw new Damage(`page ${number} has a misplaced database`)
    yield* this.#database(readDatabase(page, data), level + 1, 'rows')
  }

  /** A large value has pages of its own, one after another, of which only the first has a header. */
  #overflow(number: number, size: number, level: number): void {
    const page = this.#read(number, level)
    const count = page.readUInt32LE(20)
    if ((page.readUInt16LE(18) & ~pageFlag.dirty) !== pageFlag.overflow)
      throw new Damage(`page ${number} holds no large value`)
    if (count * pageBytes < size + headerBytes || number + count - 1 > this.#lastPage) {
      throw new Damage(`the large value at page ${number} does not fit its pages`)
    }
  }

  /** Into the buffer of its level: a caller's page stays valid while its children are visited. */
  #read(number: number, level: number): Buffer {
    if (number < 2 || number > this.#lastPage) throw new Damage(`page ${number} is not between 2 and ${this.#lastPage}`)
    if (level > 64) throw new Damage('pages are nested too deeply')
    this.#levels[level] ??= Buffer.alloc(pageBytes)
    const page = this.#levels[level]
    const read = readSync(this.#file, page, 0, pageBytes, number * pageBytes)
    if (read < pageBytes) throw new Damage(`page ${number} is cut off`)
    if (page.readBigUInt64LE(0) !== BigInt(number)) throw new Damage(`page ${number} has another number`)
    return page
  }
}

/** A branch node has its child's page number where a leaf has size and flags. */
function childOf(page: Buffer, node: number): number {
  return page.readUInt16LE(node) + page.readUInt16LE(node + 2) * 65536 + page.readUInt16LE(node + 4) * 4294967296
}
