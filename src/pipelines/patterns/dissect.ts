import { type FieldPath, fieldPath, fieldAt, setFieldAt } from '../field-path.ts'
import type { Fields } from '../field-value.ts'

/** A text is cut at fixed delimiters: `%{time} [%{level}] %{+message}`. */
export interface Dissect {
  /** Sets the fields; false, and nothing set, where a delimiter is missing. Linear in the text. */
  match(text: string, into: Fields): boolean
}

interface Part {
  readonly kind: 'set' | 'append' | 'skip' | 'name' | 'value'
  readonly name: string
  readonly path: FieldPath | undefined
  /** More of the delimiter may follow: `%{name->}`. */
  readonly isPadded: boolean
  /** What follows; empty at the end. */
  readonly delimiter: string
}

const field = /%\{([+?*&]?)([^}]*?)(->)?\}/g

/**
 * Compiles a mapping as Logstash and Vector have it: `%{}` and `%{?name}` are skipped, `%{+name}` is appended with a blank,
 * `%{*k}` and `%{&k}` are the name and the value of a field, `%{name->}` skips padding behind it. Throws a TypeError for two
 * fields without a delimiter between them.
 */
export function dissect(mapping: string): Dissect {
  const matches = [...mapping.matchAll(field)]
  if (matches.length === 0) throw new TypeError(`${JSON.stringify(mapping)} has no field: write %{name}`)
  const prefix = mapping.slice(0, matches[0]?.index)
  const parts = matches.map((match, index) => partOf(match, mapping, matches[index + 1]?.index))
  const missing = parts.findIndex(({ delimiter }, index) => delimiter === '' && index < parts.length - 1)
  if (missing >= 0) {
    throw new TypeError(
      `nothing stands between %{${parts[missing]?.name}} and the field behind it: put a delimiter there`,
    )
  }
  return {
    match(text, into) {
      if (!text.startsWith(prefix)) return false
      const values = cut(text, prefix.length, parts)
      if (values === undefined) return false
      setValues(parts, values, into)
      return true
    },
  }
}

const kinds = { '': 'set', '+': 'append', '?': 'skip', '*': 'name', '&': 'value' } as const

function partOf(match: RegExpExecArray, mapping: string, next: number | undefined): Part {
  const [whole, sign, name = '', padding] = match
  const kind = name === '' ? 'skip' : kinds[sign as keyof typeof kinds]
  const isField = kind === 'set' || kind === 'append'
  return {
    kind,
    name,
    path: isField ? fieldPath(name.replace(/\/\d+$/, '')) : undefined,
    isPadded: padding !== undefined,
    delimiter: mapping.slice(match.index + whole.length, next),
  }
}

function cut(text: string, from: number, parts: readonly Part[]): readonly string[] | undefined {
  const values: string[] = []
  let at = from
  for (const { delimiter, isPadded } of parts) {
    const end = delimiter === '' ? text.length : text.indexOf(delimiter, at)
    if (end < 0) return undefined
    values.push(text.slice(at, end))
    at = end + delimiter.length
    if (isPadded && delimiter !== '') while (text.startsWith(delimiter, at)) at += delimiter.length
  }
  return values
}

function setValues(parts: readonly Part[], values: readonly string[], into: Fields): void {
  const names = new Map<string, string>()
  for (const [index, { kind, name }] of parts.entries()) if (kind === 'name') names.set(name, values[index] as string)
  for (const [index, { kind, name, path }] of parts.entries()) {
    const value = values[index] as string
    if (kind === 'value') into[names.get(name) ?? name] = value
    else if (path !== undefined) {
      const before = kind === 'append' ? fieldAt(into, path) : undefined
      setFieldAt(into, path, typeof before === 'string' ? `${before} ${value}` : value)
    }
  }
}
