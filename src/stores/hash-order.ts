import type { Bytes } from '../core/bytes.ts'

const leastSlots = 16
const slotsWithTrees = 64
const longestChain = 8

/**
 * The order in which a java.util.HashSet of Kafka's `Bytes` iterates that is filled and cleared again and again: its table
 * only grows. Kafka Streams logs the dirty keys of a suppress buffer in that order.
 */
export class HashOrder {
  #slots = leastSlots

  /** Keys in order of their first insertion, each once; sorted in place. */
  sort<T>(entries: T[], keyOf: (entry: T) => Bytes): void {
    if (entries.length < 2) return
    const hashed = entries.map((entry) => ({ entry, hash: spreadHash(keyOf(entry)) }))
    this.#grow(hashed)
    const mask = this.#slots - 1
    hashed.sort((left, right) => (left.hash & mask) - (right.hash & mask))
    for (const [index, { entry }] of hashed.entries()) entries[index] = entry
  }

  /** As insertion one by one makes the table grow: when it is three quarters full, and, while small, for a long chain. */
  #grow(hashed: readonly { readonly hash: number }[]): void {
    for (let count = 1; count <= hashed.length; count++) {
      const chained =
        this.#slots < slotsWithTrees && count > longestChain && this.#chainLength(hashed, count) > longestChain
      if (chained) this.#slots *= 2
      if (count > this.#slots * 0.75) this.#slots *= 2
    }
  }

  /** Of the slot of the last of the first `count`. */
  #chainLength(hashed: readonly { readonly hash: number }[], count: number): number {
    const mask = this.#slots - 1
    const slot = (hashed[count - 1]?.hash ?? 0) & mask
    let length = 0
    for (let index = 0; index < count; index++) if (((hashed[index]?.hash ?? 0) & mask) === slot) length += 1
    return length
  }
}

/** Arrays.hashCode of signed bytes, spread as a HashMap does. */
function spreadHash(bytes: Bytes): number {
  let hash = 1
  for (const byte of bytes) hash = (Math.imul(hash, 31) + ((byte << 24) >> 24)) | 0
  return hash ^ (hash >>> 16)
}
