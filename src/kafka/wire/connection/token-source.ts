import type { Clock } from '../../../core/clock.ts'
import { errorMessage, MillraceError } from '../../../core/errors.ts'
import { within } from '../../../core/within.ts'
import { late } from './retry-until.ts'

/** A token is shown to new connections for this part of the life that the broker gave it. */
const freshShare = 0.5

/**
 * Tokens of the user's callback, never requested concurrently. A token that a broker accepted is used again for half of
 * its lifetime, so that not every new connection fails while an identity provider is unreachable for a moment.
 */
export class TokenSource {
  readonly #ask: () => Promise<string>
  readonly #clock: Clock
  readonly #timeoutMs: number
  #token = ''
  #freshUntilMs = Number.NEGATIVE_INFINITY
  #asking: Promise<string> | undefined

  constructor(ask: () => Promise<string>, clock: Clock, timeoutMs: number) {
    this.#ask = ask
    this.#clock = clock
    this.#timeoutMs = timeoutMs
  }

  /** Rejects with TOKEN_UNAVAILABLE (retriable), whatever the callback does. */
  async next(): Promise<string> {
    if (this.#clock.monotonicMs() < this.#freshUntilMs) return this.#token
    this.#asking ??= this.#askOnce().finally(() => {
      this.#asking = undefined
    })
    return this.#asking
  }

  /** The last one that a broker accepted; '' for none. */
  get current(): string {
    return this.#token
  }

  accepted(token: string, lifetimeMs: number): void {
    this.#token = token
    this.#freshUntilMs = Math.max(this.#freshUntilMs, this.#clock.monotonicMs() + lifetimeMs * freshShare)
  }

  /** true when it had been accepted before: another one may be accepted still. */
  refused(token: string): boolean {
    if (token !== this.#token) return false
    this.#token = ''
    this.#freshUntilMs = Number.NEGATIVE_INFINITY
    return true
  }

  async #askOnce(): Promise<string> {
    let token: unknown
    try {
      const asked = Promise.resolve().then(() => this.#ask())
      const isLate = late('TOKEN_UNAVAILABLE', 'the callback sasl.token', this.#timeoutMs)
      token = await within(this.#clock, asked, this.#timeoutMs, isLate)
    } catch (cause) {
      throw unavailable(`rejected: ${errorMessage(cause)}`, cause)
    }
    if (typeof token !== 'string' || token === '')
      throw unavailable(`gave ${token === '' ? 'an empty text' : typeof token}`)
    return token
  }
}

function unavailable(what: string, cause?: unknown): MillraceError {
  const message = `the callback sasl.token ${what}: it is called again; check the server that it calls`
  return new MillraceError('TOKEN_UNAVAILABLE', 'retriable', message, { cause })
}
