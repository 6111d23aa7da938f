import { Ajv, type ErrorObject } from 'ajv'
import { type Document, isNode, LineCounter, parseDocument } from 'yaml'
import { MillraceError } from '../../core/errors.ts'
import { unknownNames } from '../../core/unknown-names.ts'
import type { PipelineDefinition } from '../definition.ts'
import { PipelineMistake } from '../mistake.ts'
import { compileStep, type Pipeline, pipeline } from '../pipeline.ts'
import { pipelineSchema } from './pipeline-schema.ts'

/** A mistake in a pipeline file, with its fix. */
export interface FileMistake {
  /** From 1. */
  readonly line: number
  /** Such as `steps.2.mutate.set`. */
  readonly place: string
  readonly message: string
}

/** Names all mistakes of a pipeline file. */
export class PipelineFileError extends MillraceError<'INVALID_PIPELINE'> {
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
  if (document.errors.length > 0) {
    throw new PipelineFileError(
      file,
      document.errors.map(({ pos, message }) => ({ line: lineAt(pos[0]), place: '', message })),
    )
  }
  const definition = document.toJS() as PipelineDefinition
  const mistakes = [...schemaMistakes(definition), ...stepMistakes(definition)]
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
  return `give ${choices.map(({ required, type }) => required?.join(' and ') ?? `a ${type}`).join(' or ')}`
}

function shown(data: unknown): string {
  const text = JSON.stringify(data) ?? 'nothing'
  return text.length > 60 ? `${text.slice(0, 57)}...` : text
}

/** What the schema cannot say: conditions, expressions, templates, files. */
function stepMistakes(definition: PipelineDefinition): readonly PipelineMistake[] {
  const steps: unknown = definition?.steps
  if (!Array.isArray(steps)) return []
  return steps.flatMap((step: unknown, index) => {
    // A step that the schema refuses is not compiled: its mistakes are known.
    if (typeof step !== 'object' || step === null || !validate({ name: 'step', steps: [step] })) return []
    try {
      compileStep(step, ['steps', index])
      return []
    } catch (error) {
      if (error instanceof PipelineMistake) return [error]
      throw error
    }
  })
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
