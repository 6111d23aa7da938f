import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import { fieldPath } from '../field-path.ts'
import { type FieldValue, isFields } from '../field-value.ts'
import { at, each, PipelineMistake } from '../mistake.ts'
import { LinearExpression } from '../patterns/linear-expression.ts'
import type { Step, StepKind } from '../step.ts'
import { textOf } from '../template.ts'
import { pathSchema } from './options.ts'

/** Each of them looks at the text. */
const expressionsMax = 20

type Table = Readonly<Record<string, string | number | boolean>>

export interface TranslateOptions {
  readonly field: string
  readonly into: string
  readonly table?: Table
  /** A YAML or JSON file of the table, or a CSV file with two columns. Read at start. */
  readonly file?: string
  /** For what is not in the table. */
  readonly otherwise?: string
  /** Whether the names of the table are expressions: the first that matches gives the value. */
  readonly expressions?: boolean
  /** Whether a value that `into` has already stays. */
  readonly keep?: boolean
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
      expressions: { type: 'boolean', default: false },
      keep: { type: 'boolean', default: false },
    },
    oneOf: [{ required: ['table'] }, { required: ['file'] }],
  },
  compile({ field, into, table, file, otherwise, expressions = false, keep = false }): Step {
    const [path, target] = [fieldPath(field), fieldPath(into)]
    const entries = Object.entries(table ?? tableOf(file as string))
    if (entries.length === 0)
      throw new PipelineMistake(
        'the table is empty: write names with their values',
        table === undefined ? 'file' : 'table',
      )
    const lookUp = expressions ? byExpression(entries) : byName(entries)
    return {
      name: 'translate',
      apply(event) {
        if (keep && event.get(target) !== undefined) return 'next'
        const found = lookUp(textOf(event.get(path))) ?? otherwise
        if (found !== undefined) event.set(target, found)
        return 'next'
      },
    }
  },
}

type Entries = readonly (readonly [name: string, value: string | number | boolean])[]
type LookUp = (text: string) => FieldValue | undefined

function byName(entries: Entries): LookUp {
  const values = new Map<string, FieldValue>(entries)
  return (text) => values.get(text)
}

function byExpression(entries: Entries): LookUp {
  if (entries.length > expressionsMax)
    throw new PipelineMistake(
      `${entries.length} expressions are too many: write at most ${expressionsMax}`,
      'expressions',
    )
  const values = each(entries, ([name, value]) => ({
    expression: at(['table', name], () => new LinearExpression(name)),
    value,
  }))
  return (text) => values.find(({ expression }) => expression.test(text))?.value
}

function tableOf(file: string): Table {
  try {
    const text = readFileSync(file, 'utf8')
    if (!file.endsWith('.csv')) return namesIn(parse(text))
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

/** The table of a text that is read; of an empty one, and of one that holds no names, none. */
function namesIn(read: unknown): Table {
  return isFields(read as FieldValue) ? (read as Table) : {}
}
