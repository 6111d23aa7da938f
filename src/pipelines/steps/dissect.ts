import { at } from '../mistake.ts'
import { dissect as compiledDissect } from '../patterns/dissect.ts'
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
    const mapping = at(['mapping'], () => compiledDissect(options.mapping))
    return textStep('dissect', options, (text, into) => mapping.match(text, into))
  },
}
