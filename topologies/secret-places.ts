import { isoMs, type TextParts } from '../src/pipelines/index.ts'
import type { JsonMembers } from './parsing/json-members.ts'

const quote = 0x22
const digitNine = 0x39
const anyContext = Object.freeze({ receivedMs: 0 })
/** Shorter numbers are no cards. */
const numberMost = 12

/**
 * The parts of a log in which something may be to be hidden: all but the names that are known, small numbers, and its time.
 * They are less than half of a usual log.
 */
export class SecretPlaces implements TextParts {
  readonly bounds: Int32Array
  count = 0
  /** By slot: how long `,"name":` is, where that is no name of a secret; 0 where it is. */
  readonly #nameLengths: Uint8Array
  readonly #timeSlot: number

  constructor(names: readonly string[], isSecretName: (name: string) => boolean) {
    // Two parts per member, one behind the last, two bounds each.
    this.bounds = new Int32Array((names.length * 2 + 1) * 2)
    this.#nameLengths = Uint8Array.from(names, (name) => (isSecretName(name) ? 0 : name.length + ',"":'.length))
    this.#timeSlot = names.indexOf('timestamp')
  }

  /** `scan` has found the members of these names in the text last. */
  of(text: string, { order, starts, ends, count }: JsonMembers): this {
    this.count = 0
    // Before the first name stands a brace instead of the comma.
    let from = 0
    for (let index = 0; index < count; index++) {
      const slot = order[index] as number
      const start = starts[slot] as number
      const end = ends[slot] as number
      if (start - from !== this.#nameLengths[slot]) this.#add(from, start)
      if (!this.#isPlain(text, slot, start, end)) this.#add(start, end)
      from = end
    }
    if (from < text.length - 1) this.#add(from, text.length)
    return this
  }

  #isPlain(text: string, slot: number, start: number, end: number): boolean {
    const first = text.charCodeAt(start)
    if (first > quote && first <= digitNine) return end - start <= numberMost
    if (slot !== this.#timeSlot || first !== quote) return false
    return !Number.isNaN(isoMs(text, start + 1, end - 1, anyContext))
  }

  #add(start: number, end: number): void {
    const { bounds, count } = this
    if (count > 0 && bounds[count - 1] === start) bounds[count - 1] = end
    else {
      bounds[count] = start
      bounds[count + 1] = end
      this.count = count + 2
    }
  }
}
