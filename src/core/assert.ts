import { MillraceError } from './errors.ts'

/** Fails when millrace itself is wrong, never for bad input. */
export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw assertion(message)
}

/** Ends an exhaustive switch: a new kind that is not handled does not compile. */
export function assertNever(value: never): never {
  throw assertion(`unexpected kind: ${JSON.stringify(value)}`)
}

function assertion(message: string): MillraceError {
  return new MillraceError('ASSERTION', 'fatal', message)
}
