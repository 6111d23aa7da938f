import type { Bytes } from '../core/bytes.ts'
import { compareKeys } from './byte-keys.ts'

const fewRows = 32
/** Of 64 bits, 40 hold bytes of the key and 24 the place of the row. */
const rowsMax = 1 << 24

interface Keyed {
  readonly key: Bytes
}

/**
 * Sorts by key, in place; rows of equal keys keep their order. Many rows are sorted as numbers, by the five bytes behind
 * those that all keys share; rows that have these in common as well are then sorted among themselves.
 */
export function sortByKey<R extends Keyed>(rows: R[]): void {
  if (rows.length <= fewRows || rows.length > rowsMax) {
    rows.sort((left, right) => compareKeys(left.key, right.key))
    return
  }
  const shared = sharedLength(rows)
  if (shared === undefined) return
  const words = new Uint32Array(rows.length * 2)
  for (let index = 0; index < rows.length; index++) {
    const { key } = rows[index] as R
    // Little-endian: the second word is the upper one.
    words[index * 2] = ((key[shared + 4] ?? 0) << 24) | index
    words[index * 2 + 1] = upperBytes(key, shared)
  }
  new BigUint64Array(words.buffer).sort()
  const unsorted = rows.slice()
  for (let index = 0; index < rows.length; index++) {
    rows[index] = unsorted[(words[index * 2] as number) & (rowsMax - 1)] as R
  }
  sortRuns(rows, words)
}

/** How many bytes all keys begin with; undefined when they are one and the same. */
function sharedLength(rows: readonly Keyed[]): number | undefined {
  const { key } = rows[0] as Keyed
  let shared = key.length
  let isSame = true
  for (const { key: other } of rows) {
    let length = Math.min(shared, other.length)
    for (let index = 0; index < length; index++) if (other[index] !== key[index]) length = index
    shared = length
    isSame &&= length === key.length && other.length === key.length
  }
  return isSame ? undefined : shared
}

function upperBytes(key: Bytes, at: number): number {
  return ((key[at] ?? 0) << 24) | ((key[at + 1] ?? 0) << 16) | ((key[at + 2] ?? 0) << 8) | (key[at + 3] ?? 0)
}

function sortRuns<R extends Keyed>(rows: R[], words: Uint32Array): void {
  for (let start = 0, end = 1; end <= rows.length; end++) {
    if (end < rows.length && hasSameBytes(words, start, end)) continue
    if (end - start > 1) {
      const run = rows.slice(start, end)
      // All of them: some keys end where others have zero bytes.
      if (run.length === rows.length) run.sort((left, right) => compareKeys(left.key, right.key))
      else sortByKey(run)
      for (const [index, row] of run.entries()) rows[start + index] = row
    }
    start = end
  }
}

function hasSameBytes(words: Uint32Array, left: number, right: number): boolean {
  return (
    words[left * 2 + 1] === words[right * 2 + 1] &&
    (words[left * 2] as number) >>> 24 === (words[right * 2] as number) >>> 24
  )
}
