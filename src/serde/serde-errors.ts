import { MillraceError } from '../core/errors.ts'
import { shown } from '../core/shown.ts'
import type { Serde } from './serde.ts'

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

/** The two functions of a serde. */
export function checkElement(of: string, serde: Partial<Serde<unknown>> | null | undefined): void {
  if (typeof serde?.serialize === 'function' && typeof serde.deserialize === 'function') return
  throw new MillraceError(
    'ILLEGAL_ARGUMENT',
    'fatal',
    `${of} is given ${shown(serde)}, which is not a serde: pass one, as string()`,
  )
}

/** The kind of a value, without showing it. */
export function kindOf(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'an array'
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`
}
