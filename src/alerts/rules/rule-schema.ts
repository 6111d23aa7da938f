import { durationSchema, pathSchema } from '../../pipelines/steps/options.ts'
import { alertStatuses } from '../alert-change.ts'
import { responseActions } from '../response-action.ts'
import { severities } from '../severity.ts'
import { limitSchema } from './comparison.ts'
import { noDataAnswers, type RuleKind } from './definition.ts'

type Schema = Readonly<Record<string, unknown>>

const condition = { type: 'string', minLength: 1, description: 'a condition over fields' } as const
const severity = { enum: [...severities] } as const
const texts = { type: 'object', additionalProperties: { type: 'string' } } as const
const share = { type: 'number', minimum: 0, maximum: 1 } as const
const wholeNumber = { type: 'integer', minimum: 1 } as const
const measure = {
  type: 'string',
  pattern: '^(?:count|failedLogins|(?:sum|avg|min|max|p50|p90|p95|p99)\\([^()]+\\))$',
  description:
    'count, failedLogins, or an aggregate of a field, such as sum(bytes), avg(durationMs) or p95(durationMs)',
} as const

const name = {
  type: 'string',
  pattern: '^[a-z0-9][a-z0-9-]*$',
  description: 'a name in small letters, digits and hyphens, such as error-rate',
} as const

function object(required: readonly string[], properties: Schema): Schema {
  return { type: 'object', required, additionalProperties: false, properties }
}

const exampleSchema = object(['name', 'logs', 'expect'], {
  name: { type: 'string', minLength: 1 },
  logs: {
    type: 'array',
    minItems: 1,
    items: object(['at', 'log'], {
      at: durationSchema,
      times: wholeNumber,
      every: durationSchema,
      log: { type: 'object' },
    }),
  },
  until: durationSchema,
  expect: {
    type: 'array',
    items: object(['at', 'status'], {
      at: durationSchema,
      status: { enum: [...alertStatuses] },
      severity,
      group: texts,
      value: { type: 'number' },
    }),
  },
})

const common = {
  name,
  kind: { type: 'string' },
  severity,
  where: condition,
  groupBy: { type: 'array', items: pathSchema, minItems: 1 },
  every: durationSchema,
  grace: durationSchema,
  for: durationSchema,
  keep: durationSchema,
  forget: durationSchema,
  summary: { type: 'string', minLength: 1 },
  links: texts,
  labels: texts,
  respond: {
    type: 'array',
    minItems: 1,
    items: object(['action'], { action: { enum: [...responseActions] }, target: pathSchema, for: durationSchema }),
  },
  examples: { type: 'array', items: exampleSchema },
} as const

const window = { window: durationSchema } as const
const limitOfSeverity = {
  type: 'object',
  minProperties: 1,
  propertyNames: { enum: [...severities] },
  additionalProperties: limitSchema,
  description: "one per severity, such as { high: '> 100', critical: '> 1000' }",
} as const
const limits = {
  fire: { anyOf: [limitSchema, limitOfSeverity] },
  clear: limitSchema,
} as const
const data = { minimum: wholeNumber, noData: { enum: [...noDataAnswers] } } as const

function kindOf(required: readonly string[], properties: Schema, left: readonly (keyof typeof common)[] = []): Schema {
  const kept = Object.entries(common).filter(([option]) => !left.includes(option as keyof typeof common))
  return object(['name', 'kind', ...required], { ...Object.fromEntries(kept), ...properties })
}

/** JSON Schema of a rule, by its kind. */
export const ruleSchemas: Readonly<Record<RuleKind, Schema>> = Object.freeze({
  threshold: kindOf(['window', 'fire'], { ...window, ...limits, ...data, measure }),
  rate: kindOf(['window', 'fire'], { ...window, ...limits, per: durationSchema }),
  ratio: kindOf(['window', 'bad', 'fire'], { ...window, ...limits, ...data, bad: condition }),
  absence: kindOf(['window'], { ...window, minimum: wholeNumber }),
  'burn-rate': kindOf(
    ['bad', 'objective', 'windows'],
    {
      ...data,
      bad: condition,
      objective: share,
      windows: {
        type: 'array',
        minItems: 1,
        items: object(['long', 'factor', 'severity'], {
          long: durationSchema,
          short: durationSchema,
          factor: { type: 'number', minimum: 0 },
          severity,
        }),
      },
    },
    ['severity'],
  ),
  'new-term': kindOf(['window', 'field'], {
    ...window,
    field: pathSchema,
    learn: durationSchema,
    memory: durationSchema,
  }),
  cardinality: kindOf(['window', 'field', 'fire'], { ...window, ...limits, field: pathSchema }),
  sequence: kindOf(['window', 'steps'], {
    ...window,
    steps: {
      type: 'array',
      minItems: 2,
      maxItems: 20,
      items: object(['where'], { where: condition, count: wholeNumber }),
    },
  }),
  correlation: kindOf(['window', 'rules'], { ...window, rules: { type: 'array', minItems: 2, items: name } }, [
    'where',
  ]),
  anomaly: kindOf(['window'], {
    ...window,
    ...limits,
    ...data,
    measure,
    bad: condition,
    memory: durationSchema,
    learn: durationSchema,
    cooldown: durationSchema,
    falseAlarmEvery: durationSchema,
    timeZone: { type: 'string' },
  }),
})

/** What can be said of a rule before its kind is known. */
export const anyRuleSchema: Schema = Object.freeze({
  type: 'object',
  required: ['name', 'kind'],
  properties: { name, kind: { enum: Object.keys(ruleSchemas) } },
})

/** What can be said of a file before its rules are looked at. */
export const fileSchema: Schema = Object.freeze(object(['rules'], { rules: { type: 'array', minItems: 1 } }))

/** JSON Schema of a rule file, for editors. */
export const alertRuleSchema: Schema = Object.freeze({
  $schema: 'http://json-schema.org/draft-07/schema#',
  title: 'Alert rules of millrace',
  ...fileSchema,
  properties: {
    rules: {
      type: 'array',
      minItems: 1,
      items: {
        ...anyRuleSchema,
        allOf: Object.entries(ruleSchemas).map(([kind, schema]) => ({
          if: { properties: { kind: { const: kind } } },
          then: schema,
        })),
      },
    },
  },
})
