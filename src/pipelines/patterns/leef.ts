import { type Fields, newFields } from '../field-value.ts'

const headers = ['vendor', 'product', 'productVersion', 'eventId'] as const

/**
 * Reads QRadar's Log Event Extended Format 1.0 and 2.0, whose delimiter is a tab unless the header names another one. False
 * where the text is none. Linear in the text.
 */
export function readLeef(text: string, into: Fields): boolean {
  const start = text.indexOf('LEEF:')
  if (start < 0 || start > 1024) return false
  const parts: string[] = []
  let at = start + 'LEEF:'.length
  while (parts.length < headers.length + 1) {
    const end = text.indexOf('|', at)
    if (end < 0) return false
    parts.push(text.slice(at, end))
    at = end + 1
  }
  const [version = '', ...values] = parts
  const [delimiter, from] = version.startsWith('2') ? ownDelimiter(text, at) : ['\t', at]
  into.version = version
  for (const [index, name] of headers.entries()) into[name] = values[index] as string
  into.extension = pairs(text.slice(from), delimiter)
  return true
}

/** `^|`, `x09|`, `0x09|`, or nothing: a tab. */
function ownDelimiter(text: string, at: number): readonly [string, number] {
  const end = text.indexOf('|', at)
  if (end < 0 || end - at > 4) return ['\t', at]
  const named = text.slice(at, end)
  const code = /^0?x([0-9a-fA-F]{1,2})$/.exec(named)?.[1]
  if (code !== undefined) return [String.fromCharCode(Number.parseInt(code, 16)), end + 1]
  return [named === '' ? '\t' : named, end + 1]
}

function pairs(text: string, delimiter: string): Fields {
  const fields = newFields()
  for (const pair of text.split(delimiter)) {
    const equals = pair.indexOf('=')
    if (equals > 0) fields[pair.slice(0, equals).trim()] = pair.slice(equals + 1)
  }
  return fields
}
