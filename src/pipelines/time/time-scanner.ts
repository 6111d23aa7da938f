import { Characters } from './characters.ts'
import { fullYear, orderedDayMs } from './date-order.ts'
import { isWeekday, monthOfName } from './month-names.ts'
import type { TimeContext } from './time-context.ts'
import { missing, TimeParts } from './time-parts.ts'
import { namedOffsetMs, zoneOf } from './zones.ts'

const [slash, dash, dot, colon, comma, plus] = [0x2f, 0x2d, 0x2e, 0x3a, 0x2c, 0x2b]
const [at, openBracket, closeBracket, openRound, closeRound] = [0x40, 0x5b, 0x5d, 0x28, 0x29]
const minuteMs = 60_000
const none = Number.NaN

/**
 * Reads a written time from its first character to its last, each once: a date, a clock, and what follows it (AM or PM,
 * zones, a year). One is used again and again.
 */
export class TimeScanner {
  readonly #text = new Characters()
  readonly #parts = new TimeParts()
  #context: TimeContext = { receivedMs: 0 }
  /** `24/11/26` and `1.2.2026` alone are no times: versions and addresses look like them. */
  #needsClock = false

  /** Epoch milliseconds; NaN where the text is no time. */
  read(text: string, context: TimeContext): number {
    this.#start(text, context)
    if (!this.#date()) return none
    if (this.#text.isAtEnd) {
      if (this.#needsClock || this.#parts.year === missing) return none
    } else if (!(this.#betweenDateAndClock() && this.#clock() && this.#rest())) return none
    return this.#parts.epochMs(context)
  }

  #start(text: string, context: TimeContext): void {
    this.#text.text = text
    this.#text.at = 0
    this.#context = context
    this.#parts.clear()
    this.#needsClock = false
  }

  #date(): boolean {
    if (!this.#text.isAtLetter) return this.#dateInDigits()
    const word = this.#text.word()
    if (!isWeekday(word)) return this.#dateAfterMonth(word)
    if (!this.#text.skip(comma)) this.#text.skip(dot)
    this.#text.skipBlanks()
    return this.#text.isAtLetter ? this.#dateAfterMonth(this.#text.word()) : this.#dateInDigits()
  }

  /** `Nov 24`, `Nov 24 2026`, `Nov 24, 2026`, `Nov-24-2026`. */
  #dateAfterMonth(name: string): boolean {
    const text = this.#text
    this.#parts.month = monthOfName(name) ?? missing
    text.skip(dot)
    if (!text.skipBlanks() && !text.skip(dash) && !text.skip(slash)) return false
    const count = text.digitsAhead()
    if (this.#parts.month === missing || count === 0 || count > 2) return false
    this.#parts.day = text.digits(count)
    const from = text.at
    if (!text.skip(comma) && !text.skip(dash)) text.skip(slash)
    text.skipBlanks()
    if (text.digitsAhead() === 4) this.#parts.year = text.digits(4)
    else text.at = from
    return true
  }

  #dateInDigits(): boolean {
    const text = this.#text
    const count = text.digitsAhead()
    if (count === 8) return this.#dateParts(text.digits(4), text.digits(2), text.digits(2))
    this.#needsClock = count === 6
    if (count === 6) return this.#dateParts(fullYear(text.digits(2)), text.digits(2), text.digits(2))
    if (count === 4) return this.#dateAfterFourDigits()
    return (count === 1 || count === 2) && this.#dateAfterTwoDigits(text.digits(count))
  }

  #dateParts(year: number, month: number, day: number): boolean {
    this.#parts.year = year
    this.#parts.month = month
    this.#parts.day = day
    return true
  }

  /** `2026-11-24`, `2026/11/24`, `2026.11.24`, `2026-Nov-24`, `2026 Nov 24`; klog's `1124 07:59:59`. */
  #dateAfterFourDigits(): boolean {
    const text = this.#text
    const high = text.digits(2)
    const low = text.digits(2)
    const separator = text.code
    const from = text.at
    if (text.skipBlanks()) {
      if (!text.isAtLetter) {
        text.at = from
        return this.#dateParts(missing, high, low)
      }
    } else if (separator === dash || separator === slash || separator === dot) text.at++
    else return false
    this.#parts.year = high * 100 + low
    this.#parts.month = this.#monthInDate()
    if (!(separator === text.code ? text.skip(separator) : text.skipBlanks())) return false
    this.#parts.day = this.#upToTwoDigits()
    return true
  }

  /** `24/Nov/2026`, `24 Nov 2026`, `24-Nov`, `11/24/2026`, `24.11.2026`, `26/11/24`, `11-24`. */
  #dateAfterTwoDigits(first: number): boolean {
    const text = this.#text
    const separator = text.code
    if (!text.skip(dash) && !text.skip(slash) && !text.skip(dot) && !text.skipBlanks()) return false
    if (text.isAtLetter) return this.#dateAfterDayAndMonth(first, separator)
    const second = this.#upToTwoDigits()
    if (!text.skip(separator)) return this.#dayAndMonth(first, second)
    const count = text.digitsAhead()
    if (count !== 2 && count !== 4) return false
    this.#needsClock = true
    const order = this.#context.order ?? (separator === dot ? 'day-first' : undefined)
    this.#parts.startMs = orderedDayMs(first, second, text.digits(count), count === 4, order, this.#context.receivedMs)
    return !Number.isNaN(this.#parts.startMs)
  }

  #dateAfterDayAndMonth(day: number, separator: number): boolean {
    const text = this.#text
    this.#parts.day = day
    this.#parts.month = monthOfName(text.word()) ?? missing
    text.skip(dot)
    const from = text.at
    if (!text.skip(separator)) text.skip(comma)
    text.skipBlanks()
    const count = text.digitsAhead()
    if (count === 4) this.#parts.year = text.digits(4)
    else if (count === 2 && text.codeAt(text.at + 2) !== colon) this.#parts.year = fullYear(text.digits(2))
    else text.at = from
    return true
  }

  #dayAndMonth(first: number, second: number): boolean {
    const isDayFirst = this.#context.order === 'day-first'
    this.#parts.month = isDayFirst ? second : first
    this.#parts.day = isDayFirst ? first : second
    return true
  }

  #monthInDate(): number {
    return this.#text.isAtLetter ? (monthOfName(this.#text.word()) ?? missing) : this.#upToTwoDigits()
  }

  /** -1 where no digit stands. */
  #upToTwoDigits(): number {
    const count = Math.min(this.#text.digitsAhead(), 2)
    return count === 0 ? missing : this.#text.digits(count)
  }

  #betweenDateAndClock(): boolean {
    const text = this.#text
    const from = text.at
    text.skip(comma)
    text.skipBlanks()
    if (text.isAtLetter) {
      const word = text.word()
      if (word !== 'T' && word !== 't' && word !== 'at') return false
    } else if (!text.skip(at) && text.at === from && !text.skip(colon) && !text.skip(dash)) return text.skip(0x5f)
    text.skipBlanks()
    return true
  }

  /** `07:59:59.123`, `07:59`, `7.59.59,123`, `075959`, `0759`. */
  #clock(): boolean {
    const text = this.#text
    const count = text.digitsAhead()
    if (count === 6 || count === 4) {
      this.#parts.hour = text.digits(2)
      this.#parts.minute = text.digits(2)
      if (count === 6) this.#parts.second = text.digits(2)
    } else {
      if (count !== 1 && count !== 2) return false
      this.#parts.hour = text.digits(count)
      const separator = text.code
      if (!text.skip(colon) && !text.skip(dot)) return false
      this.#parts.minute = this.#upToTwoDigits()
      if (!text.skip(separator)) return true
      this.#parts.second = this.#upToTwoDigits()
    }
    if (text.code === colon) return this.#milliseconds()
    if (text.skip(dot) || text.skip(comma)) this.#fraction()
    return true
  }

  /** `07:59:59:7` is seven milliseconds, `07:59:59:123456` a fraction. */
  #milliseconds(): boolean {
    this.#text.skip(colon)
    const count = this.#text.digitsAhead()
    if (count === 6) this.#fraction()
    else if (count === 0 || count > 3) return false
    else this.#parts.millisecond = this.#text.digits(count)
    return true
  }

  /** What is finer than a millisecond is cut off. */
  #fraction(): void {
    const text = this.#text
    const count = text.digitsAhead()
    const used = Math.min(count, 3)
    this.#parts.millisecond = text.digits(used) * (used === 1 ? 100 : used === 2 ? 10 : 1)
    text.at += count - used
  }

  /** AM or PM, zones and a year, in any order. */
  #rest(): boolean {
    const text = this.#text
    for (;;) {
      text.skipBlanks()
      if (text.isAtEnd) return true
      const isRead = text.isAtLetter
        ? this.#wordOfRest()
        : text.isAtDigit
          ? this.#yearOfRest()
          : this.#signOfRest(text.code)
      if (!isRead) return false
    }
  }

  #wordOfRest(): boolean {
    const text = this.#text
    const from = text.at
    const word = text.word()
    if (text.code === slash || text.code === 0x5f) return this.#region(from)
    if (this.#isHalfOfDay(word)) return true
    // The clock of Go's time.String: ` m=+0.000000001`.
    if (word === 'm' && text.skip(0x3d)) {
      text.at = text.text.length
      return true
    }
    const offsetMs = namedOffsetMs(word)
    if (offsetMs === undefined) return false
    // `-0800 PST`: the number is the offset.
    this.#parts.offsetMs ??= offsetMs
    return true
  }

  #isHalfOfDay(word: string): boolean {
    const text = this.#text
    const letter = word.charAt(0).toLowerCase()
    if (this.#parts.half !== undefined || (letter !== 'a' && letter !== 'p')) return false
    const isDotted = word.length === 1 && text.code === dot && (text.codeAt(text.at + 1) | 0x20) === 0x6d
    if (isDotted) {
      text.at += 2
      text.skip(dot)
    } else if (word.length !== 2 || word.charAt(1).toLowerCase() !== 'm') return false
    this.#parts.half = letter
    return true
  }

  /** `Europe/Berlin`, `America/Argentina/Buenos_Aires`. */
  #region(from: number): boolean {
    const text = this.#text
    while (text.isAtLetter || text.code === slash || text.code === 0x5f || text.code === dash) text.at++
    this.#parts.zone = text.text.slice(from, text.at)
    return zoneOf(this.#parts.zone) !== undefined
  }

  #yearOfRest(): boolean {
    if (this.#parts.year !== missing || this.#text.digitsAhead() !== 4) return false
    this.#parts.year = this.#text.digits(4)
    return true
  }

  #signOfRest(code: number): boolean {
    if (code === plus || code === dash || code === 0x2212) return this.#offset()
    if (code === openBracket) return this.#comment(closeBracket)
    return code === openRound && this.#comment(closeRound)
  }

  /** `+01:00`, `+0100`, `+01`, also after `UTC` or `GMT`. */
  #offset(): boolean {
    const text = this.#text
    const sign = text.code === plus ? 1 : -1
    text.at++
    const count = text.digitsAhead()
    if (count === 0 || count > 4 || count === 3) return false
    const hours = text.digits(Math.min(count, 2))
    let minutes = 0
    if (count === 4) minutes = text.digits(2)
    else if (text.skip(colon)) minutes = text.digitsAhead() === 2 ? text.digits(2) : 60
    this.#parts.offsetMs = sign * (hours * 60 + minutes) * minuteMs
    return hours <= 18 && minutes < 60
  }

  /** `[Europe/Berlin]` of Java, `(Central European Standard Time)` of JavaScript: the offset says more. */
  #comment(close: number): boolean {
    const text = this.#text
    const end = text.text.indexOf(String.fromCharCode(close), text.at)
    if (end < 0) return false
    const name = text.text.slice(text.at + 1, end)
    text.at = end + 1
    if (this.#parts.offsetMs !== undefined || this.#parts.zone !== undefined) return true
    this.#parts.offsetMs = namedOffsetMs(name)
    if (this.#parts.offsetMs === undefined && zoneOf(name) !== undefined) this.#parts.zone = name
    return true
  }
}
