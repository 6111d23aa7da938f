import { isDigit } from '../characters.ts'

const groupsMost = 64
const isSeparator = (code: number): boolean =>
  code === 0x20 || code === 0x2d || code === 0x2e || code === 0x28 || code === 0x29

/** Groups of digits with one character between them, such as `4111 1111 1111 1111`; one object is reused for all. */
export class NumberRun {
  /** By group, the first `count` of them. */
  readonly starts = new Int32Array(groupsMost)
  readonly ends = new Int32Array(groupsMost)
  count = 0

  /** Reads the run around a digit, not before `from`; returns where it ends. */
  read(text: string, at: number, from: number): number {
    let count = 0
    let place = at
    while (place > from && isInRun(text, place - 1)) place--
    while (count < groupsMost) {
      const start = place
      while (isDigit(text.charCodeAt(place))) place++
      if (place === start) break
      this.starts[count] = start
      this.ends[count++] = place
      if (!isSeparator(text.charCodeAt(place))) break
      place++
      // `(555) 010`: two marks.
      if (isSeparator(text.charCodeAt(place)) && text.charCodeAt(place - 1) === 0x29) place++
    }
    this.count = count
    return count === 0 ? at + 1 : (this.ends[count - 1] as number)
  }

  /** Digits in a group; 0 beyond the last one. */
  lengthOf(group: number): number {
    return group < this.count ? (this.ends[group] as number) - (this.starts[group] as number) : 0
  }
}

/** A digit, or a mark between two of them. */
function isInRun(text: string, at: number): boolean {
  const code = text.charCodeAt(at)
  if (isDigit(code)) return true
  return isSeparator(code) && isDigit(text.charCodeAt(at - 1)) && isDigit(text.charCodeAt(at + 1))
}
