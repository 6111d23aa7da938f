import { fieldPath } from '../field-path.ts'
import type { FieldValue } from '../field-value.ts'
import { each, PipelineMistake, type Place, together } from '../mistake.ts'
import { csvValues } from '../patterns/csv.ts'
import type { StepKind } from '../step.ts'
import { type TextOptions, textProperties, textStep } from './text-step.ts'

export interface CsvOptions extends TextOptions {
  /** Names of the values, in their order. Default: `column1` and so on. */
  readonly columns?: readonly string[]
  readonly separator?: string
  /** Stands around values. */
  readonly quote?: string
  /** Whether the row that holds the names of the columns is removed. */
  readonly skipHeader?: boolean
  /** Whether values that are empty become fields. */
  readonly keepEmpty?: boolean
}

/** One row of values, as RFC 4180 has them. */
export const csv: StepKind<CsvOptions> = {
  name: 'csv',
  schema: {
    type: 'object',
    additionalProperties: false,
    properties: {
      ...textProperties,
      columns: { type: 'array', items: { type: 'string', minLength: 1 }, minItems: 1 },
      separator: { type: 'string', minLength: 1, default: ',' },
      quote: { type: 'string', minLength: 1, maxLength: 1, default: '"' },
      skipHeader: { type: 'boolean', default: false },
      keepEmpty: { type: 'boolean', default: true },
    },
  },
  compile(options) {
    const { columns = [], skipHeader = false, keepEmpty = true } = options
    check(options)
    const step = textStep('csv', options, (text, into) => {
      for (const [index, value] of csvValues(text, options).entries()) {
        if (keepEmpty || value !== '') into[columns[index] ?? `column${index + 1}`] = value
      }
      return true
    })
    if (!skipHeader) return step
    const path = fieldPath(options.field ?? 'message')
    return { ...step, apply: (event) => (isHeader(event.get(path), options) ? 'dropped' : step.apply(event)) }
  },
}

function check({ columns = [], separator = ',', quote = '"', skipHeader = false }: CsvOptions): void {
  const refuseIf = (isWrong: boolean, sentence: string, ...place: Place) => {
    if (isWrong) throw new PipelineMistake(sentence, ...place)
  }
  together(
    () =>
      refuseIf(
        skipHeader && columns.length === 0,
        'skipHeader needs columns: a header is the row that holds these names',
        'skipHeader',
      ),
    () =>
      refuseIf(
        separator === quote,
        `separator and quote are both ${quote}: give separator another character`,
        'separator',
      ),
    () =>
      each(columns, (column, index) =>
        refuseIf(
          columns.indexOf(column) < index,
          `the column ${column} is there twice: give each column a name of its own`,
          'columns',
          index,
        ),
      ),
  )
}

function isHeader(row: FieldValue | undefined, options: CsvOptions): boolean {
  const { columns = [] } = options
  if (typeof row !== 'string' || !row.includes(columns[0] ?? '')) return false
  const values = csvValues(row, options)
  return values.length === columns.length && values.every((value, index) => value.trim() === columns[index])
}
