import type { Bytes } from '../core/bytes.ts'
import { type Fields, type FieldValue, isFields, newFields } from './field-value.ts'
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
      const event = new LogEvent(text, receivedMs, source)
      if (encoding !== 'utf-8') event.tag(`encoding:${encoding}`)
      if (isCut) event.tag('_truncated')
      readRecord(event, lines)
      return [event]
    },
  }
}

function readRecord(event: LogEvent, lines: TextReader): void {
  const parsed = /^\s*\{/.test(event.original) ? parsedJson(event.original) : undefined
  if (parsed !== undefined) {
    event.fields = parsed
    return
  }
  const line = event.original.replace(lineEnd, '')
  const format = lines.read(event, line)
  if (format !== undefined) event.tag(`format:${format}`)
  else {
    event.fields.message ??= line
    event.tag('_parse_failure')
  }
}

function parsedJson(text: string): Fields | undefined {
  try {
    const value = plain(JSON.parse(text) as FieldValue)
    return isFields(value) ? value : undefined
  } catch {
    return undefined
  }
}

function plain(value: FieldValue): FieldValue {
  if (Array.isArray(value)) return value.map(plain)
  if (!isFields(value)) return value
  const fields = newFields()
  for (const [name, member] of Object.entries(value)) fields[name] = plain(member)
  return fields
}
