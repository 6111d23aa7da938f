import { describe, expect, test } from '@jest/globals'
import { createLogReader } from '../../../src/pipelines/index.ts'
import { bestOfMs } from '../../support/best-of.ts'

const receivedMs = Date.parse('2026-11-24T08:00:00Z')

function messagesOf(record: string): readonly unknown[] {
  return createLogReader()
    .read(record, receivedMs, 'source')
    .map(({ fields }) => fields.message)
}

const counted = (message: string) => `${Buffer.byteLength(message)} ${message}`
const access = (path: string) => `192.0.2.7 - - [24/Nov/2026:07:59:59 +0000] "GET ${path} HTTP/1.1" 200 12 "-" "curl/8"`

describe('a record of several events', () => {
  test('is one event for each syslog message whose octets it counts', () => {
    const messages = ['<13>1 2026-11-24T07:59:59Z edge app 7 - - größer', '<11>Nov 24 07:59:59 edge app: second']
    expect(messagesOf(messages.map(counted).join(''))).toEqual(['größer', 'second'])
    expect(messagesOf(messages.map((message) => counted(`${message}\n`)).join(''))).toEqual(['größer', 'second'])
  })

  test('keeps the beginning of a counted message that was cut off', () => {
    const whole =
      counted('<13>1 2026-11-24T07:59:59Z edge app 7 - - first') + counted('<13>Nov 24 07:59:59 edge app: lost')
    expect(messagesOf(whole.slice(0, -3))).toEqual(['first', 'l'])
  })

  test('is one event for each line that has a time of its own', () => {
    expect(messagesOf(`${access('/a')}\n${access('/b')}\r\n\n${access('/c')}\n`)).toEqual([
      'GET /a 200',
      'GET /b 200',
      'GET /c 200',
    ])
  })

  test('is one event for each line of JSON, and for a line that is none', () => {
    expect(messagesOf('{"message":"a","level":"info"}\n{"message":"b","lev\n{"message":"c","level":"info"}')).toEqual([
      'a',
      '{"message":"b","lev',
      'c',
    ])
  })
})

describe('a record of several lines is one event', () => {
  test.each([
    [
      'a stack trace',
      '2026-11-24 07:59:59,000 ERROR [main] a.B: boom\njava.lang.IllegalStateException: boom\n\tat a.B.c(B.java:1)',
    ],
    ['a statement', '2026-11-24 07:59:59.389 UTC [54] a@b LOG:  statement: SELECT a,\n\t  b\nFROM c'],
    ['text that begins with a number and an angle', '5 <13>Nov 24 07:59:59 edge app: it is not five octets long\nmore'],
    ['JSON over several lines', '{\n  "level": "info",\n  "message": "a"\n}'],
  ])('where it is %s', (_, record) => expect(messagesOf(record)).toHaveLength(1))
})

const shared = 'x'.repeat(3000)
const envelope = (items: number, common: string) => `{"logEvents":[${'{},'.repeat(items - 1)}{}],"common":"${common}"}`
const otlp = (logs: number, common: string) =>
  `{"resourceLogs":[{"resource":{"attributes":{"common":"${common}"}},"scopeLogs":[{"logRecords":[${'{},'.repeat(logs - 1)}{}]}]}]}`

describe('a record stays one event', () => {
  test.each([
    ['10,001 objects', '{}'.repeat(10_001)],
    ['10,001 messages with their octets', '5 <13>x'.repeat(10_001)],
    ['a list of 10,001 objects', `[${'{},'.repeat(10_000)}{}]`],
    ['an envelope of 10,001 objects', envelope(10_001, '')],
    ['an envelope that repeats much in each', envelope(999, shared.repeat(3))],
    ['envelopes that repeat much together', envelope(29, shared).repeat(60)],
    ['a resource that is repeated in many logs', otlp(999, shared.repeat(3))],
  ])('where it holds %s', (_, record) => expect(messagesOf(record)).toEqual([record]))

  test('where its envelope of OpenTelemetry is empty', () => expect(messagesOf('{"resourceLogs":[]}')).toHaveLength(1))
})

test('10,000 objects or counted messages are as many events, and so are those of an envelope that repeats little', () => {
  expect(messagesOf('{"message":"a"}'.repeat(10_000))).toHaveLength(10_000)
  expect(messagesOf('5 <13>x'.repeat(10_000))).toHaveLength(10_000)
  expect(messagesOf(envelope(1000, shared))).toHaveLength(1000)
  expect(messagesOf(otlp(1000, shared))).toHaveLength(1000)
})

test.each([
  ['lines', `${access('/')}\n`],
  ['counted messages', counted('<13>Nov 24 07:59:59 edge app: x')],
  ['lines of JSON, of which the last is none', '{"message":"a","level":"info"}\n'],
])('1 MiB of short %s is read within 50 ms', (_, part) => {
  const record = part.repeat(Math.floor((1024 * 1024) / part.length)) + '{'
  expect(bestOfMs(() => messagesOf(record), 50)).toBeLessThan(50)
})
