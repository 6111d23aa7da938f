import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { ManualClock } from '../../../src/core/clock.ts'
import { silentLogger } from '../../../src/core/logger.ts'
import { OtlpTracer } from '../../../src/ops/index.ts'

const input = { kind: 4, attributes: { 'messaging.system': 'kafka', 'messaging.kafka.offset': 7 } } as const

let server: Server
let status: number
let requests: { readonly path: string; readonly token: unknown; readonly body: unknown }[]

beforeEach(async () => {
  status = 200
  requests = []
  server = createServer((request: IncomingMessage, response) => {
    let body = ''
    request.on('data', (chunk: Buffer) => {
      body += chunk.toString()
    })
    request.on('end', () => {
      requests.push({ path: request.url ?? '', token: request.headers['authorization'], body: JSON.parse(body) })
      response.writeHead(status).end('{}')
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
})

afterEach(() => {
  server.closeAllConnections()
  server.close()
})

function tracerTo(clock: ManualClock, spansMax?: number, logger = silentLogger): OtlpTracer {
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/traces`
  const headers = { authorization: 'Bearer t' }
  return new OtlpTracer({ url, headers, serviceName: 'orders', spansMax, clock, logger })
}

describe('spans over OTLP', () => {
  test('arrive as JSON with times, attributes and parent', async () => {
    const clock = new ManualClock(1_764_374_400_000)
    const tracer = tracerTo(clock)
    const parent = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), traceFlags: 1 }
    const span = tracer.startSpan('process in', input, { ...parent, isRemote: true, stateText: 'vendor=1' })
    clock.advance(5)
    span.recordException(new TypeError('it broke'))
    span.setStatus({ code: 2 })
    span.end()
    await tracer.close()
    expect(requests.map(({ path, token }) => [path, token])).toEqual([['/v1/traces', 'Bearer t']])
    expect(requests[0]?.body).toMatchObject({
      resourceSpans: [
        {
          resource: { attributes: [{ key: 'service.name', value: { stringValue: 'orders' } }] },
          scopeSpans: [
            {
              spans: [
                {
                  traceId: 'a'.repeat(32),
                  spanId: span.spanContext().spanId,
                  parentSpanId: 'b'.repeat(16),
                  traceState: 'vendor=1',
                  name: 'process in',
                  kind: 5,
                  startTimeUnixNano: '1764374400000000000',
                  endTimeUnixNano: '1764374400005000000',
                  attributes: [
                    { key: 'messaging.system', value: { stringValue: 'kafka' } },
                    { key: 'messaging.kafka.offset', value: { intValue: '7' } },
                  ],
                  events: [{ name: 'exception' }],
                  status: { code: 2, message: 'it broke' },
                },
              ],
            },
          ],
        },
      ],
    })
  })

  test('are dropped and counted beyond the bound, and where the collector refuses them', async () => {
    const tracer = tracerTo(new ManualClock(), 3)
    for (let count = 0; count < 5; count++) tracer.startSpan('process in', input, undefined).end()
    expect(tracer.dropped).toBe(2)
    status = 503
    await tracer.close()
    expect(tracer.dropped).toBe(5)
  })

  test('do not hold the end of a process for more than one request that fails', async () => {
    status = 503
    const tracer = tracerTo(new ManualClock(), 2000)
    for (let count = 0; count < 2000; count++) tracer.startSpan('process in', input, undefined).end()
    await Promise.all([tracer.flush(), tracer.close()])
    expect([requests.length, tracer.dropped]).toEqual([1, 2000])
  })

  test('that are dropped in a row are logged once, and so is their end', async () => {
    const lines: string[] = []
    const logger = { ...silentLogger, warn: (_: object, line: string) => lines.push(line) }
    const tracer = tracerTo(new ManualClock(), 2000, { ...logger, info: (_, line) => lines.push(line) })
    for (status of [503, 503, 200]) {
      tracer.startSpan('process in', input, undefined).end()
      await tracer.flush()
    }
    expect(lines).toEqual(['the collector did not take spans, dropping them', 'the collector takes spans again'])
  })

  test.each([
    ['a password in the address', { url: 'http://user:s3cret@collector/v1/traces' }],
    ['a line break in a header', { url: 'http://collector/v1/traces', headers: { authorization: 's3cret\n' } }],
  ])('are refused from the start with %s, which is not shown', (_, options) => {
    const create = () => new OtlpTracer({ serviceName: 'orders', ...options })
    expect(create).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }))
    expect(create).not.toThrow(/s3cret/)
  })
})
