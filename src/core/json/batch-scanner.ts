import type { ByteRanges } from '../byte-ranges.ts'
import { jsonPlaces } from './json-scanner.ts'
import { MemberNames } from './member-names.ts'
import { ScanMemory } from './scan-memory.ts'

/**
 * A row of numbers for each object: what was found out about it, from where to before where it lies, and the places of
 * its members, as `JsonScanner` writes them. The verdict has the bits `isObject`, all of it is JSON, `isWide`, it has
 * bytes above ASCII, which are not checked to be UTF-8, and `hasLargeInteger`, it has an integer that a number may not
 * hold exactly. A verdict of 0: it was not decided.
 */
export const jsonRow = Object.freeze({
  verdict: 0,
  start: 1,
  end: 2,
  places: 3,
  isObject: 1,
  isWide: 2,
  hasLargeInteger: 4,
})

/** The numbers of a row for so many names. */
export function jsonRowLength(names: number): number {
  return jsonRow.places + 1 + names * jsonPlaces.perSlot
}

/**
 * Finds the members of many JSON objects that lie in one buffer, in one call of WebAssembly. It decides about objects
 * that `JsonScanner` takes, nearly all of them, and leaves the others to that.
 */
export class BatchScanner {
  readonly rowLength: number
  readonly #memory: ScanMemory
  readonly #names: MemberNames
  readonly #rowsMost: number

  private constructor(memory: ScanMemory, names: MemberNames) {
    this.#memory = memory
    this.#names = names
    this.rowLength = jsonRowLength(names.bytes.length)
    this.#rowsMost = Math.min(memory.rangesMost, Math.floor(memory.output.length / this.rowLength))
  }

  /** undefined where WebAssembly is not allowed, and for more or longer names than its memory has place for. */
  static of(names: readonly string[]): BatchScanner | undefined {
    const memory = ScanMemory.shared()
    const known = new MemberNames(names)
    return memory?.hasPlaceFor(known) === true ? new BatchScanner(memory, known) : undefined
  }

  /**
   * The rows of the objects from the index on, as many as the memory has place for; none if the first one is too large.
   * Places count from the start of the buffer, which has at most 2^28 - 1 bytes.
   */
  scan(values: ByteRanges, from: number): Int32Array {
    const { bytes } = values
    const { ranges, inputBytes } = this.#memory
    const last = Math.min(values.count, from + this.#rowsMost)
    let first = -1
    let end = 0
    let at = 0
    for (let index = from; index < last; index++) {
      const length = values.length(index)
      let start = values.start(index)
      if (length < 0) start = first
      else if (first < 0) first = start
      else if (start < first) break
      const rangeEnd = length < 0 ? start : start + length
      if (rangeEnd - first > inputBytes) break
      if (rangeEnd > end) end = rangeEnd
      ranges[at] = start - first
      ranges[at + 1] = rangeEnd - first
      at += 2
    }
    const count = at >> 1
    if (first >= 0) this.#memory.scan(this.#names, bytes, first, end, count)
    return this.#memory.output.slice(0, count * this.rowLength)
  }
}
