import { fieldPath } from '../field-path.ts'
import { PipelineMistake } from '../mistake.ts'
import type { Step, StepKind } from '../step.ts'
import { compileTemplate } from '../template.ts'
import { errorsSchema, isError } from './kept-errors.ts'
import { durationMs, durationSchema } from './options.ts'

export interface ThrottleOptions {
  /** Events of one key that pass within the time. */
  readonly events: number
  readonly within: string
  /** What is limited, such as `%{service}`. Without a key: each source. */
  readonly key?: string
  readonly errors?: boolean
}

interface Period {
  startMs: number
  passed: number
  removed: number
}

/** Keys whose counts are kept. */
const keysMax = 10_000
const suppressed = fieldPath('suppressed')

/**
 * Lets so many events of a key pass in a period, and removes the others. The first that passes afterwards says in its
 * field `suppressed` how many were removed.
 */
export const throttle: StepKind<ThrottleOptions> = {
  name: 'throttle',
  schema: {
    type: 'object',
    required: ['events', 'within'],
    additionalProperties: false,
    properties: {
      events: { type: 'integer', minimum: 1 },
      within: durationSchema,
      key: { type: 'string', minLength: 1 },
      errors: errorsSchema,
    },
  },
  compile({ events, within, key, errors = false }): Step {
    const periodMs = durationMs(within)
    if (periodMs === 0) throw new PipelineMistake(`${within} is no time: write a number above 0, such as 10s`, 'within')
    const template = key === undefined ? undefined : compileTemplate(key)
    const forTask = (): Step => {
      const periods = new Map<string, Period>()
      return {
        name: 'throttle',
        ...(template !== undefined && { keyOf: template }),
        apply(event) {
          if (!errors && isError(event)) return 'next'
          const name = template === undefined ? event.source : template(event)
          const period = periodOf(periods, name, event.receivedMs, periodMs)
          if (period.passed === events) {
            period.removed++
            return 'dropped'
          }
          period.passed++
          if (period.removed > 0) event.set(suppressed, period.removed)
          period.removed = 0
          return 'next'
        },
      }
    }
    return { ...forTask(), forTask }
  },
}

/**
 * By the time that Kafka received the events: a replay limits as the live worker did. A time that is a whole period before
 * the start begins a period too: one record with a time in the future must not silence its key until then.
 */
function periodOf(periods: Map<string, Period>, name: string, nowMs: number, periodMs: number): Period {
  const period = periods.get(name) ?? { startMs: nowMs, passed: 0, removed: 0 }
  if (Math.abs(nowMs - period.startMs) >= periodMs) {
    period.startMs = nowMs
    period.passed = 0
  }
  // The key that was seen last moves to the end: the one that makes room is the one that nobody has seen for longest.
  periods.delete(name)
  if (periods.size >= keysMax) periods.delete(periods.keys().next().value as string)
  periods.set(name, period)
  return period
}
