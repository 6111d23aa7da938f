import { isDigit } from '../characters.ts'

const groupsMost = 64
const separators = new Set([0x20, 0x2d, 0x2e, 0x28, 0x29])

/** Groups of digits with one character between them, such as `4111 1111 1111 1111`; one object is reused for all. */
export class NumberRun {
  readonly starts: number[] = []
  readonly ends: number[] = []

  /** Reads the run around a digit, not before `from`; returns where it ends. */
  read(text: string, at: number, from: number): number {
    this.starts.length = 0
    this.ends.length = 0
    let place = at
    while (place > from && isInRun(text, place - 1)) place--
    while (this.starts.length < groupsMost) {
      const start = place
      while (isDigit(text.charCodeAt(place))) place++
      if (place === start) break
      this.starts.push(start)
      this.ends.push(place)
      if (!separators.has(text.charCodeAt(place))) break
      place++
      // `(555) 010`: two marks.
      if (separators.has(text.charCodeAt(place)) && text.charCodeAt(place - 1) === 0x29) place++
    }
    return this.ends.at(-1) ?? at + 1
  }

  get count(): number {
    return this.starts.length
  }

  /** Digits in a group; 0 beyond the last one. */
  lengthOf(group: number): number {
    return (this.ends[group] ?? 0) - (this.starts[group] ?? 0)
  }
}

/** A digit, or a mark between two of them. */
function isInRun(text: string, at: number): boolean {
  const code = text.charCodeAt(at)
  if (isDigit(code)) return true
  return separators.has(code) && isDigit(text.charCodeAt(at - 1)) && isDigit(text.charCodeAt(at + 1))
}
