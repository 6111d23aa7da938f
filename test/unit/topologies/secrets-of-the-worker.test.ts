import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { kindTopology } from '../../../fleet/kinds.ts'
import { topics } from '../../../fleet/topics.ts'
import { bytes, type Logger, string } from '../../../src/index.ts'
import { pipeline } from '../../../src/pipelines/index.ts'
import { TopologyTestDriver } from '../../../src/testing/index.ts'
import { defaultInputPolicy } from '../../../topologies/input-policy.ts'

const nowMs = Date.UTC(2026, 10, 24, 8)
const secret = 'tr0ub4dor9Zx'
const text = `password=${secret}`
const logged: string[] = []

const log =
  (level: string) =>
  (...entry: unknown[]): void => {
    logged.push(`${level} ${entry.map(shown).join(' ')}`)
  }
const logger: Logger = {
  debug: log('debug'),
  info: log('info'),
  warn: log('warn'),
  error: log('error'),
  child: () => logger,
}

function shown(value: unknown): string {
  return JSON.stringify(value, (_, member: unknown) =>
    member instanceof Error ? `${member.stack} ${String(member.cause)} ${JSON.stringify(member)}` : member,
  )
}

/** What a record may do to be refused, read with a tag, counted by its source, or removed by a step. */
const records: readonly (readonly [key: string | null, value: string | Uint8Array])[] = [
  [null, JSON.stringify({ timestamp: nowMs, level: 'info', message: text })],
  ['k', JSON.stringify({ timestamp: text, level: text, message: text, service: text, component: text, host: text })],
  ['k', JSON.stringify({ timestamp: nowMs, level: 'error', message: text, durationMs: text, statusCode: text })],
  ['k', JSON.stringify({ time: nowMs, level: 30, msg: 'noise', tenant: text })],
  ['k', JSON.stringify({ time: nowMs, level: 30, msg: 'noise', session: { token: secret } })],
  ['k', `{"message":"${text}`],
  ['k', `no format, ${text}`],
  [text, `no format, ${text}`],
  [text, JSON.stringify({ timestamp: 'soon', message: 'noise' })],
  ['k', JSON.stringify({ timestamp: nowMs, level: 'info', message: `${'pwd= '.repeat(20_000)} ${text}` })],
  ['k', Buffer.concat([Buffer.from([0, 0, 0, 0, 7]), Buffer.from(text)])],
  ['k', Buffer.concat([Buffer.from([0xff, 0xd8, 0xff, 0, 1, 2, 3]), Buffer.from(text), Buffer.alloc(40, 0x81)])],
]

let driver: TopologyTestDriver

beforeAll(() => {
  const topology = kindTopology('application', {
    sinks: ['documents'],
    pipeline: pipeline({
      name: 'application',
      steps: [
        { throttle: { events: 1, within: '1h', key: '%{tenant}' }, when: 'exists(tenant)' },
        {
          throttle: { events: 1, within: '1h', key: '%{session.token}' },
          when: 'exists(session.token)',
          name: 'by-visit',
        },
        { json: { field: 'message' }, when: `message contains 'no format'` },
      ],
    }),
    policy: { ...defaultInputPolicy, refuse: ['null-key', 'no-timestamp', 'timestamp-range'] },
    avro: undefined,
    geo: undefined,
    pace: 'demonstration',
  })
  driver = new TopologyTestDriver(topology.build(), {
    deserializationHandler: 'continue',
    processingHandler: 'continue',
    deadLetterTopic: topics.deadLetters.name,
    logger,
  })
  const input = driver.createInputTopic(topics.application.name, { key: string(), value: bytes() })
  for (let count = 0; count < 2; count++)
    for (const [key, value] of records) input.pipeInput(key, Buffer.from(value), nowMs)
  driver.advanceWallClock(10_000)
})
afterAll(() => driver.close())

test('no line of the log shows a secret of a record', () => {
  expect(logged).not.toEqual([])
  expect(logged.filter((line) => line.includes(secret))).toEqual([])
})

test('no metric has a secret of a record in its name or labels', () => {
  const metrics = JSON.stringify(driver.metrics())
  expect(metrics).toContain('removed:throttle')
  expect(metrics).toContain('removed:by-visit:[redacted:secret] of k')
  expect(metrics).not.toContain(secret)
})

test('a log of more signs of secrets than are looked at is counted by its source', () => {
  expect(JSON.stringify(driver.metrics())).toContain('redaction_unread:k')
})

test('no header of a dead letter shows a secret of its record', () => {
  const letters = driver.producedRecords().filter(({ topic }) => topic === topics.deadLetters.name)
  expect(letters).not.toEqual([])
  const headers = letters.flatMap((letter) =>
    letter.headers.map(({ key, value }) => `${key}: ${Buffer.from(value ?? []).toString()}`),
  )
  expect(headers.filter((header) => header.includes(secret))).toEqual([])
})
