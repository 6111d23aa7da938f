import type { Fields } from '../../field-value.ts'

const [quote, single, backslash, equals, blank] = [0x22, 0x27, 0x5c, 0x3d, 0x20]

/**
 * Reads `key=value key="quoted value" flag` into fields, each character once; a name that stands again keeps its first
 * value. Returns how many pairs were found. Text without `=` between two pairs is left out of the fields.
 */
export function readPairs(text: string, into: Fields): number {
  let count = 0
  let at = 0
  while (at < text.length) {
    while (at < text.length && isSeparator(text.charCodeAt(at))) at++
    const from = at
    while (at < text.length && isName(text.charCodeAt(at))) at++
    if (at === from) {
      at = endOfWord(text, at + 1)
      continue
    }
    if (text.charCodeAt(at) !== equals) continue
    const name = text.slice(from, at)
    const opening = text.charCodeAt(at + 1)
    const isQuoted = opening === quote || opening === single
    const start = isQuoted ? at + 2 : at + 1
    at = isQuoted ? endOfQuoted(text, start, opening) : endOfWord(text, start)
    const value = text.slice(start, at)
    into[name] ??= isQuoted ? unescaped(value) : value
    if (isQuoted) at++
    count++
  }
  return count
}

/** Blanks and the commas or semicolons that some put between pairs. */
function isSeparator(code: number): boolean {
  return code <= blank || code === 0x2c || code === 0x3b
}

function isName(code: number): boolean {
  return code > blank && code !== equals && code !== quote && code !== 0x2c && code !== 0x3b
}

function endOfWord(text: string, from: number): number {
  let at = from
  while (at < text.length && text.charCodeAt(at) > blank) at++
  return at
}

function endOfQuoted(text: string, from: number, closing: number): number {
  let at = from
  while (at < text.length && text.charCodeAt(at) !== closing) at += text.charCodeAt(at) === backslash ? 2 : 1
  return Math.min(at, text.length)
}

/** `\\n`, `\\t` and `\\r`; any other character stands for itself. */
const escapes: Readonly<Record<number, number>> = { 0x6e: 0x0a, 0x74: 0x09, 0x72: 0x0d }

const decoder = new TextDecoder('utf-16le')

/** Written into one buffer: a text of many escapes would be a chain of as many small texts. */
function unescaped(text: string): string {
  if (!text.includes('\\')) return text
  const units = new Uint16Array(text.length)
  let length = 0
  for (let at = 0; at < text.length; at++) {
    let code = text.charCodeAt(at)
    if (code === backslash && at + 1 < text.length) {
      code = text.charCodeAt(++at)
      code = escapes[code] ?? code
    }
    units[length++] = code
  }
  return decoder.decode(units.subarray(0, length))
}
