import { ExactNumber, type Fields, type FieldValue, isFields } from '../field-value.ts'
import { fieldsText } from '../fields-text.ts'
import { type Level, levelOf, levelOfAnyNumber, levelOfNumber, type LevelScheme } from '../levels/level.ts'
import { epochOf } from '../time/epoch.ts'
import { parseTime } from '../time/parse-time.ts'
import type { TimeContext } from '../time/time-context.ts'

type Value = FieldValue | undefined

/** Text of a text, a number or a boolean; undefined for all else and for empty text. */
export function textIn(value: Value): string | undefined {
  if (typeof value === 'string') return value === '' ? undefined : value
  if (value instanceof ExactNumber) return value.text
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined
}

/**
 * The message of a text, or of an object that has one. `isMain`: any object there is the message, as its JSON. journald
 * writes bytes where a message is no UTF-8.
 */
export function messageIn(value: FieldValue, isMain: boolean): string | undefined {
  if (Array.isArray(value)) return isBytes(value) ? Buffer.from(value).toString() : undefined
  if (!isFields(value)) return typeof value === 'boolean' ? undefined : textIn(value)
  const inside = value.text ?? value.message ?? value.msg ?? value.stringValue
  if (typeof inside === 'string') return inside
  return isMain ? fieldsText(value) : undefined
}

function isBytes(value: readonly FieldValue[]): value is readonly number[] {
  return value.length > 0 && value.every((byte) => typeof byte === 'number' && byte >= 0 && byte <= 255)
}

const decimal = /^\s*-?\d{1,15}(?:\.\d{1,15})?\s*$/

/** A number, also one that was written as text. */
export function numberIn(value: Value): number | undefined {
  if (typeof value === 'number') return value
  if (value instanceof ExactNumber) return value.valueOf()
  return typeof value === 'string' && decimal.test(value) ? Number(value) : undefined
}

const dayAlone = /^\s*\d{4}-\d\d-\d\d\s*$/

/**
 * Epoch milliseconds of a time as loggers write it: text, number, or an object of seconds and nanoseconds. A day alone is
 * no time of an event: programs write it of orders and bills.
 */
export function timeIn(value: Value, context: TimeContext): number | undefined {
  if (typeof value === 'string') return dayAlone.test(value) ? undefined : parseTime(value, context)
  if (typeof value === 'number' || value instanceof ExactNumber) return epochOf(value)
  return isFields(value) ? timeInObject(value, context) : undefined
}

/** Protobuf, log4j, MongoDB, loguru, Monolog. */
function timeInObject(value: Fields, context: TimeContext): number | undefined {
  const seconds = numberIn(value.seconds ?? value.epochSecond)
  if (seconds !== undefined) {
    const nanoseconds = numberIn(value.nanos ?? value.nanoseconds ?? value.nanoOfSecond) ?? 0
    return epochOf(seconds * 1000 + Math.floor(nanoseconds / 1e6))
  }
  const inside = value.$date ?? value.$numberLong ?? value.timestamp ?? value.date
  return isFields(inside) || inside === undefined
    ? isFields(inside)
      ? timeInObject(inside, context)
      : undefined
    : timeIn(inside, context)
}

/** The level of a word, a number of the scheme, an object that names one, or the first of a list. */
export function levelIn(value: Value, scheme: LevelScheme | undefined): Level | undefined {
  if (Array.isArray(value))
    return levelIn(
      value.find((item: FieldValue) => levelIn(item, scheme) !== undefined),
      scheme,
    )
  if (isFields(value)) return levelIn(value.name ?? value.level ?? value.no, scheme)
  const number = scheme === undefined && typeof value === 'string' ? undefined : numberIn(value)
  if (number === undefined) return typeof value === 'string' ? levelOf(value) : undefined
  return scheme === undefined ? levelOfAnyNumber(number) : levelOfNumber(scheme, number)
}

const portBehind = /^(?:\[([\dA-Fa-f:.]+)\]|(\d{1,3}(?:\.\d{1,3}){3})|([\dA-Fa-f:]*:[\dA-Fa-f:.]*))(?::\d{1,5})?$/

/** An address without its port; the first of several. */
export function addressIn(value: Value): string | undefined {
  const first = Array.isArray(value) ? (value[0] as Value) : value
  if (typeof first !== 'string' || first.length > 1024) return undefined
  const comma = first.indexOf(',')
  const parts = portBehind.exec((comma < 0 ? first : first.slice(0, comma)).trim())
  return parts === null ? undefined : (parts[1] ?? parts[2] ?? parts[3])
}

/** Of a unit, in milliseconds. */
const units: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  μs: 1e-3,
  ms: 1,
  s: 1000,
  sec: 1000,
  m: 60_000,
  min: 60_000,
  h: 3_600_000,
}

const durationPart = /^(\d{1,15}(?:\.\d{1,15})?)\s?(ns|us|µs|μs|ms|sec|s|min|m|h)/

/** Milliseconds of a number in the unit, or of text such as `12.5ms` or `1m30s`. */
export function durationIn(value: Value, unitMs: number | undefined): number | undefined {
  const number = numberIn(value)
  if (number !== undefined) return unitMs === undefined || number < 0 ? undefined : rounded(number * unitMs)
  if (typeof value !== 'string' || value.length > 64) return undefined
  let rest = value.trim()
  let milliseconds = 0
  while (rest !== '') {
    const part = durationPart.exec(rest)
    if (part === null) return undefined
    milliseconds += Number(part[1]) * (units[part[2] as string] as number)
    rest = rest.slice(part[0].length)
  }
  return value.trim() === '' ? undefined : rounded(milliseconds)
}

/** To a nanosecond: 0.0023 seconds are 2.3 milliseconds. */
function rounded(milliseconds: number): number {
  return Math.round(milliseconds * 1e6) / 1e6
}
