import { isAlphanumeric, isDigit } from '../characters.ts'
import type { Span } from './detector.ts'
import type { NumberRun } from './number-run.ts'

/** First and last prefix of an issuer, of six digits, and how long its numbers are. */
const issuers: readonly (readonly [first: number, last: number, lengths: readonly number[]])[] = [
  [400000, 499999, [13, 16]], // Visa
  [510000, 559999, [16]], // Mastercard
  [222100, 272099, [16]],
  [340000, 349999, [15]], // American Express
  [370000, 379999, [15]],
  [300000, 305999, [14]], // Diners Club
  [309500, 309599, [14]],
  [360000, 369999, [14]],
  [380000, 399999, [14]],
  [601100, 601199, [16]], // Discover
  [622126, 622925, [16]],
  [644000, 659999, [16]],
  [352800, 358999, [16]], // JCB
  [620000, 629999, [16, 17, 18, 19]], // UnionPay
  [220000, 220499, [16]], // Mir
  [979200, 979299, [16]], // Troy
  [501800, 501899, [16]], // Maestro
  [502000, 502099, [16]],
  [503800, 503899, [16]],
  [589300, 589399, [16]],
  [630400, 630499, [16]],
  [675900, 676399, [16]],
]

/** How the digits are grouped, where they are; longer ones first. */
const groupings: readonly (readonly number[])[] = [
  [4, 4, 4, 4, 3],
  [4, 4, 4, 4],
  [4, 6, 5],
  [4, 6, 4],
]

/** Names of identifiers and times: a number behind one of them is no card, whatever its checksum says. */
const otherName =
  /(?:time|stamp|nano|micro|milli|date|offset|flow_?id|trace_?id|span_?id|session_?id|request_?id|thread_?id|process_?id|block_?id|sequence|seq|serial|hash|ext|blk|uuid|version|size|bytes|count)["']?\s*[=:]\s*["']?$/i
const nameMost = 40

/** Whether a card's number begins with this group of the run. */
export function findCard(text: string, run: NumberRun, group: number, span: Span): boolean {
  const start = run.starts[group] as number
  const last = lastGroupOf(text, run, group)
  if (last < 0) return false
  const end = run.ends[last] as number
  if (!standsAlone(text, start, end) || !hasChecksum(text, start, end)) return false
  if (!isCardNumber(text.slice(start, end).replace(/\D/g, ''))) return false
  if (otherName.test(text.slice(Math.max(0, start - nameMost), start))) return false
  span.start = start
  span.end = end
  return true
}

/** Digits only: the issuer's range and length, and Luhn's checksum. */
export function isCardNumber(digits: string): boolean {
  const prefix = Number(digits.slice(0, 6))
  const fits = issuers.some(
    ([first, last, lengths]) => prefix >= first && prefix <= last && lengths.includes(digits.length),
  )
  if (!fits) return false
  // Ids that are filled up with noughts fit by chance.
  return hasChecksum(digits, 0, digits.length) && !digits.includes('00000000')
}

/** Luhn's, of the digits of a part of a text; most numbers are refused by it, so that no slice is made of them. */
function hasChecksum(text: string, start: number, end: number): boolean {
  let sum = 0
  let isDoubled = false
  for (let at = end - 1; at >= start; at--) {
    const digit = text.charCodeAt(at) - 0x30
    if (digit < 0 || digit > 9) continue
    const counted = isDoubled ? digit * 2 : digit
    sum += counted > 9 ? counted - 9 : counted
    isDoubled = !isDoubled
  }
  return sum % 10 === 0
}

/** -1: the groups from here on are not those of a card. */
function lastGroupOf(text: string, run: NumberRun, group: number): number {
  const length = run.lengthOf(group)
  if (length >= 13) return length <= 19 ? group : -1
  if (length !== 4) return -1
  const separator = text.charCodeAt(run.ends[group] as number)
  if (separator !== 0x20 && separator !== 0x2d) return -1
  for (const lengths of groupings) {
    if (isGrouped(text, run, group, lengths, separator)) return group + lengths.length - 1
  }
  return -1
}

function isGrouped(
  text: string,
  run: NumberRun,
  group: number,
  lengths: readonly number[],
  separator: number,
): boolean {
  for (let index = 0; index < lengths.length; index++) {
    if (run.lengthOf(group + index) !== lengths[index]) return false
    if (index > 0 && text.charCodeAt((run.starts[group + index] as number) - 1) !== separator) return false
  }
  return true
}

/** No part of a longer word or of a decimal number, no piece of a UUID. */
function standsAlone(text: string, start: number, end: number): boolean {
  const before = text.charCodeAt(start - 1)
  if (isAlphanumeric(before) && !isEscape(text, start - 1)) return false
  if (before === 0x5f || before === 0x2e) return false
  // `blk_-4…`, `b66c-4…`, `amount=-4…`.
  if (before === 0x2d && start > 1 && text.charCodeAt(start - 2) !== 0x20) return false
  const after = text.charCodeAt(end)
  if (isAlphanumeric(after) || after === 0x5f) return false
  const afterNext = text.charCodeAt(end + 1)
  if (after === 0x2e && isDigit(afterNext)) return false
  return !(after === 0x2d && isAlphanumeric(afterNext))
}

/** The letter of `\n`. */
function isEscape(text: string, at: number): boolean {
  return text.charCodeAt(at - 1) === 0x5c && 'nrt'.includes(text.charAt(at))
}
