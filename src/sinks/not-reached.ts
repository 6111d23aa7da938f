import { errorCode, errorMessage } from '../core/errors.ts'

const unreached = /ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|CONNECT_TIMEOUT|Connect Timeout/

/** Nothing was sent, so that no document can have been the reason. */
export function wasNotReached(error: unknown): boolean {
  return unreached.test(`${errorCode(error) ?? ''} ${errorMessage(error)}`)
}
