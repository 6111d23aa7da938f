import { readSync } from 'node:fs'

export const pageBytes = 4096
const headerBytes = 24
const magic = 0xbeefc0de
const dataVersion = 2
const metaFlag = 0x08
const integerKeys = 0x08
const noPage = 0xffffffffffffffffn
const mapBytesMax = 2n ** 47n

export class Damage extends Error {}

export interface DatabaseRecord {
  readonly pad: number
  readonly flags: number
  readonly depth: number
  readonly branchPages: number
  readonly leafPages: number
  readonly overflowPages: number
  readonly entries: number
  readonly root: number | undefined
}

export interface Meta {
  readonly transaction: bigint
  readonly lastPage: number
  readonly free: DatabaseRecord
  readonly main: DatabaseRecord
}

/** As LMDB makes a file, before anything is written to it. */
function isUnused({ transaction, lastPage, free, main }: Meta): boolean {
  return transaction === 0n && lastPage === 1 && free.root === undefined && main.root === undefined
}

/** The newer of the two meta pages; LMDB writes them in turn. Throws `Damage`. */
export function newestMeta(file: number, size: number): Meta {
  if (size < 2 * pageBytes) throw new Damage(`the file has ${size} bytes, less than its two meta pages`)
  const page = Buffer.alloc(pageBytes)
  const [first, second] = [0, 1].map((number) => {
    readSync(file, page, 0, pageBytes, number * pageBytes)
    return readMeta(page, number)
  }) as [Meta, Meta]
  if (isUnused(first) && isUnused(second)) return first
  const distance = first.transaction - second.transaction
  if (first.transaction % 2n !== 0n || (distance !== 1n && distance !== -1n)) {
    throw new Damage(`the meta pages are of transactions ${first.transaction} and ${second.transaction}`)
  }
  const newest = distance > 0n ? first : second
  if ((newest.lastPage + 1) * pageBytes > size) {
    throw new Damage(`the file has ${size} bytes, but its last page is ${newest.lastPage}`)
  }
  return newest
}

/**
 * ```
 * 18 flags (2) | 24 magic (4) | 28 version (4) | 32 address (8) | 40 bytes of the map (8) | 48 free pages (48)
 * 96 databases (48) | 144 last page (8) | 152 transaction (8)
 * ```
 */
function readMeta(page: Buffer, number: number): Meta {
  if (page.readUInt32LE(headerBytes) !== magic) throw new Damage(`meta page ${number} has no magic number`)
  if (page.readUInt32LE(headerBytes + 4) !== dataVersion) throw new Damage(`meta page ${number} has another version`)
  const [free, main] = [readDatabase(page, 48), readDatabase(page, 96)]
  const mapBytes = page.readBigUInt64LE(40)
  const isKnown =
    page.readBigUInt64LE(0) === BigInt(number) &&
    page.readUInt16LE(18) === metaFlag &&
    free.pad === pageBytes &&
    free.flags === integerKeys &&
    main.pad === 0 &&
    main.flags === 0 &&
    mapBytes < mapBytesMax
  if (!isKnown) throw new Damage(`meta page ${number} is of another kind`)
  return {
    free,
    main,
    lastPage: Number(page.readBigUInt64LE(144)),
    transaction: page.readBigUInt64LE(152),
  }
}

/** pad (4) | flags (2) | depth (2) | branch pages (8) | leaf pages (8) | overflow pages (8) | entries (8) | root (8) */
export function readDatabase(page: Buffer, at: number): DatabaseRecord {
  const root = page.readBigUInt64LE(at + 40)
  return {
    pad: page.readUInt32LE(at),
    flags: page.readUInt16LE(at + 4),
    depth: page.readUInt16LE(at + 6),
    branchPages: Number(page.readBigUInt64LE(at + 8)),
    leafPages: Number(page.readBigUInt64LE(at + 16)),
    overflowPages: Number(page.readBigUInt64LE(at + 24)),
    entries: Number(page.readBigUInt64LE(at + 32)),
    root: root === noPage ? undefined : Number(root),
  }
}
