import { MillraceError } from '../core/errors.ts'
import type { TailLine } from './tail-line.ts'

/** What an export says of itself at its end. */
export interface ExportSummary {
  readonly lines: number
  readonly bytes: number
  /** False: there may be more that the filter asks for. */
  readonly complete: boolean
  /** Why it is not complete. */
  readonly reason?: string
}

/** How an export is written. */
export interface ExportFormat {
  readonly type: string
  /** Of the file. */
  readonly extension: string
  /** Before the first line. */
  readonly head: string
  line(line: TailLine): string
  /** After the last line. */
  end(summary: ExportSummary): string
}

const columns = [
  'time',
  'level',
  'service',
  'component',
  'message',
  'correlationId',
  'sessionId',
  'userId',
  'topic',
  'partition',
  'offset',
  'log',
] as const

const ndjson: ExportFormat = Object.freeze({
  type: 'application/x-ndjson; charset=utf-8',
  extension: 'ndjson',
  head: '',
  line: ({ jsonLine }: TailLine) => `${jsonLine}\n`,
  end: (summary: ExportSummary) => `${JSON.stringify({ export: summary })}\n`,
})

const csv: ExportFormat = Object.freeze({
  type: 'text/csv; charset=utf-8; header=present',
  extension: 'csv',
  head: `${columns.join()}\r\n`,
  line: (line: TailLine) => {
    const { level, service, component, message, correlationId, sessionId, userId } = line
    const named = [timeText(line.timeMs), level, service, component, message, correlationId, sessionId, userId]
    const placed = [line.topic, String(line.partition), String(line.offset), line.jsonLine]
    return `${[...named, ...placed].map(cell).join()}\r\n`
  },
  end: ({ lines, reason }: ExportSummary) => `# ${lines} lines, ${reason ?? 'complete'}\r\n`,
})

/** Of `_bulk` of Elasticsearch, for an index that the path of the request names. A line that is there already is refused. */
const bulk: ExportFormat = Object.freeze({
  type: 'application/x-ndjson; charset=utf-8',
  extension: 'bulk.ndjson',
  head: '',
  line: ({ topic, partition, offset, jsonLine }: TailLine) =>
    `{"create":{"_id":${JSON.stringify(`${topic}-${partition}-${offset}`)}}}\n${jsonLine}\n`,
  end: () => '',
})

const formats: ReadonlyMap<string, ExportFormat> = new Map([
  ['ndjson', ndjson],
  ['csv', csv],
  ['bulk', bulk],
])

/** Default `ndjson`. Throws LIVE_TAIL_FILTER. */
export function exportFormat(name: string | null): ExportFormat {
  const format = formats.get(name ?? 'ndjson')
  if (format !== undefined) return format
  const text = `format is '${name}': give ${[...formats.keys()].join(', ')}`
  throw new MillraceError('LIVE_TAIL_FILTER', 'fatal', text)
}

/** RFC 4180; a table program takes no text for a formula. */
function cell(value: string | undefined): string {
  if (value === undefined) return ''
  const text = /^[=+\-@\t\r]/.test(value) && !/^-?\d+(\.\d+)?$/.test(value) ? `'${value}` : value
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

/** Times that no date can have are numbers. */
function timeText(timeMs: number): string {
  return Math.abs(timeMs) <= 8.64e15 ? new Date(timeMs).toISOString() : String(timeMs)
}
