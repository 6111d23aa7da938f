import { dayStartMs } from '../../core/calendar.ts'
import { colon, isDigit, minus as dash, plus, point, zero } from '../../core/json/json-bytes.ts'

const letterT = 0x54
const letterZ = 0x5a
const clockLength = '2026-11-24T08:30:00'.length
const offsetLength = '+01:00'.length
const minuteMs = 60_000
let lastDate = -1
let lastDateMs = Number.NaN

/**
 * Epoch milliseconds of `2026-11-24T08:30:00.123Z`, with any fraction or none and Z or an offset such as +01:00, between
 * two places. NaN for all other forms. More than milliseconds is cut off, as by `Date.parse`.
 */
export function isoTimeAt(bytes: Uint8Array, start: number, end: number): number {
  if (end - start <= clockLength || bytes[start + 10] !== letterT) return Number.NaN
  if (bytes[start + 13] !== colon || bytes[start + 16] !== colon) return Number.NaN
  const hours = twoDigits(bytes, start + 11)
  const minutes = twoDigits(bytes, start + 14)
  const seconds = twoDigits(bytes, start + 17)
  if (!(hours < 24 && minutes < 60 && seconds < 60)) return Number.NaN
  let milliseconds = 0
  let at = start + clockLength
  if (bytes[at] === point) {
    at++
    let weight = 100
    const fraction = at
    for (; isDigit(bytes[at] as number) && at < end; at++) {
      milliseconds += weight >= 1 ? ((bytes[at] as number) - zero) * weight : 0
      weight /= 10
    }
    if (at === fraction) return Number.NaN
  }
  const clockMs = ((hours * 60 + minutes) * 60 + seconds) * 1000 + milliseconds
  return dateMs(bytes, start) + clockMs - offsetMs(bytes, at, end)
}

function offsetMs(bytes: Uint8Array, at: number, end: number): number {
  const sign = bytes[at]
  if (sign === letterZ) return at + 1 === end ? 0 : Number.NaN
  if ((sign !== plus && sign !== dash) || end - at !== offsetLength || bytes[at + 3] !== colon) return Number.NaN
  const hours = twoDigits(bytes, at + 1)
  const minutes = twoDigits(bytes, at + 4)
  if (!(hours < 24 && minutes < 60)) return Number.NaN
  return (hours * 60 + minutes) * (sign === dash ? -minuteMs : minuteMs)
}

/** Records come day by day: the last day is kept. */
function dateMs(bytes: Uint8Array, start: number): number {
  if (bytes[start + 4] !== dash || bytes[start + 7] !== dash) return Number.NaN
  const year = twoDigits(bytes, start) * 100 + twoDigits(bytes, start + 2)
  const month = twoDigits(bytes, start + 5)
  const day = twoDigits(bytes, start + 8)
  const date = (year * 100 + month) * 100 + day
  if (date !== lastDate) {
    lastDateMs = dayStartMs(year, month, day)
    lastDate = date
  }
  return lastDateMs
}

function twoDigits(bytes: Uint8Array, at: number): number {
  const tens = bytes[at] as number
  const ones = bytes[at + 1] as number
  return isDigit(tens) && isDigit(ones) ? (tens - zero) * 10 + ones - zero : Number.NaN
}
