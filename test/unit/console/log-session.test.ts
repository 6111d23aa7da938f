import { afterEach, describe, expect, test } from '@jest/globals'
import { stateInWords } from '../../../console/react/stream/connection-state.ts'
import { LogSession } from '../../../console/react/stream/log-session.ts'
import type { LiveTailServer } from '../../../src/live-tail/index.ts'
import { PlainProxy } from '../../support/plain-proxy.ts'
import { until } from '../../support/until.ts'
import { numbered, TailScene } from '../live-tail/scene.ts'

let scene = new TailScene()
const sessions: LogSession[] = []
const proxies: PlainProxy[] = []

afterEach(async () => {
  for (const session of sessions.splice(0)) session.close()
  await Promise.all(proxies.splice(0).map((proxy) => proxy.stop()))
  await scene.close()
  scene = new TailScene()
})

interface Opened {
  readonly linesMax?: number
  readonly isFollowing?: boolean
  readonly query?: string
  readonly token?: string
  readonly place?: string
}

async function open(port: number, { query = '', token, place, ...options }: Opened = {}): Promise<LogSession> {
  const target = {
    url: `http://127.0.0.1:${port}/logs/stream${query}`,
    token,
    wait: () => new Promise<void>((resolve) => setTimeout(resolve, 20)),
  }
  const session = new LogSession(target, { linesMax: 1000, isFollowing: true, changed: () => {}, ...options })
  sessions.push(session)
  session.start(place)
  await until(() => session.place !== undefined || session.status.state.kind === 'refused')
  return session
}

const messages = ({ store }: LogSession) => store.rows.flatMap((row) => (row.kind === 'line' ? [row.message] : []))
const sorted = (texts: readonly string[]) =>
  texts.toSorted((left, right) => Number(left.slice(5)) - Number(right.slice(5)))

async function proxied({ port }: LiveTailServer): Promise<PlainProxy> {
  const proxy = await PlainProxy.start(port)
  proxies.push(proxy)
  return proxy
}

describe('a session over a live tail', () => {
  test('gets every line once while its connection is cut again and again', async () => {
    const proxy = await proxied(await scene.serve())
    const session = await open(proxy.port)
    for (let round = 0; round < 10; round++) {
      scene.writeNumbers(round * 50, round * 50 + 25)
      await until(() => messages(session).length > round * 50)
      proxy.setDown(true)
      scene.writeNumbers(round * 50 + 25, round * 50 + 50)
      await until(() => session.status.state.kind === 'waiting')
      proxy.setDown(false)
    }
    await until(() => messages(session).length >= 500)
    expect(sorted(messages(session))).toEqual(numbered(0, 500))
  })

  test('says what the connection does in words', async () => {
    const proxy = await proxied(await scene.serve())
    const session = await open(proxy.port)
    expect(stateInWords(session.status.state)).toBe('Live')
    proxy.setDown(true)
    await until(() => session.status.state.kind === 'waiting')
    expect(stateInWords(session.status.state)).toMatch(/^Connection lost \(.+\), next attempt in \d+ s$/)
  })

  test('loses no line while somebody reads for long: it continues where it had no more room', async () => {
    const { port } = await scene.serve()
    const session = await open(port, { linesMax: 100 })
    session.follow(false)
    scene.writeNumbers(0, 1000)
    await until(() => session.status.state.kind === 'held')
    const read = messages(session)
    expect(read.length).toBeGreaterThanOrEqual(200)
    expect(read.length).toBeLessThan(300)
    expect(session.newRows).toBe(read.length)
    session.follow(true)
    await until(() => session.status.received >= 1000)
    // Nothing comes twice either: what is new is the next.
    scene.write({ message: 'new' })
    await until(() => messages(session).at(-1) === 'new')
    expect(session.status.received).toBe(1001)
    expect(messages(session).length).toBeLessThanOrEqual(110)
    expect(session.status.state.kind).toBe('open')
  })

  test('skips to what is new when it is asked to, and marks the place', async () => {
    const { port } = await scene.serve()
    const session = await open(port, { linesMax: 100 })
    session.follow(false)
    scene.writeNumbers(0, 1000)
    await until(() => session.status.state.kind === 'held')
    session.jumpToLive()
    await until(() => session.status.state.kind === 'open' && session.place !== undefined)
    scene.write({ message: 'new' })
    await until(() => messages(session).at(-1) === 'new')
    expect(session.store.rows.find(({ kind }) => kind === 'gap')).toMatchObject({
      reason: expect.stringContaining('skipped'),
    })
  })

  test('counts what was not shown over all of its connections', async () => {
    const proxy = await proxied(await scene.serve({ heartbeatMs: 20 }))
    const session = await open(proxy.port, { query: '?levels=error' })
    scene.writeNumbers(0, 10)
    await until(() => session.status.notShown.filter === 10)
    proxy.cutAll()
    await until(() => session.status.state.kind === 'waiting')
    await until(() => session.status.state.kind === 'open')
    scene.writeNumbers(10, 15)
    await until(() => session.status.notShown.filter === 15)
    expect(session.status.notShown).toEqual({ rate: 0, filter: 15, buffer: 0 })
  })

  test('begins at the place of a line that somebody has sent as a link', async () => {
    const { port } = await scene.serve()
    const session = await open(port)
    scene.writeNumbers(0, 200)
    await until(() => messages(session).length === 200)
    const row = session.store.rows.find((one) => one.kind === 'line' && one.message === 'line 150')
    const place = row?.kind === 'line' ? row.placeBefore : undefined
    const other = await open(port, { place: place ?? '', isFollowing: false })
    await until(() => messages(other).includes('line 150'))
    expect(place).toBeDefined()
  })
})

describe('a session that is refused', () => {
  test('says why, and does not try again', async () => {
    const { port } = await scene.serve({ token: 'secret' })
    const session = await open(port)
    expect(session.status.state).toMatchObject({ kind: 'refused', status: 401, reason: 'a bearer token is needed' })
    const other = await open(port, { token: 'secret' })
    expect(other.status.state.kind).toBe('open')
  })

  test('names a filter that cannot be read', async () => {
    const { port } = await scene.serve()
    const session = await open(port, { query: '?when=(' })
    expect(session.status.state).toMatchObject({
      kind: 'refused',
      status: 400,
      reason: expect.stringContaining('when cannot be read'),
    })
  })

  test('tries again where a limit was reached, and names limit and owner', async () => {
    const { port } = await scene.serve({ viewersMax: 1, owner: 'team-logs' })
    const first = await open(port)
    const session = new LogSession(
      {
        url: `http://127.0.0.1:${port}/logs/stream`,
        token: undefined,
        wait: () => new Promise((resolve) => setTimeout(resolve, 20)),
      },
      { linesMax: 100, isFollowing: true, changed: () => {} },
    )
    sessions.push(session)
    session.start()
    await until(() => session.status.state.kind === 'waiting')
    expect(stateInWords(session.status.state)).toContain('limit viewersMax=1, owner: team-logs')
    first.close()
    await until(() => session.status.state.kind === 'open')
  })

  test('ends with the time window of its filter', async () => {
    const { port } = await scene.serve()
    const session = await open(port, { query: '?until=1000' })
    await until(() => session.status.state.kind === 'ended')
    expect(stateInWords(session.status.state)).toBe('Ended: the time window is over')
  })
})
