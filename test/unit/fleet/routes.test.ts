import { expect, test } from '@jest/globals'
import { logIndex } from '../../../fleet/documents.ts'
import { pipeline } from '../../../src/pipelines/index.ts'
import type { SinkRecord } from '../../../src/sinks/index.ts'

const { routes } = pipeline({
  name: 'test',
  steps: [
    { route: { urgent: "level == 'error'" } },
    { when: "service == 'shop'", steps: [{ drop: {} }], else: [{ route: { others: 'exists(service)' } }] },
  ],
})

test.each([
  ['of a route of the pipeline', 'urgent', 'logs-urgent-2026.11.24'],
  ['of a route in a branch', 'others', 'logs-others-2026.11.24'],
  ['that names another route itself', 'GET /cart', 'logs-2026.11.24'],
  ['without a route', undefined, 'logs-2026.11.24'],
])('a log %s goes to its index', (_, route, index) => {
  const value = { timestamp: Date.parse('2026-11-24T08:00:00Z'), route }
  expect(logIndex('logs', undefined, routes)({ value } as SinkRecord)).toBe(index)
})
