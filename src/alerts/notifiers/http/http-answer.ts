import type { Mask } from '../mask.ts'
import { type NotifierAnswer, type NotifierVerdict, taken } from '../notifier.ts'
import type { HttpReply } from './http-client.ts'

/** How much of the text of an answer a reason repeats. */
const shownMax = 300

/**
 * What a status means where a service gives it no meaning of its own. A success is `taken`, any other status of the
 * server `doubtful`, any other of the client `notice`.
 */
const verdicts: Readonly<Record<number, NotifierVerdict>> = Object.freeze({
  401: 'person',
  402: 'person',
  403: 'person',
  404: 'person',
  405: 'person',
  407: 'person',
  408: 'wait',
  410: 'person',
  425: 'wait',
  429: 'wait',
  502: 'wait',
  503: 'wait',
  504: 'wait',
})

const codes: Readonly<Record<Exclude<NotifierVerdict, 'taken'>, string>> = {
  wait: 'SINK_UNAVAILABLE',
  doubtful: 'SINK_UNAVAILABLE',
  person: 'SINK_MISCONFIGURED',
  notice: 'DOCUMENT_REFUSED',
}

export function verdictOf(status: number): NotifierVerdict {
  const known = verdicts[status]
  if (known !== undefined) return known
  if (status >= 500) return 'doubtful'
  if (status >= 400) return 'notice'
  // Whoever redirects takes nothing at this address.
  return status >= 300 ? 'person' : 'taken'
}

/** The answer of a service, with the reason in its own words. `origin`: who answered. */
export function httpAnswer(
  { status, text, retryAfterMs }: HttpReply,
  verdict: NotifierVerdict,
  { origin, mask }: { readonly origin: string; readonly mask: Mask },
): NotifierAnswer {
  if (verdict === 'taken') return taken
  const words = mask.text(text).replaceAll(/\s+/g, ' ').trim().slice(0, shownMax)
  const advice = verdict === 'person' ? ': check its address and its key' : ''
  const reason = `${origin} answers ${status}${words === '' ? '' : ` (${words})`}${advice}`
  const code = status === 413 ? 'DOCUMENT_TOO_LARGE' : codes[verdict]
  return { verdict, code, reason, retryAfterMs }
}
