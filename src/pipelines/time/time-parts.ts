import { clockMs, dayMs, dayStartMs } from '../../core/calendar.ts'
import type { TimeContext } from './time-context.ts'
import { zoneOf } from './zones.ts'

const none = Number.NaN
/** Of a year, month or day that was not read; whole numbers, for speed. */
export const missing = -1

/** What was read of a time, and what it is. One is used again and again: `clear` comes first. */
export class TimeParts {
  /** The start of the day, where the order of its numbers is known with the year only. */
  startMs = none
  /** The whole time without its fraction, where the text counts the seconds since 1970. */
  sinceEpochMs = none
  year = missing
  month = missing
  day = missing
  hour = 0
  minute = 0
  second = 0
  millisecond = 0
  /** Undefined: the text names none. */
  offsetMs: number | undefined
  /** The name of a zone that has rules. */
  zone: string | undefined
  /** `a` or `p`: the hour is one of 12. */
  half: 'a' | 'p' | undefined

  clear(): void {
    this.startMs = this.sinceEpochMs = none
    this.year = this.month = this.day = missing
    this.hour = this.minute = this.second = this.millisecond = 0
    this.offsetMs = this.zone = this.half = undefined
  }

  /** Epoch milliseconds; NaN for a day or a time that does not exist. */
  epochMs(context: TimeContext): number {
    if (!Number.isNaN(this.sinceEpochMs)) return this.sinceEpochMs + this.millisecond
    const sinceMidnightMs = clockMs(this.#hourOfDay(), this.minute, this.second, this.millisecond)
    if (!Number.isNaN(this.startMs)) return this.#inZone(this.startMs + sinceMidnightMs, context)
    if (this.year === missing) return this.#inLatestYear(sinceMidnightMs, context)
    return this.#inZone(dayStartMs(this.year, this.month, this.day) + sinceMidnightMs, context)
  }

  #hourOfDay(): number {
    if (this.half === undefined) return this.hour
    if (this.hour < 1 || this.hour > 12) return none
    return (this.hour % 12) + (this.half === 'p' ? 12 : 0)
  }

  #inZone(clock: number, context: TimeContext): number {
    if (Number.isNaN(clock)) return none
    const epochMs = this.#epochOf(clock, context)
    // A leap second is the last of a day in UTC.
    return this.second === 60 && epochMs - this.millisecond !== Math.floor(epochMs / dayMs) * dayMs ? none : epochMs
  }

  #epochOf(clock: number, context: TimeContext): number {
    if (this.zone === undefined && this.offsetMs !== undefined) return clock - this.offsetMs
    const name = this.zone ?? context.zone
    const zone = name === undefined ? undefined : zoneOf(name)
    return zone === undefined ? clock : zone.toEpochMs(clock, context.receivedMs)
  }

  /** The latest year in which the time is not in the future; a clock may be a day ahead, as clocks of other zones are. */
  #inLatestYear(sinceMidnightMs: number, context: TimeContext): number {
    const nextYear = yearOf(context.receivedMs) + 1
    // Nine years: a 29th of February.
    for (let year = nextYear; year > nextYear - 10; year--) {
      const epochMs = this.#inZone(dayStartMs(year, this.month, this.day) + sinceMidnightMs, context)
      if (epochMs <= context.receivedMs + dayMs) return epochMs
    }
    return none
  }
}

let lastYear = 1970
let lastYearStartMs = 0

/** Times of receipt come year by year: the last one is kept. */
function yearOf(epochMs: number): number {
  const sinceStartMs = epochMs - lastYearStartMs
  if (!(sinceStartMs >= 0 && sinceStartMs < 365 * dayMs)) {
    lastYear = new Date(epochMs).getUTCFullYear()
    lastYearStartMs = dayStartMs(lastYear, 1, 1)
  }
  return lastYear
}
