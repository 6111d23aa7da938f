import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { get, type IncomingMessage, type OutgoingHttpHeaders } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { LiveTailServer } from '../../../src/live-tail/index.ts'
import { RecordingLogger } from '../../support/recording-logger.ts'
import { until } from '../../support/until.ts'
import { TailScene } from './scene.ts'
import { refusal } from './stream-client.ts'

let scene: TailScene
beforeEach(() => {
  scene = new TailScene()
})
afterEach(() => scene.close())

async function exported({ port }: LiveTailServer, query: string, headers: OutgoingHttpHeaders = {}) {
  const path = `/logs/export?${query}`
  const response = await new Promise<IncomingMessage>((resolve, reject) =>
    get({ port, path, headers, agent: false }, resolve).once('error', reject),
  )
  let text = ''
  for await (const part of response.setEncoding('utf8')) text += String(part)
  return { text, headers: response.headers, trailers: response.trailers }
}

const linesOf = (text: string): readonly unknown[] =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown)

describe('GET /logs/export', () => {
  test('gives what a filter finds in the past as NDJSON, and says at the end that it is complete', async () => {
    const server = await scene.serve({ exports: true, ringBytesMax: 1 })
    scene.write({ message: 'old', level: 'error' }, 0, 1000)
    scene.write({ message: 'a', level: 'error' }, 0, 5000)
    scene.write({ message: 'b', level: 'info' }, 0, 6000)
    scene.write({ message: 'c\u2028', level: 'error', password: 'hunter2hunter2' }, 0, 7000)
    const { text, headers, trailers } = await exported(server, 'from=5000&levels=error')
    const [first, second, end, ...others] = linesOf(text)
    expect([first, others]).toEqual([{ message: 'a', level: 'error' }, []])
    expect(second).toMatchObject({ message: 'c\u2028' })
    expect(text).not.toContain('hunter2')
    expect(end).toEqual({ export: { lines: 2, bytes: expect.any(Number), complete: true } })
    expect(headers).toMatchObject({
      'content-type': 'application/x-ndjson; charset=utf-8',
      'content-disposition': expect.stringMatching(/^attachment; filename="logs-.*\.ndjson"$/),
      'cache-control': 'no-store',
    })
    expect(trailers).toMatchObject({ 'export-lines': '2', 'export-complete': 'true' })
  })

  test('gives CSV, in which no text is a formula', async () => {
    const server = await scene.serve({ exports: true })
    scene.write({ message: '=HYPERLINK("x")', level: 'error', service: 'a,b', timestamp: 0 })
    scene.write({ message: 'two\nlines', level: 'info', timestamp: 1000 })
    const { text } = await exported(server, 'from=0&format=csv')
    const [head, first] = text.split('\r\n')
    expect(head).toBe('time,level,service,component,message,correlationId,sessionId,userId,topic,partition,offset,log')
    expect(first).toContain(`1970-01-01T00:00:00.000Z,error,"a,b",,"'=HYPERLINK(""x"")",,,,logs,0,0,"{""message""`)
    expect(text).toContain('"two\nlines"')
    expect(text).toMatch(/\r\n# 2 lines, complete\r\n$/)
  })

  test('gives bulk requests of Elasticsearch, with ids by which nothing is there twice', async () => {
    const server = await scene.serve({ exports: true })
    scene.writeNumbers(0, 2)
    const { text, trailers } = await exported(server, 'from=0&format=bulk')
    expect(linesOf(text)).toEqual(
      expect.arrayContaining([
        { create: { _id: 'logs-0-0' } },
        { message: 'line 0', level: 'info' },
        { create: { _id: 'logs-1-0' } },
        { message: 'line 1', level: 'info' },
      ]),
    )
    expect(trailers['export-lines']).toBe('2')
  })

  test.each([
    [{ exportLinesMax: 10 }, 10, 'exportLinesMax=10 is reached'],
    [{ exportBytesMax: 200 }, 5, 'exportBytesMax=200 is reached'],
  ])('ends at its bounds %j, and says so', async (bounds, lines, reason) => {
    const server = await scene.serve({ exports: true, ...bounds })
    scene.writeNumbers(100, 200)
    const { text, trailers } = await exported(server, 'from=0')
    expect(linesOf(text).at(-1)).toMatchObject({ export: { lines, complete: false, reason } })
    expect(trailers).toMatchObject({ 'export-complete': 'false', 'export-reason': reason })
  })

  test('is complete where the bound is just what there is', async () => {
    const server = await scene.serve({ exports: true, exportLinesMax: 10 })
    scene.writeNumbers(0, 10)
    expect((await exported(server, 'from=0')).trailers['export-complete']).toBe('true')
  })

  test('is as large as the client takes it', async () => {
    const server = await scene.serve({ exports: true, exportLinesMax: 10_000 })
    scene.writeNumbers(0, 5000)
    const { text } = await exported(server, 'from=0')
    expect(linesOf(text)).toHaveLength(5001)
  })

  test('is off where nobody has allowed it', async () => {
    const { port } = await scene.serve({ owner: 'team-logs' })
    expect(await refusal(port, '/logs/export?from=0')).toEqual({
      status: 403,
      body: { ok: false, reason: 'exports are off here: ask the owner', owner: 'team-logs' },
    })
  })

  test.each([
    ['', 'from is missing: give the time from which on lines are exported'],
    ['from=0&format=xml', "format is 'xml': give ndjson, csv, bulk"],
    ['from=0&lastEventId=1', 'lastEventId is no parameter'],
  ])('hears what is wrong with %j', async (query, reason) => {
    const { port } = await scene.serve({ exports: true })
    const { status, body } = await refusal(port, `/logs/export?${query}`)
    expect([status, body.reason]).toEqual([400, expect.stringContaining(reason)])
  })

  test('is in the log, with what was asked for and how much was given', async () => {
    const logger = new RecordingLogger()
    const server = await scene.serve({ exports: true, logger })
    scene.writeNumbers(0, 3)
    await exported(server, 'from=0&levels=info')
    await until(() => logger.lines.some(({ message }) => message === 'live tail exported'))
    const asked = { path: '/logs/export', filter: { levels: ['info'] }, fromMs: 0, format: 'ndjson' }
    expect(logger.lines.map(({ message, fields }) => [message, fields])).toEqual([
      ['live tail export begun', expect.objectContaining(asked)],
      ['live tail exported', expect.objectContaining({ ...asked, lines: 3, complete: true })],
    ])
  })

  test('shows what the role shows, masked', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'millrace-tokens-'))
    const tokensFile = join(folder, 'tokens.json')
    const token = 'token-of-ann-0123456789'
    await writeFile(tokensFile, JSON.stringify({ tokens: [{ user: 'ann', roles: ['developers'], token }] }))
    const server = await scene.serve({ exports: true, tokensFile })
    await rm(folder, { recursive: true })
    scene.writeClassed('audit', { message: 'audit' })
    scene.writeClassed('application', { message: 'application', userId: 'bob' })
    const { text } = await exported(server, 'from=0', { authorization: `Bearer ${token}` })
    expect(linesOf(text).slice(0, -1)).toEqual([{ message: 'application', userId: '[redacted:person]' }])
  })
})
