import { type FieldPath, fieldPath, setFieldAt } from '../field-path.ts'
import type { Fields, FieldValue } from '../field-value.ts'
import { grokLibrary } from './grok-library.ts'
import { LinearExpression } from './linear-expression.ts'

/** A compiled expression of grok, searched for in a text. */
export interface Grok {
  /** Sets the captures as fields; false where the text does not match. Takes the time of a LinearExpression. */
  match(text: string, into: Fields): boolean
}

/** Patterns by name, as a user's files have them. */
export type PatternLibrary = Readonly<Record<string, string>>

type Conversion = (text: string) => FieldValue

interface Capture {
  readonly path: FieldPath
  readonly convert: Conversion
}

/** `%{NAME}`, `%{NAME:field}`, `%{NAME:field:int}`, `%{NAME:[nested][field]:float}`. */
const reference = /%\{([A-Za-z0-9_]+)(?::([^:}]+))?(?::([a-z]+))?\}/g
/** `(?<field>` of Oniguruma, whose names may have dots and brackets; not `(?<=` and `(?<!`. */
const inlineCapture = /\(\?<([A-Za-z_@[][^>]*)>/g
/** What can hold the signs of a reference and is none: characters behind a backslash, and sets of characters. */
const escapedOrSet = /\\.|\[(?:\\.|[^\]\\])*\]/gs
const capturing = /\\.|\[(?:\\.|[^\]\\])*\]|\((?!\?)/g

const conversions: Readonly<Record<string, Conversion>> = {
  int: (text) => numberOr(text, Math.trunc(Number(text))),
  long: (text) => numberOr(text, Math.trunc(Number(text))),
  float: (text) => numberOr(text, Number(text)),
  double: (text) => numberOr(text, Number(text)),
  string: (text) => text,
  boolean: (text) => text === 'true',
}

/** What is no number after all, or one that a number cannot hold, stays text. */
function numberOr(text: string, value: number): FieldValue {
  return Number.isFinite(value) && Math.abs(value) <= Number.MAX_SAFE_INTEGER ? value : text
}

/**
 * Compiles an expression as Logstash has them. Throws a TypeError for an unknown pattern, a reference that is not closed, a
 * circle and an unknown type, and a PipelineMistake for what a linear engine does not know.
 */
export function grok(expression: string, own: PatternLibrary = {}): Grok {
  const captures: Capture[] = []
  const library = { ...grokLibrary, ...own }
  const source = new Expansion(library, captures).expand(expression, [])
  const compiled = new LinearExpression(source, { written: expression, isDotAll: true })
  return {
    match(text, into) {
      const found = compiled.find(text, captures.length)
      if (found === undefined) return false
      for (const [index, capture] of captures.entries()) {
        const value = found[index]
        if (value !== null && value !== undefined) setFieldAt(into, capture.path, capture.convert(value))
      }
      return true
    },
  }
}

class Expansion {
  readonly #library: PatternLibrary
  readonly #captures: Capture[]

  constructor(library: PatternLibrary, captures: Capture[]) {
    this.#library = library
    this.#captures = captures
  }

  /** Captures are numbered by the places of their opening brackets: what stands left is expanded first. */
  expand(expression: string, path: readonly string[]): string {
    checkReferences(expression)
    const whole = withoutPlainGroups(expression)
    let result = ''
    let from = 0
    for (const match of whole.matchAll(new RegExp(`${reference.source}|${inlineCapture.source}`, 'g'))) {
      result += whole.slice(from, match.index)
      from = match.index + match[0].length
      const [, name, field, type, inline] = match
      if (inline !== undefined) result += this.#opened(inline, 'string')
      else result += this.#pattern(name as string, field, type, path)
    }
    return result + whole.slice(from)
  }

  #pattern(name: string, field: string | undefined, type: string | undefined, path: readonly string[]): string {
    const pattern = Object.hasOwn(this.#library, name) ? this.#library[name] : undefined
    if (pattern === undefined) throw new TypeError(`there is no pattern ${name}: define it, or correct its name`)
    if (path.includes(name)) throw new TypeError(`pattern ${name} refers to itself: ${[...path, name].join(' > ')}`)
    const opened = field === undefined ? '(?:' : this.#opened(field, type ?? 'string')
    return `${opened}${this.expand(pattern, [...path, name])})`
  }

  #opened(field: string, type: string): string {
    const convert = Object.hasOwn(conversions, type) ? conversions[type] : undefined
    if (convert === undefined) {
      throw new TypeError(`${field} cannot become '${type}': use int, float, boolean or string`)
    }
    this.#captures.push({ path: fieldPath(field), convert })
    return '('
  }
}

/** Throws a TypeError for the beginning of a reference that has no end: it would be looked for in the text as it is. */
function checkReferences(expression: string): void {
  const rest = expression.replaceAll(reference, ' ').replaceAll(escapedOrSet, ' ')
  const from = rest.indexOf('%{')
  if (from < 0) return
  const fix = 'write %{NAME}, %{NAME:field} or %{NAME:field:int}, and %\\{ for the characters themselves'
  throw new TypeError(`${rest.slice(from, from + 20)} is no reference to a pattern: ${fix}`)
}

/** Groups without a name capture nothing in grok. */
function withoutPlainGroups(expression: string): string {
  return expression.replace(capturing, (found) => (found === '(' ? '(?:' : found))
}
