import { readSync } from 'node:fs'
import { isRowWhole, seedOf } from './stored-row.ts'
import { type DatabaseRecord, Damage, type Meta, pageBytes, readDatabase } from './file-meta.ts'

const headerBytes = 24
const databaseRecordBytes = 48
const depthMax = 32
const pagesATurn = 256

const pageFlag = { branch: 0x01, leaf: 0x02, overflow: 0x04, dirty: 0x10 } as const
const nodeFlag = { big: 0x01, database: 0x02 } as const

/** What the leaves of a database are: numbers of free pages, records of other databases, or rows of ours. */
type Holding =
  | { readonly kind: 'free pages' }
  | { readonly kind: 'databases' }
  | { readonly kind: 'rows'; readonly seed: number }

/** A key in a page that stays as it is while the pages below are visited. */
interface KeyPlace {
  readonly page: Buffer
  readonly at: number
  readonly length: number
}

/**
 * Visits every page that can be reached, one buffer for each level of the tree. What LMDB relies on is checked: each page
 * has its own number, the kind that its depth asks for, nodes inside of it, and keys in order and between those of the
 * page above; each database has the pages and entries that its record says; no page is used twice, or used and free. Rows
 * have checksums, so that what is read is what was written.
 * ```
 * page    0 number (8) | 8 transaction (8) | 18 flags (2) | 20 lower (2) | 22 upper (2) | 24 offsets of nodes
 * node    0 size (4) | 4 flags (2) | 6 key length (2) | 8 key | value, place of a large value, or database record
 * ```
 */
export class PageWalk {
  readonly #file: number
  readonly #meta: Meta
  readonly #used: Uint8Array
  readonly #levels: Buffer[] = []
  #pages = 0
  readonly #counts = { branch: 0, leaf: 0, overflow: 0 }

  constructor(file: number, meta: Meta) {
    this.#file = file
    this.#meta = meta
    this.#used = new Uint8Array(meta.lastPage + 1)
  }

  /** Yields between the pages of two turns. */
  *walk(): Generator<void, void> {
    yield* this.#database(this.#meta.main, 0, { kind: 'databases' })
    yield* this.#database(this.#meta.free, 0, { kind: 'free pages' })
  }

  *#database(record: DatabaseRecord, level: number, holding: Holding): Generator<void, void> {
    const before = { ...this.#counts }
    if (record.root === undefined && record.entries !== 0) {
      throw new Damage(`a database of ${record.entries} entries has no root`)
    }
    if (record.depth > depthMax) throw new Damage(`a database has ${record.depth} levels`)
    const entries =
      record.root === undefined ? 0 : yield* this.#tree(record.root, record.depth, level, holding, undefined, undefined)
    // Those of databases in it are theirs.
    if (holding.kind === 'databases') return
    const { branch, leaf, overflow } = this.#counts
    const pages = [branch - before.branch, leaf - before.leaf, overflow - before.overflow]
    const expected = [record.branchPages, record.leafPages, record.overflowPages]
    if (entries !== record.entries || pages.some((count, index) => count !== expected[index])) {
      throw new Damage(
        `a database has ${entries} entries on ${pages.join(', ')} pages instead of ${record.entries} on ${expected.join(', ')}`,
      )
    }
  }

  /** The number of entries below the page, whose keys are from `low` on and below `high`. */
  *#tree(
    number: number,
    depth: number,
    level: number,
    holding: Holding,
    low: KeyPlace | undefined,
    high: KeyPlace | undefined,
  ): Generator<void, number> {
    if (++this.#pages % pagesATurn === 0) yield
    const page = this.#read(number, level)
    this.#use(number)
    this.#counts[depth === 1 ? 'leaf' : 'branch']++
    const count = this.#countNodes(page, number, depth === 1 ? pageFlag.leaf : pageFlag.branch)
    let entries = 0
    let previous = low
    for (let index = 0; index < count; index++) {
      const node = nodeAt(page, index)
      const key = { page, at: node + 8, length: page.readUInt16LE(node + 6) }
      // The first key of a branch is empty.
      const isBound = depth === 1 || index > 0
      if (isBound && holding.kind !== 'free pages') {
        const isRising = previous === undefined || compare(previous, key) < (index === 0 ? 1 : 0)
        if (!isRising || (high !== undefined && compare(key, high) >= 0)) {
          throw new Damage(`page ${number} has keys out of order`)
        }
      }
      if (isBound) previous = key
      if (depth === 1) {
        yield* this.#leafNode(number, level, node, key, holding)
        entries++
      } else {
        const next = index + 1 < count ? nodeAt(page, index + 1) : undefined
        const above = next === undefined ? high : { page, at: next + 8, length: page.readUInt16LE(next + 6) }
        entries += yield* this.#tree(childOf(page, node), depth - 1, level + 1, holding, index === 0 ? low : key, above)
      }
    }
    return entries
  }

  /** LMDB puts further nodes below `upper`, so all are above it. */
  #countNodes(page: Buffer, number: number, expected: number): number {
    const flags = page.readUInt16LE(18) & ~pageFlag.dirty
    if (flags !== expected) {
      throw new Damage(`page ${number} has flags ${flags} instead of ${expected}`)
    }
    const lower = page.readUInt16LE(20)
    const upper = page.readUInt16LE(22)
    const count = lower >>> 1
    if (lower % 2 !== 0 || count === 0 || lower > upper || upper > pageBytes - headerBytes) {
      throw new Damage(`page ${number} has no room for its nodes`)
    }
    let bytes = 0
    for (let index = 0; index < count; index++) {
      const offset = page.readUInt16LE(headerBytes + index * 2)
      const node = headerBytes + offset
      const keyBytes = page.readUInt16LE(node + 6)
      const isLeaf = expected === pageFlag.leaf
      const size = isLeaf ? nodeDataBytes(page, node) : 0
      if (offset < upper || node + 8 + keyBytes + size > pageBytes) {
        throw new Damage(`page ${number} has a node outside of it`)
      }
      bytes += (8 + keyBytes + size + 1) & ~1
    }
    if (bytes > pageBytes - headerBytes - upper) throw new Damage(`page ${number} has nodes that overlap`)
    return count
  }

  *#leafNode(number: number, level: number, node: number, key: KeyPlace, holding: Holding): Generator<void, void> {
    const { page } = key
    const flags = page.readUInt16LE(node + 4)
    const expected = holding.kind === 'databases' ? nodeFlag.database : flags & nodeFlag.big
    if (flags !== expected) throw new Damage(`page ${number} has an entry with flags ${flags}`)
    const start = key.at + key.length
    const size = page.readUInt32LE(node)
    if (holding.kind === 'databases') {
      if (size !== databaseRecordBytes) throw new Damage(`page ${number} has a misplaced database`)
      const record = readDatabase(page, start)
      if (record.flags !== 0 || record.pad !== 0) throw new Damage(`page ${number} has a database of another kind`)
      // Names have a zero byte behind.
      const name = page.toString('utf8', key.at, start).replace(/\0$/, '')
      yield* this.#database(record, level + 1, { kind: 'rows', seed: seedOf(name) })
      return
    }
    const data = (flags & nodeFlag.big) === 0 ? page.subarray(start, start + size) : this.#large(page, start, size)
    if (holding.kind === 'free pages') this.#checkFree(page, key, data)
    else if (!isRowWhole(holding.seed, page.subarray(key.at, start), data)) {
      throw new Damage(`page ${number} has a row that is not what was written`)
    }
  }

  /**
   * A large value has pages of its own, one after another, of which only the first has a header. They may be more than it
   * needs: a shorter one was written over it.
   */
  #large(page: Buffer, at: number, size: number): Buffer {
    const number = Number(page.readBigUInt64LE(at))
    const count = Number(page.readBigUInt64LE(at + 16))
    if (count * pageBytes < size + headerBytes || number + count - 1 > this.#meta.lastPage) {
      throw new Damage(`the large value at page ${number} does not fit its pages`)
    }
    for (let index = 0; index < count; index++) this.#use(number + index)
    this.#counts.overflow += count
    const bytes = Buffer.allocUnsafe(Math.ceil((size + headerBytes) / pageBytes) * pageBytes)
    this.#fill(bytes, number)
    if ((bytes.readUInt16LE(18) & ~pageFlag.dirty) !== pageFlag.overflow || bytes.readUInt32LE(20) !== count) {
      throw new Damage(`page ${number} holds no large value`)
    }
    return bytes.subarray(headerBytes, headerBytes + size)
  }

  /** A count, then numbers of pages: -3 and 280 are 280, 281 and 282, and 0 is none. */
  #checkFree(page: Buffer, key: KeyPlace, list: Buffer): void {
    const transaction = key.length === 8 ? page.readBigUInt64LE(key.at) : 0n
    if (transaction === 0n || transaction > this.#meta.transaction)
      throw new Damage('the list of free pages is damaged')
    const count = Number(list.readBigInt64LE(0))
    if (count < 0 || (count + 1) * 8 > list.length) throw new Damage('the list of free pages is damaged')
    for (let index = 1; index <= count; index++) {
      const entry = Number(list.readBigInt64LE(index * 8))
      if (entry === 0) continue
      const pages = entry < 0 ? -entry : 1
      if (entry < 0 && ++index > count) throw new Damage('the list of free pages is damaged')
      const first = entry < 0 ? Number(list.readBigInt64LE(index * 8)) : entry
      if (pages > this.#meta.lastPage) throw new Damage('the list of free pages is damaged')
      for (let number = first; number < first + pages; number++) this.#use(number)
    }
  }

  #use(number: number): void {
    if (number < 2 || number > this.#meta.lastPage) {
      throw new Damage(`page ${number} is not between 2 and ${this.#meta.lastPage}`)
    }
    if (this.#used[number] !== 0) throw new Damage(`page ${number} is in two places`)
    this.#used[number] = 1
  }

  /** Into the buffer of its level: a caller's page stays valid while its children are visited. */
  #read(number: number, level: number): Buffer {
    this.#levels[level] ??= Buffer.alloc(pageBytes)
    const page = this.#levels[level]
    this.#fill(page, number)
    return page
  }

  #fill(bytes: Buffer, number: number): void {
    if (number < 2 || number > this.#meta.lastPage) {
      throw new Damage(`page ${number} is not between 2 and ${this.#meta.lastPage}`)
    }
    const read = readSync(this.#file, bytes, 0, bytes.length, number * pageBytes)
    if (read < bytes.length) throw new Damage(`page ${number} is cut off`)
    if (bytes.readBigUInt64LE(0) !== BigInt(number)) throw new Damage(`page ${number} has another number`)
    // A page of a later transaction would be changed in place.
    if (bytes.readBigUInt64LE(8) > this.#meta.transaction) throw new Damage(`page ${number} is of a later transaction`)
  }
}

function nodeAt(page: Buffer, index: number): number {
  return headerBytes + page.readUInt16LE(headerBytes + index * 2)
}

/** Of what is in the page: a large value has its place there. */
function nodeDataBytes(page: Buffer, node: number): number {
  return (page.readUInt16LE(node + 4) & nodeFlag.big) === 0 ? page.readUInt32LE(node) : 24
}

/** A branch node has its child's page number where a leaf has size and flags. */
function childOf(page: Buffer, node: number): number {
  return page.readUInt32LE(node) + page.readUInt16LE(node + 4) * 4294967296
}

function compare(left: KeyPlace, right: KeyPlace): number {
  const length = Math.min(left.length, right.length)
  for (let index = 0; index < length; index++) {
    const difference = (left.page[left.at + index] as number) - (right.page[right.at + index] as number)
    if (difference !== 0) return difference
  }
  return left.length - right.length
}
