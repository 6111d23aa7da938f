import type { Bytes } from '../core/bytes.ts'
import { equalKeys } from './byte-keys.ts'

const slotsMin = 16

/** What the table holds: found by key, with the key's hash (`hashKey`). */
export interface Hashed {
  readonly key: Bytes
  readonly hash: number
}

/**
 * Hash index of rows by key bytes: open addressing with linear probing. Cheaper than a Map by latin1 text, because no
 * text has to be made of the key. Hashes lie in an array of their own, so that a probe touches no row but the one it
 * looks for.
 */
export class RowTable<R extends Hashed> {
  #slots: (R | undefined)[] = new Array<R | undefined>(slotsMin).fill(undefined)
  #hashes = new Int32Array(slotsMin)
  #mask = slotsMin - 1
  #count = 0

  get count(): number {
    return this.#count
  }

  find(key: Bytes, hash: number): R | undefined {
    const hashes = this.#hashes
    const mask = this.#mask
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const found = hashes[slot]
      if (found === hash) {
        const row = this.#slots[slot]
        if (row === undefined) return undefined
        if (equalKeys(row.key, key)) return row
      } else if (found === 0 && this.#slots[slot] === undefined) {
        return undefined
      }
    }
  }

  /** The key must not be there yet. */
  add(row: R): void {
    if ((this.#count + 1) * 2 > this.#mask) this.#resize((this.#mask + 1) * 2)
    this.#count++
    this.#place(row)
  }

  remove(row: R): void {
    const slots = this.#slots
    const mask = this.#mask
    let hole = row.hash & mask
    while (slots[hole] !== row) {
      if (slots[hole] === undefined) return
      hole = (hole + 1) & mask
    }
    this.#count--
    // Rows behind the hole move up where it lies on their way, so that no probe stops short.
    for (let slot = (hole + 1) & mask; ; slot = (slot + 1) & mask) {
      const next = slots[slot]
      if (next === undefined) break
      if (((slot - (next.hash & mask)) & mask) < ((slot - hole) & mask)) continue
      slots[hole] = next
      this.#hashes[hole] = next.hash
      hole = slot
    }
    slots[hole] = undefined
    this.#hashes[hole] = 0
  }

  clear(): void {
    this.#slots = new Array<R | undefined>(slotsMin).fill(undefined)
    this.#hashes = new Int32Array(slotsMin)
    this.#mask = slotsMin - 1
    this.#count = 0
  }

  forEach(visit: (row: R) => void): void {
    for (const row of this.#slots.slice()) if (row !== undefined) visit(row)
  }

  #place(row: R): void {
    const mask = this.#mask
    let slot = row.hash & mask
    while (this.#slots[slot] !== undefined) slot = (slot + 1) & mask
    this.#slots[slot] = row
    this.#hashes[slot] = row.hash
  }

  #resize(slotCount: number): void {
    const old = this.#slots
    this.#slots = new Array<R | undefined>(slotCount).fill(undefined)
    this.#hashes = new Int32Array(slotCount)
    this.#mask = slotCount - 1
    for (const row of old) if (row !== undefined) this.#place(row)
  }
}
