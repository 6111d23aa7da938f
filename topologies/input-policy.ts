import { type FieldType, logFields } from '../schemas/log-fields.ts'
import type { LogRecord } from '../schemas/log-record.ts'
import { days, hours, MillraceError } from '../src/index.ts'
import type { InputFault } from './input-faults.ts'

/** Why a log record is refused (docs/adr/0004); the first three may be accepted by setting. */
export const acceptableFaults = ['null-key', 'no-timestamp', 'timestamp-range'] as const
export type AcceptableFault = (typeof acceptableFaults)[number]

export interface InputPolicy {
  readonly accept: readonly AcceptableFault[]
  readonly valueBytesMax: number
  /** How far the event's time may lie before and after the time that Kafka gave the record. */
  readonly eventAgeMaxMs: number
  readonly eventAheadMaxMs: number
}

export const defaultInputPolicy: InputPolicy = Object.freeze({
  accept: [],
  valueBytesMax: 1024 * 1024,
  eventAgeMaxMs: days(90),
  eventAheadMaxMs: hours(1),
})

const expected: Readonly<Record<Exclude<FieldType, 'any'>, string>> = {
  text: 'text',
  number: 'a number',
  object: 'an object',
  'text-or-number': 'ISO text or epoch milliseconds',
}

const checkedFields = Object.entries(logFields).flatMap(([name, { type }]) => (type === 'any' ? [] : [{ name, type }]))

/** Throws WRONG_TYPE naming the first field whose type is not that of a log record. */
export function checkTypes(record: LogRecord): void {
  for (const { name, type } of checkedFields) {
    const value = record[name]
    if (value != null && !isOfType(value, type)) throw wrongType(name, expected[type], value)
  }
}

function isOfType(value: unknown, type: FieldType): boolean {
  if (typeof value === 'string') return type === 'text' || type === 'text-or-number'
  if (typeof value === 'number') return type === 'number' || type === 'text-or-number'
  return type === 'object' && typeof value === 'object' && !Array.isArray(value)
}

export function refuse(code: InputFault, message: string): MillraceError<InputFault> {
  return new MillraceError<InputFault>(code, 'record', message)
}

function wrongType(field: string, expected: string, value: unknown): MillraceError<InputFault> {
  return refuse('WRONG_TYPE', `the field ${field} of a log record must be ${expected}, it is ${typeof value}`)
}
