import { describe, expect, test } from '@jest/globals'
import { createLogReader, LogEvent } from '../../../../src/pipelines/index.ts'
import { access } from '../../../../src/pipelines/steps/line-formats.ts'

function levelOf(record: string): unknown {
  return createLogReader().read(record, Date.parse('2026-11-24T08:00:00Z'), 'web')[0]?.fields.level
}

const combined = (status: number) =>
  `192.0.2.7 - - [24/Nov/2026:07:59:59 +0000] "GET /cart HTTP/1.1" ${status} 12 "-" "curl/8"`

describe('a log without a level', () => {
  test.each([
    [200, 'info'],
    [304, 'info'],
    [404, 'warn'],
    [499, 'warn'],
    [502, 'error'],
  ])('of an access line with status %i has the level %s', (status, level) => {
    expect(levelOf(combined(status))).toBe(level)
  })

  test.each([
    ['JSON of a server', { time: '2026-11-24T07:59:59Z', request: 'GET /cart', status: 503 }],
    [
      'a container around an access line',
      { log: `${combined(503)}\n`, stream: 'stdout', time: '2026-11-24T08:00:00Z' },
    ],
  ])('has that of its status in %s', (_, record) => {
    expect(levelOf(JSON.stringify(record))).toBe('error')
  })

  test('has none of a status that only its message tells of', () => {
    expect(levelOf('2026-11-24 07:59:59 - the server answered with status 502')).toBeUndefined()
  })

  test('has that of its status behind a step that reads access lines', () => {
    const event = new LogEvent('', 0, 'web')
    event.fields.message = combined(502)
    access.compile({}).apply(event)
    expect(event.fields.level).toBe('error')
  })
})

test('a log with a level keeps it, whatever its status', () => {
  expect(levelOf('INFO:     192.0.2.7:51234 - "GET / HTTP/1.1" 500 Internal Server Error')).toBe('info')
  expect(levelOf('{"level":"info","msg":"request","status":500}')).toBe('info')
})
