import type { Bytes } from '../core/bytes.ts'
import { equalKeys } from './byte-keys.ts'
import type { Row } from './row.ts'

const slotsMin = 16

/**
 * Hash index of rows by key bytes: open addressing with linear probing. Cheaper than a Map by latin1 text, because no
 * text has to be made of the key.
 */
export class RowTable {
  #slots: (Row | undefined)[] = new Array<Row | undefined>(slotsMin).fill(undefined)
  #mask = slotsMin - 1
  #count = 0

  get count(): number {
    return this.#count
  }

  find(key: Bytes, hash: number): Row | undefined {
    const slots = this.#slots
    const mask = this.#mask
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const row = slots[slot]
      if (row === undefined) return undefined
      if (row.hash === hash && equalKeys(row.key, key)) return row
    }
  }

  /** The key must not be there yet. */
  add(row: Row): void {
    if ((this.#count + 1) * 2 > this.#mask) this.#resize((this.#mask + 1) * 2)
    this.#count++
    this.#place(row)
  }

  remove(row: Row): void {
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
      hole = slot
    }
    slots[hole] = undefined
  }

  clear(): void {
    this.#slots = new Array<Row | undefined>(slotsMin).fill(undefined)
    this.#mask = slotsMin - 1
    this.#count = 0
  }

  forEach(visit: (row: Row) => void): void {
    for (const row of this.#slots.slice()) if (row !== undefined) visit(row)
  }

  #place(row: Row): void {
    const mask = this.#mask
    let slot = row.hash & mask
    while (this.#slots[slot] !== undefined) slot = (slot + 1) & mask
    this.#slots[slot] = row
  }

  #resize(slotCount: number): void {
    const old = this.#slots
    this.#slots = new Array<Row | undefined>(slotCount).fill(undefined)
    this.#mask = slotCount - 1
    for (const row of old) if (row !== undefined) this.#place(row)
  }
}
