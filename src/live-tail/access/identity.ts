import type { Role } from './roles.ts'

/** Who asks. */
export interface Identity {
  readonly user: string
  /** Undefined: there are no roles here, and everybody who may ask sees everything. */
  readonly roles: readonly Role[] | undefined
  /** False: its token has expired, or was withdrawn. */
  isCurrent(): boolean
}

/** Asks who has a token. */
export interface TokenCheck {
  /** Undefined: it is no token of this kind. Otherwise who has it, or why it is refused. */
  check(token: string): Promise<Identity | TokenRefusal | undefined>
}

/** Why a token does not do. */
export interface TokenRefusal {
  /** 401: another token is needed. 503: the token could not be looked at. */
  readonly status: 401 | 503
  readonly reason: string
}
