import type { Bytes } from '../core/bytes.ts'
import type { PipelineFormat } from './definition.ts'
import type { Fields, FieldValue } from './field-value.ts'
import { fieldsText } from './fields-text.ts'
import { parseJson } from './json/parse-json.ts'
import { setStatusLevel } from './levels/status-level.ts'
import { linesOfRecord } from './lines-of-record.ts'
import { LogEvent } from './log-event.ts'
import { octetCounted } from './patterns/octet-counted.ts'
import { type LineReader, nameFields, readJson, readJsonInside } from './presets/json/read-json.ts'
import { recordList } from './presets/json/record-list.ts'
import { createTextReader, type TextReader } from './presets/text/read-text.ts'
import { RecordBudget } from './record-budget.ts'
import { recordText } from './record-text.ts'

/** How records are read. */
export interface LogReaderOptions {
  /** Longer records are cut, and tagged `_truncated`. Default 1 MiB. */
  readonly bytesMax?: number
  /** Zone of times that name none, by its IANA name or offset. Default UTC. */
  readonly zone?: string
  /** As `PipelineDefinition.format`. Default `auto`. */
  readonly format?: PipelineFormat
}

/** Reads the records of an input topic. One per partition: it remembers formats by source. */
export interface LogReader {
  /**
   * The events of a record: one for most, several where an envelope holds several. An empty list: the record is no text at
   * all. Never throws for what a record holds. `receivedMs` is Kafka's time, `source` what lines of one origin share.
   */
  read(record: Bytes | string, receivedMs: number, source: string): readonly LogEvent[]
  /** After the steps: gives fields that were read with `format: none` the names of a document. */
  finish(event: LogEvent): void
}

const defaultBytesMax = 1024 * 1024
const lineEnd = /[\r\n]+$/

/** Reads records of any logger or shipper; it keeps which format each source had last. */
export function createLogReader(options: LogReaderOptions = {}): LogReader {
  const { bytesMax = defaultBytesMax } = options
  const zone = options.zone === undefined ? {} : { zone: options.zone }
  const isPlain = options.format === 'none'
  const readText: LineReader = (event, text) => lines.read(event, text)
  const lines = isPlain
    ? plainLines
    : createTextReader({ ...zone, readJson: (event, text) => readJsonInside(event, text, readText, zone) })
  const readObject = isPlain
    ? plainObject
    : (event: LogEvent, record: Fields) => readJson(event, record, readText, zone)
  const budget = new RecordBudget()
  return {
    read(record, receivedMs, source) {
      budget.refill()
      const decoded = recordText(typeof record === 'string' ? Buffer.from(record) : record, bytesMax)
      if (decoded === undefined) return []
      const { text, encoding, isCut } = decoded
      const readLine = (line: string) => lineEvent(line, receivedMs, source, lines)
      const readRecords = (json: string) => jsonEvents(json, receivedMs, source, readObject, budget)
      const events = readRecords(text) ?? jsonLines(text, readRecords, readLine) ?? textEvents(text, readLine)
      for (const event of events) {
        if (!isPlain) setStatusLevel(event.fields)
        if (encoding !== 'utf-8') event.tag(`encoding:${encoding}`)
        if (isCut) event.tag('_truncated')
      }
      return events
    },
    finish(event) {
      if (!isPlain) return
      nameFields(event.fields, { receivedMs: event.receivedMs, ...zone })
      setStatusLevel(event.fields)
    },
  }
}

/** Of records that no preset has to know. */
const anyJson = 'json'

const plainLines: TextReader = {
  read(event, line) {
    event.fields.message = line
    return 'none'
  },
}

function plainObject(event: LogEvent, record: Fields): readonly string[] {
  event.fields = record
  return [anyJson]
}

const jsonStart = /^\s*[{[]/

/** Undefined: the text is no JSON that holds records, or holds more of them than the budget allows. */
function jsonEvents(
  text: string,
  receivedMs: number,
  source: string,
  readObject: (event: LogEvent, record: Fields) => readonly string[],
  budget: RecordBudget,
): readonly LogEvent[] | undefined {
  const parsed = !budget.isSpent && jsonStart.test(text) ? parseJson(text) : undefined
  const records = parsed === undefined ? undefined : recordLists(parsed.values, budget)
  return records?.map((record) => {
    const event = new LogEvent(records.length === 1 ? text : fieldsText(record), receivedMs, source)
    const formats = readObject(event, record).join('/')
    if (formats !== anyJson) event.tag(`format:${formats}`)
    if (parsed?.isDeep === true) event.tag('_nested_deep')
    return event
  })
}

/** Records one after another, of which each may hold several; undefined where one of them is none. */
function recordLists(values: readonly FieldValue[], budget: RecordBudget): readonly Fields[] | undefined {
  const records: Fields[] = []
  for (const value of values) {
    const list = recordList(value, budget)
    if (list === undefined || budget.isSpent) return undefined
    for (const record of list) records.push(record)
  }
  return records
}

/** Several lines of which the first is JSON: one of them that is none costs only itself. */
function jsonLines(
  text: string,
  readRecords: (json: string) => readonly LogEvent[] | undefined,
  readLine: (line: string) => LogEvent,
): readonly LogEvent[] | undefined {
  const [first, ...others] = jsonStart.test(text) ? linesOfRecord(text) : []
  const events = first === undefined ? undefined : readRecords(first)
  return events?.concat(others.flatMap((line) => readRecords(line) ?? [readLine(line)]))
}

function textEvents(text: string, readLine: (line: string) => LogEvent): readonly LogEvent[] {
  return octetCounted(text)?.map(readLine) ?? timedLines(text, readLine) ?? [readLine(text)]
}

/** Lines of which each has a time of its own are events of their own: no line of a stack trace or of a statement has one. */
function timedLines(text: string, readLine: (line: string) => LogEvent): readonly LogEvent[] | undefined {
  const events: LogEvent[] = []
  for (const line of linesOfRecord(text)) {
    const event = readLine(line)
    if (event.fields.timestamp === undefined) return undefined
    events.push(event)
  }
  return events.length > 0 ? events : undefined
}

function lineEvent(text: string, receivedMs: number, source: string, lines: TextReader): LogEvent {
  const event = new LogEvent(text, receivedMs, source)
  const line = text.replace(lineEnd, '')
  const format = lines.read(event, line)
  if (format !== undefined) {
    if (lines !== plainLines) event.tag(`format:${format}`)
  } else {
    event.fields.message ??= line
    event.leaveUnread()
  }
  return event
}
