import { describe, expect, test } from '@jest/globals'
import { fieldAt, fieldPath, parseJson, type Fields } from '../../../src/pipelines/index.ts'
import { EnrichedLog } from '../../../topologies/enriched-log.ts'
import { JsonLog, logMembers } from '../../../topologies/json-log.ts'
import { JsonMembers } from '../../../topologies/parsing/json-members.ts'

const scan = new JsonMembers(logMembers)
const timestamp = Date.UTC(2026, 10, 24, 8)

function enriched(fields: Record<string, unknown>): EnrichedLog {
  const text = JSON.stringify({ timestamp, message: 'm', level: 'info', service: 'shop', ...fields })
  expect(scan.scan(Buffer.from(text))).toBe(true)
  const source = new JsonLog(text, scan, [])
  return new EnrichedLog(source, {
    timestamp,
    receivedMs: timestamp,
    documentId: undefined,
    originalTimestamp: undefined,
    level: 'error',
    message: source.message ?? '',
    service: 'of the source',
    dataClass: 'internal',
    tags: ['slow'],
    priority: 70,
    geo: undefined,
  })
}

const fields = {
  component: 'cart',
  host: 'web-1',
  hostname: 'web-1.local',
  environment: 'production',
  sessionId: 's1',
  userId: 'u1',
  ip: '203.0.113.7',
  eventId: 'e1',
  route: '/cart',
  durationMs: 12.5,
  statusCode: 502,
  region: 'eu',
  http: { method: 'GET' },
  'user.name': 'ann',
  large: 12345,
}

describe('a field that a condition looks at', () => {
  const paths = [...Object.keys(fields), 'http.method', 'timestamp', 'level', 'message', 'service', 'dataClass', 'tags']
  const others = ['priority', 'attributes', 'no.such.field']

  test.each([...paths, ...others])('is the same as in the document: %s', (name) => {
    const log = enriched(fields)
    const seen = log.seen(fieldPath(name))
    const document = parseJson(log.toText())?.values[0] as Fields
    expect(seen).toEqual(fieldAt(document, fieldPath(name)))
  })

  test('is one of the failed login where the log tells of one', () => {
    const log = enriched({ message: 'Failed password for root from 203.0.113.7 port 4711 ssh2' })
    expect(
      ['failedLogin.source', 'failedLogin.user', 'failedLogin.count'].map((name) => log.seen(fieldPath(name))),
    ).toEqual(['203.0.113.7', 'root', 1])
    expect(enriched({}).seen(fieldPath('failedLogin.source'))).toBeUndefined()
  })
})
