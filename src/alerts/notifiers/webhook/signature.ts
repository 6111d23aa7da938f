import { createHmac } from 'node:crypto'

/** Before a secret that is given in base64. */
const base64Mark = 'whsec_'

/**
 * The headers by which a receiver verifies a webhook, as Standard Webhooks defines them: the HMAC-SHA256 of id, time and
 * body under the shared secret. The time is within the signature, so that an old request cannot be sent again.
 */
export function signatureHeaders(
  { id, body }: { readonly id: string; readonly body: string },
  secret: string,
  nowMs: number,
): Readonly<Record<string, string>> {
  const timestamp = String(Math.floor(nowMs / 1000))
  const signature = createHmac('sha256', keyOf(secret)).update(`${id}.${timestamp}.${body}`).digest('base64')
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': `v1,${signature}` }
}

function keyOf(secret: string): Buffer {
  return secret.startsWith(base64Mark) ? Buffer.from(secret.slice(base64Mark.length), 'base64') : Buffer.from(secret)
}
