import { PipelineMistake } from '../mistake.ts'
import { type Grok, grok as compiledGrok, type PatternLibrary } from '../patterns/grok.ts'
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
    const library: PatternLibrary = Object.assign({}, ...files.map(patternsOf), patterns)
    const isList = typeof match !== 'string'
    const expressions = (isList ? match : [match]).map((expression, index) =>
      compiled(expression, library, isList ? ['match', index] : ['match']),
    )
    return textStep('grok', options, (text, into) => expressions.some((expression) => expression.match(text, into)))
  },
}

function compiled(expression: string, library: PatternLibrary, path: readonly (string | number)[]): Grok {
  try {
    return compiledGrok(expression, library)
  } catch (error) {
    throw new PipelineMistake((error as Error).message, ...path)
  }
}

function patternsOf(file: string, index: number): PatternLibrary {
  try {
    return readPatternFile(readFileSync(file, 'utf8'), file)
  } catch (error) {
    throw new PipelineMistake((error as Error).message, 'files', index)
  }
}
