import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, describe, expect, test } from '@jest/globals'
import type { AuditEntry } from '../../../src/cli/audit.ts'
import { json, string } from '../../../src/index.ts'
import { bytes } from '../../../src/serde/primitives.ts'
import { MemoryKafka } from '../../../src/testing/index.ts'
import { type CommandLine, commandLine } from '../../support/command-line.ts'
import { until } from '../../support/until.ts'

const pageViews = 'test/unit/cli/modules/page-views.ts'
const payments = 'test/unit/cli/modules/payments.ts'
const notices = 'test/unit/cli/modules/notices.yaml'
let memory: MemoryKafka
let millrace: CommandLine

const line = (stop?: Promise<string>): CommandLine =>
  commandLine({
    kafka: memory.connection,
    environment: {
      DEAD_LETTER_TOPIC: 'letters',
      STATE_DIRECTORY: mkdtempSync(join(tmpdir(), 'millrace-audit-')),
      OPS_PORT: '0',
      LINGER_MS: '0',
    },
    ...(stop === undefined ? {} : { stop }),
  })

beforeEach(() => {
  const topics = {
    views: 1,
    'view-counts': 1,
    payments: 1,
    'payments-retry': 1,
    checked: 1,
    letters: 1,
    'fastmcp-alert-silences': 1,
    'fastmcp-alert-acknowledgements': 1,
    'millrace-audit': 1,
  }
  memory = new MemoryKafka({ topics })
  millrace = line()
  const views = memory.topic('views', { key: string(), value: json<{ page: string }>() })
  for (let second = 0; second < 100; second++) views.write('ann', { page: '/' }, { timestamp: second * 1000 })
})

const entries = (): readonly (AuditEntry | null)[] =>
  memory
    .topic('millrace-audit', { key: string(), value: json<AuditEntry>() })
    .read()
    .map(({ value }) => value)

const replay = async (...commands: readonly string[]): Promise<void> => {
  for (const command of commands) await millrace.run('replay', command, pageViews, 'july')
}

/** A replay that has begun, and that nobody runs at the moment. */
async function begunReplay(): Promise<void> {
  await millrace.run('replay', 'plan', pageViews, 'july', '--records-per-second', '1')
  let stop: (reason: string) => void = () => {}
  const running = line(new Promise((resolve) => (stop = resolve))).run('replay', 'run', pageViews, 'july')
  await until(async () => (await millrace.run('replay', 'status', pageViews, 'july')).out.includes('july: running'))
  stop('the test goes on')
  await running
}

/** A record of `payments` that failed. */
function writeLetter(): void {
  const names = { exception: 'REFUSED', topic: 'payments', partition: '0', offset: '0' }
  const headers = Object.entries(names).map(([name, text]) => ({
    key: `__streams.errors.${name}`,
    value: Buffer.from(text),
  }))
  memory.topic('letters', { key: string(), value: bytes() }).write('k', Buffer.from('{"amount":1}'), { headers })
}

const silence = ['alerts', 'silence', '--match', 'service=shop', '--for', '2h', '--reason', 'upgrade']
const acknowledge = ['alerts', 'acknowledge', 'all/errors@1795962894858']
/** The file names receivers for what people ask for. */
const request = (kind: string) => ['alerts', kind, 'all/errors@1795962894858', '--notices', notices]

/** A silence of alerts that holds. */
function writeSilence(): void {
  const row = { id: '3f2a', match: {}, author: 'ann', reason: 'upgrade', startMs: 0, endMs: Date.now() + 60_000 }
  memory.topic('fastmcp-alert-silences', { key: string(), value: json() }).write('3f2a', row)
}

/** Each command that changes something, with what has to be there before. `sinks apply` has a test with its server. */
const changes: readonly (readonly [string, () => Promise<void>, ...string[]])[] = [
  ['topics apply', async () => {}, 'topics', 'apply', pageViews],
  ['reset', async () => {}, 'reset', pageViews, '--execute'],
  ['dlq replay', async () => writeLetter(), 'dlq', 'replay', payments, '--execute'],
  ['dlq resolve', async () => writeLetter(), 'dlq', 'resolve', '0@0', '--reason', 'test data', '--execute'],
  ['alerts silence', async () => {}, ...silence],
  ['alerts unsilence', async () => writeSilence(), 'alerts', 'unsilence', '3f2a'],
  ['alerts acknowledge', async () => {}, ...acknowledge],
  ['alerts escalate', async () => {}, ...request('escalate')],
  ['alerts incident', async () => {}, ...request('incident')],
  ['replay plan', async () => {}, 'replay', 'plan', pageViews, 'july'],
  ['replay run', () => replay('plan'), 'replay', 'run', pageViews, 'july'],
  ['replay pause', begunReplay, 'replay', 'pause', pageViews, 'july'],
  ['replay resume', () => begunReplay().then(() => replay('pause')), 'replay', 'resume', pageViews, 'july'],
  ['replay cutover', () => replay('plan', 'run'), 'replay', 'cutover', pageViews, 'july'],
  ['replay revert', () => replay('plan', 'run', 'cutover'), 'replay', 'revert', pageViews, 'july'],
  ['replay abort', () => replay('plan'), 'replay', 'abort', pageViews, 'july'],
]

describe.each(changes)('millrace %s', (name, prepare, ...args) => {
  test('is written to the audit topic: who, which plan, what came of it', async () => {
    await prepare()
    const before = entries().length
    const { exitCode, errors } = await millrace.run(...args)
    expect([exitCode, errors]).toEqual([0, ''])
    const written = entries().slice(before)
    expect(written).toMatchObject([{ state: 'planned' }, { state: 'done' }])
    for (const entry of written)
      expect(entry).toMatchObject({
        id: written[0]?.id,
        user: 'somebody@somewhere',
        command: expect.stringMatching(`^${name}( |$)`),
        plan: expect.anything(),
        timeMs: expect.any(Number),
      })
  })
})

test('a change that fails is written too, with its error', async () => {
  await replay('plan')
  const before = entries().length
  const { exitCode } = await millrace.run('replay', 'cutover', pageViews, 'july')
  expect(exitCode).toBe(2)
  expect(entries().slice(before)).toMatchObject([
    { state: 'planned' },
    { state: 'failed', result: { code: expect.any(String), error: expect.stringContaining('july') } },
  ])
})

test('a replay that is left before its end says so', async () => {
  await begunReplay()
  expect(entries().at(-1)).toMatchObject({ state: 'done', result: 'left' })
})

test('a plan that is only shown is not written', async () => {
  await millrace.run('replay', 'plan', pageViews, 'july', '--dry-run')
  expect(entries()).toEqual([])
})

test('nothing is changed where the audit topic cannot be written', async () => {
  const blocked = commandLine({ kafka: memory.connection, environment: { AUDIT_TOPIC: 'no such name' } })
  const { exitCode, errors } = await blocked.run('topics', 'apply', pageViews)
  expect([exitCode, errors]).toEqual([2, expect.stringMatching(/AUDIT_TOPIC.*nothing was changed.*AUDIT_FAILED/)])
})
