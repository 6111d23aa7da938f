import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { at, each } from '../mistake.ts'
import { grok as compiledGrok, type PatternLibrary } from '../patterns/grok.ts'
import { readPatternFile } from '../patterns/pattern-files.ts'
import type { Step, StepKind } from '../step.ts'
import { type TextOptions, textProperties, textStep } from './text-step.ts'

export interface GrokOptions extends TextOptions {
  /** Tried in this order; the first that fits sets the fields. */
  readonly match: string | readonly string[]
  /** Own patterns by name. */
  readonly patterns?: PatternLibrary
  /** Whether every expression that fits sets its fields, in place of the first one only. */
  readonly all?: boolean
  /** Files of patterns as Logstash has them, or folders of such files. */
  readonly files?: readonly string[]
}

/** Expressions with the pattern names of Logstash, on a linear engine. */
export const grok: StepKind<GrokOptions> = {
  name: 'grok',
  schema: {
    type: 'object',
    required: ['match'],
    additionalProperties: false,
    properties: {
      ...textProperties,
      match: {
        anyOf: [
          { type: 'string', minLength: 1 },
          { type: 'array', items: { type: 'string', minLength: 1 }, minItems: 1 },
        ],
      },
      all: { type: 'boolean', default: false },
      patterns: { type: 'object', additionalProperties: { type: 'string', minLength: 1 } },
      files: { type: 'array', items: { type: 'string', minLength: 1 } },
    },
  },
  compile(options): Step {
    const { match, patterns = {}, files = [], all = false } = options
    const read = each(files, (file, index) => at(['files', index], () => patternsIn(file)))
    const library: PatternLibrary = Object.assign({}, ...read.flat(), patterns)
    const isList = typeof match !== 'string'
    const expressions = each(isList ? match : [match], (expression, index) =>
      at(isList ? ['match', index] : ['match'], () => compiledGrok(expression, library)),
    )
    return textStep('grok', options, (text, into) => {
      if (!all) return expressions.some((expression) => expression.match(text, into))
      return expressions.map((expression) => expression.match(text, into)).includes(true)
    })
  },
}

/** Of a file, or of each file of a folder, in the order of their names. */
function patternsIn(path: string): readonly PatternLibrary[] {
  const files = statSync(path).isDirectory()
    ? readdirSync(path)
        .sort()
        .map((name) => join(path, name))
    : [path]
  return files.map((file) => readPatternFile(readFileSync(file, 'utf8'), file))
}
