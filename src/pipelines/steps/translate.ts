import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import { fieldPath } from '../field-path.ts'
import type { FieldValue } from '../field-value.ts'
import { PipelineMistake } from '../mistake.ts'
import type { Step, StepKind } from '../step.ts'
import { textOf } from '../template.ts'
import { pathSchema } from './options.ts'

type Table = Readonly<Record<string, string | number | boolean>>

export interface TranslateOptions {
  readonly field: string
  readonly into: string
  readonly table?: Table
  /** A YAML or JSON file of the table, or a CSV file with two columns. Read at start. */
  readonly file?: string
  /** For what is not in the table. */
  readonly otherwise?: string
}

/** Looks a value up in a table. */
export const translate: StepKind<TranslateOptions> = {
  name: 'translate',
  schema: {
    type: 'object',
    required: ['field', 'into'],
    additionalProperties: false,
    properties: {
      field: pathSchema,
      into: pathSchema,
      table: { type: 'object', additionalProperties: { type: ['string', 'number', 'boolean'] } },
      file: { type: 'string', minLength: 1 },
      otherwise: { type: 'string' },
    },
    oneOf: [{ required: ['table'] }, { required: ['file'] }],
  },
  compile({ field, into, table, file, otherwise }): Step {
    const [path, target] = [fieldPath(field), fieldPath(into)]
    const values = new Map<string, FieldValue>(Object.entries(table ?? tableOf(file as string)))
    return {
      name: 'translate',
      apply(event) {
        const found = values.get(textOf(event.get(path))) ?? otherwise
        if (found !== undefined) event.set(target, found)
        return 'next'
      },
    }
  },
}

function tableOf(file: string): Table {
  try {
    const text = readFileSync(file, 'utf8')
    if (!file.endsWith('.csv')) return parse(text) as Table
    return Object.fromEntries(
      text.split(/\r?\n/).flatMap((line) => {
        const comma = line.indexOf(',')
        return comma === -1 ? [] : [[line.slice(0, comma).trim(), line.slice(comma + 1).trim()]]
      }),
    )
  } catch (error) {
    throw new PipelineMistake(
      `the table ${file} cannot be read (${(error as Error).message}): name a file that the worker can read`,
      'file',
    )
  }
}
