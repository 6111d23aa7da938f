import { fieldPath } from '../field-path.ts'
import { ExactNumber, type FieldValue } from '../field-value.ts'
import type { LogEvent } from '../log-event.ts'
import { at, each, together } from '../mistake.ts'
import type { Step, StepKind } from '../step.ts'
import { type DatePattern, datePattern } from '../time/date-pattern.ts'
import { epochOf } from '../time/epoch.ts'
import { checkZone, pathSchema } from './options.ts'

export interface DateOptions {
  readonly field: string
  /** Tried in this order; `auto` reads every usual form. */
  readonly patterns?: readonly string[]
  /** Of times that name none: `Europe/Berlin`, `+02:00`. */
  readonly zone?: string
  /** Source to its zone, where sources differ. */
  readonly zones?: Readonly<Record<string, string>>
  readonly into?: string
}

/** Reads the time of an event. */
export const date: StepKind<DateOptions> = {
  name: 'date',
  schema: {
    type: 'object',
    required: ['field'],
    additionalProperties: false,
    properties: {
      field: pathSchema,
      patterns: { type: 'array', items: { type: 'string', minLength: 1 }, minItems: 1, default: ['auto'] },
      zone: { type: 'string', minLength: 1 },
      zones: { type: 'object', additionalProperties: { type: 'string', minLength: 1 } },
      into: { ...pathSchema, default: 'timestamp' },
    },
  },
  compile({ field, patterns = ['auto'], zone, zones = {}, into = 'timestamp' }): Step {
    const [path, target] = [fieldPath(field), fieldPath(into)]
    const [forms] = together(
      () => each(patterns, (pattern, index) => at(['patterns', index], () => datePattern(pattern))),
      () => checkZone(zone, 'zone'),
      () => each(Object.entries(zones), ([source, name]) => checkZone(name, 'zones', source)),
    )
    return {
      name: 'date',
      apply(event) {
        const value = event.get(path)
        if (value === undefined) return 'next'
        const timeMs = timeOf(value, forms, event, Object.hasOwn(zones, event.source) ? zones[event.source] : zone)
        if (timeMs === undefined) return 'failed'
        event.set(target, timeMs)
        return 'next'
      },
    }
  },
}

function timeOf(
  value: FieldValue,
  forms: readonly DatePattern[],
  { receivedMs }: LogEvent,
  zone: string | undefined,
): number | undefined {
  const isNumber = typeof value === 'number' || value instanceof ExactNumber
  if (!isNumber && typeof value !== 'string') return undefined
  const context = zone === undefined ? { receivedMs } : { receivedMs, zone }
  const text = value instanceof ExactNumber ? value.text : String(value)
  for (const form of forms) {
    const timeMs = form(text, context)
    if (timeMs !== undefined) return timeMs
  }
  return isNumber ? epochOf(value) : undefined
}
