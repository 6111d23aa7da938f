import type { Bytes } from '../core/bytes.ts'
import { compareKeys, equalKeys } from './byte-keys.ts'

const slotsMin = 16

/** What the table holds; `hash` is that of the inner key (`hashKey`). */
export interface Hashed {
  readonly key: Bytes
  readonly hash: number
}

/** Rows of one inner key: the row itself, or several by store key, which within one inner key is by time. */
type Held<R> = R | R[]

/**
 * Hash index of rows by the bytes of their keys, and by the inner key in front of what window and session stores
 * append. Open addressing with linear probing: cheaper than a Map, because no text has to be made of the key. Hashes
 * lie in an separate array, 0 where a slot is free, so that a probe touches no row but the one it looks for.
 */
export class RowTable<R extends Hashed> {
  readonly #suffixBytes: number
  #slots: (Held<R> | undefined)[] = new Array<Held<R> | undefined>(slotsMin).fill(undefined)
  #hashes = new Int32Array(slotsMin)
  #mask = slotsMin - 1
  #slotsUsed = 0
  #count = 0

  /** `suffixBytes`: what follows the inner key. */
  constructor(suffixBytes = 0) {
    this.#suffixBytes = suffixBytes
  }

  get count(): number {
    return this.#count
  }

  find(key: Bytes, hash: number): R | undefined {
    const held = this.#slots[this.#slotOf(key, key.length - this.#suffixBytes, hash)]
    if (held === undefined) return undefined
    if (!Array.isArray(held)) return this.#suffixBytes === 0 || equalKeys(held.key, key) ? held : undefined
    const row = held[firstFrom(held, key)]
    return row !== undefined && equalKeys(row.key, key) ? row : undefined
  }

  /** Whether there is any row of the inner key. */
  hasInner(inner: Bytes, hash: number): boolean {
    return this.#slots[this.#slotOf(inner, inner.length, hash)] !== undefined
  }

  /** Rows of an inner key with from <= key <= to, in order; a list of the caller's own. */
  ofInner(inner: Bytes, hash: number, from: Bytes, to: Bytes): R[] {
    const held = this.#slots[this.#slotOf(inner, inner.length, hash)]
    if (held === undefined) return []
    if (!Array.isArray(held)) return compareKeys(held.key, from) >= 0 && compareKeys(held.key, to) <= 0 ? [held] : []
    const last = firstFrom(held, to)
    const row = held[last]
    return held.slice(firstFrom(held, from), row !== undefined && equalKeys(row.key, to) ? last + 1 : last)
  }

  /** The key must not be there yet. */
  add(row: R): void {
    this.#count++
    const slot = this.#slotOf(row.key, row.key.length - this.#suffixBytes, row.hash)
    const held = this.#slots[slot]
    if (held === undefined) this.#occupy(slot, row, row.hash)
    else if (Array.isArray(held)) insert(held, row)
    else this.#slots[slot] = compareKeys(held.key, row.key) < 0 ? [held, row] : [row, held]
  }

  remove(row: R): void {
    const slot = this.#slotOf(row.key, row.key.length - this.#suffixBytes, row.hash)
    const held = this.#slots[slot]
    if (held === undefined) return
    if (!Array.isArray(held)) {
      if (held !== row) return
      this.#count--
      this.#free(slot)
      return
    }
    const index = firstFrom(held, row.key)
    if (held[index] !== row) return
    this.#count--
    held.splice(index, 1)
    if (held.length === 1) this.#slots[slot] = held[0]
  }

  /** Removes all other rows: one pass, however many go. */
  retain(isKept: (row: R) => boolean): void {
    const [slots, hashes] = [this.#slots, this.#hashes]
    // As many rows may come as there were.
    this.#allocate(this.#slotsUsed * 8 < this.#mask ? Math.max(slotsMin, slots.length / 2) : slots.length)
    this.#count = 0
    for (let slot = 0; slot < slots.length; slot++) {
      const held = slots[slot]
      if (held === undefined) continue
      const kept = Array.isArray(held) ? keptOf(held, isKept) : isKept(held) ? held : undefined
      if (kept === undefined) continue
      this.#count += Array.isArray(kept) ? kept.length : 1
      this.#place(kept, hashes[slot] as number)
    }
  }

  /**
   * The slot of the inner key, or the free one where it would go. There always is a free one, as the table grows before
   * it is full.
   */
  #slotOf(key: Bytes, length: number, hash: number): number {
    const hashes = this.#hashes
    const mask = this.#mask
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const found = hashes[slot]
      if (found === 0) return slot
      if (found !== hash) continue
      const held = this.#slots[slot] as Held<R>
      const other = (Array.isArray(held) ? (held[0] as R) : held).key
      if (other.length - this.#suffixBytes === length && equalStarts(other, key, length)) return slot
    }
  }

  #occupy(slot: number, held: Held<R>, hash: number): void {
    this.#slots[slot] = held
    this.#hashes[slot] = hash
    this.#slotsUsed++
    if (this.#slotsUsed * 2 > this.#mask) this.#grow()
  }

  /** Closes the gap: keys behind it that could stand here move up, so that no probe ends too early. */
  #free(free: number): void {
    const slots = this.#slots
    const hashes = this.#hashes
    const mask = this.#mask
    this.#slotsUsed--
    // What lies behind moves up where the hole is on its way, so that no probe stops short.
    let hole = free
    for (let slot = (hole + 1) & mask; ; slot = (slot + 1) & mask) {
      const hash = hashes[slot] as number
      if (hash === 0) break
      if (((slot - hash) & mask) < ((slot - hole) & mask)) continue
      slots[hole] = slots[slot]
      hashes[hole] = hash
      hole = slot
    }
    slots[hole] = undefined
    hashes[hole] = 0
  }

  /** Doubles the slots; hashes are kept, keys are not looked at. */
  #grow(): void {
    const [slots, hashes] = [this.#slots, this.#hashes]
    this.#allocate(slots.length * 2)
    for (let slot = 0; slot < slots.length; slot++) {
      const held = slots[slot]
      if (held !== undefined) this.#place(held, hashes[slot] as number)
    }
  }

  #allocate(slotCount: number): void {
    this.#slots = new Array<Held<R> | undefined>(slotCount).fill(undefined)
    this.#hashes = new Int32Array(slotCount)
    this.#mask = slotCount - 1
    this.#slotsUsed = 0
  }

  /** An inner key that is not there, into a table that has room. */
  #place(held: Held<R>, hash: number): void {
    const mask = this.#mask
    let slot = hash & mask
    while (this.#hashes[slot] !== 0) slot = (slot + 1) & mask
    this.#slots[slot] = held
    this.#hashes[slot] = hash
    this.#slotsUsed++
  }
}

function keptOf<R>(rows: R[], isKept: (row: R) => boolean): Held<R> | undefined {
  const kept = rows.filter(isKept)
  return kept.length < 2 ? kept[0] : kept
}

function insert<R extends Hashed>(rows: R[], row: R): void {
  const index = firstFrom(rows, row.key)
  if (index === rows.length) rows.push(row)
  else rows.splice(index, 0, row)
}

/** Index of the first row at or after the key. Time mostly rises, so the newest are looked at first. */
function firstFrom<R extends Hashed>(rows: readonly R[], key: Bytes): number {
  let high = rows.length
  let step = 1
  while (high >= step && compareKeys((rows[high - step] as R).key, key) >= 0) {
    high -= step
    step *= 2
  }
  let low = Math.max(0, high - step + 1)
  while (low < high) {
    const middle = (low + high) >>> 1
    if (compareKeys((rows[middle] as R).key, key) < 0) low = middle + 1
    else high = middle
  }
  return low
}

function equalStarts(left: Bytes, right: Bytes, length: number): boolean {
  // From the end: keys of one store tend to share how they begin.
  for (let index = length - 1; index >= 0; index--) if (left[index] !== right[index]) return false
  return true
}
