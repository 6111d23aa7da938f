import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { ManualClock } from '../../../src/core/clock.ts'
import type { LiveTailServer, LiveTailServerOptions } from '../../../src/live-tail/index.ts'
import { RecordingLogger } from '../../support/recording-logger.ts'
import { until } from '../../support/until.ts'
import { TailScene } from './scene.ts'
import { refusal, type StreamClient } from './stream-client.ts'

const people = {
  ann: ['developers'],
  bob: ['operations'],
  cid: ['auditors'],
  dan: ['readonly'],
  eve: ['developers', 'auditors'],
} as const
type Person = keyof typeof people

const tokenOf = (person: string): string => `token-of-${person}-0123456789`
const bearer = (person: string) => ({ authorization: `Bearer ${tokenOf(person)}` })
const listed = (who: readonly Person[]): string =>
  JSON.stringify({ tokens: who.map((user) => ({ user, roles: people[user], token: tokenOf(user) })) })

let scene: TailScene
let folder: string
let tokensFile: string
beforeEach(async () => {
  scene = new TailScene()
  folder = await mkdtemp(join(tmpdir(), 'millrace-tokens-'))
  tokensFile = join(folder, 'tokens.yaml')
  await writeFile(tokensFile, listed(Object.keys(people) as Person[]))
})
afterEach(async () => {
  await scene.close()
  await rm(folder, { recursive: true })
})

const serve = (options: Partial<LiveTailServerOptions> = {}): Promise<LiveTailServer> =>
  scene.serve({ tokensFile, ...options })

async function watch(server: LiveTailServer, person: Person, query = ''): Promise<StreamClient> {
  const client = await scene.client(server, query, bearer(person))
  await client.told('heartbeat')
  return client
}

function writeAll(): void {
  scene.writeClassed('application', { message: 'application', level: 'info' })
  scene.writeClassed('performance', { message: 'performance', level: 'info' })
  scene.writeClassed('performance', { message: 'slow error', level: 'ERROR' })
  scene.writeClassed('audit', { message: 'audit', level: 'info' })
  scene.writeClassed('audit', { message: 'audit error', level: 'error' })
  scene.writeClassed('security', { message: 'security', level: 'info' })
  scene.write({ message: 'of no class', level: 'error' })
  scene.writeClassed('application', { message: 'last', level: 'error' })
  scene.writeClassed('audit', { message: 'last audit', level: 'error' })
}

const seenBy = [
  ['ann', ['application', 'slow error', 'last']],
  [
    'bob',
    [
      'application',
      'performance',
      'slow error',
      'audit',
      'audit error',
      'security',
      'of no class',
      'last',
      'last audit',
    ],
  ],
  ['cid', ['audit', 'audit error', 'security', 'last audit']],
  ['eve', ['application', 'slow error', 'audit', 'audit error', 'security', 'last', 'last audit']],
] as const

describe('what a role shows', () => {
  test.each(seenBy)('%s sees %j of what is new', async (person, messages) => {
    const client = await watch(await serve(), person)
    writeAll()
    await client.received(messages.length)
    expect(client.messages).toEqual(messages)
    expect(client.events.at(-1)?.data.notShown.filter).toBe(0)
  })

  test.each(seenBy)('%s sees %j of the past', async (person, messages) => {
    const server = await serve()
    writeAll()
    const client = await watch(server, person, 'from=0')
    await client.received(messages.length)
    await watch(server, person, 'text=nothing')
    expect(client.messages).toEqual(messages)
  })

  test('a topic may say what its logs are', async () => {
    const client = await watch(await serve({ topicClasses: { logs: 'application' } }), 'ann')
    scene.write({ message: 'of the topic' })
    await client.received(1)
    expect(client.messages).toEqual(['of the topic'])
  })

  test('readonly sees pages and no logs', async () => {
    const { port } = await serve({ owner: 'team-logs' })
    expect(await refusal(port, '/logs/stream', bearer('dan'))).toEqual({
      status: 403,
      body: {
        ok: false,
        reason: 'dan has the role readonly, which shows no logs: ask the owner for another one',
        owner: 'team-logs',
      },
    })
  })

  test('nobody sees anything without a token that is listed', async () => {
    const { port } = await serve()
    expect((await refusal(port, '/logs/stream')).body.reason).toBe('a bearer token is needed')
    expect((await refusal(port, '/logs/stream', bearer('zoe'))).status).toBe(401)
  })

  test('the one token is that of operations', async () => {
    const server = await serve({ token: 'the-one-token' })
    const client = await scene.client(server, '', { authorization: 'Bearer the-one-token' })
    await client.told('heartbeat')
    scene.write({ message: 'of no class', userId: 'ann' })
    await client.received(1)
    expect(client.lines[0]?.log.userId).toBe('[redacted:person]')
  })
})

describe('GET /logs/access', () => {
  async function ask({ port }: LiveTailServer, headers: Readonly<Record<string, string>> = {}): Promise<unknown> {
    return (await fetch(`http://127.0.0.1:${port}/logs/access`, { headers })).json()
  }

  test('says what somebody may do, so that a page offers nothing else', async () => {
    const server = await serve({ exports: true })
    expect(await ask(server, bearer('eve'))).toEqual({
      user: 'eve',
      roles: ['developers', 'auditors'],
      classes: ['application', 'error', 'audit', 'security'],
      masked: true,
      unmask: true,
      exports: true,
      sections: ['logs'],
    })
    expect(await ask(server, bearer('ann'))).toMatchObject({ masked: true, unmask: false, exports: true })
    expect(await ask(server, bearer('bob'))).not.toHaveProperty('classes')
    expect(await ask(server, bearer('dan'))).toMatchObject({ classes: [], exports: false, sections: [] })
    expect(await ask(server, bearer('zoe'))).toMatchObject({ ok: false })
  })

  test('has no roles and no masks where there are none', async () => {
    const server = await scene.serve()
    expect(await ask(server)).toEqual({
      user: expect.any(String),
      masked: false,
      unmask: false,
      exports: false,
      sections: ['logs'],
    })
  })
})

describe('masks', () => {
  const log = { message: 'login from 10.1.2.3', userId: 'ann', attributes: { clientIp: '10.1.2.3' } }

  test('hide who a person is, before filters look', async () => {
    const server = await serve()
    const [all, prying] = [await watch(server, 'ann'), await watch(server, 'ann', 'text=10.1.2.3')]
    scene.writeClassed('application', log)
    scene.writeClassed('application', { message: 'end 10.1.2' })
    await all.received(2)
    const [first] = all.lines
    expect(first?.log.userId).toBe('[redacted:person]')
    expect(JSON.stringify(first)).not.toContain('10.1.2.3')
    expect(prying.lines).toEqual([])
    expect((await refusal(server.port, '/logs/stream?users=ann', bearer('ann'))).body.reason).toBe(
      'users asks for userId, which is masked for you: give the reason to see it as unmask',
    )
  })

  test('are lifted for a reason, which is recorded, by roles that may', async () => {
    const logger = new RecordingLogger()
    const server = await serve({ logger })
    const client = await watch(server, 'bob', 'users=ann&unmask=incident%204711')
    scene.writeClassed('application', log)
    await client.received(1)
    expect(client.lines[0]?.log).toEqual(log)
    expect(logger.lines.find(({ message }) => message === 'live tail opened')?.fields).toMatchObject({
      user: 'bob',
      roles: ['operations'],
      unmask: 'incident 4711',
    })
    const [denied, empty] = ['incident', '%20'].map((reason) => `/logs/stream?unmask=${reason}`) as [string, string]
    expect((await refusal(server.port, denied, bearer('ann'))).status).toBe(403)
    expect((await refusal(server.port, empty, bearer('bob'))).status).toBe(400)
  })

  test('do not hold where there are no roles', async () => {
    const client = await scene.client(await scene.serve(), 'users=ann')
    await client.told('heartbeat')
    scene.write(log)
    await client.received(1)
    expect(client.lines[0]?.log).toEqual(log)
  })
})

describe('the file of tokens', () => {
  test('is read again: who is no longer in it is disconnected', async () => {
    const clock = new ManualClock(1_000_000)
    const logger = new RecordingLogger()
    const server = await serve({ clock, logger })
    const [ann, bob] = [await watch(server, 'ann'), await watch(server, 'bob')]
    await writeFile(tokensFile, listed(['bob']))
    await until(() => {
      clock.advance(30_000)
      return ann.hasEnded
    })
    expect((await ann.told('failed')).data.reason).toMatch(/token is not valid any longer/)
    expect((await refusal(server.port, '/logs/stream', bearer('ann'))).status).toBe(401)
    expect(bob.hasEnded).toBe(false)
    await writeFile(tokensFile, '{ tokens: nothing')
    await until(() => {
      clock.advance(30_000)
      return logger.at('warn').length > 0
    })
    await watch(server, 'bob')
  })

  test('is refused with all of its mistakes, and without what it holds', async () => {
    await writeFile(
      tokensFile,
      JSON.stringify({
        tokens: [
          { user: 'ann', roles: ['developer'], token: 'a-token-of-some-length' },
          { user: '', roles: ['auditors'], token: 'short' },
          { user: 'bob', roles: ['auditors'], token: 'b-token-of-some-length', admin: true },
          { user: 'cid', roles: ['auditors'], token: 'b-token-of-some-length' },
        ],
      }),
    )
    const failure = (await serve().catch((error: unknown) => error)) as Error
    expect(failure).toMatchObject({ code: 'LIVE_TAIL_TOKENS' })
    for (const fault of [
      'tokens[0].roles is',
      'tokens[1].token is too short',
      'tokens[1].user is',
      'tokens[2]: admin is not an option',
      'tokens[3].token is there twice',
    ])
      expect(failure.message).toContain(fault)
    expect(failure.message).not.toContain('of-some-length')
  })

  test.each(['{', 'a: [', '[]', '{"tokens":{}}'])('is refused where it is no list: %s', async (text) => {
    await writeFile(tokensFile, text)
    await expect(serve()).rejects.toMatchObject({ code: 'LIVE_TAIL_TOKENS' })
  })

  test('lets the live tail listen beyond loopback', async () => {
    const server = await serve({ host: '0.0.0.0' })
    await watch(server, 'ann')
  })
})
