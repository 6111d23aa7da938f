import { MillraceError } from '../../core/errors.ts'
import type { SaslSend } from './sasl.ts'

/** RFC 7628: shows the token; a server that refuses it says why and waits for one more message before it hangs up. */
export async function oauthBearerExchange(token: () => Promise<string>, send: SaslSend): Promise<void> {
  const answer = await send(Buffer.from(`n,,\u0001auth=Bearer ${await token()}\u0001\u0001`))
  if (answer.length === 0) return
  const why = Buffer.from(answer).toString('utf8')
  await send(Buffer.from('\u0001')).catch(() => {})
  throw new MillraceError('SASL_AUTHENTICATION_FAILED', 'fatal', `the broker refused the token: ${why}`)
}
