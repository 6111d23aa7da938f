import { patterns } from './patterns.ts'

/** What a grok expression found: field name to text. Fields that did not take part are left out. */
export type GrokMatch = Readonly<Record<string, string>>

/**
 * A compiled grok expression: `%{PATTERN}`, `%{PATTERN:field}` and plain regular expression text, anchored at both ends.
 * Patterns nest. Compiled once at start; an unknown pattern or a circle throws there, naming it.
 */
export interface Grok {
  readonly name: string
  match(line: string): GrokMatch | undefined
}

const reference = /%\{([A-Z0-9_]+)(?::([a-zA-Z][a-zA-Z0-9]*))?\}/g

export function grok(name: string, expression: string, library: Readonly<Record<string, string>> = patterns): Grok {
  const compiled = new RegExp(`^${expand(expression, library, [])}$`, 'su')
  return { name, match: (line) => fields(compiled.exec(line)) }
}

function expand(expression: string, library: Readonly<Record<string, string>>, path: readonly string[]): string {
  return expression.replace(reference, (_, pattern: string, field: string | undefined) => {
    const source = library[pattern]
    if (source === undefined) throw new TypeError(`grok: there is no pattern ${pattern} (used in: ${expression})`)
    if (path.includes(pattern)) throw new TypeError(`grok: pattern ${pattern} refers to itself by ${path.join(' > ')}`)
    const body = expand(source, library, [...path, pattern])
    return field === undefined ? `(?:${body})` : `(?<${field}>${body})`
  })
}

function fields(match: RegExpExecArray | null): GrokMatch | undefined {
  if (match === null) return undefined
  const found: Record<string, string> = {}
  for (const [field, text] of Object.entries(match.groups ?? {})) if (text !== undefined) found[field] = text
  return found
}
