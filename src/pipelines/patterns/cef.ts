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

/** Values may hold blanks: a value ends where a blank and the next `key=` begin. */
function extension(text: string): Fields {
  const fields = newFields()
  let name = ''
  let from = 0
  for (let at = text.indexOf('='); at >= 0; at = text.indexOf('=', at + 1)) {
    const start = startOfKey(text, at, from)
    if (start < 0 || isEscaped(text, at)) continue
    if (name !== '') fields[name] = valueOf(text.slice(from, start))
    name = text.slice(start, at)
    from = at + 1
  }
  if (name !== '') fields[name] = valueOf(text.slice(from))
  return fields
}

const escaped = /\\([=\\nr])/g

function valueOf(text: string): string {
  const value = text.trimEnd()
  if (!value.includes('\\')) return value
  return value.replace(escaped, (_, character: string) => (character === 'n' || character === 'r' ? '\n' : character))
}

/** An odd number of backslashes stands before it; more than two are a run of escaped ones. */
function isEscaped(text: string, at: number): boolean {
  return text.charAt(at - 1) === '\\' && text.charAt(at - 2) !== '\\'
}

const keyMax = 100

/** Where the name in front of an equals sign begins, behind a blank or at the very beginning; -1 where none stands there. */
function startOfKey(text: string, end: number, from: number): number {
  let at = end
  while (at > from && end - at < keyMax && isKeyCharacter(text.charCodeAt(at - 1))) at--
  return at < end && (at === 0 || text.charCodeAt(at - 1) === 0x20) ? at : -1
}

/** Letters, digits and `_ . - [ ]`. */
function isKeyCharacter(code: number): boolean {
  const lower = code | 0x20
  return (lower >= 0x61 && lower <= 0x7a) || isKeySign(code)
}

function isKeySign(code: number): boolean {
  return (
    (code >= 0x30 && code <= 0x39) || code === 0x5f || code === 0x2e || code === 0x2d || code === 0x5b || code === 0x5d
  )
}
