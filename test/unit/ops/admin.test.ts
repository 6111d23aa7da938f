import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { Writable } from 'node:stream'
import { pino } from 'pino'
import { startStreams, type Streams } from '../../../src/app.ts'
import { sessionWindows, silentLogger, StreamsBuilder, string, tumblingWindows } from '../../../src/index.ts'
import { type OpsServer, startOpsServer } from '../../../src/ops/http.ts'
import { SwitchedLogger } from '../../../src/ops/switched-logger.ts'
import { type MemoryTopicAccess, MemoryKafka } from '../../../src/testing/index.ts'
import { until } from '../../support/until.ts'

const lines: string[] = []
const output = new Writable({
  write(chunk: Buffer, _, done) {
    lines.push(chunk.toString())
    done()
  },
})
const logger = new SwitchedLogger(pino({ level: 'debug' }, output), { level: 'info' })
const memory = new MemoryKafka({ topics: { clicks: 1 } })
const clicks: MemoryTopicAccess<string, string> = memory.topic('clicks', { key: string(), value: string() })

let streams: Streams
let isHidden = false
let server: OpsServer

beforeAll(async () => {
  const builder = new StreamsBuilder()
  const byUser = builder.stream('clicks', { key: string(), value: string() }).groupByKey()
  byUser.count({ store: 'counts' })
  byUser.windowedBy(tumblingWindows({ sizeMs: 10_000 })).count({ store: 'windows' })
  byUser.windowedBy(sessionWindows({ gapMs: 1000 })).count({ store: 'sessions' })
  const topology = builder.build()
  const { connection: kafka } = memory
  const options = { applicationId: 'clicks-app', kafka, commitIntervalMs: 20, offsetReset: 'earliest', logger } as const
  streams = await startStreams(options, topology)
  server = await startOpsServer({
    port: 0,
    token: 'secret',
    live: () => ({ ok: true, reason: '' }),
    ready: () => ({ ok: true, reason: '' }),
    metrics: async () => '',
    admin: { application: () => (isHidden ? undefined : streams.application), topology, logger },
  })
  for (const key of ['ann', 'ann', 'bob']) clicks.write(key, 'x', { timestamp: 12_000 })
  await until(() => processed() === 3, 10_000, 'three records are processed')
})

test('a page that fails is answered too', async () => {
  const broken = {
    ...silentLogger,
    info: () => {
      throw new Error('the disk of the log is full')
    },
  }
  const own = await startOpsServer({
    port: 0,
    live: () => ({ ok: true, reason: '' }),
    ready: () => ({ ok: true, reason: '' }),
    metrics: async () => '',
    admin: { application: () => undefined, topology: new StreamsBuilder().build(), logger: broken },
  })
  try {
    expect((await fetch(`http://127.0.0.1:${own.port}/tasks`)).status).toBe(500)
  } finally {
    await own.close()
  }
})

afterAll(async () => {
  await server.close()
  await streams.close()
})

const processed = (): number => streams.application.status().totals.processed

async function ask(path: string, method = 'GET', headers = {}): Promise<{ status: number; body: unknown }> {
  const answer = await fetch(`http://127.0.0.1:${server.port}${path}`, {
    method,
    headers: { authorization: 'Bearer secret', ...headers },
  })
  const text = await answer.text()
  const isJson = answer.headers.get('content-type')?.startsWith('application/json')
  return { status: answer.status, body: isJson ? JSON.parse(text) : text }
}

const query = (parameters: Record<string, unknown>): string =>
  Object.entries(parameters)
    .map(([name, value]) => `${name}=${encodeURIComponent(JSON.stringify(value))}`)
    .join('&')

describe('the admin pages show', () => {
  test('the topology as JSON, as text and as Mermaid', async () => {
    expect((await ask('/topology')).body).toHaveProperty('subtopologies')
    expect((await ask('/topology?format=text')).body).toMatch(/^Topologies:/)
    expect((await ask('/topology?format=mermaid')).body).toMatch(/^(graph|flowchart)/)
    expect((await ask('/topology?format=graph')).body).toMatchObject({
      items: expect.any(Array),
      arrows: expect.any(Array),
    })
  })

  test('the tasks', async () => {
    expect((await ask('/tasks')).body).toMatchObject([{ taskId: '0_0', state: 'RUNNING', processed: 3 }])
  })

  test('the lag of each partition with its task and thread', async () => {
    await until(async () => JSON.stringify((await ask('/lag')).body).includes('"lagRecords":0'), 5000, 'no lag is left')
    expect((await ask('/lag')).body).toMatchObject([{ topic: 'clicks', partition: 0, taskId: '0_0', lagSeconds: 0 }])
  })

  test('no store that is restored when none is', async () => {
    expect((await ask('/restore')).body).toEqual([])
  })

  test('what each thread does', async () => {
    expect((await ask('/threads')).body).toMatchObject([{ state: 'RUNNING', phase: expect.any(String) }])
  })
})

describe('rows of state are found', () => {
  test('by key', async () => {
    expect(await ask(`/state/counts/get?${query({ key: 'ann' })}`)).toEqual({
      status: 200,
      body: { rows: [{ key: 'ann', value: 2 }] },
    })
  })

  test('by a key that does not exist: none', async () => {
    expect((await ask(`/state/counts/get?${query({ key: 'zoe' })}`)).body).toEqual({ rows: [] })
  })

  test('in a range, up to a limit', async () => {
    const rows = [
      { key: 'ann', value: 2 },
      { key: 'bob', value: 1 },
    ]
    expect((await ask('/state/counts/range')).body).toEqual({ rows })
    expect((await ask('/state/counts/range?limit=1')).body).toEqual({ rows: rows.slice(0, 1) })
    expect((await ask(`/state/counts/range?${query({ from: 'b' })}`)).body).toEqual({ rows: rows.slice(1) })
  })

  test('by window, of a key and of all keys', async () => {
    const window = { startMs: 10_000, endMs: 20_000 }
    const ann = { key: 'ann', value: 2, window }
    expect((await ask(`/state/windows/window?${query({ key: 'ann' })}`)).body).toEqual({ rows: [ann] })
    const all = (await ask('/state/windows/window?fromMs=0&toMs=15000')).body
    expect(all).toEqual({ rows: [ann, { key: 'bob', value: 1, window }] })
  })

  test('by session', async () => {
    const rows = [{ key: 'ann', value: 2, window: { startMs: 12_000, endMs: 12_000 } }]
    expect((await ask(`/state/sessions/session?${query({ key: 'ann' })}`)).body).toEqual({ rows })
  })

  test.each([
    ['counts/get', 400, 'ILLEGAL_ARGUMENT'],
    ['counts/get?key=ann', 400, 'ILLEGAL_ARGUMENT'],
    ['counts/range?limit=many', 400, 'ILLEGAL_ARGUMENT'],
    ['counts/range?limit=10001', 400, 'ILLEGAL_ARGUMENT'],
    ['nowhere/range', 404, 'STORE_NOT_FOUND'],
    ['windows/range', 409, 'STORE_KIND'],
  ])('or refused with a code: %s', async (path, status, code) => {
    expect(await ask(`/state/${path}`)).toMatchObject({ status, body: { ok: false, code } })
  })

  test('or not yet there while the application starts', async () => {
    isHidden = true
    expect(await ask('/state/counts/range')).toMatchObject({
      status: 503,
      body: { ok: false, code: 'APPLICATION_STARTING' },
    })
    isHidden = false
  })
})

describe('the switches', () => {
  test('pause and resume the application: nothing is processed in between', async () => {
    expect(await ask('/pause', 'POST')).toEqual({ status: 200, body: { isPaused: true } })
    const before = processed()
    clicks.write('cid', 'x', { timestamp: 13_000 })
    await until(() => streams.application.status().tasks[0]?.partitions[0]?.bufferedRecords === 1, 10_000, 'it is read')
    expect([processed(), streams.application.status().isPaused]).toEqual([before, true])
    expect(await ask('/resume', 'POST')).toEqual({ status: 200, body: { isPaused: false } })
    await until(() => processed() === before + 1, 10_000, 'it is processed')
  })

  test('change the level of the log, also for loggers that were made before', async () => {
    const child = logger.child({ part: 'one' })
    child.debug({}, 'before')
    expect((await ask('/log-level')).body).toEqual({ level: 'info' })
    expect(await ask('/log-level?level=debug', 'PUT')).toEqual({ status: 200, body: { level: 'debug' } })
    child.debug({}, 'after')
    expect(await ask('/log-level?level=loud', 'PUT')).toMatchObject({ status: 400, body: { code: 'ILLEGAL_ARGUMENT' } })
    await ask('/log-level?level=info', 'PUT')
    const told = lines.map((line) => (JSON.parse(line) as { msg: string }).msg)
    expect([told.includes('before'), told.includes('after')]).toEqual([false, true])
  })

  test('need their method: a link changes nothing', async () => {
    expect((await ask('/pause')).status).toBe(405)
  })

  test('refuse a request that a web page caused', async () => {
    expect((await ask('/pause', 'POST', { origin: 'http://elsewhere' })).status).toBe(403)
  })
})

test.each(['/topology', '/tasks', '/lag', '/restore', '/threads', '/log-level', '/state/counts/range'])(
  '%s needs the token',
  async (path) => {
    expect((await ask(path, 'GET', { authorization: 'Bearer wrong' })).status).toBe(401)
  },
)

test('each call is logged with its method, path, origin and status', async () => {
  await ask('/tasks')
  const logged = lines.map((line) => JSON.parse(line) as Record<string, unknown>)
  expect(logged).toContainEqual(
    expect.objectContaining({ msg: 'admin request', method: 'GET', path: '/tasks', from: '127.0.0.1', status: 200 }),
  )
})
