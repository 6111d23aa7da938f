import type { IncomingMessage } from 'node:http'
import type { Clock } from '../../core/clock.ts'
import { denialOf, isSame } from '../../core/http-access.ts'
import type { Logger } from '../../core/logger.ts'
import type { Refusal } from '../admission.ts'
import type { Identity, TokenCheck } from './identity.ts'
import { type OidcOptions, OidcTokens } from './oidc.ts'
import { TokenFile } from './token-file.ts'

/** How somebody shows who they are. */
export interface GateOptions {
  readonly token: string | undefined
  readonly tokensFile: string | undefined
  readonly oidc: OidcOptions | undefined
  readonly userHeader: string | undefined
}

const bearer = /^Bearer +(\S+) *$/i

/** Finds out who asks. */
export class Gate {
  readonly #options: GateOptions
  readonly #checks: readonly TokenCheck[]
  readonly #file: TokenFile | undefined

  private constructor(options: GateOptions, file: TokenFile | undefined, oidc: OidcTokens | undefined) {
    this.#options = options
    this.#file = file
    this.#checks = [file, oidc].filter((check) => check !== undefined)
  }

  /** Rejects with LIVE_TAIL_TOKENS and ILLEGAL_ARGUMENT. */
  static async open(options: GateOptions, world: { readonly clock: Clock; readonly logger: Logger }): Promise<Gate> {
    const { tokensFile, oidc } = options
    const issuer = oidc && new OidcTokens(oidc, world)
    const file = tokensFile === undefined ? undefined : await TokenFile.open(tokensFile, world)
    return new Gate(options, file, issuer)
  }

  /** Who asks, or why they are not answered. */
  async identify(request: IncomingMessage): Promise<Identity | Refusal> {
    const { token } = this.#options
    if (this.#checks.length === 0) {
      return denialOf(request, token) ?? { user: this.userOf(request), roles: undefined, isCurrent: () => true }
    }
    const [, given] = bearer.exec(request.headers.authorization ?? '') ?? []
    if (given === undefined) return unknown('a bearer token is needed')
    if (token !== undefined && isSame(given, token)) {
      return { user: this.userOf(request), roles: ['operations'], isCurrent: () => true }
    }
    for (const check of this.#checks) {
      const found = await check.check(given)
      if (found === undefined) continue
      if (!('status' in found)) return found
      return found.status === 401 ? unknown(found.reason) : { status: 503, reason: found.reason }
    }
    return unknown('nobody has this token')
  }

  /** As the proxy names the user, or the network address. */
  userOf({ headers, socket }: IncomingMessage): string {
    const { userHeader } = this.#options
    const named = userHeader === undefined ? undefined : headers[userHeader.toLowerCase()]
    return (Array.isArray(named) ? named[0] : named) ?? socket.remoteAddress ?? ''
  }

  close(): void {
    this.#file?.close()
  }
}

function unknown(reason: string): Refusal {
  return { status: 401, reason, headers: { 'www-authenticate': 'Bearer' } }
}
