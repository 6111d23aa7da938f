import type { Fields } from '../field-value.ts'
import { newFields } from '../field-value.ts'

const headers = ['version', 'vendor', 'product', 'productVersion', 'eventClass', 'name', 'severity'] as const

/**
 * Reads ArcSight's Common Event Format, `CEF:0|vendor|product|version|class|name|severity|key=value …`: its header as
 * `vendor`, `product` and so on, its extension as `extension`. False where the text is none. Linear in the text.
 */
export function readCef(text: string, into: Fields): boolean {
  const start = text.indexOf('CEF:')
  if (start < 0 || start > 1024) return false
  let at = start + 'CEF:'.length
  const values: string[] = []
  while (values.length < headers.length) {
    const end = endOfHeader(text, at)
    if (end < 0) return false
    values.push(text.slice(at, end).replace(/\\([|\\])/g, '$1'))
    at = end + 1
  }
  for (const [index, name] of headers.entries()) into[name] = values[index] as string
  into.extension = extension(text.slice(at))
  return true
}

function endOfHeader(text: string, from: number): number {
  let at = from
  while (at < text.length && text.charAt(at) !== '|') at += text.charAt(at) === '\\' ? 2 : 1
  return at < text.length ? at : -1
}

/** Values may hold blanks: a value ends where a blank and the next `key=` begin. Read from the end, so each once. */
function extension(text: string): Fields {
  const pairs: [string, string][] = []
  let end = text.length
  for (let at = text.length - 1; at >= 0; at--) {
    if (text.charAt(at) !== '=' || isEscaped(text, at)) continue
    const keyStart = startOfKey(text, at)
    if (keyStart === at || (keyStart > 0 && text.charAt(keyStart - 1) !== ' ')) continue
    pairs.push([
      text.slice(keyStart, at),
      text
        .slice(at + 1, end)
        .trim()
        .replace(/\\([=\\])/g, '$1')
        .replaceAll('\\n', '\n'),
    ])
    end = keyStart
    at = keyStart
  }
  const fields = newFields()
  for (const [name, value] of pairs.reverse()) fields[name] = value
  return fields
}

/** An odd number of backslashes stands before it. */
function isEscaped(text: string, at: number): boolean {
  return text.charAt(at - 1) === '\\' && text.charAt(at - 2) !== '\\'
}

const keyMax = 100

function startOfKey(text: string, end: number): number {
  let at = end
  while (at > 0 && end - at < keyMax && /[\w.[\]-]/.test(text.charAt(at - 1))) at--
  return at
}
