import { type Clock, systemClock } from '../../../core/clock.ts'
import { MillraceError } from '../../../core/errors.ts'
import { type Logger, silentLogger } from '../../../core/logger.ts'
import { unknownNames } from '../../../core/unknown-names.ts'
import { shown } from '../../../core/shown.ts'
import type { BackoffOptions } from '../../../core/backoff.ts'
import type { BrokerAddress } from './broker-address.ts'
import type { SaslOptions } from './sasl.ts'
import { extensionFault } from './sasl-oauthbearer.ts'
import type { TlsOptions } from './tls.ts'
import { TokenSource } from './token-source.ts'

/** How to reach a cluster. Times in milliseconds, as Kafka's clients default them unless a comment says otherwise. */
export interface ClusterOptions {
  /** `host:port` of some brokers, asked in random order until one answers. */
  readonly bootstrap: readonly string[] | string
  /** Name in the brokers' logs and quotas, where an application's own `clientId` is not used. Default `millrace`. */
  readonly clientId?: string | undefined
  /** Absent: plain text. `{}`: TLS with the trust store of Node. */
  readonly tls?: TlsOptions | undefined
  /** Absent: no authentication. */
  readonly sasl?: SaslOptions | undefined
  /** Connecting, TLS and SASL together. Default 10000. */
  readonly connectTimeoutMs?: number | undefined
  /** Default deadline of a request. Default 30000. */
  readonly requestTimeoutMs?: number | undefined
  /** Requests in flight on one connection; more wait their turn. Default 5. */
  readonly maxInFlight?: number | undefined
  /** A response that claims to be larger closes the connection. Default 256 MiB. */
  readonly maxFrameBytes?: number | undefined
  /** Wait after a failed dial, doubling up to the maximum. Default 50 to 1000. */
  readonly reconnectBackoffMs?: number | undefined
  /** The longest wait after failed dials. Default 1000. */
  readonly reconnectBackoffMaxMs?: number | undefined
  /**
   * Wait after a retriable answer, doubling up to the maximum; also the least time between two metadata requests.
   * Default 100 to 1000.
   */
  readonly retryBackoffMs?: number | undefined
  /** The longest wait after retriable answers. Default 1000. */
  readonly retryBackoffMaxMs?: number | undefined
  /** Metadata older than this is asked for again. Default 300000. */
  readonly metadataMaxAgeMs?: number | undefined
  /** The source of time. Default: `systemClock`. */
  readonly clock?: Clock | undefined
  /** Hears of brokers that fail. Default: the logger of the application, or none. */
  readonly logger?: Logger | undefined
}

export interface ClusterConfig {
  readonly bootstrap: readonly BrokerAddress[]
  readonly clientId: string
  readonly tls: TlsOptions | undefined
  readonly sasl: SaslOptions | undefined
  /** For OAUTHBEARER; undefined for any other mechanism. */
  readonly tokens: TokenSource | undefined
  readonly connectTimeoutMs: number
  readonly requestTimeoutMs: number
  readonly maxInFlight: number
  readonly maxFrameBytes: number
  readonly reconnectBackoff: BackoffOptions
  readonly retryBackoff: BackoffOptions
  readonly metadataMaxAgeMs: number
  readonly clock: Clock
  readonly logger: Logger
}

/** A list, or a text with commas as Java takes it. */
function addressesOf(bootstrap: unknown): readonly string[] {
  const addresses: unknown = typeof bootstrap === 'string' ? bootstrap.split(',') : bootstrap
  if (Array.isArray(addresses) && addresses.length > 0 && addresses.every((each) => typeof each === 'string'))
    return addresses
  throw invalid('bootstrap', JSON.stringify(bootstrap) ?? 'undefined', "name one broker or more as 'host:port'")
}

const optionNames = Object.freeze({
  ...{ bootstrap: true, clientId: true, tls: true, sasl: true, connectTimeoutMs: true, requestTimeoutMs: true },
  ...{ maxInFlight: true, maxFrameBytes: true, reconnectBackoffMs: true, reconnectBackoffMaxMs: true },
  ...{ retryBackoffMs: true, retryBackoffMaxMs: true, metadataMaxAgeMs: true, clock: true, logger: true },
}) satisfies Readonly<Record<keyof ClusterOptions, true>>

/** Throws INVALID_OPTION (fatal) for what cannot work. */
export function compileClusterOptions(options: ClusterOptions): ClusterConfig {
  const [mistake] = unknownNames(options, ['driver', ...Object.keys(optionNames)])
  if (mistake !== undefined) throw new MillraceError('INVALID_OPTION', 'fatal', `kafka: ${mistake}`)
  if (options.tls !== undefined && (typeof options.tls !== 'object' || options.tls === null))
    throw invalid('tls', `of type ${typeof options.tls}`, 'give an object, {} for the authorities that Node trusts')
  if (options.sasl !== undefined) checkSasl(options.sasl)
  const bootstrap = addressesOf(options.bootstrap)
  const { sasl, clock = systemClock } = options
  const connectTimeoutMs = positive('connectTimeoutMs', options.connectTimeoutMs ?? 10_000)
  return Object.freeze({
    bootstrap: Object.freeze(bootstrap.map(parseAddress)),
    clientId: options.clientId ?? 'millrace',
    tls: options.tls,
    sasl,
    tokens: tokensOf(sasl, clock, connectTimeoutMs),
    connectTimeoutMs,
    requestTimeoutMs: positive('requestTimeoutMs', options.requestTimeoutMs ?? 30_000),
    maxInFlight: positive('maxInFlight', options.maxInFlight ?? 5),
    maxFrameBytes: positive('maxFrameBytes', options.maxFrameBytes ?? 256 * 1024 * 1024),
    reconnectBackoff: Object.freeze({
      initialMs: positive('reconnectBackoffMs', options.reconnectBackoffMs ?? 50),
      maxMs: positive('reconnectBackoffMaxMs', options.reconnectBackoffMaxMs ?? 1000),
    }),
    retryBackoff: Object.freeze({
      initialMs: positive('retryBackoffMs', options.retryBackoffMs ?? 100),
      maxMs: positive('retryBackoffMaxMs', options.retryBackoffMaxMs ?? 1000),
    }),
    metadataMaxAgeMs: positive('metadataMaxAgeMs', options.metadataMaxAgeMs ?? 300_000),
    clock,
    logger: options.logger ?? silentLogger,
  })
}

/** No value of a credential is shown. */
function checkSasl(sasl: SaslOptions): void {
  const { mechanism, ...rest }: Partial<Record<string, unknown>> = { ...sasl }
  if (mechanism === 'OAUTHBEARER') return
  if (!['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512'].includes(mechanism as string))
    throw invalid('sasl.mechanism', shown(mechanism), 'use PLAIN, SCRAM-SHA-256, SCRAM-SHA-512 or OAUTHBEARER')
  for (const name of ['username', 'password'])
    if (typeof rest[name] !== 'string') throw invalid(`sasl.${name}`, `of type ${typeof rest[name]}`, 'give a text')
}

/** Of the user's callback; undefined where no token is shown. */
export function tokensOf(sasl: SaslOptions | undefined, clock: Clock, timeoutMs: number): TokenSource | undefined {
  if (sasl?.mechanism !== 'OAUTHBEARER') return undefined
  if (typeof sasl.token !== 'function')
    throw invalid('sasl.token', typeof sasl.token, 'give a function that resolves with a token')
  const faulty = extensionFault(sasl.extensions ?? {})
  if (faulty !== undefined)
    throw invalid(
      `sasl.extensions['${faulty}']`,
      'not allowed',
      "a name must consist of letters and must not be 'auth'; a value must be printable",
    )
  return new TokenSource(sasl.token, clock, timeoutMs)
}

function parseAddress(text: string): BrokerAddress {
  const match = /^(?:\[([^\]]+)\]|([^:\s]+)):(\d{1,5})$/.exec(text.trim())
  const port = Number(match?.[3])
  if (match === null || port < 1 || port > 65_535)
    throw invalid('bootstrap', text, "write 'host:port' or '[ipv6]:port'")
  return { host: (match[1] ?? match[2]) as string, port }
}

function positive(field: string, value: number): number {
  if (!(value > 0) || !Number.isFinite(value)) throw invalid(field, String(value), 'give a number above 0')
  return value
}

function invalid(field: string, value: string, fix: string): MillraceError {
  return new MillraceError('INVALID_OPTION', 'fatal', `${field} is ${value}: ${fix}`)
}
