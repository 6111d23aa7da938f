import { createHash, createHmac, pbkdf2, randomBytes, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'
import { MillraceError } from '../../../core/errors.ts'
import type { SaslSend } from './sasl-send.ts'

type Hash = 'sha256' | 'sha512'

/** Below it a password is too cheap to guess, above it a hostile server could keep us busy. Kafka's own least is 4096. */
const iterationsMin = 4096
const iterationsMax = 1_000_000

const derive = promisify(pbkdf2)

/** RFC 5802 without channel binding: proves the password to the server, then checks that the server knows it too. */
export async function scramExchange(
  hash: Hash,
  username: string,
  password: string,
  send: SaslSend,
  nonce: string = randomBytes(24).toString('base64'),
): Promise<void> {
  const firstBare = `n=${username.replace(/=/g, '=3D').replace(/,/g, '=2C')},r=${nonce}`
  const serverFirst = text(await send(Buffer.from(`n,,${firstBare}`)))
  const challenge = parseChallenge(serverFirst, nonce)
  const lengthBytes = hash === 'sha256' ? 32 : 64
  const salted = await derive(password, challenge.salt, challenge.iterations, lengthBytes, hash)
  const clientKey = hmac(hash, salted, 'Client Key')
  const finalBare = `c=biws,r=${challenge.nonce}`
  const authMessage = `${firstBare},${serverFirst},${finalBare}`
  const signature = hmac(hash, createHash(hash).update(clientKey).digest(), authMessage)
  const proof = clientKey.map((byte, index) => byte ^ (signature[index] as number))
  const serverFinal = text(await send(Buffer.from(`${finalBare},p=${Buffer.from(proof).toString('base64')}`)))
  verifyServer(serverFinal, hmac(hash, hmac(hash, salted, 'Server Key'), authMessage))
}

interface Challenge {
  readonly nonce: string
  readonly salt: Buffer
  readonly iterations: number
}

function parseChallenge(message: string, ownNonce: string): Challenge {
  const match = /^r=([^,]+),s=([^,]+),i=(\d+)(?:,|$)/.exec(message)
  if (match === null) throw failed('the server sent a first message that is not SCRAM')
  const [, nonce, salt, iterationsText] = match as unknown as readonly [string, string, string, string]
  if (!nonce.startsWith(ownNonce) || nonce.length === ownNonce.length)
    throw failed('the server did not extend our nonce')
  const iterations = Number(iterationsText)
  if (iterations < iterationsMin || iterations > iterationsMax) {
    throw failed(`the server asks for ${iterationsText} iterations, outside ${iterationsMin} to ${iterationsMax}`)
  }
  return { nonce, salt: Buffer.from(salt, 'base64'), iterations }
}

function verifyServer(message: string, expected: Buffer): void {
  const error = /^e=([^,]*)/.exec(message)
  if (error !== null) throw failed(`the server answered ${error[1]}`)
  const given = Buffer.from(/^v=([^,]+)/.exec(message)?.[1] ?? '', 'base64')
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) {
    throw failed('the server could not prove that it knows the password, and may be an impostor')
  }
}

function hmac(hash: Hash, key: Buffer, data: string): Buffer {
  return createHmac(hash, key).update(data).digest()
}

function text(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8')
}

function failed(why: string): MillraceError {
  return new MillraceError('SASL_AUTHENTICATION_FAILED', 'fatal', `SCRAM authentication failed: ${why}`)
}
