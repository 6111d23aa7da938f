import type { Bytes } from '../core/bytes.ts'
import { owned } from './byte-keys.ts'
import type { CachedRow } from './cached-rows.ts'
import type { StoreSerdes } from './store-serdes.ts'

/** A power of two. */
const places = 1024
/** Of longer texts the first and the last characters count. */
const hashedCharacters = 32

/** The store key of a record key and, in window stores, a start. */
export interface StoreKey {
  readonly bytes: Bytes
  /** Of all its bytes, by `hashKey`; 0 until the record cache needs it. */
  hash: number
  /** Its row in the record cache when it was looked up last; it is there while it `isLinked`. */
  row: CachedRow | undefined
  /** It may come again, and has its row then. The row has it as well, and is released when the cache drops it. */
  readonly isKept: boolean
}

interface RecentKey extends StoreKey {
  readonly text: string
  readonly startMs: number
}

/**
 * Makes the store keys of records. Texts that come again, as they do in each record that is got and then put, are not
 * written again: the last 1024 or so are kept, one for each hash, with their row in the record cache.
 */
export class StoreKeys {
  readonly #serdes: StoreSerdes
  readonly #storeKey: (inner: Bytes, startMs: number) => Bytes
  readonly #recent: (RecentKey | undefined)[] | undefined
  #last: RecentKey | undefined

  /** `storeKey`: of a record key; `startMs` is 0 in stores without windows. */
  constructor(serdes: StoreSerdes, storeKey: (inner: Bytes, startMs: number) => Bytes) {
    this.#serdes = serdes
    this.#storeKey = storeKey
    if (serdes.areKeysKept) this.#recent = new Array<RecentKey | undefined>(places).fill(undefined)
  }

  /** Throws what the serde throws. */
  of(key: unknown, startMs: number): StoreKey {
    if (typeof key !== 'string') return { bytes: this.#bytesOf(key, startMs), hash: 0, row: undefined, isKept: false }
    const last = this.#last
    if (last !== undefined && last.startMs === startMs && last.text === key) return last
    return this.#find(key, startMs)
  }

  #find(text: string, startMs: number): RecentKey {
    const place = this.#recent === undefined ? 0 : placeOf(text, startMs)
    let found = this.#recent === undefined ? this.#last : this.#recent[place]
    if (found === undefined || found.startMs !== startMs || found.text !== text) {
      if (found?.row !== undefined) release(found.row)
      found = { text, startMs, bytes: owned(this.#bytesOf(text, startMs)), hash: 0, row: undefined, isKept: true }
      if (this.#recent !== undefined) this.#recent[place] = found
    }
    this.#last = found
    return found
  }

  #bytesOf(key: unknown, startMs: number): Bytes {
    return this.#storeKey(this.#serdes.keyBytes(key), startMs)
  }
}

/** The row has no key any more that comes again. */
function release(row: CachedRow): void {
  row.storeKey = undefined
  row.read = undefined
}

function placeOf(text: string, startMs: number): number {
  const { length } = text
  let hash = length + Math.imul(startMs / 1024, 0x9e3779b1)
  if (length <= hashedCharacters) {
    for (let index = 0; index < length; index++) hash = Math.imul(hash, 31) + text.charCodeAt(index)
  } else {
    for (let index = 0; index < hashedCharacters / 2; index++) {
      hash = Math.imul(hash, 31) + text.charCodeAt(index)
      hash = Math.imul(hash, 31) + text.charCodeAt(length - 1 - index)
    }
  }
  return (hash ^ (hash >>> 15)) & (places - 1)
}
