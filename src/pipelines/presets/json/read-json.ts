import { fieldAt, removeFieldAt } from '../../field-path.ts'
import { type Fields, isFields } from '../../field-value.ts'
import { parseJson } from '../../json/parse-json.ts'
import { LogEvent } from '../../log-event.ts'
import type { TimeContext } from '../../time/time-context.ts'
import { anyPreset, type CompiledPreset, presetOf } from './json-presets.ts'
import { addOuterFields, setFields } from './set-fields.ts'

/** Reads a line of text into an event; the name of the preset that fitted, as `TextReader.read`. */
export type LineReader = (event: LogEvent, line: string) => string | undefined

export interface JsonReadingOptions {
  /** Of times that name no zone. */
  readonly zone?: string
}

/** Envelopes within envelopes: a collector's around a container's around a program's. */
const depthMax = 4

/**
 * Makes a parsed object the fields of an event: time, level, message and the others get the names of a document, what a
 * program wrote stays beside them. A line in it, or JSON, is read further. Gives the names of the presets that fitted,
 * from the outside in.
 */
export function readJson(
  event: LogEvent,
  fields: Fields,
  line: LineReader,
  options: JsonReadingOptions = {},
): readonly string[] {
  return readAs(event, fields, line, options, 1)
}

/**
 * JSON that stands inside of a line: its fields become fields of the event, before those of the line. False: the text is
 * no object, and the event is as it was.
 */
export function readJsonInside(event: LogEvent, text: string, line: LineReader, options: JsonReadingOptions): boolean {
  const values = parseJson(text)?.values
  if (values?.length !== 1 || !isFields(values[0])) return false
  const within = new LogEvent(text, event.receivedMs, event.source)
  readAs(within, values[0], line, options, 2)
  addOuterFields(within.fields, event.fields)
  Object.assign(event.fields, within.fields)
  for (const tag of within.tags) event.tag(tag)
  return true
}

/** Gives the fields of a record the names of a document, by the usual names; no line in it is read. */
export function nameFields(fields: Fields, context: TimeContext): void {
  // What a step has read comes before the time at which a shipper took the line.
  if (typeof fields.timestamp === 'number') delete fields['@timestamp']
  setFields(fields, anyPreset.places, undefined, context)
}

function readAs(
  event: LogEvent,
  fields: Fields,
  line: LineReader,
  options: JsonReadingOptions,
  depth: number,
): readonly string[] {
  const compiled = presetOf(fields)
  const { preset } = compiled
  event.fields = fields
  const context = { receivedMs: event.receivedMs, ...options }
  const hasLevel = setFields(fields, compiled.places, preset.levelScheme, context)
  const isRead = preset.holdsLine === true || !hasLevel
  const inner = depth < depthMax ? innerRecord(compiled, fields, isRead) : undefined
  if (inner !== undefined) {
    const names = readAs(event, inner, line, options, depth + 1)
    addOuterFields(event.fields, fields)
    const { message } = fields
    // An object beside its message: Google moves it to where the object stands.
    if (typeof message === 'string' && !objectStart.test(message)) event.fields.message ??= message
    return [preset.name, ...names]
  }
  const { message } = fields
  if (!isRead || typeof message !== 'string') return [preset.name]
  const within = new LogEvent(message.replace(lineEnd, ''), event.receivedMs, event.source)
  const format = line(within, within.original)
  event.fields = within.fields
  addOuterFields(event.fields, fields)
  for (const tag of within.tags) event.tag(tag)
  return format === undefined ? [preset.name] : [preset.name, format]
}

const lineEnd = /[\r\n]+$/
const objectStart = /^\s*\{/

/** The object inside of an envelope, or inside of its line; it is taken out of the envelope. */
function innerRecord({ inside }: CompiledPreset, fields: Fields, isRead: boolean): Fields | undefined {
  for (const path of inside) {
    const value = fieldAt(fields, path)
    if (!isFields(value)) continue
    removeFieldAt(fields, path)
    return value
  }
  const { message } = fields
  if (!isRead || typeof message !== 'string' || !objectStart.test(message)) return undefined
  const values = parseJson(message)?.values
  if (values?.length !== 1 || !isFields(values[0])) return undefined
  return values[0]
}
