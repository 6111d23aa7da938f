import type { LogLine, ViewRow } from '../stream/log-line.ts'
import { isoTime } from './time-text.ts'

/** What lines can be saved as. */
export type ExportFormat = 'ndjson' | 'csv'

const mediaTypes: Readonly<Record<ExportFormat, string>> = { ndjson: 'application/x-ndjson', csv: 'text/csv' }
const csvHeader = 'time,level,origin,message,count,topic,partition,offset,log'

/** The lines as a file, one a row. */
export function exportLines(rows: readonly ViewRow[], format: ExportFormat): Blob {
  const lines = rows.filter((row) => row.kind === 'line')
  const texts = format === 'ndjson' ? lines.map(({ json }) => json) : [csvHeader, ...lines.map(csvRow)]
  return new Blob(
    texts.map((text) => `${text}\n`),
    { type: mediaTypes[format] },
  )
}

function csvRow(row: LogLine): string {
  const { line, level, origin, message, count, json } = row
  const { timeMs, topic, partition, offset } = line
  return [isoTime(timeMs), level, origin, message, count, topic, partition, offset, json].map(csvCell).join(',')
}

/** Spreadsheets would compute what begins like a formula. */
function csvCell(value: string | number): string {
  const text = typeof value === 'string' && /^[=+\-@\t\r]/.test(value) ? `'${value}` : String(value)
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
