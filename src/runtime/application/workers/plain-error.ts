import { consequenceOf, errorCode, errorMessage, isMillraceError, MillraceError } from '../../../core/errors.ts'
import { shown } from '../../../core/shown.ts'
import type { ErrorConsequence } from '../../../core/errors.ts'

/** An error as data: a copy between threads loses the class, the code and the consequence of an error. */
export interface PlainError {
  readonly message: string
  readonly code: string | undefined
  /** undefined: no error of ours. */
  readonly consequence: ErrorConsequence | undefined
  readonly details: Readonly<Record<string, unknown>>
  readonly stack: string | undefined
  readonly cause: PlainError | undefined
}

const causesMax = 5

export function plainError(error: unknown, depth = 0): PlainError {
  const { details, stack, cause } = (typeof error === 'object' && error !== null ? error : {}) as Partial<MillraceError>
  return {
    message: errorMessage(error),
    code: errorCode(error),
    consequence: isMillraceError(error) ? consequenceOf(error) : undefined,
    details: plainDetails(details),
    stack: typeof stack === 'string' ? stack : undefined,
    cause: cause === undefined || depth >= causesMax ? undefined : plainError(cause, depth + 1),
  }
}

/** The error again, with its code, its consequence and the stack of where it was thrown. */
export function revivedError({ message, code, consequence, details, stack, cause }: PlainError): Error {
  const more = cause === undefined ? {} : { cause: revivedError(cause) }
  const error =
    consequence === undefined || code === undefined
      ? Object.assign(new Error(message, more), code === undefined ? {} : { code })
      : new MillraceError<string>(code, consequence, message, { ...more, details })
  if (stack !== undefined) error.stack = stack
  return error
}

/** What cannot be copied is shown as text. */
function plainDetails(details: unknown): Readonly<Record<string, unknown>> {
  if (typeof details !== 'object' || details === null) return {}
  return Object.fromEntries(Object.entries(details).map(([name, value]) => [name, plainValue(value)]))
}

/** A value that a message can carry: itself, a copy, or what it is shown as. */
export function plainValue(value: unknown): unknown {
  if (value instanceof Error) return errorMessage(value)
  if (typeof value === 'function' || typeof value === 'symbol') return shown(value)
  if (typeof value !== 'object' || value === null) return value
  try {
    return structuredClone(value)
  } catch {
    return shown(value)
  }
}
