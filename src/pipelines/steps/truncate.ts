import { fieldPath } from '../field-path.ts'
import type { Step, StepKind } from '../step.ts'
import { pathSchema } from './options.ts'

export interface TruncateOptions {
  readonly field: string
  /** Characters that stay. */
  readonly length: number
}

/** Cuts a text, and tags the event `_truncated`. */
export const truncate: StepKind<TruncateOptions> = {
  name: 'truncate',
  schema: {
    type: 'object',
    required: ['field', 'length'],
    additionalProperties: false,
    properties: { field: pathSchema, length: { type: 'integer', minimum: 1 } },
  },
  compile({ field, length }): Step {
    const path = fieldPath(field)
    return {
      name: 'truncate',
      apply(event) {
        const value = event.get(path)
        if (typeof value !== 'string' || value.length <= length) return 'next'
        event.set(path, headOf(value, length))
        event.tag('_truncated')
        return 'next'
      },
    }
  },
}

/** Without half a character at its end. */
function headOf(text: string, length: number): string {
  const last = text.charCodeAt(length - 1)
  return text.slice(0, last >= 0xd800 && last < 0xdc00 ? length - 1 : length)
}
