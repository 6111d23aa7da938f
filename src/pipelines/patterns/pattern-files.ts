import type { PatternLibrary } from './grok.ts'

const definition = /^([A-Za-z0-9_]+)\s+(.+)$/

/**
 * Reads patterns as files of Logstash have them: a name, blanks and an expression on each line; `#` begins a comment. Throws
 * a TypeError that names file and line.
 */
export function readPatternFile(text: string, file: string): PatternLibrary {
  const library: Record<string, string> = {}
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() === '' || line.startsWith('#')) continue
    const [, name, expression] = definition.exec(line) ?? []
    if (name === undefined || expression === undefined) {
      throw new TypeError(`${file}:${index + 1} is no pattern: write NAME, a blank and an expression`)
    }
    library[name] = expression
  }
  return library
}
