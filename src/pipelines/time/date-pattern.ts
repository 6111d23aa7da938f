import { Characters } from './characters.ts'
import { fullYear } from './date-order.ts'
import { epochOf } from './epoch.ts'
import { isWeekday, monthOfName } from './month-names.ts'
import { parseTime } from './parse-time.ts'
import { patternParts, type PatternPart } from './pattern-parts.ts'
import type { TimeContext } from './time-context.ts'
import { missing, TimeParts } from './time-parts.ts'
import { namedOffsetMs, zoneOf } from './zones.ts'

/** Reads times of one written form. Undefined where the text has another. */
export type DatePattern = (text: string, context: TimeContext) => number | undefined

const named: Readonly<Record<string, DatePattern>> = {
  auto: parseTime,
  ISO8601: parseTime,
  UNIX: (text) => scaled(text, 1000),
  UNIX_MS: (text) => scaled(text, 1),
  UNIX_US: (text) => epochOf(text),
  UNIX_NS: (text) => epochOf(text),
  TAI64N: parseTime,
}

function scaled(text: string, factor: number): number | undefined {
  const value = text.trim() === '' ? Number.NaN : Number(text)
  return Number.isFinite(value) ? Math.floor(value * factor + 0.001) : undefined
}

/**
 * A pattern of the date step: as Logstash writes it (`dd/MMM/yyyy:HH:mm:ss Z`, `UNIX_MS`, `ISO8601`), as Vector and Fluent
 * Bit do (`%d/%b/%Y:%H:%M:%S %z`), or `auto`. Called when a pipeline is loaded; throws a TypeError that names what in the
 * pattern means nothing.
 */
export function datePattern(pattern: string): DatePattern {
  const known = named[pattern]
  if (known !== undefined && Object.hasOwn(named, pattern)) return known
  const parts = patternParts(pattern)
  return (text, context) => {
    reader.start(text)
    if (!parts.every((part) => reader.take(part)) || !reader.isAtEnd) return undefined
    const epochMs = reader.parts.epochMs(context)
    return Number.isNaN(epochMs) ? undefined : epochMs
  }
}

class PatternReader {
  readonly parts = new TimeParts()
  readonly #text = new Characters()

  start(text: string): void {
    this.parts.clear()
    this.#text.text = text
    this.#text.at = 0
  }

  get isAtEnd(): boolean {
    this.#text.skipBlanks()
    return this.#text.isAtEnd
  }

  /** Whether the part stands next. */
  take(part: PatternPart): boolean {
    if (part.kind === 'literal') return this.#literal(part.text)
    if (part.kind === 'blank') return this.#text.skipBlanks()
    if (part.kind === 'number') return this.#number(part)
    return this[part.kind]()
  }

  #literal(text: string): boolean {
    if (!this.#text.text.startsWith(text, this.#text.at)) return false
    this.#text.at += text.length
    return true
  }

  #number({ field, widthMin, widthMax }: Extract<PatternPart, { kind: 'number' }>): boolean {
    const text = this.#text
    if (widthMin === 1) text.skipBlanks()
    const count = Math.min(text.digitsAhead(), widthMax)
    if (count < widthMin) return false
    const value = text.digits(count)
    if (field === 'shortYear') this.parts.year = count > 2 ? value : fullYear(value)
    else if (field === 'epochSecond') this.parts.sinceEpochMs = value * 1000
    else if (field === 'fraction') this.parts.millisecond = Math.floor(value / 10 ** (count - 3))
    else this.parts[field] = value
    return true
  }

  month(): boolean {
    this.parts.month = monthOfName(this.#text.word()) ?? missing
    this.#text.skip(0x2e)
    return this.parts.month !== missing
  }

  weekday(): boolean {
    return isWeekday(this.#text.word())
  }

  half(): boolean {
    const word = this.#text.word().toLowerCase()
    if (word !== 'am' && word !== 'pm') return false
    this.parts.half = word === 'am' ? 'a' : 'p'
    return true
  }

  zone(): boolean {
    const text = this.#text
    const from = text.at
    while (!text.isAtEnd && text.code !== 0x20 && text.code !== 0x5d && text.code !== 0x29) text.at++
    const name = text.text.slice(from, text.at)
    this.parts.offsetMs = namedOffsetMs(name)
    if (this.parts.offsetMs === undefined) this.parts.zone = name
    return zoneOf(name) !== undefined
  }
}

const reader = new PatternReader()
