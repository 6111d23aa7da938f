/**
 * The action that an answer of the collector asks of the client:
 * - `taken`: all events are in
 * - `wait`: nothing was taken now; the same again later, at another receiver if there is one
 * - `new-channel`: the channel is not known any more; the same again under a new one
 * - `event`: one event is bad, which one the answer may say; the others may be sent again
 * - `smaller`: the request is too big
 * - `person`: token or settings are wrong; nothing will pass until a person acts
 * - `doubtful`: nobody knows: a receiver in trouble, or one event that it, or a proxy, cannot bear
 */
export type HecVerdict = 'taken' | 'wait' | 'new-channel' | 'event' | 'smaller' | 'person' | 'doubtful'

interface HecCode {
  readonly meaning: string
  readonly verdict: HecVerdict
}

/** Splunk's own codes, in the JSON of the answer. */
export const hecCodes: Readonly<Record<number, HecCode>> = Object.freeze({
  0: { meaning: 'success', verdict: 'taken' },
  1: { meaning: 'the token is disabled', verdict: 'person' },
  2: { meaning: 'a token is required', verdict: 'person' },
  3: { meaning: 'the authorization is invalid', verdict: 'person' },
  4: { meaning: 'the token is invalid', verdict: 'person' },
  5: { meaning: 'no data', verdict: 'doubtful' },
  6: { meaning: 'the data format is invalid', verdict: 'event' },
  7: { meaning: 'the index is incorrect', verdict: 'event' },
  8: { meaning: 'internal server error', verdict: 'doubtful' },
  9: { meaning: 'the server is busy', verdict: 'wait' },
  10: { meaning: 'the data channel is missing', verdict: 'new-channel' },
  11: { meaning: 'the data channel is invalid', verdict: 'new-channel' },
  12: { meaning: 'the event field is required', verdict: 'event' },
  13: { meaning: 'the event field cannot be blank', verdict: 'event' },
  14: { meaning: 'acknowledgement is disabled', verdict: 'person' },
  15: { meaning: 'indexed fields cannot be handled', verdict: 'event' },
  16: { meaning: 'authorization by query string is off', verdict: 'person' },
  17: { meaning: 'healthy', verdict: 'taken' },
  18: { meaning: 'unhealthy: queues are full', verdict: 'wait' },
  19: { meaning: 'unhealthy: acknowledgement is unavailable', verdict: 'wait' },
  20: { meaning: 'unhealthy: queues are full, acknowledgement is unavailable', verdict: 'wait' },
  21: { meaning: 'the token is invalid', verdict: 'person' },
  22: { meaning: 'the token is disabled', verdict: 'person' },
  23: { meaning: 'the server is shutting down', verdict: 'wait' },
  24: { meaning: 'success, the queue is nearly full', verdict: 'taken' },
  25: { meaning: 'success, acknowledgements are nearly full', verdict: 'taken' },
  26: { meaning: 'the queue is full', verdict: 'wait' },
  27: { meaning: 'the acknowledgement channel is full', verdict: 'wait' },
})

/** For answers without a code that is known: proxies speak HTML, and so does Splunk for 413 and 415. */
const statusVerdicts: Readonly<Record<number, HecVerdict>> = Object.freeze({
  408: 'wait',
  413: 'smaller',
  429: 'wait',
  502: 'wait',
  503: 'wait',
  504: 'wait',
})

/** The whole answer of collectors that take Splunk's events but not its manners. */
const plainSuccess = '"OK"'

export interface HecAnswer {
  readonly verdict: HecVerdict
  readonly code: number | undefined
  /** The place of the bad event in the request, where the answer names it. */
  readonly invalidEvent: number | undefined
  readonly reason: string
}

/** Reads an answer of any kind; a success without Splunk's code is not accepted. */
export function readHecAnswer(status: number, body: string): HecAnswer {
  const parsed = parse(body)
  const code = integer(parsed?.code)
  const known = code === undefined ? undefined : hecCodes[code]
  // A success under the status of a failure is nobody's answer.
  if (known && (known.verdict === 'taken') === (status >= 200 && status < 300)) {
    const reason = `${status} code ${code}: ${known.meaning}`
    return { verdict: known.verdict, code, invalidEvent: integer(parsed?.['invalid-event-number']), reason }
  }
  if (status === 200 && body.trim() === plainSuccess)
    return { verdict: 'taken', code: 0, invalidEvent: undefined, reason: '' }
  const verdict = statusVerdicts[status] ?? 'doubtful'
  return { verdict, code: undefined, invalidEvent: undefined, reason: `${status} without a code that is known` }
}

function parse(body: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(body)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}

function integer(value: unknown): number | undefined {
  return Number.isInteger(value) ? (value as number) : undefined
}
