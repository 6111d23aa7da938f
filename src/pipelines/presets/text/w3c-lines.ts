import { newFields } from '../../field-value.ts'
import type { LogEvent } from '../../log-event.ts'
import { W3cReader } from '../../patterns/w3c.ts'
import { parseTime } from '../../time/parse-time.ts'
import { attributesOf } from './captured-fields.ts'

const sourcesMax = 1000

/** Lines of IIS, CloudFront and others, by the columns that the last `#Fields:` line of their source has named. */
export class W3cLines {
  readonly #readers = new Map<string, W3cReader>()

  /** False where the line is none of them. */
  read(event: LogEvent, line: string): boolean {
    if (line.startsWith('#')) return this.#directive(event, line)
    const reader = this.#readers.get(event.source)
    if (reader === undefined || !/^\d/.test(line)) return false
    const columns = newFields()
    if (reader.read(line, columns) !== 'row') return false
    const text = (name: string): string | undefined => {
      const value = columns[name]
      return typeof value === 'string' ? value : undefined
    }
    const { fields, receivedMs } = event
    const time = parseTime(`${text('date') ?? ''} ${text('time') ?? ''}`, { receivedMs })
    if (time === undefined) return false
    fields.timestamp ??= time
    setFields(event, text)
    Object.assign(attributesOf(fields), columns)
    return true
  }

  #directive(event: LogEvent, line: string): boolean {
    if (!/^#(?:Fields|Software|Version|Date|Remark):/.test(line)) return false
    if (line.startsWith('#Fields:')) {
      const reader = new W3cReader()
      reader.read(line, newFields())
      if (this.#readers.size >= sourcesMax) this.#readers.clear()
      this.#readers.set(event.source, reader)
    }
    event.fields.message ??= line
    return true
  }
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
