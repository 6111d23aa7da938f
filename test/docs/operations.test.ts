import { mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { json, silentLogger, startStreams, type Streams, string } from '../../src/index.ts'
import { type OpsServer, startOpsServer } from '../../src/ops/index.ts'
import { bytes } from '../../src/serde/primitives.ts'
import { MemoryKafka } from '../../src/testing/index.ts'
import { freePorts } from '../../scripts/lab/processes.mjs'
import { commandLine } from '../support/command-line.ts'
import { HecServer } from '../support/hec-server.ts'
import { pageViews } from '../unit/cli/modules/page-views.ts'
import { readPages } from './markdown.ts'

const module = 'test/unit/cli/modules/page-views.ts'
const payments = 'test/unit/cli/modules/payments.ts'
const documents = 'test/unit/cli/modules/documents.ts'
const page = readPages().find(({ name }) => name === 'docs/operations.md')?.text ?? ''
const cellsOf = (line: string): readonly string[] => line.trim().split(/ {2,}/)

/** Lines of output in the page, by the command above them. */
const outputs = [...page.matchAll(/^\$ (.+)\n((?:(?!\$|```).*\n)*)/gm)].map(([, command = '', output = '']) => ({
  command,
  lines: output.split('\n').filter((line) => line !== ''),
}))

describe('the page for a person on call', () => {
  test('has a part for each alert, to which the alert points', () => {
    const rules = readFileSync('ops/prometheus/millrace-rules.yml', 'utf8')
    const alerts = [...rules.matchAll(/alert: (\w+)/g)].map(([, name = '']) => name)
    expect(alerts.filter((name) => !page.includes(`\`${name}\``))).toEqual([])
  })

  test('names metrics that there are', () => {
    const known = readFileSync('docs/metrics.md', 'utf8')
    const named = outputs.flatMap(({ lines }) =>
      lines.flatMap((line) => /^((?:millrace|kafka)_\w+)/.exec(line)?.[1] ?? []),
    )
    expect(named.length).toBeGreaterThan(10)
    expect(named.filter((name) => !known.includes(`\`${name}\``))).toEqual([])
  })

  test('asks a worker for pages that it has', () => {
    const known = readFileSync('docs/deployment.md', 'utf8')
    const paths = outputs.flatMap(({ command }) => /\$worker(\/[\w-]+)/.exec(command)?.[1] ?? [])
    expect(paths.length).toBeGreaterThan(10)
    expect(paths.filter((path) => !known.includes(path))).toEqual([])
  })
})

describe('a table in the page for a person on call has the columns that are printed by', () => {
  let memory: MemoryKafka
  let streams: Streams
  let ops: OpsServer
  let collector: HecServer

  beforeAll(async () => {
    memory = new MemoryKafka({
      topics: { views: 1, 'view-counts': 1, payments: 1, 'payments-retry': 1, checked: 1, letters: 1 },
    })
    memory.topic('views', { key: string(), value: json<object>() }).write('ann', { page: '/' })
    const names = { exception: 'REFUSED', topic: 'payments', partition: '0', offset: '0' }
    const headers = Object.entries(names).map(([name, text]) => ({
      key: `__streams.errors.${name}`,
      value: Buffer.from(text),
    }))
    memory.topic('letters', { key: string(), value: bytes() }).write('k', Buffer.from('{"amount":1}'), { headers })
    const [port = 0] = await freePorts(1)
    streams = await startStreams(
      {
        applicationId: 'page-views',
        applicationServer: `127.0.0.1:${port}`,
        commitIntervalMs: 20,
        offsetReset: 'earliest',
        logger: silentLogger,
        kafka: memory.connection,
      },
      pageViews,
    )
    await memory.until(() => memory.uncommitted('page-views', 'views') === 0)
    const healthy = () => ({ ok: true, reason: '' })
    const status = () => streams.application.status()
    ops = await startOpsServer({ port, live: healthy, ready: healthy, metrics: async () => '', status })
    collector = new HecServer()
    await collector.start()
  })
  afterAll(async () => {
    await ops?.close()
    await collector?.stop()
    await streams?.close()
  })

  test.each([
    ['millrace top', 'group', 'top', 'page-views', '--once', '--interval', '1'],
    ['millrace top', 'worker', 'top', 'page-views', '--once', '--interval', '1'],
    ['millrace lag', 'topic', 'lag', 'page-views', '--once', '--interval', '1'],
    ['millrace tasks', 'task', 'tasks', 'page-views', '--once'],
    ['millrace diff', 'change', 'diff', module],
    ['millrace reset', 'topic', 'reset', module],
    ['millrace sinks doctor', 'sink', 'sinks', 'doctor', documents],
    ['millrace dlq list', 'open', 'dlq', 'list', '--topic', 'letters'],
    ['millrace dlq replay', 'letters', 'dlq', 'replay', payments, '--topic', 'letters'],
  ])('%s, from the column %s on', async (command, first, ...args) => {
    const environment = {
      SPLUNK_HEC_URL: collector.url,
      SPLUNK_HEC_TOKEN: 'token',
      STATE_DIRECTORY: mkdtempSync(join(tmpdir(), 'millrace-operations-')),
    }
    const { out } = await commandLine({ kafka: memory.connection, environment }).run(...args)
    const isHeader = (line: string) => line.startsWith(`${first}  `)
    const printed = out.split('\n').find(isHeader) ?? ''
    const shown = outputs
      .filter((output) => output.command.startsWith(command))
      .flatMap(({ lines }) => lines.filter(isHeader))
    expect(printed).not.toBe('')
    expect(shown.length).toBeGreaterThan(0)
    for (const header of shown) expect(cellsOf(header)).toEqual(cellsOf(printed))
  })
})
