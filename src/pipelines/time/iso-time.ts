import { dayStartMs } from './calendar.ts'

const zero = 0x30
const dateLength = '2026-11-24'.length
/** A fraction of nanoseconds, and more. */
const longest = 40
let lastDate = ''
let lastDateMs = Number.NaN

/**
 * Epoch milliseconds of `2026-11-24T08:30:00.123456Z`, as most programs write it: with a blank or a T, any fraction or
 * none, in UTC. NaN for all other forms. Logs come day by day: the last day is kept.
 */
export function isoMs(text: string): number {
  const { length } = text
  if (text.charCodeAt(length - 1) !== 0x5a || length < 20 || length > longest || text.charCodeAt(10) !== 0x54)
    return Number.NaN
  if (text.charCodeAt(13) !== 0x3a || text.charCodeAt(16) !== 0x3a) return Number.NaN
  const hours = twoDigits(text, 11)
  const minutes = twoDigits(text, 14)
  const seconds = twoDigits(text, 17)
  if (!(hours < 24 && minutes < 60 && seconds < 60)) return Number.NaN
  const milliseconds = length === 20 ? 0 : fractionMs(text, length - 1)
  return dateMs(text) + ((hours * 60 + minutes) * 60 + seconds) * 1000 + milliseconds
}

/** Of the digits from place 20 to the end; what is finer than a millisecond is cut off. */
function fractionMs(text: string, end: number): number {
  if (text.charCodeAt(19) !== 0x2e || end < 21) return Number.NaN
  let milliseconds = 0
  for (let at = 20; at < Math.max(end, 23); at++) {
    const digit = at < end ? digitAt(text, at) : 0
    if (Number.isNaN(digit)) return digit
    if (at < 23) milliseconds = milliseconds * 10 + digit
  }
  return milliseconds
}

function dateMs(text: string): number {
  if (lastDate === '' || !text.startsWith(lastDate)) {
    if (text.charCodeAt(4) !== 0x2d || text.charCodeAt(7) !== 0x2d) return Number.NaN
    const year = twoDigits(text, 0) * 100 + twoDigits(text, 2)
    lastDateMs = dayStartMs(year, twoDigits(text, 5), twoDigits(text, 8))
    lastDate = text.slice(0, dateLength)
  }
  return lastDateMs
}

function twoDigits(text: string, at: number): number {
  return digitAt(text, at) * 10 + digitAt(text, at + 1)
}

/** NaN for what is no digit. */
function digitAt(text: string, at: number): number {
  const digit = text.charCodeAt(at) - zero
  return digit >= 0 && digit <= 9 ? digit : Number.NaN
}
