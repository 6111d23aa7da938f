import { PipelineMistake } from '../mistake.ts'
import { type Dissect, dissect as compiledDissect } from '../patterns/dissect.ts'
import type { StepKind } from '../step.ts'
import { type TextOptions, textProperties, textStep } from './text-step.ts'

export interface DissectOptions extends TextOptions {
  /** Such as `%{time} [%{level}] %{message}`. */
  readonly mapping: string
}

/** Cuts a text at fixed delimiters. */
export const dissect: StepKind<DissectOptions> = {
  name: 'dissect',
  schema: {
    type: 'object',
    required: ['mapping'],
    additionalProperties: false,
    properties: { ...textProperties, mapping: { type: 'string', minLength: 1 } },
  },
  compile(options) {
    const mapping = compiled(options.mapping)
    return textStep('dissect', options, (text, into) => mapping.match(text, into))
  },
}

function compiled(mapping: string): Dissect {
  try {
    return compiledDissect(mapping)
  } catch (error) {
    throw new PipelineMistake((error as Error).message, 'mapping')
  }
}
