import { PipelineMistake } from '../mistake.ts'
import { zoneOf } from '../time/zones.ts'

/** JSON Schemas that steps share. */
export const pathSchema = {
  type: 'string',
  pattern: '^(?:\\[[^\\[\\]]+\\])+$|^[^.\\[\\]]+(?:\\.[^.\\[\\]]+)*$',
  description: 'the name of a field, such as message, http.status or [http][status]',
} as const

export const listOfPaths = {
  anyOf: [
    { type: 'string', minLength: 1 },
    { type: 'array', items: { type: 'string', minLength: 1 }, minItems: 1 },
  ],
} as const

/** Throws a PipelineMistake for a zone that nobody knows: its times would be read as UTC. */
export function checkZone(zone: string | undefined, ...path: readonly (string | number)[]): void {
  if (zone === undefined || zoneOf(zone) !== undefined) return
  const fix = 'write the name of a place, such as Europe/Berlin, or an offset, such as +02:00'
  throw new PipelineMistake(`there is no zone '${zone}': ${fix}`, ...path)
}

export const durationSchema = {
  type: 'string',
  pattern: '^\\d+(?:ms|s|m|h|d)$',
  description: 'a number and a unit, such as 30s, 5m or 1h',
} as const

const unitsMs = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const

/** Milliseconds of a text that fits `durationSchema`. */
export function durationMs(text: string): number {
  const unit = /[a-z]+$/.exec(text)?.[0] as keyof typeof unitsMs
  return Number.parseInt(text, 10) * unitsMs[unit]
}
