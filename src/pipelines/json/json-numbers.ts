import { ExactNumber } from '../field-value.ts'

const [zero, nine, dot, plus, minus] = [0x30, 0x39, 0x2e, 0x2b, 0x2d]
/** So many digits are the same in every number of JavaScript. */
const exactDigits = 15
const exactExponent = 300
/** Servers refuse documents with longer numbers. */
const longest = 100

/** Numbers of JSON: as numbers where these say the same, otherwise as their text, which is no number at all where it is too long. */
export class JsonNumbers {
  #isWhole = true
  #exponentAt = -1

  /** Where the number that begins at a place ends; -1 where none begins. */
  endOf(text: string, from: number): number {
    let at = text.charCodeAt(from) === minus ? from + 1 : from
    const first = at
    at = digitsEnd(text, at)
    if (at === first || (at > first + 1 && text.charCodeAt(first) === zero)) return -1
    this.#isWhole = true
    this.#exponentAt = -1
    if (text.charCodeAt(at) === dot) {
      this.#isWhole = false
      const fraction = at + 1
      at = digitsEnd(text, fraction)
      if (at === fraction) return -1
    }
    if ((text.charCodeAt(at) | 0x20) === 0x65) {
      this.#exponentAt = at
      at++
      if (text.charCodeAt(at) === plus || text.charCodeAt(at) === minus) at++
      const exponent = at
      at = digitsEnd(text, exponent)
      if (at === exponent) return -1
    }
    return at
  }

  /** Of the number whose end was asked for last. */
  valueOf(text: string, from: number, end: number): number | ExactNumber | string {
    const exponentAt = this.#exponentAt
    if (exponentAt < 0 && end - from <= exactDigits) {
      return this.#isWhole ? whole(text, from, end) : Number(text.slice(from, end))
    }
    const written = text.slice(from, end)
    if (written.length > longest) return written
    const value = Number(written)
    if (String(value) === written) return value
    const isShort = (exponentAt < 0 ? end : exponentAt) - from <= exactDigits
    const isUsual = exponentAt < 0 || Math.abs(Number(text.slice(exponentAt + 1, end))) < exactExponent
    return isShort && isUsual ? value : new ExactNumber(written)
  }
}

function digitsEnd(text: string, from: number): number {
  let at = from
  for (;;) {
    const code = text.charCodeAt(at)
    if (!(code >= zero && code <= nine)) return at
    at++
  }
}

function whole(text: string, from: number, end: number): number {
  const isNegative = text.charCodeAt(from) === minus
  let value = 0
  for (let at = isNegative ? from + 1 : from; at < end; at++) value = value * 10 + text.charCodeAt(at) - zero
  return isNegative ? -value : value
}
