import type { Bytes } from '../core/bytes.ts'
import { type FieldValue, isFields } from './field-value.ts'
import { fieldsText } from './fields-text.ts'
import { parseJson } from './json/parse-json.ts'
import { LogEvent } from './log-event.ts'
import { createTextReader, type TextReader } from './presets/text/read-text.ts'
import { recordText } from './record-text.ts'

export interface LogReaderOptions {
  /** Longer records are cut, and tagged `_truncated`. Default 1 MiB. */
  readonly bytesMax?: number
  /** Zone of times that name none, by its IANA name or offset. Default UTC. */
  readonly zone?: string
  /** How lines are read. Default: by the presets. */
  readonly lines?: TextReader
}

/** Reads the records of an input topic the way of `format: auto`. One per partition: it remembers formats by source. */
export interface LogReader {
  /**
   * The events of a record: one for most, several where an envelope holds several. An empty list: the record is no text at
   * all. Never throws for what a record holds. `receivedMs` is Kafka's time, `source` what lines of one origin share.
   */
  read(record: Bytes | string, receivedMs: number, source: string): readonly LogEvent[]
}

const defaultBytesMax = 1024 * 1024
const lineEnd = /[\r\n]+$/

export function createLogReader(options: LogReaderOptions = {}): LogReader {
  const { bytesMax = defaultBytesMax, zone } = options
  const lines = options.lines ?? createTextReader(zone === undefined ? {} : { zone })
  return {
    read(record, receivedMs, source) {
      const decoded = recordText(typeof record === 'string' ? Buffer.from(record) : record, bytesMax)
      if (decoded === undefined) return []
      const { text, encoding, isCut } = decoded
      const events = jsonEvents(text, receivedMs, source) ?? [lineEvent(text, receivedMs, source, lines)]
      for (const event of events) {
        if (encoding !== 'utf-8') event.tag(`encoding:${encoding}`)
        if (isCut) event.tag('_truncated')
      }
      return events
    },
  }
}

/** The events of a record that is JSON: its objects, also those of a list. Undefined: it is none, or holds no object. */
function jsonEvents(text: string, receivedMs: number, source: string): readonly LogEvent[] | undefined {
  if (!/^\s*[{[]/.test(text)) return undefined
  const parsed = parseJson(text)
  const objects = parsed?.values.flatMap((value) => (Array.isArray(value) ? (value as FieldValue[]) : [value]))
  if (objects === undefined || objects.length === 0 || !objects.every(isFields)) return undefined
  return objects.map((fields) => {
    const event = new LogEvent(objects.length === 1 ? text : fieldsText(fields), receivedMs, source)
    event.fields = fields
    if (parsed?.isDeep === true) event.tag('_nested_deep')
    return event
  })
}

function lineEvent(text: string, receivedMs: number, source: string, lines: TextReader): LogEvent {
  const event = new LogEvent(text, receivedMs, source)
  const line = text.replace(lineEnd, '')
  const format = lines.read(event, line)
  if (format !== undefined) event.tag(`format:${format}`)
  else {
    event.fields.message ??= line
    event.tag('_parse_failure')
  }
  return event
}
