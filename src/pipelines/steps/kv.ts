import { type KeyValueOptions, readKeyValues } from '../patterns/key-values.ts'
import type { StepKind } from '../step.ts'
import { type TextOptions, textProperties, textStep } from './text-step.ts'

export type KvOptions = TextOptions & KeyValueOptions

/** Pairs such as `user=bob action="log in"`. */
export const kv: StepKind<KvOptions> = {
  name: 'kv',
  schema: {
    type: 'object',
    additionalProperties: false,
    properties: {
      ...textProperties,
      equals: { type: 'string', minLength: 1, default: '=' },
      separators: { type: 'string', minLength: 1, default: ' \t' },
    },
  },
  compile: (options) => textStep('kv', options, (text, into) => readKeyValues(text, into, options) > 0),
}
