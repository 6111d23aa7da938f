import type { Fields, FieldValue } from '../field-value.ts'

export interface KeyValueOptions {
  /** Stands between name and value. Default `=`. */
  readonly equals?: string
  /** Characters of which one or more stand between pairs. Default blank and tab. */
  readonly separators?: string
}

const [quote, single, backslash] = [0x22, 0x27, 0x5c]
/** `\\n`, `\\t` and `\\r`; any other character is itself. */
const escapes: Readonly<Record<number, number>> = { 0x6e: 0x0a, 0x74: 0x09, 0x72: 0x0d }
const decoder = new TextDecoder('utf-16le')

/** Of UTF-16. */
const codes = 0x10000
const usual: KeyValueOptions = {}

/**
 * Reads pairs such as `user=bob action="log in"` into fields; a name that stands again makes a list. Returns how many pairs
 * were found. Values in quotes may hold separators and escapes. Linear in the text.
 */
export function readKeyValues(text: string, into: Fields, options: KeyValueOptions = usual): number {
  const { equals = '=', separators = ' \t' } = options
  const ends = separatorTable(separators)
  const first = equals.charCodeAt(0)
  let count = 0
  let at = 0
  while (at < text.length) {
    while (at < text.length && ends[text.charCodeAt(at)] === 1) at++
    const start = at
    at = endOfName(text, at, ends, first, equals)
    if (at >= text.length || text.charCodeAt(at) !== first) continue
    const name = text.slice(start, at)
    at += equals.length
    const opening = text.charCodeAt(at)
    const isQuoted = opening === quote || opening === single
    const from = isQuoted ? at + 1 : at
    at = isQuoted ? endOfQuoted(text, from, opening) : endOfValue(text, from, ends)
    if (name !== '') {
      add(into, name, isQuoted ? unescaped(text.slice(from, at)) : text.slice(from, at))
      count++
    }
    if (isQuoted) at++
  }
  return count
}

const tables = new Map<string, Uint8Array>()

/** 1 for each character that ends a pair; made once for each choice of separators. */
function separatorTable(separators: string): Uint8Array {
  let table = tables.get(separators)
  if (table === undefined) {
    table = new Uint8Array(codes)
    for (let at = 0; at < separators.length; at++) table[separators.charCodeAt(at)] = 1
    tables.set(separators, table)
  }
  return table
}

function endOfName(text: string, from: number, ends: Uint8Array, first: number, equals: string): number {
  let at = from
  while (at < text.length) {
    const code = text.charCodeAt(at)
    if (ends[code] === 1) return at
    if (code === first && (equals.length === 1 || text.startsWith(equals, at))) return at
    at++
  }
  return at
}

function endOfValue(text: string, from: number, ends: Uint8Array): number {
  let at = from
  while (at < text.length && ends[text.charCodeAt(at)] !== 1) at++
  return at
}

function endOfQuoted(text: string, from: number, closing: number): number {
  let at = from
  while (at < text.length && text.charCodeAt(at) !== closing) at += text.charCodeAt(at) === backslash ? 2 : 1
  return Math.min(at, text.length)
}

function add(into: Fields, name: string, value: string): void {
  const before = into[name]
  if (before === undefined) into[name] = value
  else if (Array.isArray(before)) (before as FieldValue[]).push(value)
  else into[name] = [before, value]
}

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
