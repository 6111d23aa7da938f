/**
 * What a function may return that is called for its effect: anything but a promise, which nobody would wait for. `void`
 * alone would take an asynchronous function.
 */
// oxlint-disable-next-line typescript/no-invalid-void-type -- a function without a result is the usual one
export type NoPromise = void | string | number | bigint | boolean | symbol | null | undefined | PlainResult

type PlainResult = object & { readonly then?: never }
