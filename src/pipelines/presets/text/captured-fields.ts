import { type Fields, type FieldValue, isFields } from '../../field-value.ts'
import { parseJson } from '../../json/parse-json.ts'
import { type Level, levelOf, levelOfNumber } from '../../levels/level.ts'
import type { LogEvent } from '../../log-event.ts'
import { parseTime } from '../../time/parse-time.ts'
import { attributesOf } from '../attributes.ts'
import { durationMs } from './duration.ts'
import { readKeyValues } from '../../patterns/key-values.ts'
import { facilityOf } from './facilities.ts'
import type { CompiledPattern } from './compile-preset.ts'
import type { TextPreset } from './preset.ts'
import { readStructuredData } from './structured-data.ts'

/**
 * Gathers what a line's patterns captured, and sets the event's fields once all of it fits. One is used again and again.
 * What the event has already, from an envelope around the text, stays.
 */
export class CapturedFields {
  #preset: TextPreset | undefined
  readonly #values = new Map<string, string>()
  #members: Fields | undefined

  start(preset: TextPreset): void {
    this.#preset = preset
    this.#values.clear()
    this.#members = undefined
  }

  add({ names }: CompiledPattern, match: RegExpExecArray): void {
    for (let index = 0; index < names.length; index++) {
      const value = match[index + 1]
      if (value !== undefined) this.#values.set(names[index] as string, value)
    }
  }

  get(name: string): string | undefined {
    return this.#values.get(name)
  }

  /** The level that the line names; undefined where it names none. */
  level(): Level | undefined {
    const word = this.#values.get('level')
    if (word !== undefined) return this.#preset?.levels?.[word] ?? levelOf(word)
    const number = this.#values.get('severityNumber') ?? this.#values.get('priority')
    return number === undefined ? undefined : levelOfNumber('syslog', Number(number) & 7)
  }

  /** Whether what should be an object of JSON is one, or the line has none. */
  readJson(): boolean {
    const text = this.#values.get('json')
    if (text === undefined) return true
    const members = parseJson(text)?.values[0]
    if (isFields(members)) this.#members = members
    return this.#members !== undefined
  }

  /** Epoch milliseconds; undefined where it is none. */
  time(receivedMs: number, zone: string | undefined): number | undefined {
    const written = this.writtenTime()
    if (written === undefined) return undefined
    const named = this.#values.get('zone')
    const text = named === undefined ? written : `${written} ${named}`
    const order = this.#preset?.dateOrder
    return parseTime(usualForm(text), {
      receivedMs,
      ...(zone === undefined ? {} : { zone }),
      ...(order === undefined ? {} : { order }),
    })
  }

  writtenTime(): string | undefined {
    const date = this.#values.get('date')
    return date === undefined ? this.#values.get('time') : `${date} ${this.#values.get('clock') ?? ''}`
  }

  /** Sets all fields but time, level and message, which the reader decides. */
  setOthers(event: LogEvent): void {
    const { fields } = event
    for (const [name, value] of this.#values) this.#set(fields, name, value)
    if (this.#members === undefined) return
    const attributes = attributesOf(fields)
    for (const name in this.#members) attributes[name] ??= this.#members[name] as FieldValue
  }

  message(): string | undefined {
    const template = this.#preset?.message
    if (template === undefined) return this.#values.get('message') ?? this.#values.get('payload')
    return template
      .replace(/\{(\w+)\}/g, (_, name: string) => this.#values.get(name) ?? '')
      .replace(/ {2,}/g, ' ')
      .trim()
  }

  #set(fields: Fields, name: string, value: string): void {
    const text = value.trim()
    if (name in silent || text === '' || text === '-') return
    const set = setters[name]
    if (set === undefined) attributesOf(fields)[name] ??= text
    else set(fields, text)
  }
}

/** Captures that the reader itself uses, or that say nothing more than it knows. */
const silent: Readonly<Record<string, true>> = {
  time: true,
  level: true,
  message: true,
  inner: true,
  payload: true,
  json: true,
  version: true,
  date: true,
}

const setters: Readonly<Record<string, (fields: Fields, text: string) => void>> = {
  host: (fields, text) => (fields.host ??= text),
  component: (fields, text) => (fields.component ??= text),
  addresses: (fields, text) => (fields.ip ??= bareAddress(firstPublic(text.match(/[^\s,"]+/g) ?? []))),
  ip: (fields, text) => (fields.ip ??= bareAddress(text)),
  status: (fields, text) => setNumber(fields, 'statusCode', Number(text), 100),
  durationMs: (fields, text) => setNumber(fields, 'durationMs', Number(text), 0),
  durationS: (fields, text) => setNumber(fields, 'durationMs', rounded(Number(text) * 1000), 0),
  durationUs: (fields, text) => setNumber(fields, 'durationMs', Number(text) / 1000, 0),
  duration: (fields, text) => setNumber(fields, 'durationMs', durationMs(text) ?? Number.NaN, 0),
  priority: (fields, text) => {
    attributesOf(fields).facility ??= facilityOf(Number(text) >> 3)
  },
  structured: (fields, text) => readStructuredData(text, attributesOf(fields)),
  pairs: (fields, text) => readKeyValues(text, attributesOf(fields)),
}

function setNumber(fields: Fields, name: string, value: number, least: number): void {
  if (value >= least) fields[name] ??= value
}

/** Seconds with a fraction times 1000, without the noise of binary fractions. */
function rounded(value: number): number {
  return Math.round(value * 1e6) / 1e6
}

const privateAddress = /^(?:10\.|127\.|169\.254\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.|::1$|f[cd]|fe80)/i

/** Of a client and the proxies it came through: the first that is not of a private network, or the first. */
function firstPublic(addresses: readonly string[]): string {
  if (addresses.length === 1) return addresses[0] as string
  const found = addresses.find((address) => /^[\d.]+$|:/.test(address) && !privateAddress.test(address))
  return found ?? addresses[0] ?? ''
}

const dashedMonth = /^([A-Z][a-z]{2})-(\d{2})-(\d{2}) /
const colonDate = /^(\d{4}):(\d{2}):(\d{2})-/

/** Forms that one program alone writes, as others write them. */
function usualForm(text: string): string {
  if (text.includes('\t')) return text.replace('\t', ' ')
  if (dashedMonth.test(text)) return text.replace(dashedMonth, '$1 $2 20$3 ')
  return text.charCodeAt(4) === 0x3a ? text.replace(colonDate, '$1-$2-$3 ') : text
}

/** Without the name of an interface, and IPv4 as such. */
function bareAddress(text: string): string {
  const percent = text.indexOf('%')
  const address = percent < 0 ? text : text.slice(0, percent)
  const bare = /^::ffff:(\d{1,3}(?:\.\d{1,3}){3})$/i.exec(address)?.[1] ?? address
  return /^\[([^\]]*)\]/.exec(bare)?.[1] ?? bare
}
