/** Thrown when millrace itself is wrong, never for bad input. */
export class AssertionError extends Error {
  override readonly name = 'AssertionError'
  readonly code = 'ASSERTION'
  readonly consequence = 'fatal'
}

export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new AssertionError(message)
}

/** Ends an exhaustive switch: a new kind that is not handled does not compile. */
export function assertNever(value: never): never {
  throw new AssertionError(`unexpected kind: ${JSON.stringify(value)}`)
}
