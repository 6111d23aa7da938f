import { isUtf8 } from 'node:buffer'
import { errorMessage } from '../../core/errors.ts'
import type { HttpRefusal } from '../../core/http-refusal.ts'
import type { RefusalReason } from '../tally.ts'
import { arrayItems } from './array-items.ts'

/** How a body of logs is written. */
type BodyForm = 'lines of JSON' | 'JSON' | 'lines of text'

/** A record of a body that is not taken. */
export interface RefusedRecord {
  /** The number of the line or item, from 1. */
  readonly record: number
  readonly reason: RefusalReason
  readonly text: string
}

export interface BodyRecords {
  /** Views of the body. */
  readonly taken: readonly Uint8Array[]
  readonly refused: readonly RefusedRecord[]
}

const forms: Readonly<Record<string, BodyForm>> = Object.freeze({
  'application/x-ndjson': 'lines of JSON',
  'application/ndjson': 'lines of JSON',
  'application/jsonl': 'lines of JSON',
  'application/json': 'JSON',
  'text/plain': 'lines of text',
})

const newline = 0x0a
const carriageReturn = 0x0d
const openBrace = 0x7b
/** More in one request is refused: each is counted and may be named. */
const recordsMax = 100_000

/** How the body is to be read; a refusal for another type. */
export function bodyFormOf(contentType: string | undefined): BodyForm | HttpRefusal {
  const type = (contentType ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? ''
  return (
    forms[type] ?? {
      status: 415,
      reason: `content-type ${JSON.stringify(type)}: send one of ${Object.keys(forms).join(', ')}`,
    }
  )
}

/** Splits a body into records, each checked; a refusal where the whole body cannot be used. */
export function recordsOf(body: Buffer, form: BodyForm, recordBytesMax: number): BodyRecords | HttpRefusal {
  const items = form === 'JSON' ? itemsOf(body) : linesOf(body)
  if ('status' in items) return items
  if (items.length > recordsMax) return { status: 413, reason: `more than ${recordsMax} records: send them in parts` }
  const taken: Uint8Array[] = []
  const refused: RefusedRecord[] = []
  for (const [index, bytes] of items.entries()) {
    if (bytes.length === 0) continue
    const fault = faultOf(bytes, form, recordBytesMax)
    if (fault === undefined) taken.push(bytes)
    else refused.push({ record: index + 1, ...fault })
  }
  if (taken.length === 0 && refused.length === 0) return { status: 400, reason: 'the body holds no record' }
  return { taken, refused }
}

function faultOf(
  bytes: Uint8Array,
  form: BodyForm,
  recordBytesMax: number,
): Pick<RefusedRecord, 'reason' | 'text'> | undefined {
  if (bytes.length > recordBytesMax)
    return { reason: 'too-large', text: `${bytes.length} bytes: at most ${recordBytesMax} are taken` }
  if (form === 'lines of text') return undefined
  if (bytes[0] !== openBrace) return { reason: 'not-json', text: 'not an object of JSON' }
  // An item of a list has been read with the list.
  if (form === 'JSON') return undefined
  const text = textOf(bytes)
  return text === undefined ? undefined : { reason: 'not-json', text }
}

/** What is wrong with a text that should be JSON, without the text, in which there may be a secret. */
function textOf(bytes: Uint8Array): string | undefined {
  if (!isUtf8(bytes)) return 'not UTF-8'
  try {
    JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString())
    return undefined
  } catch (error) {
    const position = /position \d+/.exec(errorMessage(error))?.[0]
    return position === undefined ? 'not JSON: it ends too early' : `not JSON at ${position}`
  }
}

/** A list has its items, anything else is one. */
function itemsOf(body: Buffer): readonly Uint8Array[] | HttpRefusal {
  const text = textOf(body)
  if (text !== undefined)
    return { status: 400, reason: `the body is ${text}: send JSON, or lines of it as application/x-ndjson` }
  return arrayItems(body)
}

function linesOf(body: Buffer): readonly Uint8Array[] {
  const lines: Uint8Array[] = []
  for (let start = 0; start < body.length && lines.length <= recordsMax; ) {
    const found = body.indexOf(newline, start)
    const end = found < 0 ? body.length : found
    lines.push(body.subarray(start, end > start && body[end - 1] === carriageReturn ? end - 1 : end))
    start = end + 1
  }
  return lines
}
