import type { Clock } from '../../core/clock.ts'
import { errorMessage, MillraceError } from '../../core/errors.ts'
import { within } from '../../core/within.ts'
import { late } from './backoff.ts'
import type { SaslSend } from './sasl.ts'

/** A token is shown to new connections for this part of the life that the broker gave it. */
const freshShare = 0.5

/**
 * Tokens of the user's callback, asked for one at a time. A token that a broker accepted is shown again for half of its
 * life, so that an identity provider that is away for a moment is not met by each new connection.
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
  const message = `the callback sasl.token ${what}; it is asked again, see what it depends on`
  return new MillraceError('TOKEN_UNAVAILABLE', 'retriable', message, { cause })
}

/** RFC 7628: shows the token; a server that refuses it says why and waits for one more message before it hangs up. */
export async function oauthBearerExchange(
  token: string,
  extensions: Readonly<Record<string, string>>,
  send: SaslSend,
): Promise<void> {
  const pairs = Object.entries(extensions).map(([name, value]) => `${name}=${value}\u0001`)
  const answer = await send(Buffer.from(`n,,\u0001auth=Bearer ${token}\u0001${pairs.join('')}\u0001`))
  if (answer.length === 0) return
  const why = Buffer.from(answer).toString('utf8')
  await send(Buffer.from('\u0001')).catch(() => {})
  throw new MillraceError('SASL_AUTHENTICATION_FAILED', 'fatal', `the broker refused the token: ${why}`)
}

/** Names of letters except `auth`, values that can be printed (KIP-342). Returns what is wrong, or undefined. */
export function extensionFault(extensions: Readonly<Record<string, string>>): string | undefined {
  return Object.entries(extensions).find(
    ([name, value]) => name === 'auth' || !/^[A-Za-z]+$/.test(name) || !/^[\x20-\x7e\t\r\n]+$/.test(value),
  )?.[0]
}
