/** The bytes that JSON is made of. */
export const quote = 0x22
export const comma = 0x2c
export const minus = 0x2d
export const zero = 0x30
export const colon = 0x3a
export const openBracket = 0x5b
export const backslash = 0x5c
export const openBrace = 0x7b
export const closeBrace = 0x7d
export const letterF = 0x66
const letterN = 0x6e
export const letterT = 0x74
const letterU = 0x75
export const plus = 0x2b
export const point = 0x2e

const lowerE = 0x65
const simpleEscapes = setOf('"\\/bfnrt')
const hexDigits = setOf('0123456789abcdefABCDEF')
const words = { [letterT]: bytesOf('true'), [letterF]: bytesOf('false'), [letterN]: bytesOf('null') }

/** 1 at the place of each of these characters. */
function setOf(characters: string): Uint8Array {
  const bytes = new Uint8Array(256)
  for (const character of characters) bytes[character.charCodeAt(0)] = 1
  return bytes
}

export function isDigit(byte: number): boolean {
  return byte >= zero && byte <= 0x39
}

/** The position of the first byte that is no blank. */
export function skipBlanks(bytes: Uint8Array, from: number): number {
  let at = from
  for (;;) {
    const byte = bytes[at] as number
    if (byte > 0x20 || (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09)) return at
    at++
  }
}

/** The position behind a number, or -1. */
export function endOfNumber(bytes: Uint8Array, start: number): number {
  const first = bytes[start] === minus ? start + 1 : start
  let end = skipDigits(bytes, first)
  if (end === first || (bytes[first] === zero && end > first + 1)) return -1
  if (bytes[end] === point) {
    const fraction = end + 1
    end = skipDigits(bytes, fraction)
    if (end === fraction) return -1
  }
  if (((bytes[end] as number) | 0x20) === lowerE) {
    const sign = bytes[end + 1]
    const exponent = sign === plus || sign === minus ? end + 2 : end + 1
    end = skipDigits(bytes, exponent)
    if (end === exponent) return -1
  }
  return end
}

function skipDigits(bytes: Uint8Array, from: number): number {
  let at = from
  while (isDigit(bytes[at] as number)) at++
  return at
}

/** The position behind true, false or null, or -1. */
export function endOfWord(bytes: Uint8Array, start: number): number {
  const word = words[bytes[start] as keyof typeof words]
  if (word === undefined) return -1
  for (let index = 1; index < word.length; index++) if (bytes[start + index] !== word[index]) return -1
  return start + word.length
}

/** The position behind an escape whose backslash is before `at`, or -1. */
export function endOfEscape(bytes: Uint8Array, at: number): number {
  const kind = bytes[at] as number
  if (kind !== letterU) return simpleEscapes[kind] === 1 ? at + 1 : -1
  for (let digit = at + 1; digit <= at + 4; digit++) if (hexDigits[bytes[digit] as number] !== 1) return -1
  return at + 5
}

function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}
