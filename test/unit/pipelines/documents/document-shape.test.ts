import { expect, test } from '@jest/globals'
import { shapedText } from '../../../../src/pipelines/documents/document-shape.ts'

const log = {
  timestamp: Date.UTC(2026, 10, 24, 8),
  level: 'error',
  message: 'no stock',
  service: 'shop',
  component: 'Stock',
  host: 'web-1',
  ip: '203.0.113.9',
  statusCode: 502,
  durationMs: 12.5,
  traceId: 'a1',
  userId: 'ann',
  environment: 'prod',
  priority: 80,
  error: { type: 'IOException', message: 'full', stack: 'at a' },
  event: { original: 'the line' },
  attributes: { host: { ip: ['10.0.0.1'] }, thread: 'main' },
  plan: 'gold',
}

test('a document of the fleet is written as it is', () => {
  const text = '{"a": 1}'
  expect(shapedText(text, 'fleet')).toBe(text)
})

test('a document in the Elastic Common Schema has its names and keeps the others', () => {
  expect(JSON.parse(shapedText(JSON.stringify(log), 'ecs'))).toEqual({
    '@timestamp': '2026-11-24T08:00:00.000Z',
    ecs: { version: '8.11.0' },
    message: 'no stock',
    log: { level: 'error', logger: 'Stock' },
    service: { name: 'shop', environment: 'prod' },
    host: { name: 'web-1', ip: ['10.0.0.1'] },
    source: { ip: '203.0.113.9' },
    http: { response: { status_code: 502 } },
    event: { duration: 12_500_000, original: 'the line' },
    trace: { id: 'a1' },
    user: { id: 'ann' },
    labels: { priority: 80 },
    error: { type: 'IOException', message: 'full', stack_trace: 'at a' },
    thread: 'main',
    plan: 'gold',
  })
})

test('text where the Elastic Common Schema has an object becomes a label', () => {
  const text = '{"timestamp":1795507200000,"user":"ann","url":"/"}'
  expect(JSON.parse(shapedText(text, 'ecs'))).toMatchObject({ labels: { user: 'ann', url: '/' } })
})

test('a document of OpenTelemetry has resource, scope, severity, body and attributes', () => {
  expect(JSON.parse(shapedText(JSON.stringify(log), 'otel'))).toEqual({
    '@timestamp': '2026-11-24T08:00:00.000Z',
    severity_text: 'ERROR',
    severity_number: 17,
    body: { text: 'no stock' },
    trace_id: 'a1',
    scope: { name: 'Stock' },
    resource: { attributes: { 'service.name': 'shop', 'host.name': 'web-1', 'deployment.environment.name': 'prod' } },
    attributes: {
      'client.address': '203.0.113.9',
      'http.response.status_code': 502,
      'user.id': 'ann',
      'exception.type': 'IOException',
      'exception.message': 'full',
      'exception.stacktrace': 'at a',
      'log.record.original': 'the line',
      durationMs: 12.5,
      priority: 80,
      host: { ip: ['10.0.0.1'] },
      thread: 'main',
      plan: 'gold',
    },
  })
})

test.each(['ecs', 'otel'] as const)('numbers stay exact in a document of %s', (shape) => {
  expect(shapedText('{"timestamp":1795507200000,"id":1234567890123456789}', shape)).toContain(':1234567890123456789')
})

test('the places and networks of addresses have the names of the Elastic Common Schema', () => {
  const geo = { country: 'DE', city: 'Berlin', location: { lat: 52.52, lon: 13.405 } }
  const log = { geo, as: { number: 64_500, organization: 'Example' } }
  expect(JSON.parse(shapedText(JSON.stringify(log), 'ecs'))).toMatchObject({
    source: {
      geo: { country_iso_code: 'DE', city_name: 'Berlin', location: { lat: 52.52, lon: 13.405 } },
      as: { number: 64_500, organization: { name: 'Example' } },
    },
  })
})
