import { readFileSync } from 'node:fs'
import { isIP } from 'node:net'
import { isAbsolute } from 'node:path'
import { connect, createSecureContext, type SecureContext, type SecureContextOptions, type TLSSocket } from 'node:tls'
import { errorCode, errorMessage, MillraceError } from '../../../core/errors.ts'
import type { BrokerAddress } from './broker-address.ts'

/** PEM text or the path of a PEM file. */
export type Pem = string

/** How to speak TLS to the brokers. Files are read for each connection, so that renewed certificates are used. */
export interface TlsOptions {
  /** Authorities to trust instead of Node's own. */
  readonly ca?: Pem | undefined
  /** Certificate of this client, where the broker asks for one; needs `key`. */
  readonly cert?: Pem | undefined
  /** The key of `cert`. */
  readonly key?: Pem | undefined
  /** The passphrase of `key`, where it is encrypted. */
  readonly keyPassphrase?: string | undefined
  /** The name the broker's certificate must carry, when it is not the host that is dialed. */
  readonly servername?: string | undefined
  /** false trusts any certificate; for experiments only. Default true. */
  readonly verify?: boolean | undefined
}

const pemMark = '-----BEGIN'

/** Begins the handshake; the socket emits `secureConnect` once the certificate is verified, or `error`. */
export function connectTls(address: BrokerAddress, options: TlsOptions, secureContext: SecureContext): TLSSocket {
  const { host, port } = address
  const servername = options.servername ?? (isIP(host) ? undefined : host)
  const named = servername === undefined ? {} : { servername }
  return connect({ host, port, rejectUnauthorized: options.verify ?? true, secureContext, ...named })
}

/** Reads the files of the options. Throws INVALID_OPTION (fatal) for what cannot be read or used. */
export function newSecureContext(options: TlsOptions): SecureContext {
  const { ca, cert, key, keyPassphrase } = options
  const pems: SecureContextOptions = {}
  if (ca !== undefined) pems.ca = readPem('tls.ca', ca)
  if (cert !== undefined) pems.cert = readPem('tls.cert', cert)
  if (key !== undefined) pems.key = readPem('tls.key', key)
  if (keyPassphrase !== undefined) pems.passphrase = keyPassphrase
  try {
    return createSecureContext({ minVersion: 'TLSv1.2', ...pems })
  } catch (cause) {
    const text = `tls.ca, tls.cert and tls.key cannot be used (${errorMessage(cause)}): check that each is complete, that the key belongs to the certificate, and that tls.keyPassphrase is right`
    throw new MillraceError('INVALID_OPTION', 'fatal', text, { cause })
  }
}

function readPem(field: string, value: Pem): string {
  if (value.includes(pemMark)) return value
  const { text, reason } = readText(value)
  if (text?.includes(pemMark)) return text
  // A broken key text must not be shown as if it were a path.
  const isPath = text !== undefined || (isAbsolute(value) && !value.includes('\n'))
  const what = isPath
    ? `${field} is ${value}, which ${reason ?? 'is not a PEM file'}`
    : `${field} is neither text of PEM nor a file`
  throw new MillraceError('INVALID_OPTION', 'fatal', `${what}: give PEM text or the path of a PEM file`)
}

function readText(path: string): { readonly text?: string; readonly reason?: string } {
  try {
    return { text: readFileSync(path, 'utf8') }
  } catch (error) {
    return { reason: `cannot be read (${errorCode(error)})` }
  }
}

const certificateCodes =
  /^(CERT_|UNABLE_TO_|DEPTH_ZERO|SELF_SIGNED|ERR_TLS_CERT|HOSTNAME_MISMATCH|INVALID_CA|PATH_LENGTH)/

/** The broker's alerts about our own certificate. */
const refusalCodes =
  /ALERT_(CERTIFICATE_REQUIRED|BAD_CERTIFICATE|UNKNOWN_CA|CERTIFICATE_UNKNOWN|CERTIFICATE_EXPIRED|ACCESS_DENIED)/

/** Codes of Node for a listener that answers a handshake in plain text. */
const plainCodes =
  /^(EPROTO|ERR_SSL_(WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|HTTP_REQUEST|UNSUPPORTED_PROTOCOL|RECORD_TOO_SMALL))$/

/**
 * TLS_UNTRUSTED, TLS_REFUSED or TLS_NOT_SPOKEN (fatal) when the error is about TLS itself; undefined for any other
 * error.
 */
export function tlsError(address: BrokerAddress, cause: unknown): MillraceError | undefined {
  const { code, message } = cause as { code?: unknown; message?: unknown }
  if (typeof code !== 'string') return undefined
  const broker = `broker ${address.host}:${address.port}`
  if (certificateCodes.test(code)) {
    const what = `${broker} shows a certificate that cannot be trusted (${code}: ${String(message)})`
    return new MillraceError('TLS_UNTRUSTED', 'fatal', `${what}: check tls.ca, tls.servername and its dates`, { cause })
  }
  if (refusalCodes.test(code)) {
    const what = `${broker} does not accept this client's certificate, or requires one (${code})`
    return new MillraceError('TLS_REFUSED', 'fatal', `${what}: check tls.cert and tls.key`, { cause })
  }
  if (plainCodes.test(code)) {
    const what = `${broker} does not speak TLS (${code})`
    return new MillraceError('TLS_NOT_SPOKEN', 'fatal', `${what}: leave tls out, or use its TLS listener`, {
      cause,
    })
  }
  return undefined
}
