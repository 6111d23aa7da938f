import { MillraceError } from './errors.ts'

/**
 * The result of a function that is called for its effect: anything but a promise, which nobody would wait for. `void`
 * alone would take an asynchronous function.
 */
// oxlint-disable-next-line typescript/no-invalid-void-type -- a function without a result is the usual one
export type NoPromise = void | string | number | bigint | boolean | symbol | null | undefined | PlainResult

type PlainResult = object & { readonly then?: never }

/** Nobody waits for what a synchronous function returned: that it fails later ends no process. */
export function ignoreRejection(value: unknown): void {
  try {
    if (isPromise(value)) value.then(undefined, () => {})
  } catch {
    // A thenable that throws when it is looked at.
  }
}

export function isPromise(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function'
}

/**
 * Returns the result of a synchronous function of the user. A promise is refused: nobody would wait for it. Operators that do
 * little else call it for objects only: the call would cost as much as their work.
 */
export function synchronous<T>(result: T): T {
  if (isPromise(result)) refuse(result)
  return result
}

function refuse(promise: PromiseLike<unknown>): never {
  ignoreRejection(promise)
  throw new MillraceError(
    'PROMISE_RETURNED',
    'record',
    'a function returned a promise, which no operator waits for: return the value itself, or use mapValuesAsync',
  )
}
