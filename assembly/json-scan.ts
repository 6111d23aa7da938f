/**
 * AssemblyScript, not TypeScript: `npm run json-scan` compiles it to src/core/json/json-scan-module.ts.
 *
 * Finds the members of many JSON objects in one call, as src/core/json/json-scanner.ts finds those of one. It decides
 * only what it is sure of: an object that it does not take is left to the JavaScript scanner, whatever the reason.
 *
 * A record ends with a zero byte, which the call puts behind it and takes away again. No JSON goes on there, so that
 * nothing compares places with the end.
 */

const quote: u32 = 0x22
const comma: u32 = 0x2c
const minus: u32 = 0x2d
const zero: u32 = 0x30
const colon: u32 = 0x3a
const backslash: u32 = 0x5c
const openBrace: u32 = 0x7b
const closeBrace: u32 = 0x7d

/** Of a text, as in `jsonPlaces`. */
const isEscaped: i32 = 1
const isWide: i32 = 2

/** What the first number of a row says of its object. */
const isObject: i32 = 1
const hasWide: i32 = 2
const hasLarge: i32 = 4

const depthMost: i32 = 64
const expectedMost: usize = 64
const expectedBytes: usize = 16
/** Longer names, with their quotes and colon, are looked up each time. */
const expectedNameMost: usize = 32

/** What lies where in the memory. The caller knows it by these names. */
const expectedAt: usize = 0x400
export const tableAt: usize = 0x1000
export const namesAt: usize = 0x1400
export const poolAt: usize = 0x1800
export const poolBytes: usize = 0x800
export const rangesAt: usize = 0x2000
export const rangesMost: usize = 512
export const inputAt: usize = 0x4000
export const inputBytes: usize = 0x10000
export const outputAt: usize = 0x14100
export const outputBytes: usize = 0xbf00

let textFlags: i32 = 0
let recordFlags: i32 = 0

/**
 * Looks at `count` records, which the ranges say the places of, from `inputAt` on. `slots` names are in the table, whose
 * length is `tableMask` and one. `shift` is added to all places.
 */
export function scan(count: i32, slots: i32, tableMask: u32, shift: i32): void {
  memory.fill(expectedAt, 0, (expectedMost + 1) * expectedBytes)
  const rowBytes: usize = (4 + 3 * slots) << 2
  let row = outputAt
  let range = rangesAt
  for (let index = 0; index < count; index++) {
    const start = inputAt + load<u32>(range)
    const end = inputAt + load<u32>(range, 4)
    for (let place = row + 16, last = row + rowBytes; place < last; place += 12) store<i32>(place, -1)
    const behind = load<u8>(end)
    store<u8>(end, 0)
    recordFlags = isObject
    const close = endOfObject(start, row + 16, tableMask, shift - <i32>inputAt)
    store<i32>(row, close != 0 && skipBlanks(close + 1) == end ? recordFlags : 0)
    store<i32>(row, <i32>(start - inputAt) + shift, 4)
    store<i32>(row, <i32>(end - inputAt) + shift, 8)
    store<i32>(row, <i32>(close - inputAt) + shift, 12)
    store<u8>(end, behind)
    row += rowBytes
    range += 8
  }
}

/** Where its closing brace is, or 0. */
function endOfObject(start: usize, row: usize, tableMask: u32, shift: i32): usize {
  let at = skipBlanks(start)
  if (<u32>load<u8>(at) != openBrace) return 0
  at = skipBlanks(at + 1)
  if (<u32>load<u8>(at) == closeBrace) return at
  let expected = expectedAt
  const expectedEnd = expectedAt + expectedMost * expectedBytes
  while (true) {
    const nameAt = at
    let slot: i32
    const known: usize = load<u32>(expected, 4)
    if (known != 0 && isSame(at, load<u32>(expected), known)) {
      at += known
      slot = load<i32>(expected, 8)
    } else {
      if (<u32>load<u8>(at) != quote) return 0
      textFlags = 0
      const nameEnd = endOfText(at + 1)
      if (nameEnd == 0 || (textFlags & isEscaped) != 0) return 0
      slot = slotOf(at + 1, nameEnd - 1, tableMask)
      at = skipBlanks(nameEnd)
      if (<u32>load<u8>(at) != colon) return 0
      at++
      const isKept = at == nameEnd + 1 && textFlags == 0 && at - nameAt <= expectedNameMost && expected < expectedEnd
      store<u32>(expected, <u32>nameAt)
      store<u32>(expected, isKept ? <u32>(at - nameAt) : 0, 4)
      store<i32>(expected, slot, 8)
    }
    at = skipBlanks(at)
    const valueAt = at
    textFlags = 0
    const first: u32 = load<u8>(at)
    if (first == quote) at = endOfShortText(at + 1)
    else at = (first | 0x20) == openBrace ? endOfNested(at, 1) : endOfScalar(at, first)
    if (at == 0) return 0
    if (slot >= 0) {
      const place = row + slot * 12
      store<i32>(place, <i32>valueAt + shift)
      store<i32>(place, <i32>at + shift, 4)
      store<i32>(place, ((<i32>nameAt + shift) << 2) | textFlags, 8)
    }
    let byte: u32 = load<u8>(at)
    if (byte != comma) {
      at = skipBlanks(at)
      byte = load<u8>(at)
      if (byte == closeBrace) return at
      if (byte != comma) return 0
    }
    at = skipBlanks(at + 1)
    if (expected < expectedEnd) expected += expectedBytes
  }
}

/** The slot of the name, or -1: the table of src/core/json/member-names.ts. */
function slotOf(start: usize, end: usize, tableMask: u32): i32 {
  const length = <u32>(end - start)
  let hash: u32 = 0
  if (length > 0) hash = length * 7 + <u32>load<u8>(start) * 3 + <u32>load<u8>(end - 1)
  for (let place = hash & tableMask; ; place = (place + 1) & tableMask) {
    const slot = <i32>load<u16>(tableAt + (place << 1)) - 1
    if (slot < 0) return -1
    const entry = namesAt + (<usize>slot << 3)
    if (load<u32>(entry, 4) == length && memory.compare(load<u32>(entry), start, length) == 0) return slot
  }
  return -1
}

// @ts-ignore: decorator
@inline
function isSame(left: usize, right: usize, bytes: usize): bool {
  const first = i8x16.bitmask(i8x16.eq(v128.load(left), v128.load(right)))
  if (bytes <= 16) return ((first | (0xffff << <i32>bytes)) & 0xffff) == 0xffff
  const last = i8x16.bitmask(i8x16.eq(v128.load(left + bytes - 16), v128.load(right + bytes - 16)))
  return (first & last) == 0xffff
}

// @ts-ignore: decorator
@inline
function skipBlanks(at: usize): usize {
  return load<u8>(at) > 0x20 ? at : skipMoreBlanks(at)
}

function skipMoreBlanks(from: usize): usize {
  let at = from
  while (true) {
    const byte: u32 = load<u8>(at)
    if (byte != 0x20 && byte != 0x0a && byte != 0x0d && byte != 0x09) return at
    at++
  }
  return 0
}

function endOfNested(start: usize, depth: i32): usize {
  if (depth > depthMost) return 0
  const open: u32 = load<u8>(start)
  let at = skipBlanks(start + 1)
  if (<u32>load<u8>(at) == open + 2) return at + 1
  while (true) {
    if (open == openBrace) {
      if (<u32>load<u8>(at) != quote) return 0
      at = endOfText(at + 1)
      if (at == 0) return 0
      at = skipBlanks(at)
      if (<u32>load<u8>(at) != colon) return 0
      at = skipBlanks(at + 1)
    }
    const first: u32 = load<u8>(at)
    if (first == quote) at = endOfShortText(at + 1)
    else at = (first | 0x20) == openBrace ? endOfNested(at, depth + 1) : endOfScalar(at, first)
    if (at == 0) return 0
    at = skipBlanks(at)
    const byte: u32 = load<u8>(at)
    if (byte != comma) return byte == open + 2 ? at + 1 : 0
    at = skipBlanks(at + 1)
  }
  return 0
}

/** As `endOfText`, without a call for a plain text of less than 16 bytes. */
// @ts-ignore: decorator
@inline
function endOfShortText(at: usize): usize {
  const stops = stopsOf(v128.load(at))
  const stop = at + ctz(stops)
  return stops != 0 && <u32>load<u8>(stop) == quote ? stop + 1 : endOfText(at)
}

/** One bit for each byte that is a quote, a backslash, a control character or above ASCII. */
// @ts-ignore: decorator
@inline
function stopsOf(block: v128): i32 {
  const marks = v128.or(i8x16.eq(block, i8x16.splat(0x22)), i8x16.eq(block, i8x16.splat(0x5c)))
  // As signed numbers, bytes above ASCII are less than a blank, too.
  return i8x16.bitmask(v128.or(marks, i8x16.lt_s(block, i8x16.splat(0x20))))
}

/** Behind the closing quote of a text whose opening quote is before `from`, or 0. */
function endOfText(from: usize): usize {
  let at = from
  while (true) {
    const stops = stopsOf(v128.load(at))
    if (stops == 0) {
      at += 16
      continue
    }
    at += ctz(stops)
    const byte: u32 = load<u8>(at)
    if (byte == quote) return at + 1
    if (byte == backslash) {
      textFlags |= isEscaped
      at = endOfEscape(at + 1)
      if (at == 0) return 0
    } else if (byte < 0x20) return 0
    else {
      textFlags |= isWide
      recordFlags |= hasWide
      at = skipWide(at + 1)
    }
  }
  return 0
}

/** The next quote, backslash or control character. */
function skipWide(from: usize): usize {
  let at = from
  while (true) {
    const block = v128.load(at)
    const marks = v128.or(i8x16.eq(block, i8x16.splat(0x22)), i8x16.eq(block, i8x16.splat(0x5c)))
    const stops = i8x16.bitmask(v128.or(marks, i8x16.lt_u(block, i8x16.splat(0x20))))
    if (stops != 0) return at + ctz(stops)
    at += 16
  }
  return 0
}

function endOfEscape(at: usize): usize {
  const kind: u32 = load<u8>(at)
  if (kind == 0x75) {
    for (let digit: usize = 1; digit <= 4; digit++) {
      const byte: u32 = load<u8>(at + digit)
      if (byte - zero > 9 && (byte | 0x20) - 0x61 > 5) return 0
    }
    return at + 5
  }
  // " \ / b f n r t
  if (kind == 0x22 || kind == 0x5c || kind == 0x2f || kind == 0x62 || kind == 0x66) return at + 1
  return kind == 0x6e || kind == 0x72 || kind == 0x74 ? at + 1 : 0
}

// @ts-ignore: decorator
@inline
function endOfScalar(at: usize, first: u32): usize {
  if (first == minus || first - zero <= 9) return endOfNumber(at)
  const word = load<u32>(at)
  // true, null, alse
  if (word == 0x65757274 || word == 0x6c6c756e) return at + 4
  return first == 0x66 && load<u32>(at + 1) == 0x65736c61 ? at + 5 : 0
}

function endOfNumber(start: usize): usize {
  const digits = <u32>load<u8>(start) == minus ? start + 1 : start
  let at = skipDigits(digits)
  const count = at - digits
  if (count == 0 || (count > 1 && <u32>load<u8>(digits) == zero)) return 0
  let byte: u32 = load<u8>(at)
  if (byte != 0x2e && (byte | 0x20) != 0x65) {
    if (count >= 16 && (count > 16 || isLarge(digits))) recordFlags |= hasLarge
    return at
  }
  if (byte == 0x2e) {
    const fraction = at + 1
    at = skipDigits(fraction)
    if (at == fraction) return 0
    byte = load<u8>(at)
  }
  if ((byte | 0x20) == 0x65) {
    byte = load<u8>(at + 1)
    const exponent = byte == 0x2b || byte == minus ? at + 2 : at + 1
    at = skipDigits(exponent)
    if (at == exponent) return 0
  }
  return at
}

// @ts-ignore: decorator
@inline
function skipDigits(from: usize): usize {
  let at = from
  while (<u32>load<u8>(at) - zero <= 9) at++
  return at
}

/** Whether 16 digits are beyond 2^53 - 1. */
function isLarge(at: usize): bool {
  let value: u64 = 0
  for (let index: usize = 0; index < 16; index++) value = value * 10 + (load<u8>(at + index) - 48)
  return value > 9007199254740991
}
