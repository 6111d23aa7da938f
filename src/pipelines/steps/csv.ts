import { readCsv } from '../patterns/csv.ts'
import type { StepKind } from '../step.ts'
import { type TextOptions, textProperties, textStep } from './text-step.ts'

export interface CsvOptions extends TextOptions {
  /** Names of the values, in their order. */
  readonly columns: readonly string[]
  readonly separator?: string
}

/** One row of values, as RFC 4180 has them. */
export const csv: StepKind<CsvOptions> = {
  name: 'csv',
  schema: {
    type: 'object',
    required: ['columns'],
    additionalProperties: false,
    properties: {
      ...textProperties,
      columns: { type: 'array', items: { type: 'string', minLength: 1 }, minItems: 1 },
      separator: { type: 'string', minLength: 1, default: ',' },
    },
  },
  compile(options) {
    const { columns, separator = ',' } = options
    return textStep('csv', options, (text, into) => {
      readCsv(text, columns, into, separator)
      return true
    })
  },
}
