import type { HttpRefusal } from '../../core/http-refusal.ts'

const retryAfterSeconds = '1'

/** The sender has to come again: too much waits for Kafka. */
export const busy: HttpRefusal = Object.freeze({
  status: 429,
  reason: 'too much waits for Kafka: send this again later',
  headers: { 'retry-after': retryAfterSeconds },
})

/** The sender has to come again, here or elsewhere. */
export function unavailable(reason: string): HttpRefusal {
  return { status: 503, reason, headers: { 'retry-after': retryAfterSeconds } }
}
