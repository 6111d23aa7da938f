import type { Bytes } from '../core/bytes.ts'

const seed = 0x9747b28c
const multiplier = 0x5bd1e995

/** Java's `Utils.murmur2`: a signed 32-bit hash. Where a key lands depends on it, so that it never changes. */
export function murmur2(key: Bytes): number {
  const length = key.length
  const whole = length & ~3
  let hash = seed ^ length
  for (let at = 0; at < whole; at += 4) {
    let block = key[at]! | (key[at + 1]! << 8) | (key[at + 2]! << 16) | (key[at + 3]! << 24)
    block = Math.imul(block, multiplier)
    block ^= block >>> 24
    hash = Math.imul(hash, multiplier) ^ Math.imul(block, multiplier)
  }
  const rest = length & 3
  if (rest === 3) hash ^= key[whole + 2]! << 16
  if (rest >= 2) hash ^= key[whole + 1]! << 8
  if (rest >= 1) hash = Math.imul(hash ^ key[whole]!, multiplier)
  hash = Math.imul(hash ^ (hash >>> 13), multiplier)
  return hash ^ (hash >>> 15)
}

/** Java's `Utils.toPositive`: drops the sign bit, which is not the absolute value. */
export function toPositive(hash: number): number {
  return hash & 0x7fffffff
}

/** The partition of a key as every Java producer and Kafka Streams choose it. */
export function partitionOfKey(key: Bytes, partitionCount: number): number {
  return toPositive(murmur2(key)) % partitionCount
}

/**
 * Chooses for records without a key (KIP-794): one partition until it took `switchAfterBytes`, then another, all equally
 * likely, so that batches fill and partitions get equal shares of bytes.
 */
export class StickyPartitioner {
  readonly #switchAfterBytes: number
  readonly #canTake: (partition: number) => boolean
  readonly #random: () => number
  #partition = -1
  #bytes = 0

  /** A partition that cannot take is left out while another can; `random` returns numbers from 0 up to but not including 1. */
  constructor(
    switchAfterBytes: number,
    canTake: (partition: number) => boolean = () => true,
    random: () => number = Math.random,
  ) {
    this.#switchAfterBytes = switchAfterBytes
    this.#canTake = canTake
    this.#random = random
  }

  /** The partition for a record of `byteLength`. */
  choose(partitionCount: number, byteLength: number): number {
    if (this.#partition < 0 || this.#partition >= partitionCount || this.#bytes >= this.#switchAfterBytes) {
      this.#partition = this.#pick(partitionCount)
      this.#bytes = 0
    }
    this.#bytes += byteLength
    return this.#partition
  }

  #pick(partitionCount: number): number {
    const picked = Math.floor(this.#random() * partitionCount)
    if (this.#canTake(picked)) return picked
    const able = Array.from({ length: partitionCount }, (_, partition) => partition).filter(this.#canTake)
    return able[Math.floor(this.#random() * able.length)] ?? picked
  }
}
