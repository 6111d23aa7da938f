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
  /** What a part that is appended is joined by: the delimiter in front of it. */
  readonly joiner: string
  /** Of parts that are appended to one field, which is first. */
  readonly order: number
}

const field = /%\{([+?*&]?)([^}]*?)(->)?\}/g

/**
 * Compiles a mapping as Logstash and Vector have it: `%{}` and `%{?name}` are skipped, `%{+name}` is appended behind the
 * delimiter in front of it, `%{+name/2}` as the second of such parts, `%{*k}` or `%{?k}` and `%{&k}` are the name and the
 * value of a field, `%{name->}` skips padding behind it. Throws a TypeError for two fields without a delimiter between them.
 */
export function dissect(mapping: string): Dissect {
  const matches = [...mapping.matchAll(field)]
  if (matches.length === 0) throw new TypeError(`${JSON.stringify(mapping)} has no field: write %{name}`)
  const prefix = mapping.slice(0, matches[0]?.index)
  const values = new Set(matches.flatMap(([, sign, name = '']) => (sign === '&' ? [name] : [])))
  const parts = matches.map((_, index) => partOf(matches, index, mapping, values))
  const inOrder = parts
    .map((part, index) => ({ part, index }))
    .sort((left, right) => left.part.order - right.part.order)
  const missing = parts.findIndex(({ delimiter }, index) => delimiter === '' && index < parts.length - 1)
  if (missing >= 0) {
    throw new TypeError(
      `nothing stands between %{${parts[missing]?.name}} and the field behind it: put a delimiter there`,
    )
  }
  return {
    match(text, into) {
      if (!text.startsWith(prefix)) return false
      const found = cut(text, prefix.length, parts)
      if (found === undefined) return false
      setValues(inOrder, found, into)
      return true
    },
  }
}

const kinds = { '': 'set', '+': 'append', '?': 'skip', '*': 'name', '&': 'value' } as const

const ordered = /\/(\d+)$/

function partOf(
  matches: readonly RegExpExecArray[],
  index: number,
  mapping: string,
  values: ReadonlySet<string>,
): Part {
  const match = matches[index] as RegExpExecArray
  const [whole, sign, written = '', padding] = match
  const order = ordered.exec(written)?.[1]
  const name = written.replace(ordered, '')
  // Logstash writes `%{?name}` for the name of a field, and also for what is skipped.
  const isName = sign === '?' && values.has(name)
  const kind = name === '' ? 'skip' : isName ? 'name' : kinds[sign as keyof typeof kinds]
  const isField = kind === 'set' || kind === 'append'
  const before = matches[index - 1]
  return {
    kind,
    name,
    path: isField ? fieldPath(name) : undefined,
    isPadded: padding !== undefined,
    delimiter: mapping.slice(match.index + whole.length, matches[index + 1]?.index),
    joiner: before === undefined ? ' ' : mapping.slice(before.index + before[0].length, match.index),
    order: order === undefined ? 0 : Number(order),
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

interface PlacedPart {
  readonly part: Part
  /** Of its value. */
  readonly index: number
}

function setValues(parts: readonly PlacedPart[], values: readonly string[], into: Fields): void {
  const names = new Map<string, string>()
  for (const { part, index } of parts) if (part.kind === 'name') names.set(part.name, values[index] as string)
  for (const { part, index } of parts) {
    const { kind, name, path, joiner } = part
    const value = values[index] as string
    if (kind === 'value') into[names.get(name) ?? name] = value
    else if (path !== undefined) {
      const before = kind === 'append' ? fieldAt(into, path) : undefined
      setFieldAt(into, path, typeof before === 'string' ? `${before}${joiner}${value}` : value)
    }
  }
}
