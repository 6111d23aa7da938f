import { dayStartMs } from '../../core/calendar.ts'
import type { TimeContext } from './time-context.ts'
import { zoneOf } from './zones.ts'

const zero = 0x30
const dateLength = '2026-11-24'.length
const clockLength = '2026-11-24T08:30:00'.length
/** A fraction of nanoseconds with an offset, and more. */
const longest = 40
const minuteMs = 60_000
let lastDate = ''
let lastDateMs = Number.NaN

/**
 * Epoch milliseconds of `2026-11-24T08:30:00.123Z`, as most programs write it, between two places of a text: with a T or a
 * blank, dashes or slashes, any fraction or none, and Z, an offset, or the zone of the source. NaN for all other forms.
 * Logs come day by day: the last day is kept.
 */
export function isoMs(text: string, from: number, end: number, context: TimeContext): number {
  const length = end - from
  if (length < clockLength || length > longest) return Number.NaN
  const between = text.charCodeAt(from + 10)
  if (between !== 0x54 && between !== 0x20) return Number.NaN
  if (text.charCodeAt(from + 13) !== 0x3a || text.charCodeAt(from + 16) !== 0x3a) return Number.NaN
  const hours = twoDigits(text, from + 11)
  const minutes = twoDigits(text, from + 14)
  const seconds = twoDigits(text, from + 17)
  if (!(hours < 24 && minutes < 60 && seconds < 60)) return Number.NaN
  const clockMs = dateMs(text, from) + ((hours * 60 + minutes) * 60 + seconds) * 1000
  if (length === clockLength) return inZone(clockMs, context)
  const clockEnd = from + clockLength
  const mark = text.charCodeAt(clockEnd)
  if (mark !== 0x2e && mark !== 0x2c) return clockMs - offsetMs(text, clockEnd, end)
  return withFraction(text, clockEnd + 1, end, clockMs, context)
}

/** What is finer than a millisecond is cut off. */
function withFraction(text: string, from: number, end: number, clockMs: number, context: TimeContext): number {
  let milliseconds = 0
  let weight = 100
  let at = from
  for (; at < end; at++) {
    const digit = text.charCodeAt(at) - zero
    if (!(digit >= 0 && digit <= 9)) break
    if (weight >= 1) milliseconds += digit * weight
    weight /= 10
  }
  if (at === from) return Number.NaN
  const epochMs = clockMs + milliseconds
  return at === end ? inZone(epochMs, context) : epochMs - offsetMs(text, at, end)
}

function inZone(clockMs: number, { zone, receivedMs }: TimeContext): number {
  return (zone === undefined ? undefined : zoneOf(zone))?.toEpochMs(clockMs, receivedMs) ?? clockMs
}

/** `Z`, `+01:00`, `+0100`, `+01`, with a blank before it or without; NaN for all else. */
function offsetMs(text: string, from: number, end: number): number {
  let at = from
  if (text.charCodeAt(at) === 0x20) at++
  const sign = text.charCodeAt(at)
  if (sign === 0x5a && at + 1 === end) return 0
  if ((sign !== 0x2b && sign !== 0x2d) || at + 3 > end) return Number.NaN
  const hours = twoDigits(text, at + 1)
  at += 3
  if (at < end && text.charCodeAt(at) === 0x3a) at++
  const minutes = at === end ? 0 : at + 2 === end ? twoDigits(text, at) : Number.NaN
  const offset = hours <= 18 && minutes < 60 ? (hours * 60 + minutes) * minuteMs : Number.NaN
  return sign === 0x2d ? -offset : offset
}

function dateMs(text: string, from: number): number {
  if (lastDate === '' || !text.startsWith(lastDate, from)) {
    const separator = text.charCodeAt(from + 4)
    if ((separator !== 0x2d && separator !== 0x2f) || text.charCodeAt(from + 7) !== separator) return Number.NaN
    const year = twoDigits(text, from) * 100 + twoDigits(text, from + 2)
    lastDateMs = dayStartMs(year, twoDigits(text, from + 5), twoDigits(text, from + 8))
    lastDate = text.slice(from, from + dateLength)
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
