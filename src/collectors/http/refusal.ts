/** Why a request is not taken. */
export interface Refusal {
  readonly status: number
  readonly reason: string
  readonly headers?: Readonly<Record<string, string>>
}

const retryAfterSeconds = '1'

/** The sender has to come again: too much waits for Kafka. */
export const busy: Refusal = Object.freeze({
  status: 429,
  reason: 'too much waits for Kafka: send this again later',
  headers: { 'retry-after': retryAfterSeconds },
})

/** The sender has to come again, here or elsewhere. */
export function unavailable(reason: string): Refusal {
  return { status: 503, reason, headers: { 'retry-after': retryAfterSeconds } }
}
