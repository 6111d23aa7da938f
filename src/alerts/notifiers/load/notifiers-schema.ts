import { durationSchema } from '../../../pipelines/steps/options.ts'
import { type NotifierService, notifierServices } from './notifier-services.ts'

/** No type: a mistake of a type shows the value, which is a secret if somebody wrote it into the file. */
const secretSchema = {
  description: 'where a secret is: { env: NAME of a variable } or { file: PATH }',
  examples: [{ env: 'PAYMENTS_SLACK_URL' }, { file: '/run/secrets/payments-slack-url' }],
} as const

function serviceSchema({ secrets, options }: NotifierService): unknown {
  return {
    type: 'object',
    additionalProperties: false,
    properties: {
      ...Object.fromEntries(secrets.map((name) => [name, secretSchema])),
      ...options,
      ratePerMinute: { type: 'integer', minimum: 1, maximum: 6000 },
      timeout: durationSchema,
      caFile: { type: 'string', minLength: 1 },
    },
  }
}

/** JSON Schema of a file of notifiers, for editors and for the loader. */
export const notifiersSchema: Readonly<Record<string, unknown>> = Object.freeze({
  $schema: 'http://json-schema.org/draft-07/schema#',
  title: 'How receivers of notices are reached',
  type: 'object',
  required: ['notifiers'],
  additionalProperties: false,
  properties: {
    notifiers: {
      type: 'array',
      minItems: 1,
      items: {
        type: 'object',
        required: ['name'],
        additionalProperties: false,
        properties: {
          name: {
            type: 'string',
            pattern: '^[a-z0-9][a-z0-9-]*$',
            description: 'the name of a receiver in small letters, digits and hyphens, such as payments-chat',
          },
          ...Object.fromEntries(
            Object.entries(notifierServices).map(([name, service]) => [name, serviceSchema(service)]),
          ),
        },
      },
    },
  },
})
