import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { ManualClock, systemClock } from '../../../src/core/clock.ts'
import { WorkerAddresses } from '../../../src/live-tail/workers/worker-addresses.ts'
import { workerPlaces } from '../../../src/live-tail/workers/worker-options.ts'
import { Workers } from '../../../src/live-tail/workers/workers.ts'
import type { LiveTailServer, LiveTailServerOptions } from '../../../src/live-tail/index.ts'
import { RecordingLogger } from '../../support/recording-logger.ts'
import { until } from '../../support/until.ts'
import { TailScene } from './scene.ts'
import { opsToken, WorkerScene } from './worker-scene.ts'

const tokenOf = (role: string): string => `token-of-${role}-0123456789`
const bearer = (role: string) => ({ authorization: `Bearer ${tokenOf(role)}` })

let workers: WorkerScene
let address: string
let folder: string
beforeAll(async () => {
  workers = new WorkerScene()
  address = await workers.start()
  for (const customer of ['ann', 'bob', 'ann']) workers.orders.write('k', customer, { partition: 0 })
  folder = await mkdtemp(join(tmpdir(), 'millrace-workers-'))
  const tokens = ['operations', 'developers'].map((role) => ({ user: role, roles: [role], token: tokenOf(role) }))
  await writeFile(join(folder, 'tokens.yaml'), JSON.stringify({ tokens }))
})
afterAll(async () => {
  await workers.close()
  await rm(folder, { recursive: true })
})

let scene: TailScene
beforeEach(() => {
  scene = new TailScene()
})
afterEach(() => scene.close())

const serve = (addresses: readonly string[] = [address], options: Partial<LiveTailServerOptions> = {}) =>
  scene.serve({ workers: { addresses, token: opsToken }, ...options })
const withRoles = () => ({ tokensFile: join(folder, 'tokens.yaml') })

async function ask({ port }: LiveTailServer, path: string, headers: Readonly<Record<string, string>> = {}) {
  const answer = await fetch(`http://127.0.0.1:${port}${path}`, { headers })
  return { status: answer.status, body: (await answer.json()) as Readonly<Record<string, unknown>> }
}

describe('the pages about workers', () => {
  test('say what each worker does, with its tasks, stores and lag, and nothing of what processors count', async () => {
    const server = await serve()
    await until(async () => JSON.stringify(await ask(server, '/streams/status')).includes('"rows":2'))
    const { body } = await ask(server, '/streams/status')
    expect(body).toMatchObject({
      faults: [],
      leftOut: 0,
      tapNeedsReason: false,
      workers: [{ worker: address, status: { applicationId: 'orders', state: 'RUNNING', threads: [{}] } }],
    })
    expect(JSON.stringify(body)).not.toContain('"metrics"')
    expect(JSON.stringify(body)).not.toContain(opsToken)
  })

  test('have the picture of the topology that a worker runs', async () => {
    const { status, body } = await ask(await serve(), `/streams/topology?worker=${address}`)
    expect(status).toBe(200)
    expect(body.items).toContainEqual(expect.objectContaining({ id: 'topic orders', kind: 'topic' }))
    expect(body.arrows).toContainEqual({ from: 'node count', to: 'store totals-store', kind: 'store' })
  })

  test('ask no other address than those of the workers', async () => {
    const { status, body } = await ask(await serve(), '/streams/topology?worker=127.0.0.1:1')
    expect([status, body.reason]).toEqual([
      404,
      'worker is none of the workers here: give an address that /streams/status names',
    ])
  })

  test('are there only where workers are named', async () => {
    const { status } = await ask(await scene.serve(), '/streams/status')
    expect(status).toBe(404)
  })

  test('show other workers while one does not answer, and leave out what runs no topology', async () => {
    const other = await listening((path) => (path === '/status' ? 404 : 200))
    const server = await serve([address, '127.0.0.1:1', other.address])
    const { body } = await ask(server, '/streams/status')
    expect(body.workers).toEqual([
      expect.objectContaining({ worker: address, status: expect.anything() }),
      { worker: '127.0.0.1:1', reason: expect.stringContaining('no answer') },
    ])
    other.close()
  })

  test('say that a worker asks for another token', async () => {
    const server = await scene.serve({ workers: { addresses: [address] } })
    const { body } = await ask(server, '/streams/status')
    expect(body.workers).toEqual([{ worker: address, reason: 'it asks for another token: give the one of OPS_TOKEN' }])
  })

  test('are for operations only', async () => {
    const server = await serve([address], { ...withRoles(), owner: 'team-logs' })
    expect(await ask(server, '/streams/status', bearer('developers'))).toEqual({
      status: 403,
      body: {
        ok: false,
        reason: 'developers has the role developers, which does not show streams: ask the owner for another one',
        owner: 'team-logs',
      },
    })
    const { status, body } = await ask(server, '/streams/status', bearer('operations'))
    expect([status, body.tapNeedsReason]).toEqual([200, true])
    expect((await ask(server, '/logs/access', bearer('developers'))).body.sections).toEqual(['logs'])
    expect((await ask(server, '/logs/access', bearer('operations'))).body.sections).toEqual(['logs', 'streams'])
  })
})

describe('a tap', () => {
  test('passes on the records of a topic, and is recorded', async () => {
    const logger = new RecordingLogger()
    const { port } = await serve([address], { ...withRoles(), logger })
    const url = `http://127.0.0.1:${port}/streams/tap?worker=${address}&name=orders&limit=1&unmask=incident+7`
    const [text] = await Promise.all([
      fetch(url, { headers: bearer('operations') }).then((answer) => answer.text()),
      writeUntil(() => logger.lines.some(({ message }) => message === 'live tail tapped')),
    ])
    const [, data = ''] = /^data: (.*)$/m.exec(text) ?? []
    expect(JSON.parse(data)).toMatchObject({ topic: 'orders', value: 'tapped' })
    expect(logger.lines).toContainEqual(
      expect.objectContaining({
        message: 'live tail tap begun',
        fields: expect.objectContaining({ user: 'operations', worker: address, name: 'orders', unmask: 'incident 7' }),
      }),
    )
  })

  test('needs a reason from people for whom values are masked', async () => {
    const server = await serve([address], withRoles())
    const { status, body } = await ask(server, `/streams/tap?worker=${address}&name=orders`, bearer('operations'))
    expect([status, body.reason]).toEqual([
      403,
      'a tap shows values that are masked for you: give the reason to see them as unmask',
    ])
  })

  test('needs the name of what it taps', async () => {
    expect((await ask(await serve(), `/streams/tap?worker=${address}`)).status).toBe(400)
  })

  test('asks no other path of a worker', async () => {
    const asked: string[] = []
    const other = await listening((path) => asked.push(path) && 404)
    const server = await serve([other.address])
    for (const name of ['.', '..', '../../replay', '%2e%2e', '..%2f..'])
      await ask(server, `/streams/tap?worker=${other.address}&name=${encodeURIComponent(name)}`)
    expect(asked.filter((path) => !/^\/tap\/[^/?]+\?limit=1000$/.test(path))).toEqual([])
    other.close()
  })

  test('ends when the token holds no longer', async () => {
    const tokensFile = join(folder, 'leaving.yaml')
    const tokensOf = (user: string): string =>
      JSON.stringify({ tokens: [{ user, roles: ['operations'], token: tokenOf(user) }] })
    await writeFile(tokensFile, tokensOf('ann'))
    const clock = new ManualClock(Date.now())
    const { port } = await serve([address], { tokensFile, heartbeatMs: 1000, clock })
    const url = `http://127.0.0.1:${port}/streams/tap?worker=${address}&name=orders&unmask=incident+7`
    const answer = await fetch(url, { headers: bearer('ann') })
    expect(answer.status).toBe(200)
    await writeFile(tokensFile, tokensOf('bob'))
    let isOver = false
    const reading = answer.text().then(
      () => (isOver = true),
      () => (isOver = true),
    )
    await until(() => {
      clock.advance(1000)
      return isOver
    })
    await reading
  })
})

describe('addresses of workers', () => {
  test('are looked up again after some seconds, each once', async () => {
    const clock = new ManualClock()
    let found = ['10.0.0.1', '10.0.0.2', '10.0.0.1']
    const addresses = new WorkerAddresses(workerPlaces({ addresses: ['ops:9464'] }), clock, async () => found)
    expect((await addresses.find()).addresses).toEqual(['10.0.0.1:9464', '10.0.0.2:9464'])
    found = ['fd00::7']
    expect((await addresses.find()).addresses).toHaveLength(2)
    clock.advance(5000)
    expect((await addresses.find()).addresses).toEqual(['[fd00::7]:9464'])
  })

  test('say which name has none', async () => {
    const places = workerPlaces({ addresses: ['ops:9464', '127.0.0.1:1'] })
    const lookUp = (): Promise<never> => Promise.reject(new Error('no such name'))
    expect(await new WorkerAddresses(places, systemClock, lookUp).find()).toEqual({
      addresses: ['127.0.0.1:1'],
      faults: [{ name: 'ops:9464', reason: 'no such name' }],
      leftOut: 0,
    })
  })

  test('are refused together where they are none', () => {
    expect(() => new Workers({ addresses: ['ops', 'ops:70000'] }, systemClock)).toThrow(
      "live tail: workers.addresses has 'ops' (string): give host:port, workers.addresses has 'ops:70000' (string): give host:port",
    )
  })
})

/** Records come only from when the tap reads on. */
async function writeUntil(isDone: () => boolean): Promise<void> {
  await until(() => {
    workers.orders.write('k', 'tapped', { partition: 1 })
    return isDone()
  })
}

async function listening(statusOf: (path: string) => number): Promise<{ address: string; close: () => void }> {
  const server: Server = createServer((request, response) => response.writeHead(statusOf(request.url ?? '')).end('{}'))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return { address: `127.0.0.1:${port}`, close: () => void server.close() }
}
