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

const escapes: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r' }

function unescaped(text: string): string {
  if (!text.includes('\\')) return text
  return text.replace(/\\(.)/gs, (_, character: string) => escapes[character] ?? character)
}
