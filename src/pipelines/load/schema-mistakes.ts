import { Ajv, type ErrorObject } from 'ajv'
import { unknownNames } from '../../core/unknown-names.ts'
import { PipelineMistake } from '../mistake.ts'

/** The mistakes of a value, each with its place and its fix; empty: it fits. */
export type SchemaCheck = (data: unknown) => readonly PipelineMistake[]

/** Checks values against a JSON Schema, in the words of people who write YAML. */
export function schemaCheck(schema: Readonly<Record<string, unknown>>): SchemaCheck {
  const validate = new Ajv({ allErrors: true, strict: false, verbose: true }).compile(schema)
  return (data) => {
    if (validate(data)) return []
    // Of alternatives and of names, only the sentence about the whole is of use.
    const errors = (validate.errors ?? []).filter(
      ({ schemaPath }) => !/\/(?:(?:anyOf|oneOf)\/\d+|propertyNames)\//.test(schemaPath),
    )
    return errors.map((error) => new PipelineMistake(sentenceOf(error), ...pathOf(error)))
  }
}

function pathOf({ instancePath, keyword, params }: ErrorObject): readonly (string | number)[] {
  const path = instancePath
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    .map((part) => (/^\d+$/.test(part) ? Number(part) : part))
  if (keyword === 'additionalProperties') return [...path, params.additionalProperty as string]
  return keyword === 'propertyNames' ? [...path, params.propertyName as string] : path
}

function sentenceOf({ keyword, params, message = 'is wrong', data, schema, parentSchema }: ErrorObject): string {
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
      if (parentSchema?.maxProperties === 0) return optionless(data)
      if (parentSchema?.pattern !== undefined && parentSchema.description !== undefined)
        return `${shown(data)} does not fit: write ${parentSchema.description}`
      return `${shown(data)} does not fit: give ${typeText(data, params.type as string | readonly string[])}`
    case 'minimum':
      return `${shown(data)} is too small: give ${params.limit} or more`
    case 'minItems':
      if ((data as readonly unknown[]).length > 0)
        return `${shown(data)} is too short: give ${params.limit} or more, it has ${(data as readonly unknown[]).length}`
      return `${shown(data)} is empty: give ${typesText('array')} that holds something`
    case 'minLength':
    case 'minProperties':
      return `${shown(data)} is empty: give ${typesText(parentSchema?.type as string)} that holds something`
    case 'maxProperties':
      return optionless(data)
    case 'enum':
      return `${JSON.stringify(data)} is none of ${(params.allowedValues as readonly unknown[]).join(', ')}`
    case 'oneOf':
    case 'anyOf':
      return `${shown(data)} does not fit: ${alternatives(parentSchema)}`
    case 'pattern':
      return `${shown(data)} does not fit: write ${parentSchema?.description ?? `a text that matches ${params.pattern}`}`
    case 'propertyNames':
      return `${params.propertyName} is no name that is possible here: write ${nameText(schema as NameSchema)}`
    default:
      return `${message}, it is ${shown(data)}`
  }
}

function optionless(data: unknown): string {
  return `${shown(data)} does not fit: this step has no options, write {}`
}

interface NameSchema {
  readonly description?: string
  readonly enum?: readonly string[]
}

function nameText({ description, enum: names = [] }: NameSchema): string {
  return description ?? `one of ${names.join(', ')}`
}

function alternatives(schema: ErrorObject['parentSchema']): string {
  const choices = (schema?.oneOf ?? schema?.anyOf) as readonly {
    readonly required?: readonly string[]
    readonly description?: string
    readonly type?: string
  }[]
  return `give ${choices.map(({ required, description, type }) => required?.join(' and ') ?? description ?? typesText(type ?? 'value')).join(' or ')}`
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

/** A text where a list is needed is probably the only item of it. */
function typeText(data: unknown, types: string | readonly string[]): string {
  return types === 'array' && typeof data === 'string' && /^[\w.-]+$/.test(data)
    ? `a list, such as [${data}]`
    : typesText(types)
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
