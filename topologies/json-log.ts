import type { LogError, LogFields, LogRecord } from '../schemas/log-record.ts'
import { checkTypes, refuse } from './input-policy.ts'
import { isoTime } from './parsing/iso-time.ts'
import { JsonMembers, type MemberType } from './parsing/json-members.ts'

/** The fields of a log that enrichment writes. */
const changeable = {
  timestamp: 'text-or-number',
  level: 'text',
  message: 'text',
  service: 'text',
  error: 'object',
  dataClass: 'any',
  tags: 'any',
  priority: 'any',
  geo: 'any',
  owner: 'any',
  tier: 'any',
} as const satisfies Readonly<Record<string, MemberType>>

/** The others whose type is known. */
const constant = {
  component: 'text',
  host: 'text',
  hostname: 'text',
  environment: 'text',
  correlationId: 'text',
  sessionId: 'text',
  userId: 'text',
  traceId: 'text',
  spanId: 'text',
  ip: 'text',
  eventId: 'text',
  durationMs: 'number',
  statusCode: 'number',
  attributes: 'object',
} as const satisfies Readonly<Record<string, MemberType>>

const fields = { ...changeable, ...constant }
const slots = slotsOf(fields)
/** By slot: what stands before the value of one more member. */
const nextMembers = Object.keys(changeable).map((name) => `,"${name}":`)

/** The index of a field in `FieldChanges`. */
export const changeSlots = slotsOf(changeable)

/** JSON by slot; undefined: as the log has it. */
export type FieldChanges = (string | undefined)[]

export function noChanges(): FieldChanges {
  return nextMembers.map(() => undefined)
}

function slotsOf<Name extends string>(named: Readonly<Record<Name, MemberType>>): Readonly<Record<Name, number>> {
  return Object.fromEntries(Object.keys(named).map((name, slot) => [name, slot])) as Record<Name, number>
}

const members = new JsonMembers(fields)

const quote = 0x22
const zero = 0x30
const shortDigits = 9
const letterN = 0x6e
const usualTimeLength = '"2026-11-24T08:30:00.000Z"'.length

/**
 * A structured log over its JSON: what enrichment reads is read, all the rest stays text. Numbers and escapes stay as
 * they were written, so that nothing of them is lost.
 */
export class JsonLog implements LogFields {
  readonly timestamp: number | string | undefined
  readonly level: string | undefined
  readonly message: string | undefined
  readonly service: string | undefined
  readonly component: string | undefined
  readonly host: string | undefined
  readonly hostname: string | undefined
  readonly environment: string | undefined
  readonly sessionId: string | undefined
  readonly userId: string | undefined
  readonly ip: string | undefined
  readonly eventId: string | undefined
  readonly durationMs: number | undefined
  readonly statusCode: number | undefined
  readonly error: LogError | undefined
  /** The JSON of the log as it came. */
  readonly text: string
  /** Of each field that may change, in their order: its slot, and where its value begins and ends. */
  readonly #places: readonly number[]

  /** Of the object that was scanned last. */
  private constructor(text: string) {
    this.text = text
    this.#places = placesFound()
    this.timestamp = timeAt(text)
    this.level = textAt(text, slots.level)
    this.message = textAt(text, slots.message)
    this.service = textAt(text, slots.service)
    this.component = textAt(text, slots.component)
    this.host = textAt(text, slots.host)
    this.hostname = textAt(text, slots.hostname)
    this.environment = textAt(text, slots.environment)
    this.sessionId = textAt(text, slots.sessionId)
    this.userId = textAt(text, slots.userId)
    this.ip = textAt(text, slots.ip)
    this.eventId = textAt(text, slots.eventId)
    this.durationMs = numberAt(text, slots.durationMs)
    this.statusCode = numberAt(text, slots.statusCode)
    this.error = errorAt(text)
  }

  /** Bytes that are valid UTF-8, and their text. Throws BROKEN_JSON and WRONG_TYPE. */
  static parse(bytes: Uint8Array, text: string): JsonLog {
    return members.scan(bytes) ? new JsonLog(text) : JsonLog.of(parsed(text))
  }

  /** Throws WRONG_TYPE. */
  static of(record: LogRecord): JsonLog {
    checkTypes(record)
    const text = JSON.stringify(record)
    if (!members.scan(Buffer.from(text), true)) throw refuse('BROKEN_JSON', 'the log record is nested too deep')
    return new JsonLog(text)
  }

  /** The log as JSON, with what has changed in place of its own fields or after them: JSON by slot. */
  textWith(changes: FieldChanges): string {
    const text = this.text
    const places = this.#places
    let written = ''
    let from = 0
    let replaced = 0
    for (let index = 0; index < places.length; index += 3) {
      const slot = places[index] as number
      const change = changes[slot]
      if (change === undefined) continue
      written += text.slice(from, places[index + 1]) + change
      from = places[index + 2] as number
      replaced |= 1 << slot
    }
    written += text.slice(from, -1)
    for (let slot = 0; slot < changes.length; slot++) {
      const change = changes[slot]
      if (change === undefined || (replaced & (1 << slot)) !== 0) continue
      written += written.length === 1 ? (nextMembers[slot] as string).slice(1) : nextMembers[slot]
      written += change
    }
    return `${written}}`
  }
}

function parsed(text: string): LogRecord {
  try {
    return JSON.parse(text) as LogRecord
  } catch {
    // The engine's own message quotes the record, which may hold secrets.
    throw refuse('BROKEN_JSON', 'the value of a log record is not valid JSON')
  }
}

function placesFound(): readonly number[] {
  const { order, starts, ends, count } = members
  const places: number[] = []
  for (let index = 0; index < count; index++) {
    const slot = order[index] as number
    if (slot < nextMembers.length) places.push(slot, starts[slot] as number, ends[slot] as number)
  }
  return places
}

/** Where the value of a field begins; -1 where there is none, or null. */
function startOf(text: string, slot: number): number {
  const start = members.starts[slot] as number
  return start >= 0 && text.charCodeAt(start) === letterN ? -1 : start
}

function textAt(text: string, slot: number): string | undefined {
  const start = startOf(text, slot)
  if (start < 0) return undefined
  const end = members.ends[slot] as number
  return members.isEscaped[slot] === 1 ? (JSON.parse(text.slice(start, end)) as string) : text.slice(start + 1, end - 1)
}

function numberAt(text: string, slot: number): number | undefined {
  const start = startOf(text, slot)
  if (start < 0) return undefined
  const end = members.ends[slot] as number
  return end - start > shortDigits ? Number(text.slice(start, end)) : shortNumber(text, start, end)
}

/** Most are whole and small. */
function shortNumber(text: string, start: number, end: number): number {
  let value = 0
  for (let at = start; at < end; at++) {
    const digit = text.charCodeAt(at) - zero
    if (!(digit >= 0 && digit <= 9)) return Number(text.slice(start, end))
    value = value * 10 + digit
  }
  return value
}

/** The usual form is read where it stands. */
function timeAt(text: string): number | string | undefined {
  const start = startOf(text, slots.timestamp)
  if (start < 0) return undefined
  if (text.charCodeAt(start) !== quote) return numberAt(text, slots.timestamp)
  const isUsual = (members.ends[slots.timestamp] as number) - start === usualTimeLength
  const timeMs = isUsual ? isoTime(text, start + 1) : Number.NaN
  return Number.isNaN(timeMs) ? textAt(text, slots.timestamp) : timeMs
}

function errorAt(text: string): LogError | undefined {
  const start = startOf(text, slots.error)
  return start < 0 ? undefined : (JSON.parse(text.slice(start, members.ends[slots.error])) as LogError)
}
