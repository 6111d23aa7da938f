import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, describe, expect, test } from '@jest/globals'
import { freePorts } from '../../../scripts/lab/processes.mjs'
import type { AuditEntry } from '../../../src/cli/audit.ts'
import { json, long, silentLogger, startStreams, string } from '../../../src/index.ts'
import { systemClock } from '../../../src/core/clock.ts'
import { MemoryKafka } from '../../../src/testing/index.ts'
import { type CommandLine, commandLine } from '../../support/command-line.ts'
import { type Payment, payments as paymentsTopology } from './modules/payments.ts'

const pageViews = 'test/unit/cli/modules/page-views.ts'
let memory: MemoryKafka
let millrace: CommandLine

beforeEach(() => {
  memory = new MemoryKafka({ topics: { views: 2, 'view-counts': 2 } })
  millrace = commandLine({ kafka: memory.connection, environment: { COMMIT_INTERVAL_MS: '50', LINGER_MS: '0' } })
  const views = memory.topic('views', { key: string(), value: json<{ page: string }>() })
  for (let index = 0; index < 20; index++)
    views.write(`user-${index}`, { page: `/${index % 3}` }, { timestamp: Date.UTC(2026, 6, 1, 0, index) })
})

/** Asks until the page has this text. */
async function eventually(port: number, path: string, text: string): Promise<string> {
  for (;;) {
    const response = await fetch(`http://127.0.0.1:${port}${path}`).catch(() => undefined)
    const body = (await response?.text()) ?? ''
    if (body.includes(text)) return body
    await systemClock.sleep(20)
  }
}

function replay(command: string, ...args: string[]) {
  return millrace.run('replay', command, pageViews, ...args)
}

describe('millrace replay plan', () => {
  test('shows starts, ends and outputs, and keeps them', async () => {
    const { exitCode, out } = await replay('plan', 'july')
    expect(out).toMatch(/views +\d +0 +earliest +\d+ +last-stable/)
    expect(out).toMatch(/view-counts +append +version +view-counts-replay-page-views-july/)
    expect(exitCode).toBe(0)
    expect((await replay('list')).out).toMatch(/^july +\S+ +20$/m)
  })

  test('keeps nothing with --dry-run', async () => {
    await replay('plan', 'july', '--dry-run')
    expect((await replay('list')).out).not.toContain('july')
  })

  test('warns of a store whose rows may be older than the warm-up', async () => {
    const { exitCode, out } = await replay('plan', 'july', '--from', '2026-07-01T00:10:00Z', '--warm-up', 'PT5M')
    expect(out).toContain(
      'warning: counts may hold rows from records before the warm-up, and the replay does not read these records',
    )
    expect(exitCode).toBe(1)
  })

  test('refuses an id that was used before', async () => {
    await replay('plan', 'july')
    const { exitCode, errors } = await replay('plan', 'july')
    expect(errors).toContain("id 'july' was used before: give another one")
    expect(exitCode).toBe(2)
  })
})

describe('millrace replay plan --letters', () => {
  const payments = 'test/unit/cli/modules/payments.ts'

  /** Payments of which two in the first partition and one in the second have failed. */
  beforeEach(async () => {
    const topics = { payments: 2, 'payment-counts': 1, letters: 1 }
    memory = new MemoryKafka({ topics })
    millrace = commandLine({ kafka: memory.connection, environment: { DEAD_LETTER_TOPIC: 'letters' } })
    const amounts = [
      [1, -1, 2, -2, 3],
      [4, 5, -3],
    ]
    const topic = memory.topic('payments', { key: string(), value: json<Payment>() })
    for (const [partition, list] of amounts.entries())
      for (const amount of list) topic.write('key', { amount }, { timestamp: 1000 - amount, partition })
    const options = { applicationId: 'payments', commitIntervalMs: 20, processingHandler: 'continue' } as const
    const config = { ...options, deadLetterTopic: 'letters', logger: silentLogger, kafka: memory.connection }
    const streams = await startStreams(config, paymentsTopology)
    await memory.until(() => memory.uncommitted('payments', 'payments') === 0)
    await streams.close()
  })

  test('reads each partition from the first record with a letter to the last', async () => {
    const { out, errors } = await millrace.run('replay', 'plan', payments, 'failed', '--letters', '--error', 'NEGATIVE')
    expect(out).toMatch(/payments +0 +1 +offset +4 +offset +3\n/)
    expect(out).toMatch(/payments +1 +2 +offset +3 +offset +1\n/)
    expect(errors).toContain('the records of 3 letters, and those between them')
  })

  test('leaves out letters that the query does not choose', async () => {
    const { out } = await millrace.run(
      'replay',
      'plan',
      payments,
      'failed',
      '--letters',
      'letters',
      '--since',
      '1970-01-01T00:00:01.003Z',
    )
    expect(out).toMatch(/payments +0 +5 +offset +5 +last-stable +0\n/)
    expect(out).toMatch(/payments +1 +2 +offset +3 +offset +1\n/)
  })

  test('warns that a stateful topology has only these records', async () => {
    const { out, exitCode } = await millrace.run('replay', 'plan', payments, 'failed', '--letters')
    expect(out).toContain('warning: offsets have no warm-up')
    expect(exitCode).toBe(1)
  })

  test('is refused where no letter fits', async () => {
    const { errors, exitCode } = await millrace.run(
      'replay',
      'plan',
      payments,
      'failed',
      '--letters',
      '--node',
      'other',
    )
    expect(errors).toContain('no open letter in letters names a record to replay')
    expect(exitCode).toBe(2)
  })
})

describe('millrace replay abort', () => {
  test('says of the replay that it is aborted, and no progress that nobody knows any more', async () => {
    await replay('plan', 'july')
    await replay('run', 'july')
    expect((await replay('abort', 'july')).out.trim()).toBe('july: aborted')
    expect((await replay('status', 'july')).out.trim()).toBe('july: aborted')
  })
})

describe('millrace replay run', () => {
  test('ends when everything is written, with 0', async () => {
    await replay('plan', 'july')
    const { exitCode, out } = await replay('run', 'july')
    expect(out).toContain('july: done, 20 of 20 records (100 %)')
    expect(exitCode).toBe(0)
    const counts = memory.topic('view-counts-replay-page-views-july', { key: string(), value: long() }).read()
    expect(counts.length).toBeGreaterThan(0)
  })

  test('has the probes and the metrics of a worker, marked as those of a replay', async () => {
    const [port = 0] = await freePorts(1)
    let stop: (reason: string) => void = () => {}
    const stopped = new Promise<string>((resolve) => {
      stop = resolve
    })
    // Whoever leaves a replay leaves its state too.
    const directory = mkdtempSync(join(tmpdir(), 'millrace-replay-'))
    const environment = { LINGER_MS: '0', OPS_PORT: String(port), STATE_DIRECTORY: directory }
    millrace = commandLine({ kafka: memory.connection, environment, stop: stopped })
    await replay('plan', 'july', '--records-per-second', '1')
    const running = replay('run', 'july')
    await expect(eventually(port, '/ready', '"RUNNING"')).resolves.toContain('"ok":true')
    const metrics = await eventually(port, '/metrics', 'kafka_consumer_lag{')
    stop('SIGTERM')
    expect(metrics).toMatch(/kafka_consumer_lag\{[^}]*replay="july"/)
    expect((await running).exitCode).toBe(1)
    rmSync(directory, { recursive: true })
  })

  test('runs without them where another worker has their port', async () => {
    const [port = 0] = await freePorts(1)
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
    millrace = commandLine({ kafka: memory.connection, environment: { OPS_PORT: String(port) } })
    await replay('plan', 'july')
    const { exitCode, errors } = await replay('run', 'july')
    server.close()
    expect(errors).toContain('no probes and metrics: the ops server cannot listen on')
    expect(exitCode).toBe(0)
  })

  test('names a replay that does not exist', async () => {
    const { exitCode, errors } = await replay('run', 'june')
    expect(errors).toContain('there is no replay june: the known replays are none')
    expect(exitCode).toBe(2)
  })
})

describe('millrace replay verify', () => {
  test('ends with 1 where the live application has written nothing', async () => {
    await replay('plan', 'july')
    await replay('run', 'july')
    const { exitCode, out } = await replay('verify', 'july')
    expect(out).toContain('different')
    expect(exitCode).toBe(1)
  })
})

describe('millrace replay cutover', () => {
  test('is written to the audit topic with user and state', async () => {
    await replay('plan', 'july')
    await replay('run', 'july')
    expect((await replay('cutover', 'july')).out).toContain('july: cut-over')
    expect((await replay('revert', 'july')).out).toContain('july: done')
    const entries = memory.topic('millrace-audit', { key: string(), value: json<AuditEntry>() }).read()
    expect(entries.slice(4).map(({ value }) => [value?.command, value?.state])).toEqual([
      [`replay cutover ${pageViews} july`, 'planned'],
      [`replay cutover ${pageViews} july`, 'done'],
      [`replay revert ${pageViews} july`, 'planned'],
      [`replay revert ${pageViews} july`, 'done'],
    ])
  })
})
