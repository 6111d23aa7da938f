/**
 * What a function may return that is called for its effect: anything but a promise, which nobody would wait for. `void`
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
