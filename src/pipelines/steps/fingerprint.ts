import { createHmac, hash } from 'node:crypto'
import { fieldPath } from '../field-path.ts'
import type { Step, StepKind } from '../step.ts'
import { textOf } from '../template.ts'
import { pathSchema } from './options.ts'

export interface FingerprintOptions {
  readonly fields: readonly string[]
  /** Where the hash goes. */
  readonly into?: string
  /** Makes it a keyed hash, from which nobody can find the values by trying. */
  readonly key?: string
}

/**
 * A hash over fields, such as an event id for events that have none. It fails where a field is missing or empty: events that
 * lack it would have one id, and be dropped as duplicates.
 */
export const fingerprint: StepKind<FingerprintOptions> = {
  name: 'fingerprint',
  schema: {
    type: 'object',
    required: ['fields'],
    additionalProperties: false,
    properties: {
      fields: { type: 'array', items: pathSchema, minItems: 1 },
      into: { ...pathSchema, default: 'eventId' },
      key: { type: 'string', minLength: 1 },
    },
  },
  compile({ fields, into = 'eventId', key }): Step {
    const paths = fields.map(fieldPath)
    const target = fieldPath(into)
    return {
      name: 'fingerprint',
      apply(event) {
        const texts = paths.map((path) => textOf(event.get(path)))
        if (texts.includes('')) return 'failed'
        // The lengths keep ('ab', 'c') and ('a', 'bc') apart.
        const text = texts.map((part) => `${part.length}:${part}`).join('')
        event.set(target, key === undefined ? hash('sha256', text, 'base64url') : hmac(key, text))
        return 'next'
      },
    }
  },
}

function hmac(key: string, text: string): string {
  return createHmac('sha256', key).update(text).digest('base64url')
}
