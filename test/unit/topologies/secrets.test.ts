import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { kindTopology } from '../../../fleet/kinds.ts'
import { hecPrefix, logLine } from '../../../fleet/documents.ts'
import { topics } from '../../../fleet/topics.ts'
import { bytes, string } from '../../../src/index.ts'
import { pipeline } from '../../../src/pipelines/index.ts'
import { TopologyTestDriver } from '../../../src/testing/index.ts'
import { defaultInputPolicy } from '../../../topologies/input-policy.ts'

const nowMs = Date.UTC(2026, 10, 24, 8)
const secret = 'tr0ub4dor9Zx'

/** Text with a secret, by kind. What may never be seen is `secret`, in any case of letters. */
const kinds: Readonly<Record<string, string>> = {
  'a pair': `DB_PASSWORD=${secret}`,
  'a name within a name': `user_password: ${secret}`,
  'a short name': `pwd=${secret}`,
  'a passphrase': `passphrase=${secret}`,
  'JSON in a text': `{"client_secret":"${secret}"}`,
  'JSON in a text in camel case': `{"apiToken":"${secret}"}`,
  'escaped JSON': `said {\\"password\\":\\"${secret}\\"}`,
  'a cookie': `Cookie: sid=${secret}`,
  'a bearer token': `Authorization: Bearer ${secret}`,
  'a token of another scheme': `Authorization: Token ${secret}`,
  'a password in a URL': `https://ann:${secret}@example.com/`,
  'a query': `GET /login?user=ann&password=${secret} HTTP/1.1`,
  'a web token': `eyJhbGciOi${secret}.${secret}.${secret}`,
  'a token of GitHub': `ghp_${secret}${secret}${secret}`,
  'a token of Slack': `xoxb-${secret}-${secret}`,
  'the secret key of AWS': `aws_secret_access_key=${secret}${secret}`,
  'a private key': `-----BEGIN PRIVATE KEY-----\n${secret}\n-----END PRIVATE KEY-----`,
  'a hash of Ruby': `{"password"=>"${secret}"}`,
  'an address': `${secret}@example.com`,
}

/** Records that hold a text, by place. */
const places: Readonly<Record<string, (text: string) => Record<string, unknown> | string>> = {
  message: (text) => ({ message: text }),
  service: (text) => ({ service: text }),
  component: (text) => ({ component: text }),
  host: (text) => ({ host: text }),
  environment: (text) => ({ environment: text }),
  userId: (text) => ({ userId: text }),
  sessionId: (text) => ({ sessionId: text }),
  'an error': (text) => ({ error: { type: text, message: text, stack: `at x\n${text}` } }),
  attributes: (text) => ({ attributes: { a: text } }),
  'a nested list': (text) => ({ attributes: { a: [{ b: [text] }] } }),
  'an unknown field': (text) => ({ more: text }),
  'a key': (text) => ({ attributes: { [text]: 1 } }),
  tags: (text) => ({ tags: [text] }),
  'a log of another shape': (text) => `{"level":30,"time":${nowMs},"msg":${JSON.stringify(text)}}`,
  'a field of another shape': (text) => `{"level":30,"time":${nowMs},"msg":"x","req":{"a":${JSON.stringify(text)}}}`,
  'an escaped text': (text) => `{"timestamp":${nowMs},"message":"${escaped(text)}"}`,
  'a line': (text) => `2026-11-24T08:00:00Z INFO app ${text.replaceAll('\n', ' ')}`,
  'a pair of a line': (text) => `level=info msg=${JSON.stringify(text)}`,
}

function escaped(text: string): string {
  return Array.from(text, (character) => `\\u00${character.charCodeAt(0).toString(16).padStart(2, '0')}`).join('')
}

let driver: TopologyTestDriver
let written = ''

beforeAll(() => {
  const topology = kindTopology('application', {
    sinks: ['documents'],
    pipeline: pipeline({ name: 'application' }),
    policy: { ...defaultInputPolicy, keepsOriginal: true },
    avro: undefined,
    geo: undefined,
    pace: 'demonstration',
  })
  driver = new TopologyTestDriver(topology.build())
  const input = driver.createInputTopic(topics.application.name, { key: string(), value: bytes() })
  let count = 0
  for (const place of Object.keys(places)) {
    for (const kind of Object.keys(kinds)) input.pipeInput('k', Buffer.from(recordOf(place, kind, count++)), nowMs)
  }
  for (const line of ['-----BEGIN PRIVATE KEY-----', secret, '-----END PRIVATE KEY-----'])
    input.pipeInput('a file', Buffer.from(line), nowMs)
  driver.advanceWallClock(10_000)
  const documents = driver.sinkRecords('documents').map((record) => `${hecPrefix(record)}${logLine(record)}}`)
  const others = driver
    .producedRecords()
    // Lines wait as they came.
    .filter(({ topic }) => !topic.includes('held-lines'))
    .map(({ key, value }) => `${String(key)} ${Buffer.from(value ?? []).toString()}`)
  written = [...documents, ...others].join('\n')
})

afterAll(() => driver.close())

function recordOf(place: string, kind: string, count: number): string {
  const record = places[place]?.(kinds[kind] ?? '') ?? ''
  if (typeof record === 'string') return record
  return JSON.stringify({
    timestamp: nowMs,
    level: 'info',
    message: 'x',
    service: 's',
    eventId: `e${count}`,
    ...record,
  })
}

describe('no document, no alert, no rate and no changelog shows a secret', () => {
  test('of any kind in any place', () => {
    const leaks = written.split('\n').filter((text) => text.toLowerCase().includes(secret.toLowerCase()))
    expect(leaks).toEqual([])
  })
})

describe('rules of the pipeline hold in the documents of a worker', () => {
  const redaction = {
    rules: [
      { name: 'customer', names: ['customer number'], action: 'hash' },
      { name: 'note', fields: ['attributes.note'] },
    ],
  } as const

  test.each([
    ['in its own shape', { timestamp: nowMs, level: 'info', message: 'x', service: 's' }],
    ['of another shape', { time: nowMs, level: 30, msg: 'x' }],
  ])('of logs %s', async (_, log) => {
    const rules = kindTopology('application', {
      sinks: ['documents'],
      pipeline: pipeline({ name: 'application', redaction }),
      redactionHashKey: 'a key',
      policy: defaultInputPolicy,
      avro: undefined,
      geo: undefined,
      pace: 'demonstration',
    })
    const own = new TopologyTestDriver(rules.build())
    const more = { attributes: { note: 'likes tea' }, customerNumber: 'C-4711' }
    own
      .createInputTopic(topics.application.name, { key: string(), value: bytes() })
      .pipeInput('k', Buffer.from(JSON.stringify({ ...log, ...more })), nowMs)
    own.advanceWallClock(10_000)
    const [record] = own.sinkRecords('documents')
    await own.close()
    const document = JSON.parse(logLine(record as NonNullable<typeof record>)) as object
    expect(document).toMatchObject({
      attributes: { note: '[redacted:note]' },
      customerNumber: expect.stringMatching(/^\[redacted:customer:[0-9a-f]{16}\]$/),
    })
    expect(JSON.stringify(document)).not.toMatch(/likes tea|4711/)
  })
})
