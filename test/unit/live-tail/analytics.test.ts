import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { LiveTailServer, LiveTailServerOptions } from '../../../src/live-tail/index.ts'
import type { Numbers } from '../../../src/live-tail/analytics/numbers-shape.ts'
import { RecordingLogger } from '../../support/recording-logger.ts'
import { until } from '../../support/until.ts'
import { TailScene } from './scene.ts'

const minuteMs = 60_000
/** Some minutes ago, so that all of it is in the range. */
const startMs = Math.floor(Date.now() / minuteMs) * minuteMs - 10 * minuteMs
const range = `from=${startMs}&to=${startMs + 4 * minuteMs}&step=${minuteMs}`
const analytics = { ratesTopic: 'rates', alertsTopic: 'alerts' }

let scene: TailScene
beforeEach(() => {
  scene = new TailScene()
})
afterEach(() => scene.close())

const serve = (options: Partial<LiveTailServerOptions> = {}) => scene.serve({ analytics, ...options })

function ask({ port }: LiveTailServer, query = range, headers: Readonly<Record<string, string>> = {}) {
  return fetch(`http://127.0.0.1:${port}/analytics?${query}`, { headers })
}

async function numbers(server: LiveTailServer, query = range): Promise<Numbers> {
  const response = await ask(server, query)
  if (!response.ok) throw new Error(`${response.status} ${await response.text()}`)
  return (await response.json()) as Numbers
}

/** What was counted of a service in one minute. */
function writeReport(minute: number, service: string, report: Readonly<Record<string, unknown>>): void {
  const times = { startMs: startMs + minute * minuteMs, endMs: startMs + (minute + 1) * minuteMs }
  const value = { key: service, worker: 'application', ...times, total: 0, errors: 0, ...report }
  scene.rates.write(service, JSON.stringify(value), { partition: minute % 2, timestamp: Date.now() })
}

function writeAlert(id: string, alert: Readonly<Record<string, unknown>>): void {
  const value = { id, rule: 'errors', severity: 'high', status: 'firing', startedAt: startMs, ...alert }
  scene.alerts.write(id, JSON.stringify(value), { partition: 0, timestamp: Date.now() })
}

const readRecords = (server: LiveTailServer, count: number) =>
  until(() => server.status().analytics?.recordsRead === count)

describe('numbers for dashboards', () => {
  test('are sums of services and workers in each step, and nothing where nobody has reported', async () => {
    writeReport(0, 'shop', { total: 10, errors: 2, levels: { info: 8, error: 2 } })
    writeReport(0, 'shop', { total: 5, worker: 'performance', levels: { debug: 5 } })
    writeReport(0, 'mail', { total: 1, errors: 1, levels: { critical: 1 } })
    writeReport(2, 'shop', { total: 7, levels: { info: 7 } })
    const server = await serve()
    await readRecords(server, 4)
    const answer = await numbers(server)
    expect(answer.times).toEqual([0, 1, 2, 3].map((minute) => startMs + minute * minuteMs))
    // The last window that was reported ends at the fourth step.
    expect([answer.total, answer.errors]).toEqual([
      [16, 0, 7, null],
      [3, 0, 0, null],
    ])
    expect(answer.levels).toMatchObject({ debug: [5, 0, 0, null], info: [8, 0, 7, null], critical: [1, 0, 0, null] })
    expect(answer.services.map(({ name, total }) => [name, total])).toEqual([
      ['shop', [15, 0, 7, null]],
      ['mail', [1, 0, 0, null]],
    ])
  })

  test('have percentiles of the durations of all services together', async () => {
    writeReport(0, 'fast', { total: 90, durations: [[10, 90]] })
    writeReport(0, 'slow', {
      total: 10,
      durations: [
        [900, 8],
        [5000, 2],
      ],
    })
    const server = await serve()
    await readRecords(server, 2)
    const { durations, services } = await numbers(server)
    expect([durations.p50[0], durations.p95[0], durations.p99[0], durations.p50[1]]).toEqual([10, 900, 5000, null])
    expect(services.map(({ name, p95Ms }) => [name, p95Ms])).toEqual([
      ['fast', 10],
      ['slow', 5000],
    ])
  })

  test('have the busiest components, what names none as its service, and the sum of the others', async () => {
    const components = Object.fromEntries(Array.from({ length: 25 }, (_, number) => [`part ${number}`, 100 - number]))
    writeReport(1, 'shop', { total: 3000, components })
    const server = await serve()
    await readRecords(server, 1)
    const rows = (await numbers(server)).components
    expect(rows).toHaveLength(21)
    expect(rows[0]).toEqual({ name: 'shop', total: [0, 800, null, null] })
    expect(rows[1]?.name).toBe('shop / part 0')
    expect(rows.at(-1)).toEqual({ name: 'other', total: [0, 81 + 80 + 79 + 78 + 77 + 76, null, null] })
  })

  test('are those of one service where it is asked for', async () => {
    writeReport(0, 'shop', { total: 10, components: { cart: 10 } })
    writeReport(0, 'mail', { total: 1 })
    const server = await serve()
    await readRecords(server, 2)
    const answer = await numbers(server, `${range}&service=mail`)
    expect([answer.total[0], answer.components.map(({ name }) => name), answer.services.length]).toEqual([
      1,
      ['mail'],
      2,
    ])
  })

  test('sum up alerts: open now, begun in each step, and by rule', async () => {
    writeAlert('a', { severity: 'medium' })
    writeAlert('a', { severity: 'critical' })
    writeAlert('b', { rule: 'slow', startedAt: startMs + 2 * minuteMs })
    writeAlert('b', { rule: 'slow', startedAt: startMs + 2 * minuteMs, status: 'resolved' })
    writeAlert('c', { rule: 'old', startedAt: startMs - 1000 * minuteMs })
    writeAlert('d', { rule: 'over', startedAt: startMs - 1000 * minuteMs, status: 'resolved' })
    const server = await serve()
    await readRecords(server, 6)
    expect((await numbers(server)).alerts).toEqual({
      open: { critical: 1, high: 1 },
      begun: { critical: [1, 0, 0, 0], high: [0, 0, 1, 0] },
      rules: [
        { rule: 'errors', open: 1, begun: 1 },
        { rule: 'old', open: 1, begun: 0 },
        { rule: 'slow', open: 0, begun: 1 },
      ],
      otherRules: 0,
    })
  })

  test('take the steps that are asked for, but never cut a window', async () => {
    writeReport(0, 'shop', { total: 1 })
    const server = await serve()
    await readRecords(server, 1)
    const [own, wide, narrow] = [
      await numbers(server, ''),
      await numbers(server, `range=${6 * 3_600_000}`),
      await numbers(server, `from=${startMs}&to=${startMs + 60_000}&step=1000`),
    ]
    expect([own.stepMs, wide.stepMs, narrow.stepMs, narrow.windowMs]).toEqual([60_000, 300_000, 60_000, 60_000])
    expect(wide.toMs - wide.fromMs).toBeGreaterThanOrEqual(6 * 3_600_000)
  })

  test('count records that are no report, and say so once', async () => {
    const logger = new RecordingLogger()
    const server = await serve({ logger })
    for (const text of ['no JSON', '{}']) scene.rates.write('x', text, { partition: 0, timestamp: Date.now() })
    await until(() => server.status().analytics?.recordsDropped.unreadable === 2)
    expect(logger.lines.filter(({ message }) => message.includes('is no report'))).toHaveLength(1)
  })

  test.each([
    ['form=1', 'did you mean from?'],
    ['from=2026-12-01&to=2026-11-01', 'from is not before to'],
    ['from=2026-01-01&to=2026-12-01', '31 days'],
    ['step=10', 'at least 1000 milliseconds'],
    ['range=1h', 'at least 1000 milliseconds'],
    ['from=2026-11-01&to=2026-11-30&step=1000', 'more than 500 steps'],
  ])('are refused for %s', async (query, reason) => {
    const response = await ask(await serve(), query)
    expect(response.status).toBe(400)
    expect(await response.json()).toMatchObject({ ok: false, reason: expect.stringContaining(reason) })
  })

  test('are no path of a live tail that has none', async () => {
    const response = await ask(await scene.serve())
    expect(response.status).toBe(404)
  })

  test.each([
    [{ ratesTopic: 'nowhere' }, 'LIVE_TAIL_TOPIC'],
    [{ ratesTopic: '', reportsMax: 1 }, 'ILLEGAL_ARGUMENT'],
  ])('are refused at the start with %j', async (options, code) => {
    await expect(scene.serve({ analytics: options })).rejects.toMatchObject({ code })
  })
})

describe('with roles', () => {
  const people = { ann: ['developers'], dan: ['readonly'] }
  const bearer = (user: string) => ({ authorization: `Bearer token-of-${user}-0123456789` })
  let folder: string
  let tokensFile: string
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'millrace-tokens-'))
    tokensFile = join(folder, 'tokens.yaml')
    const tokens = Object.entries(people).map(([user, roles]) => ({
      user,
      roles,
      token: `token-of-${user}-0123456789`,
    }))
    await writeFile(tokensFile, JSON.stringify({ tokens }))
  })
  afterEach(() => rm(folder, { recursive: true }))

  test('everybody with a role sees numbers, also who sees no logs', async () => {
    const server = await serve({ tokensFile })
    const statuses = ['ann', 'dan', 'zoe'].map(async (user) => (await ask(server, range, bearer(user))).status)
    expect(await Promise.all(statuses)).toEqual([200, 200, 401])
    const access = await fetch(`http://127.0.0.1:${server.port}/logs/access`, { headers: bearer('dan') })
    expect(await access.json()).toMatchObject({ sections: ['analytics'] })
  })

  test('who begins to look is recorded, once for a while', async () => {
    const logger = new RecordingLogger()
    const server = await serve({ tokensFile, logger })
    for (let round = 0; round < 3; round++) await ask(server, range, bearer('dan'))
    const told = logger.lines.filter(({ message }) => message === 'live tail numbers read')
    expect(told.map(({ fields }) => [fields.user, fields.path])).toEqual([['dan', '/analytics']])
  })
})
