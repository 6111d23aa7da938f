import { type FieldPath, fieldPath } from '../field-path.ts'
import { copyOf, ExactNumber, type FieldValue, isFields, newFields } from '../field-value.ts'
import type { LogEvent } from '../log-event.ts'
import { at, each, PipelineMistake } from '../mistake.ts'
import { LinearExpression } from '../patterns/linear-expression.ts'
import type { Step, StepKind } from '../step.ts'
import { compileTemplate, textOf } from '../template.ts'
import { listOfPaths, pathSchema } from './options.ts'

type Named<Value> = Readonly<Record<string, Value>>
type Scalar = string | number | boolean | null
type Value = Scalar | readonly string[]
type Conversion = 'text' | 'number' | 'boolean'

export interface MutateOptions {
  /** Field to value; `%{service}` in a text is the field of that name. */
  readonly set?: Named<Scalar | readonly string[]>
  /** As `set`, but a field that has a value becomes a list of both. */
  readonly add?: Named<Scalar | readonly string[]>
  /** Field to its new name. */
  readonly rename?: Named<string>
  /** Field to the name of its copy. */
  readonly copy?: Named<string>
  /** Field to another one, whose items or members it gets too. */
  readonly merge?: Named<string>
  readonly remove?: string | readonly string[]
  readonly convert?: Named<Conversion>
  readonly lowercase?: string | readonly string[]
  readonly uppercase?: string | readonly string[]
  /** The first letter large, all others small. */
  readonly capitalize?: string | readonly string[]
  readonly trim?: string | readonly string[]
  /** Field to an expression and what replaces its matches. */
  readonly gsub?: Named<readonly [expression: string, replacement: string]>
  /** Field to the separator of its parts. */
  readonly split?: Named<string>
  readonly join?: Named<string>
  readonly tag?: string | readonly string[]
  /** Tags that are taken away, of the log and of steps. */
  readonly untag?: string | readonly string[]
}

type Change = (event: LogEvent) => void

const paths = { type: 'object', minProperties: 1, propertyNames: pathSchema } as const
const texts = { ...paths, additionalProperties: { type: 'string' } } as const
const names = { ...paths, additionalProperties: pathSchema } as const
const values = {
  ...paths,
  additionalProperties: { type: ['string', 'number', 'boolean', 'null', 'array'], items: { type: 'string' } },
} as const

/** Changes fields: its parts are applied in the order in which they are written. */
export const mutate: StepKind<MutateOptions> = {
  name: 'mutate',
  schema: {
    type: 'object',
    minProperties: 1,
    additionalProperties: false,
    properties: {
      set: values,
      add: values,
      rename: names,
      copy: names,
      merge: names,
      remove: listOfPaths,
      convert: { ...paths, additionalProperties: { enum: ['text', 'number', 'boolean'] } },
      lowercase: listOfPaths,
      uppercase: listOfPaths,
      capitalize: listOfPaths,
      trim: listOfPaths,
      gsub: {
        ...paths,
        additionalProperties: { type: 'array', items: { type: 'string' }, minItems: 2, maxItems: 2 },
      },
      split: texts,
      join: texts,
      tag: listOfPaths,
      untag: listOfPaths,
    },
  },
  compile(options): Step {
    const changes = each(Object.entries(options), ([name, value]) =>
      at([name], () => changesOf(name as keyof MutateOptions, value)),
    ).flat()
    return {
      name: 'mutate',
      apply(event) {
        for (const change of changes) change(event)
        return 'next'
      },
    }
  },
}

function changesOf(name: keyof MutateOptions, options: unknown): readonly Change[] {
  const named = <Value>(changeOf: (path: FieldPath, value: Value) => Change): readonly Change[] =>
    each(Object.entries(options as Named<Value>), ([field, value]) =>
      at([field], () => changeOf(fieldPath(field), value)),
    )
  const eachPath = (changeOf: (path: FieldPath) => Change): readonly Change[] =>
    each(listOf(options), (field) => changeOf(fieldPath(field)))
  switch (name) {
    case 'set':
      return named<Value>((path, value) => withValue(value, (event, found) => event.set(path, found)))
    case 'add':
      return named<Value>((path, value) => withValue(value, (event, found) => addTo(event, path, found)))
    case 'merge':
      return named<string>((path, from) => mergeField(path, otherField(from, path)))
    case 'rename':
    case 'copy':
      return named<string>((path, to) => moveField(path, otherField(to, path), name === 'rename'))
    case 'remove':
      return eachPath((path) => (event) => event.remove(path))
    case 'convert':
      return named<Conversion>((path, to) => (event) => convertField(event, path, to))
    case 'lowercase':
      return eachPath((path) => onTexts(path, (text) => text.toLowerCase()))
    case 'uppercase':
      return eachPath((path) => onTexts(path, (text) => text.toUpperCase()))
    case 'capitalize':
      return eachPath((path) => onTexts(path, (text) => text.slice(0, 1).toUpperCase() + text.slice(1).toLowerCase()))
    case 'trim':
      return eachPath((path) => onTexts(path, (text) => text.trim()))
    case 'gsub':
      return named<readonly [string, string]>((path, [source, replacement]) => {
        const found = new LinearExpression(source)
        return onTexts(path, (text) => found.replace(text, replacement))
      })
    case 'split':
      return named<string>((path, separator) => onTexts(path, (text) => partsOf(text, separator)))
    case 'join':
      return named<string>((path, separator) => (event) => {
        const value = event.get(path)
        if (Array.isArray(value)) event.set(path, value.map(textOf).join(separator))
      })
    case 'tag':
      return listOf(options).map((tag) => (event) => event.tag(tag))
    case 'untag':
      return listOf(options).map((tag) => (event) => event.untag(tag))
  }
}

/** Throws a PipelineMistake where it is the same one. With a dot it may differ: a name that has it, or a member of an object. */
function otherField(text: string, path: FieldPath): FieldPath {
  const other = fieldPath(text)
  if (other.names.length > 1 || other.text !== path.text) return other
  throw new PipelineMistake(`${text} is the field itself: write the name of another one, or remove this line`)
}

function listOf(options: unknown): readonly string[] {
  return typeof options === 'string' ? [options] : (options as readonly string[])
}

/** Compiles the templates of a value once. */
function withValue(value: Value, use: (event: LogEvent, value: FieldValue) => void): Change {
  if (typeof value === 'string') {
    const template = compileTemplate(value)
    return (event) => use(event, template(event))
  }
  if (typeof value !== 'object' || value === null) return (event) => use(event, value)
  const templates = value.map(compileTemplate)
  return (event) =>
    use(
      event,
      templates.map((template) => template(event)),
    )
}

function addTo(event: LogEvent, path: FieldPath, value: FieldValue): void {
  const before = event.get(path)
  event.set(path, before === undefined ? value : [...listed(before), ...listed(value)])
}

function listed(value: FieldValue): readonly FieldValue[] {
  return Array.isArray(value) ? (value as readonly FieldValue[]) : [value]
}

function mergeField(path: FieldPath, from: FieldPath): Change {
  return (event) => {
    const [into, added] = [event.get(path), event.get(from)]
    if (added === undefined) return
    if (isFields(into) && isFields(added)) event.set(path, Object.assign(newFields(), into, copyOf(added)))
    else addTo(event, path, copyOf(added))
  }
}

function moveField(from: FieldPath, to: FieldPath, isRename: boolean): Change {
  return (event) => {
    const value = event.get(from)
    if (value === undefined) return
    if (isRename) event.remove(from)
    event.set(to, isRename ? value : copyOf(value))
  }
}

function onTexts(path: FieldPath, change: (text: string) => FieldValue): Change {
  return (event) => {
    const value = event.get(path)
    if (typeof value === 'string') event.set(path, change(value))
    else if (Array.isArray(value))
      event.set(
        path,
        value.map((item: FieldValue) => (typeof item === 'string' ? change(item) : item)),
      )
  }
}

/** A text has so many parts at most. */
const partsMax = 10_000

/** The last of too many parts holds the rest. */
function partsOf(text: string, separator: string): readonly string[] {
  const parts = text.split(separator, partsMax)
  if (parts.length < partsMax) return parts
  const seen = parts.reduce((length, part) => length + part.length + separator.length, 0) - separator.length
  parts[partsMax - 1] += text.slice(seen)
  return parts
}

const truths: ReadonlyMap<string, boolean> = new Map([
  ...['true', 't', 'yes', 'y', '1', '1.0'].map((word) => [word, true] as const),
  ...['false', 'f', 'no', 'n', '0', '0.0', ''].map((word) => [word, false] as const),
])

/** A value that cannot be converted stays as it is, with the tag `_convert_failure`. */
function convertField(event: LogEvent, path: FieldPath, to: Conversion): void {
  const value = event.get(path)
  if (value === undefined || value === null) return
  const converted = convertedTo(value, to)
  if (converted === undefined) event.tag('_convert_failure')
  else event.set(path, converted)
}

function convertedTo(value: FieldValue, to: Conversion): FieldValue | undefined {
  if (to === 'text') return textOf(value)
  if (to === 'boolean') return typeof value === 'boolean' ? value : truths.get(textOf(value).toLowerCase())
  if (typeof value === 'number' || value instanceof ExactNumber) return value
  if (typeof value === 'boolean') return value ? 1 : 0
  const text = textOf(value).trim()
  if (!/^-?\d+(?:\.\d+)?(?:e[+-]?\d+)?$/i.test(text)) return undefined
  const number = Number(text)
  return String(number) === text || Math.abs(number) <= Number.MAX_SAFE_INTEGER ? number : new ExactNumber(text)
}
