import { type FieldPath, fieldAt, removeFieldAt } from '../../field-path.ts'
import { ExactNumber, type Fields, type FieldValue, isFields } from '../../field-value.ts'
import { stackNames } from '../../json/error-values.ts'
import { timeIn } from '../../json/lenient-values.ts'
import type { LevelScheme } from '../../levels/level.ts'
import type { TimeContext } from '../../time/time-context.ts'
import { attributesOf } from '../attributes.ts'
import { copiedNames } from './json-preset.ts'
import { rendered, templateNames } from './message-template.ts'
import { PlaceValues } from './place-values.ts'
import { type PlaceTable, targets } from './places.ts'

const values = new PlaceValues()
/** Fields of a document that are text: an object there is kept in the attributes. */
const textNames = [
  'level',
  'service',
  'component',
  'host',
  'hostname',
  'ip',
  'environment',
  'userId',
  'sessionId',
  'eventId',
]
/** Members that hold nothing but the message; all others keep their value as well. */
const messageNames: ReadonlySet<string> = new Set(
  'message msg log @m @message MESSAGE Message short_message textPayload body Body RenderedMessage event text'.split(
    ' ',
  ),
)
/** So too of errors, which are long. */
const errorNames: ReadonlySet<string> = new Set([
  ...'err exception Exception exc_info throwable thrown @x _exception'.split(' '),
  ...stackNames,
])

/**
 * Gives the fields of a record the names of a document. Time, message and error are moved, so that they are not kept
 * twice; all others keep their own name too. Whether the record has a level.
 */
export function setFields(
  fields: Fields,
  table: PlaceTable,
  scheme: LevelScheme | undefined,
  context: TimeContext,
): boolean {
  values.find(fields, table, scheme, context)
  moveObjectsAside(fields)
  setTime(fields, context)
  setMessage(fields)
  setError(fields)
  for (const name of copiedNames) {
    const found = name === 'error' ? undefined : values.get(name)
    if (found !== undefined) fields[name] = found.value
  }
  const duration = values.get('durationMs')?.value ?? sinceStart()
  if (duration !== undefined) fields.durationMs = duration
  const level = values.get('level')
  if (level !== undefined) fields.level = level.value
  else if (fields.level !== undefined && fields.level !== null) moveAside(fields, 'level')
  return level !== undefined
}

/** What comes with an envelope: fields that the record inside has too are those of the record inside. */
export function addOuterFields(fields: Fields, outer: Fields): void {
  for (const name in outer) {
    const value = outer[name] as FieldValue
    if (name === 'message' || name === 'attributes') continue
    if (fields[name] === undefined) fields[name] = value
    else if (!documentNames.has(name) && fields[name] !== value) putAside(fields, name, value)
  }
  const { attributes } = outer
  if (isFields(attributes)) for (const name in attributes) putAside(fields, name, attributes[name] as FieldValue)
}

const documentNames: ReadonlySet<string> = new Set(['timestamp', ...targets])

function moveObjectsAside(fields: Fields): void {
  for (const name of textNames) {
    const value = fields[name]
    // The numbers of events say what kind they are, not which.
    const isOther = typeof value === 'object' ? value !== null && !(value instanceof ExactNumber) : false
    if (isOther || (name === 'eventId' && typeof value === 'number')) moveAside(fields, name)
  }
}

function setTime(fields: Fields, context: TimeContext): void {
  const time = values.get('time')
  if (time === undefined) {
    const googleMs = timeIn({ seconds: fields.timestampSeconds ?? null, nanos: fields.timestampNanos ?? 0 }, context)
    if (googleMs !== undefined) fields.timestamp = googleMs
    return
  }
  const isOwnName = time.path.text === 'timestamp'
  const written = fieldAt(fields, time.path)
  if (isOwnName ? isFiner(written) : fields.timestamp !== undefined) moveAside(fields, 'timestamp')
  if (!isOwnName && !isFiner(written)) removeFieldAt(fields, time.path)
  fields.timestamp = time.value
}

function sinceStart(): number | undefined {
  const started = values.get('started')?.value
  const time = values.get('time')?.value
  return typeof started === 'number' && typeof time === 'number' && time >= started ? time - started : undefined
}

const finerText = /\d[.,]\d{3}0*[1-9]/

/** Whether a time says more than milliseconds. */
function isFiner(value: FieldValue | undefined): boolean {
  if (typeof value === 'string') return finerText.test(value)
  if (value instanceof ExactNumber) return true
  if (typeof value === 'number')
    return value >= 1e14 || (value < 1e11 && !Number.isInteger(Math.round(value * 1e6) / 1e3))
  return isFields(value)
}

function setMessage(fields: Fields): void {
  const message = values.get('message')
  if (message === undefined) return
  const { path } = message
  let text = message.value as string
  const name = path.names[path.names.length - 1] as string
  if (templateNames.has(name)) text = rendered(text, fields)
  if (typeof fields.message === 'object' && fields.message !== null) moveAside(fields, 'message')
  else if (messageNames.has(name) && path.text !== 'message' && typeof fieldAt(fields, path) !== 'object') {
    removeFieldAt(fields, path)
  }
  if (path.text !== 'message' && fields.message !== undefined) moveAside(fields, 'message')
  fields.message = text
}

function setError(fields: Fields): void {
  const found = values.get('error')
  if (found === undefined) {
    if (fields.error !== undefined && fields.error !== null) moveAside(fields, 'error')
    return
  }
  const { path, value } = found
  const error = value as Fields
  if (path.names.length === 1 && errorNames.has(path.text)) removeFieldAt(fields, path)
  if (error.stack === undefined) addStack(error, fields, path)
  fields.error = error
}

/** A stack that is a member of the record itself. */
function addStack(error: Fields, fields: Fields, { text }: FieldPath): void {
  for (const name of stackNames) {
    const stack = fields[name]
    if (typeof stack !== 'string' || name === text) continue
    error.stack = stack
    delete fields[name]
    return
  }
}

function moveAside(fields: Fields, name: string): void {
  const value = fields[name] as FieldValue
  delete fields[name]
  putAside(fields, name, value)
}

/** Into the attributes. A name that is taken there keeps its value. */
function putAside(fields: Fields, name: string, value: FieldValue): void {
  attributesOf(fields)[name] ??= value
}
