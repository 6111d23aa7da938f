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

const textFields = [
  'level',
  'component',
  'message',
  'service',
  'host',
  'hostname',
  'environment',
  'correlationId',
  'sessionId',
  'userId',
  'traceId',
  'spanId',
  'ip',
  'eventId',
] as const
const numberFields = ['durationMs', 'statusCode'] as const
const objectFields = ['error', 'attributes'] as const

/** Throws WRONG_TYPE naming the first field whose type is not that of a log record. */
export function checkTypes(record: LogRecord): void {
  for (const field of textFields) {
    const value = record[field]
    if (value != null && typeof value !== 'string') throw wrongType(field, 'text', value)
  }
  for (const field of numberFields) {
    const value = record[field]
    if (value != null && typeof value !== 'number') throw wrongType(field, 'a number', value)
  }
  for (const field of objectFields) {
    const value = record[field]
    if (value != null && (typeof value !== 'object' || Array.isArray(value))) throw wrongType(field, 'an object', value)
  }
  const time = record.timestamp
  if (time != null && typeof time !== 'string' && typeof time !== 'number') {
    throw wrongType('timestamp', 'ISO text or epoch milliseconds', time)
  }
}

export function refuse(code: InputFault, message: string): MillraceError<InputFault> {
  return new MillraceError<InputFault>(code, 'record', message)
}

function wrongType(field: string, expected: string, value: unknown): MillraceError<InputFault> {
  return refuse('WRONG_TYPE', `the field ${field} of a log record must be ${expected}, it is ${typeof value}`)
}
