import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT, UnsecuredJWT } from 'jose'
import { ManualClock } from '../../../src/core/clock.ts'
import type { LiveTailServer, OidcOptions } from '../../../src/live-tail/index.ts'
import { until } from '../../support/until.ts'
import { TailScene } from './scene.ts'
import { refusal } from './stream-client.ts'

type Key = Awaited<ReturnType<typeof generateKeyPair>> & { readonly kid: string }

/** An issuer of tokens, as far as a live tail sees one. */
class Issuer {
  readonly #server: Server
  readonly #keys: Key[] = []
  requests = 0
  isDown = false

  constructor() {
    this.#server = createServer((request, response) => {
      this.requests++
      if (this.isDown) return response.writeHead(500).end()
      const path = request.url === '/.well-known/openid-configuration' ? this.#configuration() : this.#jwks()
      void path.then((body) => response.end(JSON.stringify(body)))
    })
  }

  async start(): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve))
    await this.addKey()
    return this
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  get key(): Key {
    return this.#keys.at(-1) as Key
  }

  async addKey(): Promise<void> {
    const pair = await generateKeyPair('ES256', { extractable: true })
    this.#keys.push({ ...pair, kid: `key-${this.#keys.length}` })
  }

  token(claims: JWTPayload, key = this.key): Promise<string> {
    const payload = { iss: this.url, aud: 'live-tail', sub: 'ann', roles: ['operations'], ...claims }
    return new SignJWT(payload).setProtectedHeader({ alg: 'ES256', kid: key.kid }).sign(key.privateKey)
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  async #configuration() {
    return { issuer: this.url, jwks_uri: `${this.url}/keys` }
  }

  async #jwks() {
    const keys = await Promise.all(
      this.#keys.map(async ({ publicKey, kid }) => ({ ...(await exportJWK(publicKey)), kid, alg: 'ES256' })),
    )
    return { keys }
  }
}

const nowSeconds = 1_800_000_000
let scene: TailScene
let issuer: Issuer
let clock: ManualClock
beforeEach(async () => {
  scene = new TailScene()
  issuer = await new Issuer().start()
  clock = new ManualClock(nowSeconds * 1000)
})
afterEach(async () => {
  await scene.close()
  await issuer.close()
})

const serve = (options: Partial<OidcOptions> = {}): Promise<LiveTailServer> =>
  scene.serve({ clock, oidc: { issuer: issuer.url, audience: 'live-tail', ...options } })

async function answerTo(server: LiveTailServer, token: string) {
  const { status, body } = await refusal(server.port, '/logs/stream', { authorization: `Bearer ${token}` })
  return [status, body.reason]
}

const watch = async (server: LiveTailServer, token: string) => {
  const client = await scene.client(server, '', { authorization: `Bearer ${token}` })
  await client.told('heartbeat')
  return client
}

const exp = nowSeconds + 600

describe('a token of an issuer', () => {
  test('names the user and the roles, and ends with its time', async () => {
    const server = await serve()
    const client = await watch(server, await issuer.token({ exp: nowSeconds + 60, roles: 'developers' }))
    scene.writeClassed('audit', { message: 'audit' })
    scene.writeClassed('application', { message: 'application' })
    await until(() => (clock.advance(5), client.lines.length > 0))
    expect(client.messages).toEqual(['application'])
    await until(() => (clock.advance(30_000), client.hasEnded))
    expect((await client.told('failed')).data.reason).toMatch(/token is not valid any longer/)
  })

  test('may have its user and roles in claims of other names', async () => {
    const server = await serve({
      userClaim: 'email',
      rolesClaim: 'realm_access.roles',
      roleNames: { 'team-shop': 'developers' },
    })
    const named = { exp, email: 'ann@example.com', roles: [], realm_access: { roles: ['other', 'team-shop'] } }
    const client = await watch(server, await issuer.token(named))
    scene.writeClassed('application', { message: 'application' })
    await until(() => (clock.advance(5), client.lines.length > 0))
    const without = await issuer.token({ exp, email: 'bob@example.com', roles: ['operations'] })
    expect(await answerTo(server, without)).toEqual([
      403,
      'bob@example.com has no role, which shows no logs: ask the owner for another one',
    ])
  })

  test('is refused where it does not fit, with the reason', async () => {
    const server = await serve()
    const other = await new Issuer().start()
    try {
      const cases: [string, string, RegExp][] = [
        ['expired', await issuer.token({ exp: nowSeconds - 31 }), /has expired/],
        ['without end', await issuer.token({}), /claim exp/],
        ['not yet valid', await issuer.token({ exp, nbf: nowSeconds + 31 }), /claim nbf/],
        ['for somebody else', await issuer.token({ exp, aud: 'shop' }), /claim aud.*get a token for live-tail/],
        ['of somebody else', await issuer.token({ exp, iss: 'https://evil.example' }), /claim iss/],
        ['with the key of somebody else', await issuer.token({ exp }, other.key), /not one of the issuer/],
        ['without a user', await issuer.token({ exp, sub: '' }), /has no sub/],
        ['unsigned', new UnsecuredJWT({ iss: issuer.url, aud: 'live-tail', sub: 'ann', exp }).encode(), /./],
        ['no token', 'a.b.c', /not one of the issuer/],
        ['another kind', 'opaque', /nobody has this token/],
      ]
      for (const [name, token, reason] of cases) {
        const answer = await answerTo(server, token)
        expect([name, ...answer]).toEqual([name, 401, expect.stringMatching(reason)])
        expect(String(answer[1])).not.toContain(token)
      }
    } finally {
      await other.close()
    }
  })

  test('may be as far off as the clocks', async () => {
    const server = await serve()
    await watch(server, await issuer.token({ exp: nowSeconds - 29, nbf: nowSeconds + 29 }))
  })

  test('does not make the keys be asked for again', async () => {
    const server = await serve()
    const token = await issuer.token({ exp })
    await watch(server, token)
    const { requests } = issuer
    await watch(server, token)
    expect(issuer.requests).toBe(requests)
  })

  test('cannot be looked at while the issuer does not answer, and is taken when it does', async () => {
    issuer.isDown = true
    const server = await serve()
    const token = await issuer.token({ exp })
    expect(await answerTo(server, token)).toEqual([503, 'the issuer of tokens does not answer: try again later'])
    const { requests } = issuer
    expect((await answerTo(server, token))[0]).toBe(503)
    expect(issuer.requests).toBe(requests)
    issuer.isDown = false
    clock.advance(10_000)
    await watch(server, token)
  })
})

test('an issuer without TLS, and other mistakes, are refused at the start', async () => {
  const oidc = { issuer: 'http://login.example.com', audience: '', clockSkewMs: -1, roleNames: { x: 'admin' } }
  await expect(scene.serve({ oidc: oidc as unknown as OidcOptions })).rejects.toThrow(
    /oidc.issuer is .*: give an address with https, oidc.audience is .*, oidc.roleNames.x is .*, oidc.clockSkewMs is -1/,
  )
})
