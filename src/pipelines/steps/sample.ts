import { hash } from 'node:crypto'
import type { Step, StepKind } from '../step.ts'
import { compileTemplate, compileTemplateCheck } from '../template.ts'
import { errorsSchema, isError } from './kept-errors.ts'

export interface SampleOptions {
  /** One of so many is kept. */
  readonly oneIn: number
  /**
   * Events of one key are kept or removed together, by its hash: `%{traceId}`. Without a key, and of the events that lack a
   * field of it, every n-th is kept.
   */
  readonly key?: string
  readonly errors?: boolean
}

export const sample: StepKind<SampleOptions> = {
  name: 'sample',
  schema: {
    type: 'object',
    required: ['oneIn'],
    additionalProperties: false,
    properties: {
      oneIn: { type: 'integer', minimum: 1 },
      key: { type: 'string', minLength: 1 },
      errors: errorsSchema,
    },
  },
  compile({ oneIn, key, errors = false }): Step {
    const template = key === undefined ? undefined : compileTemplate(key)
    const hasKey = compileTemplateCheck(key ?? '')
    const forTask = (): Step => {
      let seen = 0
      return {
        name: 'sample',
        ...(template !== undefined && { keyOf: template }),
        apply(event) {
          if (!errors && isError(event)) return 'next'
          const number = template === undefined || !hasKey(event) ? seen++ : hashOf(template(event))
          return number % oneIn === 0 ? 'next' : 'dropped'
        },
      }
    }
    return { ...forTask(), forTask }
  },
}

/** The same in every process and after every restart. */
function hashOf(text: string): number {
  return Number.parseInt(hash('sha1', text, 'hex').slice(0, 8), 16)
}
