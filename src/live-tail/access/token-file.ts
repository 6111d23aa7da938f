import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { parse } from 'yaml'
import type { Clock, Timer } from '../../core/clock.ts'
import { errorMessage, MillraceError } from '../../core/errors.ts'
import type { Logger } from '../../core/logger.ts'
import { told } from '../../core/shown.ts'
import { unknownNames } from '../../core/unknown-names.ts'
import type { Identity, TokenCheck } from './identity.ts'
import { isRole, type Role, roles } from './roles.ts'

const rereadMs = 30_000
const tokenLengthMin = 16

interface Holder {
  readonly user: string
  readonly roles: readonly Role[]
}

/**
 * Tokens with their users and roles, from a file in YAML or JSON. It is read again every 30 s, so that a token can be added
 * or withdrawn without a restart: a file with a mistake changes nothing, and is logged.
 */
export class TokenFile implements TokenCheck {
  readonly #path: string
  readonly #clock: Clock
  readonly #logger: Logger
  /** By the hash of the token: how long a look-up takes says nothing about a token. */
  #holders: ReadonlyMap<string, Holder> = new Map()
  #text = ''
  #timer: Timer | undefined

  private constructor(path: string, { clock, logger }: { readonly clock: Clock; readonly logger: Logger }) {
    this.#path = path
    this.#clock = clock
    this.#logger = logger
  }

  /** Reads the file, until `close`. Rejects with LIVE_TAIL_TOKENS, which names every mistake. */
  static async open(path: string, world: { readonly clock: Clock; readonly logger: Logger }): Promise<TokenFile> {
    const file = new TokenFile(path, world)
    await file.#read()
    file.#readLater()
    return file
  }

  check(token: string): Promise<Identity | undefined> {
    const hash = hashOf(token)
    const holder = this.#holders.get(hash)
    if (holder === undefined) return Promise.resolve(undefined)
    const { user, roles: held } = holder
    const isCurrent = (): boolean => {
      const now = this.#holders.get(hash)
      return now?.user === user && now.roles.join() === held.join()
    }
    return Promise.resolve({ user, roles: held, isCurrent })
  }

  close(): void {
    this.#timer?.cancel()
    this.#timer = undefined
  }

  async #read(): Promise<void> {
    let text: string
    try {
      text = await readFile(this.#path, 'utf8')
    } catch (cause) {
      throw refused(this.#path, [`it cannot be read (${errorMessage(cause)})`])
    }
    if (text === this.#text) return
    this.#holders = holdersOf(text, this.#path)
    this.#text = text
  }

  #readLater(): void {
    this.#timer = this.#clock.setTimer(rereadMs, () => void this.#readAgain())
  }

  async #readAgain(): Promise<void> {
    const before = this.#holders
    try {
      await this.#read()
      if (this.#holders !== before)
        this.#logger.info({ tokens: this.#holders.size }, 'the tokens of the live tail were read again')
    } catch (error) {
      const fields = { error: errorMessage(error) }
      this.#logger.warn(fields, 'the tokens of the live tail cannot be read again: those before stay')
    }
    if (this.#timer !== undefined) this.#readLater()
  }
}

function holdersOf(text: string, path: string): ReadonlyMap<string, Holder> {
  let content: unknown
  try {
    content = parse(text)
  } catch {
    // What the parser says quotes the file.
    throw refused(path, ['it is neither YAML nor JSON'])
  }
  const list = isObject(content) ? content.tokens : undefined
  if (!Array.isArray(list)) throw refused(path, ['tokens is no list: write tokens, each with token, user and roles'])
  const faults: string[] = []
  const holders = new Map<string, Holder>()
  for (const [index, entry] of list.entries()) {
    const place = `tokens[${index}]`
    if (!isObject(entry)) {
      faults.push(`${place} is no object: give token, user and roles`)
      continue
    }
    const { token, user, roles: held } = entry
    faults.push(...unknownNames(entry, ['token', 'user', 'roles']).map((fault) => `${place}: ${fault}`))
    const isLong = typeof token === 'string' && token.length >= tokenLengthMin
    if (!isLong) faults.push(`${place}.token is too short: give a text of ${tokenLengthMin} characters or more`)
    if (typeof user !== 'string' || user === '') faults.push(`${place}.user is ${told(user)}: give a name`)
    const areRoles = Array.isArray(held) && held.length > 0 && held.every(isRole)
    if (!areRoles) faults.push(`${place}.roles is ${told(held)}: give a list of ${roles.join(', ')}`)
    if (!isLong || !areRoles) continue
    const hash = hashOf(token)
    if (holders.has(hash)) faults.push(`${place}.token is there twice: give each user another one`)
    holders.set(hash, { user: String(user), roles: held })
  }
  if (faults.length > 0) throw refused(path, faults)
  return holders
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('base64')
}

function refused(path: string, faults: readonly string[]): MillraceError {
  const text = `the tokens of ${path} cannot be used: ${faults.join(', ')}`
  return new MillraceError('LIVE_TAIL_TOKENS', 'fatal', text)
}
