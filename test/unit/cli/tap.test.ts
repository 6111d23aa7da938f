import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { freePorts } from '../../../scripts/lab/processes.mjs'
import { systemClock } from '../../../src/core/clock.ts'
import { json, type KafkaDriver, long, openKafka, silentLogger, startStreams, string } from '../../../src/index.ts'
import { MemoryKafka, type MemoryTopicAccess } from '../../../src/testing/index.ts'
import { type CommandLine, commandLine } from '../../support/command-line.ts'
import { pageViews } from './modules/page-views.ts'

const module = 'test/unit/cli/modules/page-views.ts'
const redactedModule = 'test/unit/cli/modules/redacted-views.ts'
let memory: MemoryKafka
let views: MemoryTopicAccess<string, object>
let kafka: KafkaDriver
let millrace: CommandLine

beforeEach(() => {
  memory = new MemoryKafka({ topics: { views: 2, 'view-counts': 1 } })
  views = memory.topic('views', { key: string(), value: json<object>() })
  kafka = openKafka(memory.connection)
  millrace = commandLine({ kafka: memory.connection })
})
afterEach(() => kafka.close())

interface Tapped {
  readonly partition: number
  readonly offset: number
  readonly key: unknown
  readonly value: unknown
  readonly headers: Readonly<Record<string, unknown>>
}
/** What is there now, as a tap shows it. */
async function tapped(...args: readonly string[]): Promise<readonly Tapped[]> {
  const { out } = await millrace.run('tap', ...args, '--from', 'earliest', '--to-end', '--json')
  const lines = out.split('\n').filter((line) => line !== '')
  return lines.map((line) => JSON.parse(line) as Tapped)
}
const keysOf = (records: readonly Tapped[]) => records.map(({ key }) => key)

describe('millrace tap', () => {
  test('prints a line of JSON for each record', async () => {
    views.write('ann', { page: '/' }, { partition: 1, timestamp: 7, headers: [{ key: 'h', value: Buffer.from('v') }] })
    expect(await tapped('views')).toEqual([
      {
        topic: 'views',
        partition: 1,
        offset: 0,
        timestamp: 7,
        key: 'ann',
        value: { page: '/' },
        headers: { h: 'v' },
      },
    ])
  })

  test('shows records that come after it has begun, until it is stopped', async () => {
    views.write('before', { page: '/' })
    let stop = (_signal: string): void => {}
    const stopped = new Promise<string>((resolve) => (stop = resolve))
    let shown = 0
    const tap = commandLine({
      kafka: memory.connection,
      stop: stopped,
      onOutput: () => (++shown === 2 ? stop('SIGINT') : undefined),
    }).run('tap', 'views')
    const writing = setInterval(() => views.write('after', { page: '/' }), 20)
    const { out } = await tap
    clearInterval(writing)
    expect(out).toMatch(/^\S+ views-\d@\d+ after: {"page":"\/"}\n/)
    expect(out).not.toContain('before')
  })

  test.each([
    [['--key', 'ann'], ['ann']],
    [['--text', '/b'], ['bob']],
    [['--header', 'from'], ['bob']],
    [['--header', 'from=web'], ['bob']],
    [['--header', 'from=app'], []],
    [['--partition', '1'], ['bob']],
    [['--since', '1970-01-01T00:00:02Z'], ['bob']],
    [['--until', '1970-01-01T00:00:02Z'], ['ann']],
    [['--limit', '1'], ['ann']],
  ] as const)('takes %j', async (options, keys) => {
    views.write('ann', { page: '/a' }, { partition: 0, timestamp: 1000 })
    const headers = [{ key: 'from', value: Buffer.from('web') }]
    views.write('bob', { page: '/b' }, { partition: 1, timestamp: 2000, headers })
    expect(keysOf(await tapped('views', ...options))).toEqual(keys)
  })

  test('says how many records it did not show, and why', async () => {
    for (const page of ['/a', '/a', '/a', '/b']) views.write('ann', { page }, { partition: 0 })
    const options = ['--text', '/a', '--sample', '2', '--from', 'earliest', '--to-end']
    const { errors } = await millrace.run('tap', 'views', ...options)
    expect(errors).toContain('2 of 4 records shown: 1 did not match, 1 were left out by --sample')
  })

  test.each([
    ['1970-01-01T00:00:02Z', ['bob']],
    ['1', ['bob']],
    ['latest', []],
    ['PT1H', []],
  ])('begins at %s', async (from, keys) => {
    views.write('ann', {}, { partition: 0, timestamp: 1000 })
    views.write('bob', {}, { partition: 0, timestamp: 2000 })
    const { out } = await millrace.run('tap', 'views', '--from', from, '--to-end', '--json')
    expect(
      out
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => (JSON.parse(line) as Tapped).key),
    ).toEqual(keys)
  })

  test('hides what looks like a secret, and the members that are named', async () => {
    views.write('ann', { page: '/', apiToken: 'abc', iban: 'DE89', message: 'DB_PASSWORD=hunter2 ok' })
    const [record] = await tapped('views', '--redact', 'iban')
    expect(record?.value).toEqual({
      page: '/',
      apiToken: '[redacted:secret]',
      iban: '[redacted:secret]',
      message: 'DB_PASSWORD=[redacted:secret] ok',
    })
  })

  test('hides what the rules of a pipeline name', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'millrace-tapped-'))
    const file = join(folder, 'pipeline.yaml')
    writeFileSync(file, 'name: x\nredaction:\n  rules: [{ name: visitor, fields: [visit.by] }]\n')
    views.write('ann', { visit: { by: 'ann' }, iban: 'DE89370400440532013000' })
    const [record] = await tapped('views', '--redact-by', file)
    rmSync(folder, { recursive: true })
    expect(record?.value).toEqual({ visit: { by: '[redacted:visitor]' }, iban: '[redacted:iban]' })
  })

  test('hides what the worker of a module says', async () => {
    views.write('ann', { visitor: 'ann' })
    const [record] = await tapped('views', '--module', redactedModule)
    expect(record?.value).toEqual({ visitor: '[redacted:visitor]' })
  })

  test('shows numbers and bytes in the form that is asked for', async () => {
    memory.topic('view-counts', { key: string(), value: long() }).write('/', 7)
    expect(await tapped('view-counts', '--key-as', 'hex', '--value-as', 'long')).toMatchObject([
      { key: '0x2f', value: 7 },
    ])
  })

  test('writes control characters out, so that a record cannot change the screen', async () => {
    memory.topic('views', { key: string(), value: string() }).write('ann', '\u001b[2J\u009b31m\ragain')
    const { out } = await millrace.run('tap', 'views', '--from', 'earliest', '--to-end', '--value-as', 'text')
    expect(out).toContain('\\u001b[2J\\u009b31m\\u000dagain')
  })

  test('reads with the serdes of the topology', async () => {
    memory.topic('view-counts', { key: string(), value: long() }).write('/', 7)
    expect(await tapped('view-counts', '--module', module)).toMatchObject([{ key: '/', value: 7 }])
  })

  test('asks for a registry where Avro is to be read without one', async () => {
    const { exitCode, errors } = await millrace.run('tap', 'views', '--value-as', 'avro', '--to-end')
    expect([exitCode, errors]).toEqual([2, expect.stringContaining('SCHEMA_REGISTRY_URL')])
  })

  test('never joins the live group: members and offsets are the same afterwards', async () => {
    const options = { applicationId: 'page-views', commitIntervalMs: 20, offsetReset: 'earliest' } as const
    const streams = await startStreams({ ...options, logger: silentLogger, kafka: memory.connection }, pageViews)
    views.write('ann', { page: '/' })
    await memory.until(() => memory.uncommitted('page-views', 'views') === 0)
    await memory.until(() => memory.topic('view-counts', { key: string(), value: long() }).read().length === 1)
    const admin = kafka.admin()
    const look = async () => [
      await admin.listGroups(),
      await admin.describeGroup('page-views'),
      await admin.groupOffsets('page-views'),
    ]
    const before = await look()
    expect(await tapped('views')).toHaveLength(1)
    expect(await look()).toEqual(before)
    await streams.close()
  })
})

describe('millrace tap of a node', () => {
  /** The application has counted one view, and ended. */
  async function count(): Promise<void> {
    const options = { applicationId: 'page-views', commitIntervalMs: 20, offsetReset: 'earliest' } as const
    const streams = await startStreams({ ...options, logger: silentLogger, kafka: memory.connection }, pageViews)
    views.write('ann', { page: '/' })
    await memory.until(() => memory.topic('view-counts', { key: string(), value: long() }).read().length === 1)
    await streams.close()
  }
  const nodeOf = (kind: string, index = 0) =>
    [...pageViews.build().nodes.values()].filter((node) => node.kind === kind)[index]?.name ?? ''

  test('shows what a source reads, with its serdes', async () => {
    await count()
    expect(await tapped(nodeOf('source'), '--module', module)).toMatchObject([{ key: 'ann', value: { page: '/' } }])
  })

  test('shows what goes through a repartition topic', async () => {
    await count()
    expect(await tapped('by-page-repartition-source', '--module', module)).toMatchObject([{ key: '/' }])
  })

  test('shows what a sink writes', async () => {
    await count()
    expect(await tapped(nodeOf('sink', 1), '--module', module)).toMatchObject([{ key: '/', value: 1 }])
  })

  test('shows the changelog of a store', async () => {
    await count()
    expect(await tapped('counts', '--module', module)).toMatchObject([{ topic: 'page-views-counts-changelog' }])
  })

  test('names the nodes that have topics where the node has none', async () => {
    const filter = [...pageViews.build().nodes.values()].find(
      ({ kind, name }) => kind === 'processor' && name !== 'counts',
    )
    const { exitCode, errors } = await millrace.run('tap', filter?.name ?? '', '--module', module)
    expect([exitCode, errors]).toEqual([
      2,
      expect.stringMatching(/inside of a task: tap a node with a topic, .*counts/),
    ])
  })

  test('says what to give for a name that is nothing', async () => {
    const { exitCode, errors } = await millrace.run('tap', 'nothing')
    expect([exitCode, errors]).toEqual([2, expect.stringContaining('topic nothing does not exist')])
  })
})

describe('millrace tap --worker', () => {
  let folder: string
  let port: number
  let running: Promise<unknown>
  let stop: (reason: string) => void

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'millrace-tapped-'))
    ;[port = 0] = await freePorts(1)
    const stopped = new Promise<string>((resolve) => {
      stop = resolve
    })
    const environment = { OPS_PORT: String(port), STATE_DIRECTORY: folder }
    running = commandLine({ kafka: memory.connection, environment, stop: stopped }).run('run', redactedModule)
    const isReady = async () => (await fetch(`http://127.0.0.1:${port}/ready`).catch(() => undefined))?.status === 200
    while (!(await isReady())) await systemClock.sleep(20)
  })
  afterEach(async () => {
    stop('SIGTERM')
    await running
    rmSync(folder, { recursive: true })
  })

  /** Taps the worker while records are written, until the limit. */
  async function tappedWhile(name: string, write: (index: number) => void, ...args: readonly string[]) {
    let isOver = false
    const tap = commandLine({}).run('tap', name, '--worker', `http://127.0.0.1:${port}`, ...args)
    tap.finally(() => (isOver = true)).catch(() => {})
    for (let index = 0; !isOver; index++) {
      write(index)
      await systemClock.sleep(10)
    }
    return tap
  }

  test('shows records of a topic as the worker reads them, with filter and redaction', async () => {
    const write = (index: number) =>
      views.write(index % 2 === 0 ? 'ann' : 'bob', { page: `/${index}`, password: 'p', visitor: 'v' })
    const { out, exitCode } = await tappedWhile('views', write, '--key', 'ann', '--limit', '3', '--json')
    const records = out.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line) as Tapped]))
    expect(keysOf(records)).toEqual(['ann', 'ann', 'ann'])
    for (const { value } of records)
      expect(value).toMatchObject({ password: '[redacted:secret]', visitor: '[redacted:visitor]' })
    expect(exitCode).toBe(0)
  })

  test('names what can be tapped', async () => {
    const { errors, exitCode } = await tappedWhile('nothing', () => {}, '--limit', '1')
    expect(errors).toContain('nothing does not exist: give a topic, or one of the nodes')
    expect(exitCode).toBe(2)
  })
})
