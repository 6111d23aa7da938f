import { MillraceError } from '../core/errors.ts'

/** Bytes that a serde cannot read. */
export function malformedBytes(serde: string, topic: string, problem: string, cause?: unknown): MillraceError {
  const message = `${serde} cannot read a record of topic ${topic}: ${problem}`
  return new MillraceError('MALFORMED_BYTES', 'record', message, { cause, details: { topic } })
}

/** A value that a serde cannot write. The value itself stays out of the message: it may be anybody's secret. */
export function unsuitableValue(serde: string, topic: string, problem: string, cause?: unknown): MillraceError {
  const message = `${serde} cannot write a record to topic ${topic}: ${problem}`
  return new MillraceError('UNSUITABLE_VALUE', 'record', message, { cause, details: { topic } })
}

/** What a value is, without telling it. */
export function kindOf(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'an array'
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`
}
