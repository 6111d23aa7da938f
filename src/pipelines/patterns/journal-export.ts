import { type Fields, type FieldValue, newFields } from '../field-value.ts'

/** Of an entry: `__CURSOR=…`, `_BOOT_ID=…`. */
const start = /^_{0,2}[A-Z][A-Z0-9_]*=/

/**
 * Reads one entry of the journal of systemd in its export format, `NAME=value` on each line; a name that stands again makes
 * a list. Undefined where a line is none: a value that the journal wrote as bytes has its name on a line alone. Linear in
 * the text.
 */
export function readJournalExport(text: string): Fields | undefined {
  if (!start.test(text)) return undefined
  const fields = newFields()
  for (const line of text.split('\n')) {
    if (line === '') continue
    const equals = line.indexOf('=')
    if (equals <= 0) return undefined
    add(fields, line.slice(0, equals), line.slice(equals + 1))
  }
  return fields
}

function add(fields: Fields, name: string, value: string): void {
  const before = fields[name]
  if (before === undefined) fields[name] = value
  else if (Array.isArray(before)) (before as FieldValue[]).push(value)
  else fields[name] = [before, value]
}
