import { readFileSync } from 'node:fs'
import { isIP } from 'node:net'
import { type ConnectionOptions as NodeTlsOptions, connect, type TLSSocket } from 'node:tls'
import { MillraceError } from '../../core/errors.ts'
import type { BrokerAddress } from './cluster-options.ts'

/** PEM text or the path of a PEM file. */
export type Pem = string

export interface TlsOptions {
  /** Authorities to trust instead of Node's own. */
  readonly ca?: Pem
  /** Certificate and key of this client, where the broker asks for them. */
  readonly cert?: Pem
  readonly key?: Pem
  readonly keyPassphrase?: string
  /** The name the broker's certificate must carry, when it is not the host that is dialled. */
  readonly servername?: string
  /** false trusts any certificate; for experiments only. Default true. */
  readonly verify?: boolean
}

/** Begins the handshake; the socket emits `secureConnect` once the certificate is verified, or `error`. */
export function connectTls(address: BrokerAddress, options: TlsOptions): TLSSocket {
  const nodeOptions: NodeTlsOptions = {
    host: address.host,
    port: address.port,
    minVersion: 'TLSv1.2',
    rejectUnauthorized: options.verify ?? true,
  }
  const servername = options.servername ?? (isIP(address.host) ? undefined : address.host)
  if (servername !== undefined) nodeOptions.servername = servername
  if (options.ca !== undefined) nodeOptions.ca = readPem('tls.ca', options.ca)
  if (options.cert !== undefined) nodeOptions.cert = readPem('tls.cert', options.cert)
  if (options.key !== undefined) nodeOptions.key = readPem('tls.key', options.key)
  if (options.keyPassphrase !== undefined) nodeOptions.passphrase = options.keyPassphrase
  return connect(nodeOptions)
}

function readPem(field: string, value: Pem): string {
  if (value.includes('-----BEGIN')) return value
  try {
    return readFileSync(value, 'utf8')
  } catch (cause) {
    throw new MillraceError(
      'INVALID_OPTION',
      'fatal',
      `${field} is ${value}, which cannot be read: give PEM text or the path of a PEM file`,
      { cause },
    )
  }
}

const certificateCodes =
  /^(CERT_|UNABLE_TO_|DEPTH_ZERO|SELF_SIGNED|ERR_TLS_CERT|HOSTNAME_MISMATCH|INVALID_CA|PATH_LENGTH)/

/** The broker's alerts about our own certificate. */
const refusalCodes =
  /ALERT_(CERTIFICATE_REQUIRED|BAD_CERTIFICATE|UNKNOWN_CA|CERTIFICATE_UNKNOWN|CERTIFICATE_EXPIRED|ACCESS_DENIED)/

/** What a listener without TLS gives in the place of a handshake. */
const plainCodes =
  /^(EPROTO|ERR_SSL_(WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|HTTP_REQUEST|UNSUPPORTED_PROTOCOL|RECORD_TOO_SMALL))$/

/** TLS_UNTRUSTED, TLS_REFUSED or TLS_NOT_SPOKEN (fatal) when the error is about TLS itself; undefined for any other error. */
export function tlsError(address: BrokerAddress, cause: unknown): MillraceError | undefined {
  const { code, message } = cause as { code?: unknown; message?: unknown }
  if (typeof code !== 'string') return undefined
  const broker = `broker ${address.host}:${address.port}`
  if (certificateCodes.test(code)) {
    const what = `${broker} shows a certificate that cannot be trusted (${code}: ${String(message)})`
    return new MillraceError('TLS_UNTRUSTED', 'fatal', `${what}; check tls.ca, tls.servername and its dates`, { cause })
  }
  if (refusalCodes.test(code)) {
    const what = `${broker} does not accept this client's certificate, or wants one (${code})`
    return new MillraceError('TLS_REFUSED', 'fatal', `${what}; check tls.cert and tls.key`, { cause })
  }
  if (plainCodes.test(code)) {
    const what = `${broker} does not speak TLS (${code})`
    return new MillraceError('TLS_NOT_SPOKEN', 'fatal', `${what}: leave \`tls\` out, or use its TLS listener`, {
      cause,
    })
  }
  return undefined
}
