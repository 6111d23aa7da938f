import type { Level } from '../../levels/level.ts'
import type { LogEvent } from '../../log-event.ts'
import { attributesOf } from '../attributes.ts'
import { CapturedFields } from './captured-fields.ts'
import { clientAddress } from './client-address.ts'
import { withoutColors } from './colors.ts'
import type { CompiledFamily, CompiledPattern, CompiledPreset } from './compile-preset.ts'
import { readLogfmt } from './logfmt.ts'
import type { TextPreset } from './preset.ts'
import { readSecurityEvent } from './security-events.ts'
import { W3cLines } from './w3c-lines.ts'
import { familiesOf, presetTable, type PresetTable } from './text-presets.ts'

/** How lines are read. */
export interface TextReaderOptions {
  /** Zone of times that name none, by its IANA name or offset. Default UTC. */
  readonly zone?: string
  /** Names of the presets or of groups of them, such as `syslog`, that lines may be of. Default: all. */
  readonly formats?: readonly string[]
  /** Reads JSON that stands inside of a line; false where it is none. */
  readonly readJson?: (event: LogEvent, text: string) => boolean
}

/** Reads lines of plain text into events. One for each partition: it remembers which preset fitted last. */
export interface TextReader {
  /**
   * Sets fields of the event from a line, or from text inside of a record; what the event has already stays. The name of
   * the preset that fitted; undefined where none did, the text is the message then. Takes time linear in the text.
   */
  read(event: LogEvent, text: string): string | undefined
}

/** Longer lines are matched by their head only; what follows belongs to the message. */
const headMax = 2048
const longHeadMax = 8192
/** A line in a line in a line: CRI around syslog around JSON. */
const depthMax = 3
const sourcesMax = 1000
const parseFailure = '_parse_failure'

export function createTextReader(options: TextReaderOptions = {}): TextReader {
  const reader = new LineReader(options)
  return { read: (event, text) => reader.read(event, text, 0) }
}

/** Shared by all readers: their expressions are used for one line after another. */
const allPresets = presetTable()

/** A line on its way through the presets. */
interface Line {
  readonly event: LogEvent
  readonly text: string
  /** What the patterns see, and what those of families of long lines see. */
  readonly head: string
  readonly longHead: string
  /** So many lines are around it. */
  readonly depth: number
}

class LineReader {
  readonly #options: TextReaderOptions
  readonly #table: PresetTable
  readonly #captured = new CapturedFields()
  readonly #w3c = new W3cLines()
  /** By source the preset that fitted last. */
  readonly #hints = new Map<string, CompiledPreset>()

  constructor(options: TextReaderOptions) {
    this.#options = options
    this.#table = options.formats === undefined ? allPresets : presetTable(options.formats)
  }

  read(event: LogEvent, given: string, depth: number): string | undefined {
    // A line inside of a line has lost its colors with it.
    const whole = depth === 0 ? withoutColors(given) : given
    const text = whole.trim()
    const security = this.#table === allPresets ? readSecurityEvent(event, text, this.#options.zone) : undefined
    if (security !== undefined) return security
    const line = { event, text, head: upTo(headMax, text), longHead: upTo(longHeadMax, text), depth }
    if (depth === 0 && this.#w3c.read(event, text)) return 'w3c'
    const fitted = this.#hinted(line) ?? this.#fitting(line)
    if (fitted !== undefined) return fitted.preset.name
    if (this.#table === allPresets && readLogfmt(event, text, this.#options.zone)) return 'logfmt'
    // The blanks in front of a line tell that it continues a stack trace.
    event.fields.message ??= whole.trimEnd()
    setAddress(event, text)
    return undefined
  }

  /** The family that fitted last is tried first, and in it that preset, unless others before it may fit better. */
  #hinted(line: Line): CompiledPreset | undefined {
    const hint = line.depth === 0 ? this.#hints.get(line.event.source) : undefined
    if (hint === undefined) return undefined
    const lead = matched(hint.family.lead, headOf(line, hint.family))
    if (lead === undefined) return undefined
    if (hint.preset.isLoose !== true && this.#fits(hint, lead, line)) return hint
    return this.#inFamily(hint.family, lead, line)
  }

  #fitting(line: Line): CompiledPreset | undefined {
    for (const family of familiesOf(this.#table, line.head)) {
      const lead = matched(family.lead, headOf(line, family))
      const fitted = lead === undefined ? undefined : this.#inFamily(family, lead, line)
      if (fitted !== undefined) return fitted
    }
    return undefined
  }

  #inFamily(family: CompiledFamily, lead: RegExpExecArray | 'none', line: Line): CompiledPreset | undefined {
    const fitted = family.presets.find((preset) => this.#fits(preset, lead, line))
    if (fitted !== undefined && line.depth === 0 && family.isSure) this.#remember(line.event.source, fitted)
    return fitted
  }

  #remember(source: string, preset: CompiledPreset): void {
    if (this.#hints.size >= sourcesMax) this.#hints.clear()
    this.#hints.set(source, preset)
  }

  /** Whether the line is as the preset says; sets the fields of the event if so. */
  #fits({ preset, pattern, family }: CompiledPreset, lead: RegExpExecArray | 'none', line: Line): boolean {
    pattern.expression.lastIndex = lead === 'none' ? 0 : lead[0].length
    const match = pattern.expression.exec(headOf(line, family))
    if (match === null) return false
    const captured = this.#captured
    captured.start(preset)
    if (lead !== 'none' && family.lead !== undefined) captured.add(family.lead, lead)
    captured.add(pattern, match)
    const written = captured.writtenTime()
    if (preset.time?.test(written ?? '') === false) return false
    const time = captured.time(line.event.receivedMs, this.#options.zone)
    // A lead is sure to be a time: what follows it is read, even where the time is impossible.
    if (time === undefined && written !== undefined && lead === 'none') return false
    const level = captured.level()
    if (level === undefined && captured.get('level') !== undefined) return false
    if (!captured.readJson()) return false
    this.#set(preset, time, level, line, headOf(line, family).length)
    return true
  }

  #set(preset: TextPreset, time: number | undefined, level: Level | undefined, line: Line, seen: number): void {
    const { event, text, depth } = line
    const { fields } = event
    const captured = this.#captured
    const written = captured.writtenTime()
    if (time !== undefined) fields.timestamp ??= time
    else if (written !== undefined) {
      attributesOf(fields).time ??= written
      event.tag(parseFailure)
    }
    captured.setOthers(event)
    const message = captured.message()
    const inner = captured.get('inner')
    const payload = captured.get('payload')
    const rest = text.slice(seen)
    // From here on `captured` may hold what stands inside of the line.
    if (inner !== undefined && depth < depthMax) this.#readInner(event, inner + rest, depth)
    if (level !== undefined) fields.level ??= level
    fields.message ??= message === undefined ? text : preset.message === undefined ? message + rest : message
    if (payload !== undefined && depth < depthMax) this.read(event, payload, depth + 1)
    if (preset.message === undefined) setAddress(event, text)
    preset.readMore?.(fields, text, event.receivedMs)
  }

  #readInner(event: LogEvent, text: string, depth: number): void {
    if (text.startsWith('{') && this.#options.readJson?.(event, text) === true) return
    this.read(event, text, depth + 1)
  }
}

function upTo(length: number, text: string): string {
  return text.length > length ? text.slice(0, length) : text
}

function headOf(line: Line, family: CompiledFamily): string {
  return family.isLong ? line.longHead : line.head
}

/** What a family's lead found at the beginning; `none` where the family has no lead, undefined where it does not fit. */
function matched(lead: CompiledPattern | undefined, head: string): RegExpExecArray | 'none' | undefined {
  if (lead === undefined) return 'none'
  lead.expression.lastIndex = 0
  return lead.expression.exec(head) ?? undefined
}

function setAddress({ fields }: LogEvent, line: string): void {
  if (fields.ip !== undefined) return
  const { message } = fields
  const text = typeof message === 'string' ? message : line
  const address = clientAddress(text) ?? (line.endsWith(text) ? clientAddress(line.slice(0, -text.length)) : undefined)
  if (address !== undefined) fields.ip = address
}
