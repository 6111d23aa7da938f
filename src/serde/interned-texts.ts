import { latin1At } from './bytes-text.ts'

const lengthMost = 24

/** Short texts that come again and again, such as levels and keys: the same text is made once. */
export class InternedTexts {
  readonly #texts: string[]
  readonly #mask: number

  /** `places`: a power of two. A text takes the place of another one with the same hash. */
  constructor(places = 128) {
    this.#texts = Array.from({ length: places }, () => '')
    this.#mask = places - 1
  }

  /** The text between two places; undefined if it is long, or not ASCII. */
  read(bytes: Buffer, start: number, end: number): string | undefined {
    const length = end - start
    if (length > lengthMost) return undefined
    let hash = length
    let bits = 0
    for (let at = start; at < end; at++) {
      const byte = bytes[at] as number
      bits |= byte
      hash = (Math.imul(hash, 31) + byte) | 0
    }
    if (bits >= 0x80) return undefined
    const place = (hash ^ (hash >>> 7)) & this.#mask
    const known = this.#texts[place] as string
    if (known.length === length && isAt(bytes, start, known)) return known
    const text = latin1At(bytes, start, end)
    this.#texts[place] = text
    return text
  }
}

function isAt(bytes: Buffer, start: number, text: string): boolean {
  for (let index = 0; index < text.length; index++) if (bytes[start + index] !== text.charCodeAt(index)) return false
  return true
}
