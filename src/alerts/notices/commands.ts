import { randomUUID } from 'node:crypto'
import { MillraceError } from '../../core/errors.ts'
import type { AlertRequest, AlertRequestKind } from './alert-request.ts'
import type { Acknowledgement } from './notice-groups.ts'
import { isSilence, type Silence } from './silence.ts'

const latestMs = Date.UTC(9999, 11, 31)

/**
 * Somebody takes care of a group from now on: the record for the topic of acknowledgements, whose key is the `dedupKey`.
 * Throws ILLEGAL_ARGUMENT for a text that is no key of a notice.
 *
 * @example
 * ```ts
 * const record = newAcknowledgement('payments/error-share@1795962894858', 'ann', Date.now())
 * ```
 */
export function newAcknowledgement(dedupKey: string, author: string, nowMs: number): Acknowledgement {
  checkKey(dedupKey)
  return { dedupKey, author, timeMs: nowMs }
}

/**
 * Somebody asks for help with a group, or for an incident: the record for the topic of acknowledgements, whose key is the
 * `dedupKey`. Throws ILLEGAL_ARGUMENT for a text that is no key of a notice.
 *
 * @example
 * ```ts
 * const record = newAlertRequest('incident', 'payments/error-share@1795962894858', 'ann', Date.now())
 * ```
 */
export function newAlertRequest(request: AlertRequestKind, dedupKey: string, by: string, nowMs: number): AlertRequest {
  checkKey(dedupKey)
  return { request, dedupKey, by, timeMs: nowMs }
}

/**
 * A silence from now on: the record for the topic of silences, whose key is the new `id`. Throws ILLEGAL_ARGUMENT for an end
 * that is over or that no calendar has, and where nothing is named: `{ rule: '*' }` silences everything.
 *
 * @example
 * ```ts
 * const endMs = Date.now() + 3_600_000
 * const record = newSilence({ match: { service: 'checkout' }, author: 'ann', reason: 'upgrade', endMs }, Date.now())
 * ```
 */
export function newSilence(
  { match, author, reason, endMs }: Pick<Silence, 'match' | 'author' | 'reason' | 'endMs'>,
  nowMs: number,
): Silence {
  if (endMs > latestMs) throw refused('the silence would end after the year 9999: give an earlier time')
  if (endMs <= nowMs)
    throw refused(`the silence would end at ${new Date(endMs).toISOString()}, which is over: give a later time`)
  const silence = { id: randomUUID(), match, author, reason, startMs: nowMs, endMs }
  if (isSilence(silence)) return silence
  throw refused('the silence names no alerts: give names with texts, such as service and checkout')
}

function checkKey(dedupKey: string): void {
  if (/^.+@\d+$/.test(dedupKey)) return
  throw refused(`${dedupKey} is no key of a notice, which has a time behind its @: copy it from a notice`)
}

function refused(text: string): MillraceError {
  return new MillraceError('ILLEGAL_ARGUMENT', 'fatal', text)
}
