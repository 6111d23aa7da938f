import { fieldPath } from '../field-path.ts'
import { type Fields, newFields } from '../field-value.ts'
import type { Step } from '../step.ts'
import { pathSchema } from './options.ts'

/** What steps that read a text out of a field have in common. */
export interface TextOptions {
  /** Default `message`. */
  readonly field?: string
  /** Where the fields go; default: among the others. */
  readonly into?: string
}

export const textProperties = {
  field: { ...pathSchema, default: 'message' },
  into: pathSchema,
} as const

/** A step that reads the text of a field into fields; `read` says whether it could. A field that is missing is left alone. */
export function textStep(name: string, options: TextOptions, read: (text: string, into: Fields) => boolean): Step {
  const path = fieldPath(options.field ?? 'message')
  const target = options.into === undefined ? undefined : fieldPath(options.into)
  return {
    name,
    apply(event) {
      const text = event.get(path)
      if (text === undefined) return 'next'
      if (typeof text !== 'string') return 'failed'
      const found = newFields()
      if (!read(text, found)) return 'failed'
      event.markRead(path)
      if (target !== undefined) event.set(target, found)
      else Object.assign(event.fields, found)
      return 'next'
    },
  }
}
