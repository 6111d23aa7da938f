import type { LevelScheme } from '../../levels/level.ts'

/** Where a field stands: one path, or several of which the first that holds something is taken. */
export type Places = string | readonly string[]

/** How long a number of a duration is. */
export type DurationUnit = 'ns' | 'us' | 'ms' | 's'

/**
 * One format of JSON logs as data. What a format does not say about a field is looked for by its usual names.
 */
export interface JsonPreset {
  readonly name: string
  /** Members that tell the format from all others. `level:number` also names the type: text, number, object, list. */
  readonly marks: readonly string[]
  readonly time?: Places
  readonly level?: Places
  /** Of levels that are numbers. */
  readonly levelScheme?: LevelScheme
  readonly message?: Places
  readonly service?: Places
  readonly component?: Places
  readonly host?: Places
  readonly ip?: Places
  readonly statusCode?: Places
  readonly duration?: Places
  /** Of durations that are numbers. */
  readonly durationUnit?: DurationUnit
  /** When what the record reports had begun: its time is the end, and both make the duration. */
  readonly started?: Places
  readonly error?: Places
  readonly traceId?: Places
  readonly spanId?: Places
  readonly userId?: Places
  readonly sessionId?: Places
  readonly correlationId?: Places
  readonly environment?: Places
  readonly eventId?: Places
  /** The message is a line of a program, which is read further: text of any format, or JSON. */
  readonly holdsLine?: true
  /** Where an object stands that is a record of its own. */
  readonly inside?: Places
}

/** The fields of a document that presets place, besides time, level and message. */
export const copiedNames = [
  'service',
  'component',
  'host',
  'ip',
  'statusCode',
  'error',
  'traceId',
  'spanId',
  'userId',
  'sessionId',
  'correlationId',
  'environment',
  'eventId',
] as const
export type CopiedName = (typeof copiedNames)[number]
