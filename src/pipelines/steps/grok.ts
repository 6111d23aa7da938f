import { at, each } from '../mistake.ts'
import { grok as compiledGrok, type PatternLibrary } from '../patterns/grok.ts'
import { readPatternFile } from '../patterns/pattern-files.ts'
import { readFileSync } from 'node:fs'
import type { Step, StepKind } from '../step.ts'
import { type TextOptions, textProperties, textStep } from './text-step.ts'

export interface GrokOptions extends TextOptions {
  /** Tried in this order; the first that fits sets the fields. */
  readonly match: string | readonly string[]
  /** Own patterns by name. */
  readonly patterns?: PatternLibrary
  /** Files of patterns, as Logstash has them. */
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
      patterns: { type: 'object', additionalProperties: { type: 'string', minLength: 1 } },
      files: { type: 'array', items: { type: 'string', minLength: 1 } },
    },
  },
  compile(options): Step {
    const { match, patterns = {}, files = [] } = options
    const read = each(files, (file, index) =>
      at(['files', index], () => readPatternFile(readFileSync(file, 'utf8'), file)),
    )
    const library: PatternLibrary = Object.assign({}, ...read, patterns)
    const isList = typeof match !== 'string'
    const expressions = each(isList ? match : [match], (expression, index) =>
      at(isList ? ['match', index] : ['match'], () => compiledGrok(expression, library)),
    )
    return textStep('grok', options, (text, into) => expressions.some((expression) => expression.match(text, into)))
  },
}
