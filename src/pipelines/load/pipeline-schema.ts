import { pipelineFormats } from '../definition.ts'
import { pathSchema } from '../steps/options.ts'
import { stepKinds } from '../steps/step-kinds.ts'

const stepSchema = {
  type: 'object',
  additionalProperties: false,
  properties: {
    when: { type: 'string', minLength: 1, description: 'a condition over fields' },
    name: { type: 'string', minLength: 1 },
    tagOnFailure: { type: 'string', minLength: 1 },
    ...Object.fromEntries(Object.values(stepKinds).map(({ name, schema }) => [name, schema])),
  },
} as const

const exampleSchema = {
  type: 'object',
  required: ['input', 'expect'],
  additionalProperties: false,
  properties: {
    name: { type: 'string' },
    input: { type: 'string' },
    receivedAt: { type: 'string', pattern: '^\\d{4}-\\d{2}-\\d{2}T' },
    expect: { type: ['object', 'null'], propertyNames: pathSchema },
  },
} as const

/** JSON Schema of a pipeline file, for editors and for the loader. */
export const pipelineSchema: Readonly<Record<string, unknown>> = Object.freeze({
  $schema: 'http://json-schema.org/draft-07/schema#',
  title: 'A pipeline of millrace',
  type: 'object',
  required: ['name'],
  additionalProperties: false,
  properties: {
    name: { type: 'string', pattern: '^[a-z0-9][a-z0-9-]*$' },
    format: { enum: pipelineFormats, default: 'auto' },
    zone: { type: 'string', minLength: 1 },
    joinLines: { type: 'boolean' },
    steps: { type: 'array', items: stepSchema },
    examples: { type: 'array', items: exampleSchema },
  },
})
