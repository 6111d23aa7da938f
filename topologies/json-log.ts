import { type FieldValue, type LogError, logFields, type ReadField, type WrittenField } from '../schemas/log-fields.ts'
import { isoMs, levelOf } from '../src/pipelines/index.ts'
import type { JsonMembers, MemberType } from './parsing/json-members.ts'

type FieldName = keyof typeof logFields

const names = Object.keys(logFields) as readonly FieldName[]
const isWritten = (name: FieldName): name is WrittenField => 'isWritten' in logFields[name]
const writtenNames = names.filter(isWritten)
/** Those that enrichment writes have the first slots. */
const ordered = [...writtenNames, ...names.filter((name) => !isWritten(name))]

/** What the scan of a `JsonLog` looks for, by slot. */
export const logMembers: Readonly<Record<string, MemberType>> = Object.fromEntries(
  ordered.map((name) => [name, logFields[name].type]),
)
const slots = slotsOf(ordered)
/** By slot: what stands before the value of one more member. */
const nextMembers = writtenNames.map((name) => `,"${name}":`)

/** The index of a field in `FieldChanges`. */
export const changeSlots = slotsOf(writtenNames)

/** JSON by slot; undefined: as the log has it. */
export type FieldChanges = (string | undefined)[]

export function noChanges(): FieldChanges {
  return nextMembers.map(() => undefined)
}

function slotsOf<Name extends string>(named: readonly Name[]): Readonly<Record<Name, number>> {
  return Object.fromEntries(named.map((name, slot) => [name, slot])) as Record<Name, number>
}

const quote = 0x22
const zero = 0x30
const shortDigits = 9
const letterN = 0x6e
const letterZ = 0x5a
/** Of a time with its zone. */
const anyContext = Object.freeze({ receivedMs: 0 })

const noTags: readonly string[] = []

/** A log without one of these does not compile. */
type ReadFields = { readonly [Name in ReadField]: FieldValue<Name> | undefined }

/**
 * A structured log over its JSON: what enrichment reads is read, all the rest stays text. Numbers and escapes stay as
 * they were written, so that nothing of them is lost.
 */
export class JsonLog implements ReadFields {
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
  readonly route: string | undefined
  readonly durationMs: number | undefined
  readonly statusCode: number | undefined
  readonly error: LogError | undefined
  /** Names of the rules of redaction that found something in it. */
  readonly redacted: readonly string[]
  /** It has only the fields of a log document, and no object or list in them. */
  readonly isFlat: boolean
  /** The JSON of the log, redacted. */
  readonly text: string
  /** Of each field that may change, in their order: its slot, and where its value begins and ends. */
  readonly #places: readonly number[]

  /** `scan` has found the `logMembers` in the bytes of this text last. Nothing of it is held. */
  constructor(text: string, scan: JsonMembers, redacted: readonly string[]) {
    this.text = text
    this.redacted = redacted
    this.isFlat = scan.isFlat
    this.#places = placesIn(scan)
    this.timestamp = timeAt(scan, text)
    this.level = textAt(scan, text, slots.level)
    this.message = textAt(scan, text, slots.message)
    this.service = textAt(scan, text, slots.service)
    this.component = textAt(scan, text, slots.component)
    this.host = textAt(scan, text, slots.host)
    this.hostname = textAt(scan, text, slots.hostname)
    this.environment = textAt(scan, text, slots.environment)
    this.sessionId = textAt(scan, text, slots.sessionId)
    this.userId = textAt(scan, text, slots.userId)
    this.ip = textAt(scan, text, slots.ip)
    this.eventId = textAt(scan, text, slots.eventId)
    this.route = textAt(scan, text, slots.route)
    this.durationMs = numberAt(scan, text, slots.durationMs)
    this.statusCode = numberAt(scan, text, slots.statusCode)
    this.error = errorAt(scan, text)
  }

  /** The tags that the log itself has. */
  get tags(): readonly string[] {
    const places = this.#places
    for (let index = 0; index < places.length; index += 3) {
      if (places[index] !== changeSlots.tags) continue
      return tagsOf(JSON.parse(this.text.slice(places[index + 1], places[index + 2])))
    }
    return noTags
  }

  /** Whether the log itself has the field. */
  says(slot: number): boolean {
    const places = this.#places
    for (let index = 0; index < places.length; index += 3) if (places[index] === slot) return true
    return false
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

const oldestMs = Date.UTC(1980)

/**
 * Whether a log says what the fleet's own logs say, in their way: nothing of it has to be looked for. Any other goes
 * through a pipeline, which takes longer and finds the same in logs of this shape.
 */
export function isOwnShape(log: JsonLog): boolean {
  if (typeof log.timestamp !== 'number' || !(log.timestamp > oldestMs)) return false
  const isNamed = log.service !== undefined || log.component !== undefined
  return isNamed && log.message !== undefined && log.level !== undefined && levelOf(log.level) !== undefined
}

/** Tags of any form as texts: pairs are written `name:value`. */
function tagsOf(tags: unknown): readonly string[] {
  if (tags === null) return noTags
  if (Array.isArray(tags)) return tags.map(tagText)
  if (typeof tags === 'object') return Object.entries(tags).map(([name, tag]) => `${name}:${tagText(tag)}`)
  return [tagText(tags)]
}

function tagText(tag: unknown): string {
  return typeof tag === 'string' ? tag : JSON.stringify(tag)
}

function placesIn(scan: JsonMembers): readonly number[] {
  const { order, count } = scan
  const places: number[] = []
  for (let index = 0; index < count; index++) {
    const slot = order[index] as number
    if (slot < nextMembers.length) places.push(slot, scan.start(slot), scan.end(slot))
  }
  return places
}

/** Where the value of a field begins; -1 where there is none, or null. */
function startOf(scan: JsonMembers, text: string, slot: number): number {
  const start = scan.start(slot)
  return start >= 0 && text.charCodeAt(start) === letterN ? -1 : start
}

function textAt(scan: JsonMembers, text: string, slot: number): string | undefined {
  const start = startOf(scan, text, slot)
  if (start < 0) return undefined
  const end = scan.end(slot)
  return scan.isEscaped(slot) ? (JSON.parse(text.slice(start, end)) as string) : text.slice(start + 1, end - 1)
}

function numberAt(scan: JsonMembers, text: string, slot: number): number | undefined {
  const start = startOf(scan, text, slot)
  if (start < 0) return undefined
  const end = scan.end(slot)
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

/** A time in UTC, as most programs write it, is read where it stands. */
function timeAt(scan: JsonMembers, text: string): number | string | undefined {
  const start = startOf(scan, text, slots.timestamp)
  if (start < 0) return undefined
  if (text.charCodeAt(start) !== quote) return numberAt(scan, text, slots.timestamp)
  const end = scan.end(slots.timestamp) - 1
  const timeMs = text.charCodeAt(end - 1) === letterZ ? isoMs(text, start + 1, end, anyContext) : Number.NaN
  return Number.isNaN(timeMs) ? textAt(scan, text, slots.timestamp) : timeMs
}

function errorAt(scan: JsonMembers, text: string): LogError | undefined {
  const start = startOf(scan, text, slots.error)
  return start < 0 ? undefined : (JSON.parse(text.slice(start, scan.end(slots.error))) as LogError)
}
