import { Ajv, type ErrorObject } from 'ajv'
import { isNode, LineCounter, parseDocument, type Document } from 'yaml'
import { MillraceError } from '../../core/errors.ts'
import { unknownNames } from '../../core/unknown-names.ts'
import type { PipelineDefinition, StepDefinition } from '../definition.ts'
import { mistakesOf, PipelineMistake } from '../mistake.ts'
import { compileStep, type Pipeline, pipeline } from '../pipeline.ts'
import { checkZone } from '../steps/options.ts'
import { pipelineSchema } from './pipeline-schema.ts'
import { yamlMistakes } from './yaml-mistakes.ts'

/** A mistake in a pipeline file, with its fix. */
export interface FileMistake {
  /** From 1. */
  readonly line: number
  /** Such as `steps.2.mutate.set`. */
  readonly place: string
  /** What is wrong, and its fix. */
  readonly message: string
}

/** Names all mistakes of a pipeline file. */
export class PipelineFileError extends MillraceError<'INVALID_PIPELINE'> {
  /** In the order of their lines. */
  readonly mistakes: readonly FileMistake[]

  constructor(file: string, mistakes: readonly FileMistake[]) {
    const lines = mistakes.map(
      ({ line, place, message }) => `${file}:${line}: ${place === '' ? '' : `${place}: `}${message}`,
    )
    super('INVALID_PIPELINE', 'fatal', lines.join('\n'))
    this.mistakes = mistakes
  }
}

type Path = readonly (string | number)[]

const validate = new Ajv({ allErrors: true, strict: false, verbose: true }).compile(pipelineSchema)

/** A pipeline from the text of a YAML or JSON file. Throws a PipelineFileError that names every mistake with its line. */
export function loadPipeline(text: string, file: string): Pipeline {
  const lineCounter = new LineCounter()
  const document = parseDocument(text, { lineCounter, prettyErrors: false })
  const lineAt = (offset: number): number => lineCounter.linePos(offset).line
  const unreadable = yamlMistakes(document).map(({ at, message }) => ({ line: lineAt(at), place: '', message }))
  if (unreadable.length > 0) throw new PipelineFileError(file, unreadable)
  const definition = document.toJS() as PipelineDefinition
  const mistakes = [...schemaMistakes(definition), ...zoneMistakes(definition), ...stepMistakes(definition)]
  if (mistakes.length === 0) return pipeline(definition)
  const found = mistakes.map(({ path, message }) => ({
    line: lineAt(offsetOf(document, path)),
    place: path.join('.'),
    message,
  }))
  throw new PipelineFileError(
    file,
    found.sort((left, right) => left.line - right.line),
  )
}

function zoneMistakes(definition: PipelineDefinition): readonly PipelineMistake[] {
  const zone: unknown = definition?.zone
  return typeof zone === 'string' && zone !== '' ? mistakesOf(() => checkZone(zone, 'zone')) : []
}

function schemaMistakes(definition: unknown): readonly PipelineMistake[] {
  if (validate(definition)) return []
  // Of alternatives, only the sentence about the whole is of use.
  const errors = (validate.errors ?? []).filter(({ schemaPath }) => !/\/(?:anyOf|oneOf)\/\d+\//.test(schemaPath))
  return errors.map((error) => new PipelineMistake(sentenceOf(error), ...pathOf(error)))
}

function pathOf({ instancePath, keyword, params }: ErrorObject): Path {
  const path = instancePath
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    .map((part) => (/^\d+$/.test(part) ? Number(part) : part))
  if (keyword === 'additionalProperties') return [...path, params.additionalProperty as string]
  return keyword === 'propertyNames' ? [...path, params.propertyName as string] : path
}

function sentenceOf({ keyword, params, message = 'is wrong', data, parentSchema }: ErrorObject): string {
  switch (keyword) {
    case 'additionalProperties': {
      const name = params.additionalProperty as string
      const names = Object.keys(parentSchema?.properties ?? {})
      const sentence = unknownNames({ [name]: true }, names).join('')
      return sentence.includes(': ') ? sentence : `${sentence}: write one of ${names.join(', ')}`
    }
    case 'required':
      return `needs ${params.missingProperty}`
    case 'type':
      return `${shown(data)} does not fit: give ${typesText(params.type as string | readonly string[])}`
    case 'minimum':
      return `${shown(data)} is too small: give ${params.limit} or more`
    case 'minLength':
    case 'minItems':
    case 'minProperties':
      return `${shown(data)} is empty: give ${typesText(parentSchema?.type as string)} that holds something`
    case 'maxProperties':
      return `${shown(data)} does not fit: this step has no options, write {}`
    case 'enum':
      return `${JSON.stringify(data)} is none of ${(params.allowedValues as readonly unknown[]).join(', ')}`
    case 'oneOf':
    case 'anyOf':
      return `${shown(data)} does not fit: ${alternatives(parentSchema)}`
    case 'pattern':
      return `${shown(data)} does not fit: write ${parentSchema?.description ?? `a text that matches ${params.pattern}`}`
    case 'propertyNames':
      return `${params.propertyName} is no name that is possible here`
    default:
      return `${message}, it is ${shown(data)}`
  }
}

function alternatives(schema: ErrorObject['parentSchema']): string {
  const choices = (schema?.oneOf ?? schema?.anyOf) as readonly {
    readonly required?: readonly string[]
    readonly type?: string
  }[]
  return `give ${choices.map(({ required, type }) => required?.join(' and ') ?? typesText(type ?? 'value')).join(' or ')}`
}

/** Types of JSON Schema in the words of people who write YAML. */
const typeTexts: Readonly<Record<string, string>> = {
  string: 'a text',
  boolean: 'true or false',
  integer: 'a whole number',
  number: 'a number',
  array: 'a list, such as [a, b]',
  object: 'names with their values, such as { name: value }',
}

function typesText(types: string | readonly string[]): string {
  const names = typeof types === 'string' ? [types] : types
  return names.map((name) => typeTexts[name] ?? name).join(' or ')
}

function shown(data: unknown): string {
  if (data === null || data === undefined) return 'an empty value'
  const text = JSON.stringify(data)
  return text.length > 60 ? `${text.slice(0, 57)}...` : text
}

/** What the schema cannot say: conditions, expressions, templates, files. */
function stepMistakes(definition: PipelineDefinition): readonly PipelineMistake[] {
  const steps: unknown = definition?.steps
  if (!Array.isArray(steps)) return []
  return steps.flatMap((step: unknown, index) => {
    if (typeof step !== 'object' || step === null) return []
    const { when, ...rest } = step as StepDefinition
    const condition = typeof when === 'string' && when !== '' ? when : undefined
    const place = ['steps', index] as const
    const mistakes = condition === undefined ? [] : mistakesOf(() => compileStep({ drop: {}, when: condition }, place))
    const readable = withoutRefused(rest)
    return readable === undefined ? mistakes : [...mistakes, ...mistakesOf(() => compileStep(readable, place))]
  })
}

/** A step without the options that the schema refuses: their mistakes are known. Undefined: what is left is refused too. */
function withoutRefused(step: StepDefinition): StepDefinition | undefined {
  const isRight = (one: unknown) => validate({ name: 'step', steps: [one] })
  if (isRight(step)) return step
  const rest = structuredClone(step)
  for (const { path } of schemaMistakes({ name: 'step', steps: [step] })) {
    const [, , kind, option] = path
    const options = kind === undefined ? undefined : (rest as Record<string, unknown>)[kind]
    if (option !== undefined && typeof options === 'object') delete (options as Record<string, unknown>)[option]
  }
  return isRight(rest) ? rest : undefined
}

/** Where the nearest node on the path begins. */
function offsetOf(document: Document, path: Path): number {
  for (let length = path.length; length > 0; length--) {
    const parent: unknown = length === 1 ? document.contents : document.getIn(path.slice(0, length - 1), true)
    const items = (parent as { items?: readonly { key?: unknown }[] } | undefined)?.items
    const pair = items?.find(({ key }) => String(key) === String(path[length - 1]))
    if (pair !== undefined && isNode(pair.key)) return pair.key.range?.[0] ?? 0
    const node: unknown = document.getIn(path.slice(0, length), true)
    if (isNode(node)) return node.range?.[0] ?? 0
  }
  return 0
}
