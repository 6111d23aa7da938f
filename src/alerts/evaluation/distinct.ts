import type { Measure } from './measure.ts'

/** So many of the smallest hashes are kept: fewer values are counted exactly, more are estimated from how close these are. */
const hashesMax = 256
const hashes = 2 ** 32

/** How many different values, by the smallest hashes: the result does not depend on the order, and memory is bounded. */
export const distinct: Measure = {
  add(cell, { text = '' }) {
    const kept = (cell as number[] | undefined) ?? []
    return smallest([...kept, hashOf(text)])
  },
  value(buckets) {
    const kept = smallest(buckets.flatMap(({ cell }) => cell as number[]))
    const largest = kept.at(-1)
    if (largest === undefined || kept.length < hashesMax) return kept.length
    return Math.round(((hashesMax - 1) * hashes) / largest)
  },
}

function smallest(all: readonly number[]): number[] {
  return [...new Set(all)].sort((left, right) => left - right).slice(0, hashesMax)
}

/** A number below 2 ** 32: FNV-1a with the last mixing of MurmurHash3, so that similar texts lie far apart. */
export function hashOf(text: string): number {
  let hash = 0x811c9dc5
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}
