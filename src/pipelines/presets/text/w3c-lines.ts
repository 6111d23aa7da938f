import { type Fields, newFields } from '../../field-value.ts'
import type { LogEvent } from '../../log-event.ts'
import { parseTime } from '../../time/parse-time.ts'
import { attributesOf } from '../attributes.ts'

const sourcesMax = 1000

/** Lines of IIS, CloudFront and others, by the columns that the last `#Fields:` line of their source has named. */
export class W3cLines {
  readonly #columns = new Map<string, readonly string[]>()

  /** False where the line is none of them. */
  read(event: LogEvent, line: string): boolean {
    if (line.startsWith('#')) return this.#directive(event, line)
    const columns = this.#columns.get(event.source)
    if (columns === undefined || !/^\d/.test(line)) return false
    const row = rowOf(line, columns)
    const text = (name: string): string | undefined => {
      const value = row[name]
      return typeof value === 'string' ? value : undefined
    }
    const { fields, receivedMs } = event
    const time = parseTime(`${text('date') ?? ''} ${text('time') ?? ''}`, { receivedMs })
    if (time === undefined) return false
    fields.timestamp ??= time
    setFields(event, text)
    Object.assign(attributesOf(fields), row)
    return true
  }

  #directive(event: LogEvent, line: string): boolean {
    if (!/^#(?:Fields|Software|Version|Date|Remark):/.test(line)) return false
    if (line.startsWith('#Fields:')) {
      if (this.#columns.size >= sourcesMax) this.#columns.clear()
      this.#columns.set(event.source, line.slice('#Fields:'.length).trim().split(/\s+/))
    }
    event.fields.message ??= line
    return true
  }
}

/** The values of a row by the names of the columns; `-` is none. */
function rowOf(line: string, columns: readonly string[]): Fields {
  const row = newFields()
  const values = line.split(line.includes('\t') ? '\t' : ' ')
  for (const [index, column] of columns.entries()) {
    const value = values[index]
    if (value !== undefined && value !== '-') row[column] = value
  }
  return row
}

function setFields({ fields }: LogEvent, text: (name: string) => string | undefined): void {
  const status = Number(text('sc-status'))
  if (status >= 100) fields.statusCode ??= status
  // IIS counts milliseconds, CloudFront seconds with a fraction.
  const took = text('time-taken')
  if (took !== undefined && Number(took) >= 0) fields.durationMs ??= Number(took) * (took.includes('.') ? 1000 : 1)
  const ip = text('c-ip')
  if (ip !== undefined) fields.ip ??= ip.replace(/%.*$/, '')
  const host = text('s-computername')
  if (host !== undefined) fields.host ??= host
  fields.message ??= [text('cs-method'), text('cs-uri-stem'), text('sc-status')]
    .filter((part) => part !== undefined)
    .join(' ')
}
