import { MillraceError } from '../../../core/errors.ts'
import { oauthBearerExchange } from './sasl-oauthbearer.ts'
import { scramExchange } from './sasl-scram.ts'
import type { SaslSend } from './sasl-send.ts'

/** Credentials. They are sent or proven to the broker and never logged. */
export type SaslOptions = PasswordSaslOptions | TokenSaslOptions

export interface PasswordSaslOptions {
  readonly mechanism: 'PLAIN' | 'SCRAM-SHA-256' | 'SCRAM-SHA-512'
  readonly username: string
  readonly password: string
}

export interface TokenSaslOptions {
  readonly mechanism: 'OAUTHBEARER'
  /**
   * Asked when a connection needs a token and none is at hand that has half of its life before it. The broker ends a
   * session with its token, and a new one is dialed before. What it rejects with is tried again.
   */
  readonly token: () => Promise<string>
  /** SASL extensions (KIP-342), as `logicalCluster` and `identityPoolId` of Confluent Cloud. */
  readonly extensions?: Readonly<Record<string, string>> | undefined
}

/**
 * Runs the mechanism, with a token where it shows one; resolves once both sides are satisfied. Rejects with
 * SASL_AUTHENTICATION_FAILED (fatal).
 */
export async function authenticate(options: SaslOptions, token: string, send: SaslSend): Promise<void> {
  switch (options.mechanism) {
    case 'PLAIN':
      await send(plainMessage(options.username, options.password))
      return
    case 'SCRAM-SHA-256':
      return scramExchange('sha256', options.username, options.password, send)
    case 'SCRAM-SHA-512':
      return scramExchange('sha512', options.username, options.password, send)
    case 'OAUTHBEARER':
      return oauthBearerExchange(token, options.extensions ?? {}, send)
    default:
      throw new MillraceError(
        'INVALID_OPTION',
        'fatal',
        `sasl.mechanism is ${mechanismOf(options)}: use PLAIN, SCRAM-SHA-256, SCRAM-SHA-512 or OAUTHBEARER`,
      )
  }
}

function plainMessage(username: string, password: string): Uint8Array {
  if (username.includes('\0') || password.includes('\0')) {
    throw new MillraceError('INVALID_OPTION', 'fatal', 'sasl.username and sasl.password must not contain NUL')
  }
  return Buffer.from(`\0${username}\0${password}`, 'utf8')
}

function mechanismOf(options: never): string {
  return String((options as SaslOptions).mechanism)
}
