import { consequenceOf, MillraceError } from '../../../core/errors.ts'
import type { ClusterConfig } from './cluster-options.ts'
import type { RequestTarget } from './connection-request.ts'
import { errorCodes, protocolError } from './protocol-errors.ts'
import type { Api, VersionRange } from '../protocol/api.ts'
import {
  type ApiVersionsRequest,
  type ApiVersionsResponse,
  apiVersionsApi,
} from '../protocol/generated/api-versions.ts'
import { saslAuthenticateApi } from '../protocol/generated/sasl-authenticate.ts'
import { saslHandshakeApi } from '../protocol/generated/sasl-handshake.ts'
import { authenticate, type SaslOptions } from './sasl.ts'

/** The result of a handshake, which holds as long as its connection. */
export interface Session {
  readonly versions: ReadonlyMap<number, VersionRange>
  /** Of the features that the whole cluster has switched on, by name (KIP-584). */
  readonly featureLevels: ReadonlyMap<string, number>
  /** After it the broker refuses requests; 0 for never. */
  readonly lifetimeMs: number
}

/** A broker that does not speak our version answers in version 0, whose first field is the error as well. */
const probeApi: Api<ApiVersionsRequest, ApiVersionsResponse | undefined> = {
  ...apiVersionsApi,
  decode: (reader, version) =>
    reader.peekInt16() === errorCodes.unsupportedVersion ? undefined : apiVersionsApi.decode(reader, version),
}

/**
 * The exchange before the first request: versions (KIP-35), then SASL where it is configured (KIP-43, KIP-152). Called
 * once for each connection; rejects with UNSUPPORTED_BROKER or SASL_AUTHENTICATION_FAILED (fatal) among others.
 */
export async function handshake(connection: RequestTarget, config: ClusterConfig): Promise<Session> {
  const { apiKeys, finalizedFeatures } = await offer(connection, config)
  const lifetimeMs = config.sasl === undefined ? 0 : await login(connection, config, config.sasl)
  return {
    versions: new Map(apiKeys.map((api) => [api.apiKey, { min: api.minVersion, max: api.maxVersion }])),
    featureLevels: new Map(finalizedFeatures.map(({ name, maxVersionLevel }) => [name, maxVersionLevel])),
    lifetimeMs,
  }
}

async function offer(connection: RequestTarget, config: ClusterConfig): Promise<ApiVersionsResponse> {
  const body = { clientSoftwareName: 'millrace', clientSoftwareVersion: '0.1.0' }
  const response = await connection.request(probeApi, body, {
    timeoutMs: config.connectTimeoutMs,
    version: apiVersionsApi.maxVersion,
  })
  if (response === undefined) {
    throw new MillraceError(
      'UNSUPPORTED_BROKER',
      'fatal',
      `broker ${name(connection)} is too old: use Apache Kafka 3.1 or newer`,
    )
  }
  if (response.errorCode !== 0)
    throw protocolError(response.errorCode, `broker ${name(connection)} refused to list its versions`)
  return response
}

/**
 * SASL in two steps: the mechanism, then its exchange. A token that is refused may only be too old, where it was
 * accepted before: TOKEN_UNAVAILABLE (retriable) then makes the next dial ask for another one. Returns how long the
 * broker keeps the session.
 */
async function login(connection: RequestTarget, config: ClusterConfig, sasl: SaslOptions): Promise<number> {
  const timeoutMs = config.connectTimeoutMs
  const hello = await connection.request(
    saslHandshakeApi,
    { mechanism: sasl.mechanism },
    { timeoutMs, version: saslHandshakeApi.maxVersion },
  )
  if (hello.errorCode !== 0) {
    const offered = hello.mechanisms.join(', ') || 'none'
    throw protocolError(
      hello.errorCode,
      `broker ${name(connection)} refused SASL ${sasl.mechanism}, it offers ${offered}`,
    )
  }
  const token = (await config.tokens?.next()) ?? ''
  try {
    const lifetimeMs = await prove(connection, config, sasl, token)
    config.tokens?.accepted(token, lifetimeMs)
    return lifetimeMs
  } catch (error) {
    const mayBeOld = consequenceOf(error) === 'fatal' && config.tokens?.refused(token) === true
    if (!mayBeOld) throw error
    const what = `broker ${name(connection)} refuses a token that was accepted before: asking for another one`
    throw new MillraceError('TOKEN_UNAVAILABLE', 'retriable', what, { cause: error })
  }
}

/**
 * The exchange of the mechanism; the last answer tells the lifetime of the session in milliseconds, 0 for no end
 * (KIP-368).
 */
async function prove(
  connection: RequestTarget,
  config: ClusterConfig,
  sasl: SaslOptions,
  token: string,
): Promise<number> {
  const timeoutMs = config.connectTimeoutMs
  let lifetimeMs = 0
  await authenticate(sasl, token, async (authBytes) => {
    const answer = await connection.request(
      saslAuthenticateApi,
      { authBytes },
      { timeoutMs, version: saslAuthenticateApi.maxVersion },
    )
    if (answer.errorCode !== 0) {
      throw protocolError(
        answer.errorCode,
        `broker ${name(connection)} refused ${principalOf(sasl)} by SASL ${sasl.mechanism}`,
      )
    }
    lifetimeMs = answer.sessionLifetimeMs
    return answer.authBytes
  })
  return lifetimeMs
}

/** For errors; never the password or the token. */
function principalOf(sasl: SaslOptions): string {
  return sasl.mechanism === 'OAUTHBEARER' ? 'the token' : `user ${sasl.username}`
}

function name(connection: RequestTarget): string {
  return `${connection.address.host}:${connection.address.port}`
}
