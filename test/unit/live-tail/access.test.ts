import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { Logger } from '../../../src/index.ts'
import type { LiveTailServer } from '../../../src/live-tail/index.ts'
import { until } from '../../support/until.ts'
import { TailScene } from './scene.ts'
import { refusal } from './stream-client.ts'

let scene: TailScene
beforeEach(() => {
  scene = new TailScene()
})
afterEach(() => scene.close())

describe('who may look', () => {
  test('needs the token where there is one', async () => {
    const server = await scene.serve({ token: 'secret' })
    expect(await refusal(server.port, '/logs/stream')).toEqual({
      status: 401,
      body: { ok: false, reason: 'a bearer token is needed' },
    })
    const client = await scene.client(server, '', { authorization: 'Bearer secret' })
    await client.told('heartbeat')
  })

  test('does not open beyond loopback without a token', async () => {
    await expect(scene.serve({ host: '0.0.0.0' })).rejects.toMatchObject({ code: 'LIVE_TAIL_TOKEN_MISSING' })
  })

  test('is no page of another site, and no other name of this machine', async () => {
    const { port } = await scene.serve()
    expect((await refusal(port, '/logs/stream', { origin: 'http://evil.example' })).status).toBe(403)
    expect((await refusal(port, '/logs/stream', { host: 'evil.example' })).status).toBe(403)
    const own = await scene.client({ port } as LiveTailServer, '', { origin: `http://localhost:${port}` })
    await own.told('heartbeat')
  })

  test('is a page of a site that is named, also with a token', async () => {
    const origin = 'https://logs.example.com'
    const { port } = await scene.serve({ token: 'secret', origins: [origin] })
    const headers = { origin, authorization: 'Bearer secret' }
    expect((await refusal(port, '/logs/stream', { ...headers, origin: 'https://evil.example' })).status).toBe(403)
    const client = await scene.client({ port } as LiveTailServer, '', headers)
    expect(client.response.headers['access-control-allow-origin']).toBe(origin)
    const ask = (from: string) =>
      fetch(`http://127.0.0.1:${port}/logs/stream`, { method: 'OPTIONS', headers: { origin: from } })
    const asked = await ask(origin)
    expect([asked.status, asked.headers.get('access-control-allow-headers')]).toEqual([
      204,
      'authorization, last-event-id',
    ])
    expect((await ask('https://evil.example')).status).toBe(405)
  })

  test('hears which limit was reached, why, and who can raise it', async () => {
    const server = await scene.serve({
      viewersMax: 3,
      viewersPerUserMax: 2,
      userHeader: 'X-Forwarded-User',
      owner: 'team-logs',
    })
    const ann = { 'x-forwarded-user': 'ann' }
    const [first] = [await scene.client(server, '', ann), await scene.client(server, '', ann)]
    expect(await refusal(server.port, '/logs/stream', ann)).toEqual({
      status: 429,
      body: {
        ok: false,
        reason: 'ann has 2 viewers already: close one of them, or ask the owner for more',
        limit: 'viewersPerUserMax=2',
        owner: 'team-logs',
      },
    })
    await scene.client(server, '', { 'x-forwarded-user': 'bob' })
    expect((await refusal(server.port, '/logs/stream', { 'x-forwarded-user': 'cid' })).body).toMatchObject({
      limit: 'viewersMax=3',
    })
    first.close()
    await until(() => server.status().viewers === 2)
    await (await scene.client(server, '', ann)).told('heartbeat')
  })

  test.each([
    ['/logs/stream?level=error', 'level is no parameter: did you mean levels?'],
    ['/logs/stream?levels=loud', "levels has 'loud': give debug, info, warn, error or critical"],
    ['/logs/stream?from=yesterday', "from is 'yesterday': give an ISO 8601 time, or milliseconds since 1970"],
    ['/logs/stream?when=level%20=%20error', 'when cannot be read: = at column 7 is not part of a condition: write =='],
  ])('hears what is wrong with %s', async (path, reason) => {
    const { status, body } = await refusal((await scene.serve()).port, path)
    expect([status, body.reason]).toEqual([400, `${reason} [LIVE_TAIL_FILTER]`])
  })

  test('hears of another path and another method', async () => {
    const { port } = await scene.serve()
    expect((await refusal(port, '/logs')).body.reason).toBe(
      'no such path: ask for /logs/stream, /logs/export, /logs/access, /logs/ws',
    )
    expect((await refusal(port, '/logs/stream', {}, 'POST')).status).toBe(405)
  })

  test('is in the log, with what was asked for and what was shown', async () => {
    const entries: [string, Readonly<Record<string, unknown>>][] = []
    const logger: Logger = {
      debug: () => {},
      info: (fields, message) => void entries.push([message, fields]),
      warn: () => {},
      error: () => {},
      child: () => logger,
    }
    const server = await scene.serve({ logger })
    const client = await scene.client(server, 'levels=error')
    await client.told('heartbeat')
    scene.write({ message: 'a', level: 'error' })
    await client.received(1)
    client.close()
    await refusal(server.port, '/logs/stream?levels=loud')
    await until(() => entries.some(([message]) => message === 'live tail closed'))
    const told = Object.fromEntries(entries)
    expect(told['live tail opened']).toMatchObject({
      path: '/logs/stream',
      filter: { levels: ['error'] },
      start: 'live',
    })
    expect(told['live tail closed']).toMatchObject({ shown: 1, notShown: { rate: 0, filter: 0, buffer: 0 } })
    expect(told['live tail refused']).toMatchObject({ status: 400 })
  })
})
