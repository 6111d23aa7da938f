import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals'
import { refusedLogs } from '../../../fleet/refused-logs.ts'
import { logMappings } from '../../../schemas/log-mappings.ts'
import { shapeMappings } from '../../../fleet/shape-mappings.ts'
import { shapedText } from '../../../src/pipelines/index.ts'
import { elasticsearchSink } from '../../../src/sinks/elasticsearch/elasticsearch-sink.ts'
import type { Sink } from '../../../src/sinks/port.ts'
import { type OpenSearchServer, sharedSearchServer } from '../../support/opensearch.ts'
import { RecordingLogger } from '../../support/recording-logger.ts'
import { requireServer } from '../../support/require-server.ts'
import { LogIndices } from './log-indices.ts'

const timestamp = Date.UTC(2026, 10, 24, 8)

requireServer('opensearch').describe('fields of logs that nobody here knows', () => {
  let server: Pick<OpenSearchServer, 'url' | 'stop'>
  let indices: LogIndices
  let sink: Sink
  let logger: RecordingLogger

  beforeAll(async () => {
    server = await sharedSearchServer()
  }, 180_000)

  afterAll(() => server?.stop())

  beforeEach(async () => {
    indices = new LogIndices(server.url, 'custom')
    logger = new RecordingLogger()
    const { prefix } = indices
    sink = await indices.open(
      elasticsearchSink({
        name: prefix,
        node: server.url,
        index: `${prefix}-YYYY.MM.DD`,
        whenRefused: refusedLogs(logMappings, logger),
        setup: { replicas: 0, mappings: logMappings },
      }),
    )
  })

  afterEach(() => indices.delete())

  /** Each in a request of its own, so that the first one makes the mapping. */
  async function write(...logs: readonly object[]): Promise<void> {
    for (const log of logs) {
      await indices.write(sink, [{ timestamp, level: 'info', message: 'fine', service: 'shop', ...log }])
    }
  }

  const found = (query: string): Promise<number> => indices.found(query)

  test('are found by their words and numbers', async () => {
    await write({ plan: 'gold', kubernetes: { pod: { name: 'shop-1' } }, retries: 3, 'cart.total': 12.5, isVip: true })
    expect(await found('plan:gold')).toBe(1)
    expect(await found('kubernetes.pod.name:"shop-1"')).toBe(1)
    expect(await found('retries:[2 TO 4]')).toBe(1)
    expect(await found('cart.total:>12')).toBe(1)
    expect(await found('isVip:true')).toBe(1)
  }, 30_000)

  test.each<readonly [string, readonly object[], object?]>([
    ['an object where others have text', [{ user: 'ann' }, { user: { name: 'ann' } }]],
    ['text where others have an object', [{ user: { name: 'ann' } }, { user: 'ann' }]],
    ['a dotted name where others have text', [{ user: 'ann' }, { 'user.name': 'ann' }]],
    [
      'an object in a field of logs',
      [{ error: { message: 'x', type: { name: 'E' } } }],
      { error: { type: { name: 'E' } } },
    ],
    ['a name of dots', [{ 'a..b': 1 }]],
  ])(
    'are kept where they do not fit: %s',
    async (_, logs, unmapped = logs[logs.length - 1]) => {
      await write(...logs)
      expect(indices.rejections).toEqual([])
      const documents = await indices.api.documents(`${indices.prefix}-*`)
      expect(documents).toHaveLength(logs.length)
      expect(await found('tags:_unmapped')).toBe(1)
      expect(documents.map(({ source }) => source.unmapped)).toContainEqual(unmapped)
      expect(await found('message:fine AND service:shop')).toBe(logs.length)
    },
    30_000,
  )

  test('that are no numbers are kept among numbers', async () => {
    await write({ retries: 3 }, { retries: 'many' }, { retries: 1e300 }, { timestamp, priority: 'P1' })
    expect(indices.rejections).toEqual([])
    expect(await found('tags:_unmapped')).toBe(0)
    expect(await indices.api.count(`${indices.prefix}-*`)).toBe(4)
  }, 30_000)

  test('are reported once for each field and index', async () => {
    await write({ user: 'ann' }, { user: { name: 'ann' } }, { user: { name: 'bob' } })
    expect(logger.at('warn').map(({ fields }) => fields)).toEqual([
      expect.objectContaining({ index: `${indices.prefix}-2026.11.24`, field: 'user' }),
    ])
  }, 30_000)

  test('that are more than an index takes are kept, and later logs are as well', async () => {
    const many = Object.fromEntries(Array.from({ length: 1200 }, (_, number) => [`field${number}`, number]))
    await write(many, { plan: 'gold' })
    expect(indices.rejections).toEqual([])
    expect(await found('tags:_unmapped')).toBe(1)
    expect(await found('plan:gold')).toBe(1)
  }, 30_000)

  test.each(['ecs', 'otel'] as const)(
    'have their types in documents of %s',
    async (shape) => {
      const { prefix } = indices
      const shaped = await indices.open(
        elasticsearchSink({
          name: `${prefix}-${shape}`,
          node: server.url,
          index: `${prefix}-${shape}-YYYY.MM.DD`,
          document: ({ value }) => Buffer.from(shapedText(JSON.stringify(value), shape)),
          setup: { replicas: 0, priority: 201, mappings: shapeMappings[shape] },
        }),
      )
      const error = { type: 'IOException', message: 'disk full', stack: 'at a' }
      const value = {
        timestamp,
        level: 'error',
        message: 'no stock',
        service: 'shop',
        statusCode: 502,
        ip: '203.0.113.9',
        error,
        plan: 'gold',
      }
      await indices.write(shaped, [value])
      expect(indices.rejections).toEqual([])
      const queries = {
        ecs: 'service.name:shop AND http.response.status_code:[500 TO 599] AND source.ip:"203.0.113.0/24" AND error.message:full AND plan:gold',
        otel: 'resource.attributes.service.name:shop AND severity_number:>16 AND body.text:stock AND attributes.exception.message:full AND attributes.plan:gold',
      }
      expect(await found(`${queries[shape]} AND @timestamp:[2026-11-24T07:59:00Z TO 2026-11-24T08:01:00Z]`)).toBe(1)
    },
    30_000,
  )
})
