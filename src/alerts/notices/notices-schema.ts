import { durationSchema } from '../../pipelines/steps/options.ts'
import { severities } from '../severity.ts'
import { weekdays } from './quiet-hours.ts'

const nameSchema = {
  type: 'string',
  pattern: '^[a-z0-9][a-z0-9-]*$',
  description: 'a name in small letters, digits and hyphens, such as payments-chat',
} as const
const textSchema = { type: 'string', minLength: 1 } as const
const namesSchema = { type: 'array', minItems: 1, items: textSchema } as const
const severitySchema = { enum: [...severities] } as const
const matchSchema = {
  type: 'object',
  additionalProperties: {
    anyOf: [{ type: 'string' }, { type: 'array', minItems: 1, items: { type: 'string' } }],
  },
} as const

const clockTime = {
  type: 'string',
  pattern: '^(?:[01]\\d|2[0-3]):[0-5]\\d$',
  description: 'a time between quotes, such as "22:00"',
} as const

const quietHoursSchema = {
  type: 'object',
  required: ['zone', 'times'],
  additionalProperties: false,
  properties: {
    zone: textSchema,
    times: {
      type: 'array',
      minItems: 1,
      items: {
        type: 'object',
        required: ['from', 'to'],
        additionalProperties: false,
        properties: {
          from: clockTime,
          to: { ...clockTime, pattern: '^(?:(?:[01]\\d|2[0-3]):[0-5]\\d|24:00)$' },
          days: { type: 'array', minItems: 1, items: { enum: [...weekdays] } },
        },
      },
    },
    passes: { enum: [...severities, 'none'] },
    atEnd: { enum: ['digest', 'fire'] },
  },
} as const

const receiverSchema = {
  type: 'object',
  required: ['name'],
  additionalProperties: false,
  properties: {
    name: nameSchema,
    minimumSeverity: severitySchema,
    fire: { type: 'boolean' },
    repeat: { type: 'boolean' },
    escalate: { type: 'boolean' },
    resolve: { type: 'boolean' },
    quietHours: quietHoursSchema,
    storm: {
      type: 'object',
      additionalProperties: false,
      properties: {
        notices: { type: 'integer', minimum: 1, maximum: 1000 },
        within: durationSchema,
        summary: durationSchema,
      },
    },
  },
} as const

const routeSchema = {
  type: 'object',
  required: ['name', 'receivers'],
  additionalProperties: false,
  properties: {
    name: nameSchema,
    match: matchSchema,
    receivers: namesSchema,
    groupBy: { type: 'array', items: textSchema },
    wait: durationSchema,
    interval: durationSchema,
    repeat: {
      type: 'string',
      pattern: `${durationSchema.pattern}|^never$`,
      description: `${durationSchema.description}, or never`,
    },
    escalate: { type: 'boolean' },
    continue: { type: 'boolean' },
  },
} as const

const stepsSchema = {
  type: 'array',
  minItems: 1,
  items: {
    type: 'object',
    required: ['teams'],
    additionalProperties: false,
    properties: { after: durationSchema, teams: namesSchema, receivers: namesSchema },
  },
} as const

const inhibitionSchema = {
  type: 'object',
  required: ['name', 'source', 'target'],
  additionalProperties: false,
  properties: {
    name: nameSchema,
    source: matchSchema,
    target: matchSchema,
    equal: { type: 'array', items: textSchema },
  },
} as const

const flappingSchema = {
  type: ['object', 'string'],
  // A text can only be off.
  pattern: '^off$',
  description: 'off, or check, checks, enter and leave',
  additionalProperties: false,
  properties: {
    check: durationSchema,
    checks: { type: 'integer', minimum: 2, maximum: 1000 },
    enter: { type: 'number', exclusiveMinimum: 0, maximum: 100 },
    leave: { type: 'number', exclusiveMinimum: 0, maximum: 100 },
  },
} as const

/** JSON Schema of a file of notices, for editors and for the loader. */
export const noticesSchema: Readonly<Record<string, unknown>> = Object.freeze({
  $schema: 'http://json-schema.org/draft-07/schema#',
  title: 'Who is notified of alerts, when and how often',
  type: 'object',
  required: ['receivers', 'routes'],
  additionalProperties: false,
  properties: {
    receivers: { type: 'array', minItems: 1, items: receiverSchema },
    routes: { type: 'array', minItems: 1, items: routeSchema },
    escalations: {
      type: 'object',
      additionalProperties: false,
      properties: Object.fromEntries(severities.map((severity) => [severity, stepsSchema])),
    },
    inhibitions: { type: 'array', items: inhibitionSchema },
    requests: {
      type: 'object',
      additionalProperties: false,
      properties: { escalate: namesSchema, incident: namesSchema },
    },
    flapping: flappingSchema,
  },
})
