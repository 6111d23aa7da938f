import { fieldPath } from '../field-path.ts'
import { isFields } from '../field-value.ts'
import { parseJson } from '../json/parse-json.ts'
import type { Step, StepKind } from '../step.ts'
import { pathSchema } from './options.ts'

export interface JsonOptions {
  readonly field?: string
  /** Where the value goes. Default: the members of an object become fields. */
  readonly into?: string
  /** Whether the text stays after it was read. */
  readonly keep?: boolean
}

/** Reads the JSON that a field holds as text; numbers stay exact. */
export const json: StepKind<JsonOptions> = {
  name: 'json',
  schema: {
    type: 'object',
    additionalProperties: false,
    properties: {
      field: { ...pathSchema, default: 'message' },
      into: pathSchema,
      keep: { type: 'boolean', default: false },
    },
  },
  compile({ field = 'message', into, keep = false }): Step {
    const path = fieldPath(field)
    const target = into === undefined ? undefined : fieldPath(into)
    return {
      name: 'json',
      apply(event) {
        const text = event.get(path)
        if (text === undefined) return 'next'
        const values = typeof text === 'string' ? parseJson(text)?.values : undefined
        const [value] = values ?? []
        if (value === undefined || values?.length !== 1) return 'failed'
        if (target === undefined && !isFields(value)) return 'failed'
        event.markRead(path)
        if (!keep) event.remove(path)
        if (target !== undefined) event.set(target, value)
        else if (isFields(value)) Object.assign(event.fields, value)
        return 'next'
      },
    }
  },
}
