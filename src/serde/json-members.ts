import type { Bytes } from '../core/bytes.ts'

const quote = 0x22
const comma = 0x2c
const colon = 0x3a
const openBracket = 0x5b
const backslash = 0x5c
const closeBracket = 0x5d
const openBrace = 0x7b
const closeBrace = 0x7d
const space = 0x20
const shortTextBytes = 16
/** Read instead of a byte behind the end: an array that is read out of its bounds is slow ever after. */
const none = -1

/** The bytes stop looking like a JSON object at this position. */
export class NotAnObject extends Error {
  readonly position: number

  constructor(position: number) {
    super(`not a JSON object at position ${position}`)
    this.position = position
  }
}

/**
 * Where the members of a JSON object lie: for each the start and end of its key (without quotes) and of its value; last the
 * position of the closing brace. Looks at quotes and brackets only: what is inside of a value shows when that is parsed.
 * Throws NotAnObject.
 */
export function findMembers(bytes: Bytes): readonly number[] {
  const places: number[] = []
  let at = expected(bytes, skipSpace(bytes, 0), openBrace)
  while (byteAt(bytes, at) !== closeBrace) {
    if (places.length > 0) at = expected(bytes, at, comma)
    const keyStart = expected(bytes, at, quote, false)
    const keyEnd = endOfString(bytes, keyStart)
    const valueStart = expected(bytes, skipSpace(bytes, keyEnd + 1), colon)
    const valueEnd = endOfValue(bytes, valueStart)
    places.push(keyStart, keyEnd, valueStart, valueEnd)
    at = skipSpace(bytes, valueEnd)
  }
  places.push(at)
  const end = skipSpace(bytes, at + 1)
  if (end < bytes.length) throw new NotAnObject(end)
  return places
}

function byteAt(bytes: Bytes, at: number): number {
  return at < bytes.length ? (bytes[at] as number) : none
}

/** The position behind the byte that has to be here, and behind the space after it. */
function expected(bytes: Bytes, at: number, wanted: number, skipsSpace = true): number {
  if (byteAt(bytes, at) !== wanted) throw new NotAnObject(at)
  return skipsSpace ? skipSpace(bytes, at + 1) : at + 1
}

function skipSpace(bytes: Bytes, from: number): number {
  let at = from
  for (; at < bytes.length; at++) {
    const byte = bytes[at] as number
    if (byte > space || (byte !== space && byte !== 0x0a && byte !== 0x0d && byte !== 0x09)) break
  }
  return at
}

/** The position of the closing quote. Short texts are walked, long ones searched by the engine. */
function endOfString(bytes: Bytes, from: number): number {
  const near = Math.min(bytes.length, from + shortTextBytes)
  for (let at = from; at < near; at++) {
    const byte = bytes[at]
    if (byte === quote) return at
    if (byte === backslash) at++
  }
  for (let at = bytes.indexOf(quote, from); at >= 0; at = bytes.indexOf(quote, at + 1)) {
    let escapes = at
    while (escapes > from && bytes[escapes - 1] === backslash) escapes--
    if ((at - escapes) % 2 === 0) return at
  }
  throw new NotAnObject(bytes.length)
}

function endOfValue(bytes: Bytes, from: number): number {
  const first = byteAt(bytes, from)
  if (first === quote) return endOfString(bytes, from + 1) + 1
  return first === openBrace || first === openBracket ? endOfNested(bytes, from) : endOfScalar(bytes, from)
}

function endOfNested(bytes: Bytes, from: number): number {
  let depth = 0
  for (let at = from; at < bytes.length; at++) {
    const byte = bytes[at]
    if (byte === quote) at = endOfString(bytes, at + 1)
    else if (byte === openBrace || byte === openBracket) depth++
    else if ((byte === closeBrace || byte === closeBracket) && --depth === 0) return at + 1
  }
  throw new NotAnObject(bytes.length)
}

function endOfScalar(bytes: Bytes, from: number): number {
  let at = from
  for (; at < bytes.length; at++) {
    const byte = bytes[at] as number
    if (byte === comma || byte === closeBrace || byte <= space) break
  }
  if (at === from) throw new NotAnObject(at)
  return at
}
