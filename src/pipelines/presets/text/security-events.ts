import { type Fields, isFields, newFields } from '../../field-value.ts'
import type { Level } from '../../levels/level.ts'
import type { LogEvent } from '../../log-event.ts'
import { readCef } from '../../patterns/cef.ts'
import { readLeef } from '../../patterns/leef.ts'
import { parseTime } from '../../time/parse-time.ts'
import { attributesOf } from '../attributes.ts'

interface SecurityFormat {
  readonly name: 'cef' | 'leef'
  readonly start: string
  read(text: string, into: Fields): boolean
  /** Names of the extension, or of the header, of which the first that has a value is taken. */
  readonly message: readonly string[]
  readonly severity: string
  readonly time: readonly string[]
  readonly ip: readonly string[]
  readonly host: readonly string[]
  readonly user: readonly string[]
}

const formats: readonly SecurityFormat[] = [
  {
    name: 'cef',
    start: 'CEF:',
    read: readCef,
    message: ['msg', 'name'],
    severity: 'severity',
    time: ['rt', 'end', 'start'],
    ip: ['src', 'c6a2', 'sourceTranslatedAddress'],
    host: ['dvchost', 'deviceHostName', 'dvc'],
    user: ['suser', 'duser'],
  },
  {
    name: 'leef',
    start: 'LEEF:',
    read: readLeef,
    message: ['msg', 'eventId'],
    severity: 'sev',
    time: ['devTime'],
    ip: ['src'],
    host: ['identHostName', 'devName'],
    user: ['usrName'],
  },
]

/** From which severity, of 0 to 10, a level holds, in falling order; words are those of CEF. */
const levels: readonly (readonly [from: number, word: string, level: Level])[] = [
  [9, 'very-high', 'critical'],
  [7, 'high', 'error'],
  [4, 'medium', 'warn'],
  [0, 'low', 'info'],
]

/**
 * Reads an event of a security product, in the form of ArcSight (CEF) or QRadar (LEEF): its fields come before those of a
 * line around it. The name of its form; undefined where the text is none.
 */
export function readSecurityEvent(event: LogEvent, text: string, zone: string | undefined): string | undefined {
  const format = formats.find(({ start }) => text.startsWith(start))
  const read = newFields()
  if (format?.read(text, read) !== true) return undefined
  const extension = isFields(read.extension) ? read.extension : newFields()
  const value = (names: readonly string[]): string | undefined => {
    const name = names.find((one) => isText(extension[one])) ?? names.find((one) => isText(read[one]))
    return name === undefined ? undefined : ((extension[name] ?? read[name]) as string)
  }
  const { fields, receivedMs } = event
  const written = value(format.time)
  const time =
    written === undefined ? undefined : parseTime(written, { receivedMs, ...(zone === undefined ? {} : { zone }) })
  if (time !== undefined) fields.timestamp = time
  const level = levelOf(value([format.severity]))
  if (level !== undefined) fields.level ??= level
  set(fields, 'message', value(format.message) ?? text)
  set(fields, 'ip', value(format.ip))
  set(fields, 'host', value(format.host))
  set(fields, 'userId', value(format.user))
  set(fields, 'component', value(['product']))
  Object.assign(attributesOf(fields), read)
  return format.name
}

function isText(value: unknown): boolean {
  return typeof value === 'string' && value !== ''
}

function set(fields: Fields, name: string, value: string | undefined): void {
  if (value !== undefined) fields[name] ??= value
}

function levelOf(severity: string | undefined): Level | undefined {
  const word = severity?.trim().toLowerCase() ?? ''
  if (word === '') return undefined
  const number = Number(word)
  return levels.find(([from, name]) => word === name || number >= from)?.[2]
}
