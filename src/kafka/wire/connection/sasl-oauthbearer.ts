import { MillraceError } from '../../../core/errors.ts'
import type { SaslSend } from './sasl-send.ts'

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
