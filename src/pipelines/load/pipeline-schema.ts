import { pipelineFormats } from '../definition.ts'
import { detectorNames, redactionActions } from '../redaction/rules.ts'
import { pathSchema } from '../steps/options.ts'
import { stepKinds } from '../steps/step-kinds.ts'

const stepsSchema = { type: 'array', items: { $ref: '#/definitions/step' } } as const

const stepSchema = {
  type: 'object',
  additionalProperties: false,
  properties: {
    when: { type: 'string', minLength: 1, description: 'a condition over fields' },
    name: { type: 'string', minLength: 1 },
    tagOnFailure: { type: 'string', minLength: 1 },
    steps: { ...stepsSchema, minItems: 1, description: 'applied to the events that meet when' },
    else: { ...stepsSchema, minItems: 1, description: 'applied to all other events' },
    ...Object.fromEntries(Object.values(stepKinds).map(({ name, schema }) => [name, schema])),
  },
} as const

/** How a time in ISO 8601 begins. */
export const timeLike = /^\d{4}-\d{2}-\d{2}T/

const exampleSchema = {
  type: 'object',
  required: ['input', 'expect'],
  additionalProperties: false,
  properties: {
    name: { type: 'string' },
    input: { type: 'string' },
    receivedAt: {
      type: 'string',
      pattern: timeLike.source,
      description: 'a time in ISO 8601, such as 2026-11-24T08:00:00Z',
    },
    expect: { type: ['object', 'null'], propertyNames: pathSchema },
  },
} as const

const redactionRuleSchema = {
  type: 'object',
  required: ['name'],
  additionalProperties: false,
  properties: {
    name: { type: 'string', pattern: '^[a-z0-9][a-z0-9-]*$', description: 'a word of small letters, such as customer' },
    names: {
      type: 'array',
      minItems: 1,
      items: {
        type: 'string',
        pattern: '^[A-Za-z0-9]+(?:[ _.-][A-Za-z0-9]+)*$',
        description: 'the name of a field in letters and digits, such as customer number',
      },
    },
    values: { enum: ['any', 'random'] },
    detector: { enum: [...detectorNames] },
    fields: { type: 'array', minItems: 1, items: pathSchema },
    action: { enum: [...redactionActions] },
  },
  anyOf: [{ required: ['names'] }, { required: ['detector'] }, { required: ['fields'] }],
} as const

const redactionSchema = {
  type: 'object',
  additionalProperties: false,
  properties: { defaults: { type: 'boolean' }, rules: { type: 'array', items: redactionRuleSchema } },
} as const

/** JSON Schema of a pipeline file, for editors and for the loader. */
export const pipelineSchema: Readonly<Record<string, unknown>> = Object.freeze({
  $schema: 'http://json-schema.org/draft-07/schema#',
  title: 'A pipeline of millrace',
  type: 'object',
  definitions: { step: stepSchema },
  required: ['name'],
  additionalProperties: false,
  properties: {
    name: {
      type: 'string',
      pattern: '^[a-z0-9][a-z0-9-]*$',
      description: 'a name in small letters, digits and hyphens, such as orders-eu',
    },
    format: { enum: pipelineFormats, default: 'auto' },
    zone: { type: 'string', minLength: 1 },
    joinLines: { type: 'boolean' },
    steps: stepsSchema,
    redaction: redactionSchema,
    examples: { type: 'array', items: exampleSchema },
  },
})
