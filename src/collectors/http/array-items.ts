const quote = 0x22
const comma = 0x2c
const openBracket = 0x5b
const backslash = 0x5c
const closeBracket = 0x5d
const openBrace = 0x7b
const closeBrace = 0x7d
const blanks: ReadonlySet<number | undefined> = new Set([0x20, 0x09, 0x0a, 0x0d])

/**
 * The items of a list, or the value itself, as views of the bytes: a number keeps its digits. The bytes are JSON, which
 * was checked before.
 */
export function arrayItems(bytes: Uint8Array): readonly Uint8Array[] {
  const whole = trimmed(bytes, 0, bytes.length)
  if (whole[0] !== openBracket) return [whole]
  const items: Uint8Array[] = []
  const last = whole.length - 1
  let depth = 0
  let start = 1
  for (let at = 1; at < last; at++) {
    const byte = whole[at]
    if (byte === quote) at = endOfText(whole, at)
    else if (byte === openBrace || byte === openBracket) depth++
    else if (byte === closeBrace || byte === closeBracket) depth--
    else if (byte === comma && depth === 0) {
      items.push(trimmed(whole, start, at))
      start = at + 1
    }
  }
  const item = trimmed(whole, start, last)
  if (item.length > 0) items.push(item)
  return items
}

/** Where the closing quote is. */
function endOfText(bytes: Uint8Array, start: number): number {
  let at = start + 1
  while (at < bytes.length && bytes[at] !== quote) at += bytes[at] === backslash ? 2 : 1
  return at
}

function trimmed(bytes: Uint8Array, from: number, to: number): Uint8Array {
  let [start, end] = [from, to]
  while (start < end && blanks.has(bytes[start])) start++
  while (end > start && blanks.has(bytes[end - 1])) end--
  return bytes.subarray(start, end)
}
