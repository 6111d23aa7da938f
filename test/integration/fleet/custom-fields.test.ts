import { randomUUID } from 'node:crypto'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals'
import { refusedLogs } from '../../../fleet/refused-logs.ts'
import { logMappings } from '../../../schemas/log-mappings.ts'
import { shapeMappings } from '../../../fleet/shape-mappings.ts'
import { noHeaders } from '../../../src/core/headers.ts'
import type { Logger } from '../../../src/index.ts'
import { shapedText } from '../../../src/pipelines/index.ts'
import { elasticsearchSink } from '../../../src/sinks/elasticsearch/elasticsearch-sink.ts'
import type { Sink } from '../../../src/sinks/port.ts'
import { OpenSinks } from '../../support/open-sinks.ts'
import { type OpenSearchServer, sharedSearchServer } from '../../support/opensearch.ts'
import { requireServer } from '../../support/require-server.ts'
import { SearchApi } from '../../support/search-api.ts'

const timestamp = Date.UTC(2026, 10, 24, 8)

requireServer('opensearch').describe('fields of logs that nobody here knows', () => {
  let server: Pick<OpenSearchServer, 'url' | 'stop'>
  let api: SearchApi
  let prefix: string
  let sinks: OpenSinks
  let sink: Sink
  let warnings: object[]
  let offset: number

  beforeAll(async () => {
    server = await sharedSearchServer()
    api = new SearchApi(server.url)
  }, 180_000)

  afterAll(() => server?.stop())

  beforeEach(async () => {
    prefix = `custom-${randomUUID()}`
    sinks = new OpenSinks()
    warnings = []
    offset = 0
    const logger: Logger = {
      debug() {},
      info() {},
      error() {},
      warn: (told) => void warnings.push(told),
      child: () => logger,
    }
    sink = await sinks.open(
      elasticsearchSink({
        name: prefix,
        node: server.url,
        index: `${prefix}-YYYY.MM.DD`,
        whenRefused: refusedLogs(logMappings, logger),
        setup: { replicas: 0, mappings: logMappings },
      }),
    )
  })

  afterEach(async () => {
    await sinks.close()
    await api.request('DELETE', `/${prefix}-*`)
    await api.request('DELETE', `/_index_template/${prefix}`)
  })

  /** Each in a request of its own, so that the first one makes the mapping. */
  async function write(...logs: readonly object[]): Promise<void> {
    for (const log of logs) {
      const value = { timestamp, level: 'info', message: 'fine', service: 'shop', ...log }
      sink.add({
        topic: 'logs',
        partition: 0,
        offset: offset++,
        sequence: 0,
        timestamp,
        key: null,
        value,
        headers: noHeaders,
      })
      await sink.flush(20_000)
    }
  }

  async function found(query: string): Promise<number> {
    await api.request('POST', `/${prefix}-*/_refresh`)
    const { body } = await api.request('GET', `/${prefix}-*/_count?q=${encodeURIComponent(query)}`)
    return (body as { readonly count: number }).count
  }

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
      expect(sinks.rejections).toEqual([])
      const documents = await api.documents(`${prefix}-*`)
      expect(documents).toHaveLength(logs.length)
      expect(await found('tags:_unmapped')).toBe(1)
      expect(documents.map(({ source }) => source.unmapped)).toContainEqual(unmapped)
      expect(await found('message:fine AND service:shop')).toBe(logs.length)
    },
    30_000,
  )

  test('that are no numbers are kept among numbers', async () => {
    await write({ retries: 3 }, { retries: 'many' }, { retries: 1e300 }, { timestamp, priority: 'P1' })
    expect(sinks.rejections).toEqual([])
    expect(await found('tags:_unmapped')).toBe(0)
    expect(await api.count(`${prefix}-*`)).toBe(4)
  }, 30_000)

  test('are reported once for each field and index', async () => {
    await write({ user: 'ann' }, { user: { name: 'ann' } }, { user: { name: 'bob' } })
    expect(warnings).toHaveLength(1)
    expect(warnings).toEqual([expect.objectContaining({ index: `${prefix}-2026.11.24`, field: 'user' })])
  }, 30_000)

  test('that are more than an index takes are kept, and later logs are as well', async () => {
    const many = Object.fromEntries(Array.from({ length: 1200 }, (_, number) => [`field${number}`, number]))
    await write(many, { plan: 'gold' })
    expect(sinks.rejections).toEqual([])
    expect(await found('tags:_unmapped')).toBe(1)
    expect(await found('plan:gold')).toBe(1)
  }, 30_000)

  test.each(['ecs', 'otel'] as const)(
    'have their types in documents of %s',
    async (shape) => {
      const shaped = await sinks.open(
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
      shaped.add({
        topic: 'logs',
        partition: 0,
        offset: 0,
        sequence: 0,
        timestamp,
        key: null,
        value,
        headers: noHeaders,
      })
      await shaped.flush(20_000)
      expect(sinks.rejections).toEqual([])
      const queries = {
        ecs: 'service.name:shop AND http.response.status_code:[500 TO 599] AND source.ip:"203.0.113.0/24" AND error.message:full AND plan:gold',
        otel: 'resource.attributes.service.name:shop AND severity_number:>16 AND body.text:stock AND attributes.exception.message:full AND attributes.plan:gold',
      }
      expect(await found(`${queries[shape]} AND @timestamp:[2026-11-24T07:59:00Z TO 2026-11-24T08:01:00Z]`)).toBe(1)
    },
    30_000,
  )
})
