import { MillraceError } from '../../core/errors.ts'
import { scramExchange } from './sasl-scram.ts'

/** Credentials. They are sent or proven to the broker and never logged. */
export interface SaslOptions {
  readonly mechanism: 'PLAIN' | 'SCRAM-SHA-256' | 'SCRAM-SHA-512'
  readonly username: string
  readonly password: string
}

/** Sends one SASL message and resolves with the broker's answer. */
export type SaslSend = (message: Uint8Array) => Promise<Uint8Array>

/** Runs the mechanism; resolves once both sides are satisfied. Rejects with SASL_AUTHENTICATION_FAILED (fatal). */
export async function authenticate(options: SaslOptions, send: SaslSend): Promise<void> {
  switch (options.mechanism) {
    case 'PLAIN':
      await send(plainMessage(options.username, options.password))
      return
    case 'SCRAM-SHA-256':
      return scramExchange('sha256', options.username, options.password, send)
    case 'SCRAM-SHA-512':
      return scramExchange('sha512', options.username, options.password, send)
    default:
      throw new MillraceError(
        'INVALID_OPTION',
        'fatal',
        `sasl.mechanism is ${String(options.mechanism satisfies never)}: use PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512`,
      )
  }
}

function plainMessage(username: string, password: string): Uint8Array {
  if (username.includes('\0') || password.includes('\0')) {
    throw new MillraceError('INVALID_OPTION', 'fatal', 'sasl.username and sasl.password must not contain NUL')
  }
  return Buffer.from(`\0${username}\0${password}`, 'utf8')
}
