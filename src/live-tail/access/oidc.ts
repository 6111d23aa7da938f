import { createRemoteJWKSet, errors, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from 'jose'
import type { Clock } from '../../core/clock.ts'
import { errorMessage, MillraceError } from '../../core/errors.ts'
import type { Logger } from '../../core/logger.ts'
import { told } from '../../core/shown.ts'
import { unknownNames } from '../../core/unknown-names.ts'
import type { Identity, TokenCheck, TokenRefusal } from './identity.ts'
import { isRole, type Role, roles } from './roles.ts'

/** Whose bearer tokens are taken: JSON web tokens of an issuer with OpenID Connect. */
export interface OidcOptions {
  /** Its address, as tokens name it (`iss`). Its keys are found by `/.well-known/openid-configuration`. */
  readonly issuer: string
  /** For whom tokens have to be (`aud`). */
  readonly audience: string
  /** Where the keys are, for an issuer that does not say it. Default: what its configuration says. */
  readonly jwksUrl?: string | undefined
  /** The claim with the roles, a text or a list; within objects with dots: `realm_access.roles`. Default `roles`. */
  readonly rolesClaim?: string | undefined
  /** Values of that claim and the roles that they are. Default: the names of the roles. */
  readonly roleNames?: Readonly<Record<string, Role>> | undefined
  /** The claim that names the user. Default `sub`. */
  readonly userClaim?: string | undefined
  /** How far the clocks of issuer and process may be apart, in milliseconds. Default 30,000. */
  readonly clockSkewMs?: number | undefined
}

/** How long the issuer may take to answer. */
const requestTimeoutMs = 5000
/** Keys are asked for again after this time, and at once for a key that is not known, but not more often than `cooldownMs`. */
const keysAgeMaxMs = 600_000
const cooldownMs = 10_000
/** None with a shared secret. */
const algorithms = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519']
const looksLikeJwt = /^[\w-]+\.[\w-]+\.[\w-]+$/
const loopback = /^http:\/\/(127\.0\.0\.1|\[::1\]|localhost)[:/]/

const clockSkewMsMax = 600_000

const names = ['issuer', 'audience', 'jwksUrl', 'rolesClaim', 'roleNames', 'userClaim', 'clockSkewMs']

interface Config {
  readonly issuer: string
  readonly audience: string
  /** Null: the issuer says it. */
  readonly jwksUrl: string | null
  readonly rolesClaim: string
  readonly userClaim: string
  readonly clockSkewMs: number
  readonly roleNames: ReadonlyMap<string, Role>
}

/** Takes tokens of an issuer, by its keys. */
export class OidcTokens implements TokenCheck {
  readonly #config: Config
  readonly #clock: Clock
  readonly #logger: Logger
  #keys: JWTVerifyGetKey | undefined
  #keysComing: Promise<JWTVerifyGetKey> | undefined
  /** When the issuer did not answer, by the monotonic clock. */
  #failedMs = Number.NEGATIVE_INFINITY
  #loggedMs = Number.NEGATIVE_INFINITY

  /** Throws ILLEGAL_ARGUMENT with every fault at once. */
  constructor(options: OidcOptions, { clock, logger }: { readonly clock: Clock; readonly logger: Logger }) {
    this.#config = configOf(options)
    this.#clock = clock
    this.#logger = logger
  }

  async check(token: string): Promise<Identity | TokenRefusal | undefined> {
    if (!looksLikeJwt.test(token)) return undefined
    const { issuer, audience, clockSkewMs } = this.#config
    try {
      const { payload } = await jwtVerify(token, await this.#keysOfIssuer(), {
        issuer,
        audience,
        algorithms,
        clockTolerance: clockSkewMs / 1000,
        requiredClaims: ['exp'],
        currentDate: new Date(this.#clock.nowMs()),
      })
      return this.#identityOf(payload)
    } catch (error) {
      return this.#refusalOf(error)
    }
  }

  #identityOf(payload: JWTPayload): Identity | TokenRefusal {
    const { userClaim, rolesClaim, roleNames, clockSkewMs } = this.#config
    const user = claimOf(payload, userClaim)
    if (typeof user !== 'string' || user === '')
      return { status: 401, reason: `the token has no ${userClaim}, which names the user` }
    const named = [claimOf(payload, rolesClaim) ?? []].flat()
    const held = named.flatMap((name) => (typeof name === 'string' ? (roleNames.get(name) ?? []) : []))
    const endMs = (payload.exp ?? 0) * 1000 + clockSkewMs
    return { user, roles: [...new Set(held)], isCurrent: () => this.#clock.nowMs() < endMs }
  }

  /** What is wrong with a token, or that nobody could look. */
  #refusalOf(error: unknown): TokenRefusal {
    if (error instanceof errors.JWTExpired) return { status: 401, reason: 'the token has expired: get a new one' }
    if (error instanceof errors.JWTClaimValidationFailed) {
      const { audience } = this.#config
      return { status: 401, reason: `the claim ${error.claim} of the token does not fit: get a token for ${audience}` }
    }
    if (isFaultOfToken(error)) return { status: 401, reason: 'the token is not one of the issuer' }
    this.#logSilence(error)
    return { status: 503, reason: 'the issuer of tokens does not answer: try again later' }
  }

  #logSilence(error: unknown): void {
    const nowMs = this.#clock.monotonicMs()
    if (nowMs - this.#loggedMs < cooldownMs) return
    this.#loggedMs = nowMs
    const { issuer } = this.#config
    this.#logger.warn({ error: errorMessage(error), issuer }, 'the issuer of tokens does not answer')
  }

  /** Found once; while the issuer does not answer, it is not asked by every request. */
  async #keysOfIssuer(): Promise<JWTVerifyGetKey> {
    if (this.#keys !== undefined) return this.#keys
    if (this.#keysComing === undefined) {
      if (this.#clock.monotonicMs() - this.#failedMs < cooldownMs) throw new Error('it did not answer just now')
      this.#keysComing = this.#findKeys().finally(() => (this.#keysComing = undefined))
    }
    return this.#keysComing
  }

  async #findKeys(): Promise<JWTVerifyGetKey> {
    try {
      const url = new URL(this.#config.jwksUrl ?? (await this.#jwksUrlOfIssuer()))
      this.#keys = createRemoteJWKSet(url, {
        timeoutDuration: requestTimeoutMs,
        cacheMaxAge: keysAgeMaxMs,
        cooldownDuration: cooldownMs,
      })
      return this.#keys
    } catch (error) {
      this.#failedMs = this.#clock.monotonicMs()
      throw error
    }
  }

  async #jwksUrlOfIssuer(): Promise<string> {
    const { issuer } = this.#config
    const url = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`
    const signal = AbortSignal.timeout(requestTimeoutMs)
    const response = await fetch(url, { signal, redirect: 'error', headers: { accept: 'application/json' } })
    if (response.status !== 200) throw new Error(`${url} answers ${response.status}`)
    const { issuer: named, jwks_uri: found } = (await response.json()) as Readonly<Record<string, unknown>>
    if (named !== issuer) throw new Error(`${url} is of the issuer ${told(named)}`)
    if (typeof found !== 'string' || !isSafe(found)) throw new Error(`${url} has ${told(found)} as jwks_uri`)
    return found
  }
}

function configOf(options: OidcOptions): Config {
  const faults = unknownNames(options, names)
  const { issuer, audience, jwksUrl = null, rolesClaim = 'roles', userClaim = 'sub', clockSkewMs = 30_000 } = options
  const roleNames = new Map(Object.entries(options.roleNames ?? Object.fromEntries(roles.map((role) => [role, role]))))
  for (const [name, url] of Object.entries({ issuer, ...(jwksUrl !== null && { jwksUrl }) }))
    if (!isSafe(url)) faults.push(`oidc.${name} is ${told(url)}: give an address with https`)
  for (const [name, text] of Object.entries({ audience, rolesClaim, userClaim }))
    if (typeof text !== 'string' || text === '') faults.push(`oidc.${name} is ${told(text)}: give a text`)
  for (const [name, role] of roleNames)
    if (!isRole(role)) faults.push(`oidc.roleNames.${name} is ${told(role)}: give one of ${roles.join(', ')}`)
  if (!Number.isSafeInteger(clockSkewMs) || clockSkewMs < 0 || clockSkewMs > clockSkewMsMax)
    faults.push(`oidc.clockSkewMs is ${told(clockSkewMs)}: give milliseconds from 0 to ${clockSkewMsMax}`)
  if (faults.length > 0) throw new MillraceError('ILLEGAL_ARGUMENT', 'fatal', `live tail: ${faults.join(', ')}`)
  return Object.freeze({ issuer, audience, jwksUrl, rolesClaim, userClaim, clockSkewMs, roleNames })
}

/** Keys and tokens of an address without TLS are anybody's. */
function isSafe(url: unknown): boolean {
  return typeof url === 'string' && URL.canParse(url) && (url.startsWith('https://') || loopback.test(url))
}

function claimOf(payload: JWTPayload, path: string): unknown {
  // Names of claims may be addresses, which have dots.
  if (Object.hasOwn(payload, path)) return payload[path]
  return path.split('.').reduce<unknown>((value, name) => {
    const isThere = typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    return isThere ? (value as Readonly<Record<string, unknown>>)[name] : undefined
  }, payload)
}

/** All others are those of a request to the issuer. */
function isFaultOfToken(error: unknown): boolean {
  return (
    error instanceof errors.JWTInvalid ||
    error instanceof errors.JWSInvalid ||
    error instanceof errors.JWSSignatureVerificationFailed ||
    error instanceof errors.JOSEAlgNotAllowed ||
    error instanceof errors.JOSENotSupported ||
    error instanceof errors.JWKSNoMatchingKey ||
    error instanceof errors.JWKSMultipleMatchingKeys
  )
}
