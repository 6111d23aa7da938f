import { randomUUID } from 'node:crypto'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals'
import { noHeaders } from '../../../src/core/headers.ts'
import { elasticsearchSink } from '../../../src/sinks/elasticsearch/elasticsearch-sink.ts'
import { dailyLifecycle } from '../../../src/sinks/elasticsearch/lifecycle.ts'
import type { ElasticsearchSinkOptions } from '../../../src/sinks/elasticsearch/elasticsearch-options.ts'
import type { Sink, SinkRecord } from '../../../src/sinks/port.ts'
import { OpenSinks } from '../../support/open-sinks.ts'
import { HttpFaultProxy } from '../../support/http-fault-proxy.ts'
import { type OpenSearchServer, sharedSearchServer } from '../../support/opensearch.ts'
import { requireServer } from '../../support/require-server.ts'
import { SearchApi } from '../../support/search-api.ts'

const january31 = Date.UTC(2026, 0, 31, 23, 59, 59, 999)

requireServer('opensearch').describe('the Elasticsearch sink on a real server', () => {
  let server: Pick<OpenSearchServer, 'url' | 'stop'>
  let api: SearchApi
  let proxy: HttpFaultProxy
  let prefix: string
  let sinks: OpenSinks

  beforeAll(async () => {
    server = await sharedSearchServer()
    api = new SearchApi(server.url)
  }, 180_000)

  afterAll(() => server?.stop())

  beforeEach(async () => {
    proxy = new HttpFaultProxy(server.url, /_bulk/)
    await proxy.start()
    prefix = `sink-${randomUUID()}`
    sinks = new OpenSinks()
  })

  afterEach(async () => {
    await sinks.close()
    await proxy.stop()
    await api.request('DELETE', `/${prefix}-*`)
  })

  function openSink(options: Partial<ElasticsearchSinkOptions> = {}): Promise<Sink> {
    return sinks.open(elasticsearchSink({ name: prefix, node: proxy.url, index: `${prefix}-YYYY.MM.DD`, ...options }))
  }

  function record(offset: number, value: unknown, more: Partial<SinkRecord> = {}): SinkRecord {
    const place = { topic: 'logs', partition: 3, offset, sequence: 0, timestamp: january31 }
    return { ...place, key: null, value, headers: noHeaders, ...more }
  }

  test('a document goes to the index of its event day, under the id of its record', async () => {
    const sink = await openSink()
    sink.add(record(7, { message: 'one' }))
    sink.add(record(7, { message: 'two' }, { sequence: 1 }))
    sink.add(record(8, { message: 'three' }, { timestamp: january31 + 1 }))
    await sink.flush(10_000)
    const documents = await api.documents(`${prefix}-*`)
    expect(documents.map(({ index, id, source }) => [index, id, source.message]).sort()).toEqual([
      [`${prefix}-2026.01.31`, 'logs-3-7', 'one'],
      [`${prefix}-2026.01.31`, 'logs-3-7-1', 'two'],
      [`${prefix}-2026.02.01`, 'logs-3-8', 'three'],
    ])
  }, 20_000)

  test('an answer that gets lost leaves each document once', async () => {
    const sink = await openSink()
    proxy.fail({ kind: 'lose-answer' }, 2)
    for (let offset = 0; offset < 500; offset++) sink.add(record(offset, { offset }))
    await flushAtLast(sink, 20_000)
    expect(await api.count(`${prefix}-*`)).toBe(500)
    expect(proxy.requests).toBeGreaterThan(2)
    expect(sinks.rejections).toEqual([])
  })

  test('a request that is answered with 429 is sent again and nothing of it is a dead letter', async () => {
    const sink = await openSink({ batch: { maxRecords: 100 }, inFlight: 4 })
    proxy.fail({ kind: 'answer', status: 429, headers: { 'retry-after': '1' } }, 5)
    for (let offset = 0; offset < 1000; offset++) sink.add(record(offset, { offset }))
    await flushAtLast(sink, 30_000)
    expect(await api.count(`${prefix}-*`)).toBe(1000)
    expect(sinks.rejections).toEqual([])
  }, 40_000)

  test('single documents that are answered with 429 are kept until the server takes them', async () => {
    const full = `${prefix}-2026.01.31`
    await api.request('PUT', `/${full}`, { settings: { 'index.blocks.read_only_allow_delete': true } })
    const sink = await openSink()
    sink.add(record(0, { message: 'waits' }))
    sink.add(record(1, { message: 'passes' }, { timestamp: january31 + 1 }))
    await expect(sink.flush(1500)).rejects.toMatchObject({ code: 'SINK_BACKPRESSURE' })
    expect((await api.documents(`${prefix}-2026.02.01`)).map(({ id }) => id)).toEqual(['logs-3-1'])
    await api.request('PUT', `/${full}/_settings`, { 'index.blocks.read_only_allow_delete': null })
    await flushAtLast(sink, 20_000)
    expect((await api.documents(full)).map(({ id }) => id)).toEqual(['logs-3-0'])
    expect(sinks.rejections).toEqual([])
  }, 40_000)

  test('a server that is unreachable for 20 s costs neither a document nor a rejection', async () => {
    const sink = await openSink({ batch: { maxRecords: 50 } })
    proxy.failAlways({ kind: 'drop-connection' })
    for (let offset = 0; offset < 300; offset++) sink.add(record(offset, { offset }))
    const away = performance.now()
    while (performance.now() - away < 20_000) {
      await expect(sink.flush(2000)).rejects.toMatchObject({ code: 'SINK_BACKPRESSURE', consequence: 'retriable' })
    }
    proxy.failAlways(undefined)
    await flushAtLast(sink, 35_000)
    expect(await api.count(`${prefix}-*`)).toBe(300)
    expect(sinks.rejections).toEqual([])
  }, 70_000)

  test('a server that hangs is given up after the request timeout and asked again', async () => {
    const sink = await openSink({ requestTimeoutMs: 500 })
    proxy.fail({ kind: 'hang' })
    sink.add(record(0, { offset: 0 }))
    await sink.flush(10_000)
    expect(await api.count(`${prefix}-*`)).toBe(1)
  }, 20_000)

  test('poison documents become rejections with the reason of the server, and the others are written', async () => {
    await api.request('PUT', `/${prefix}-2026.01.31`, {
      mappings: { properties: { count: { type: 'integer' }, user: { properties: { name: { type: 'keyword' } } } } },
      settings: { 'index.mapping.total_fields.limit': 10 },
    })
    const sink = await openSink()
    const wide = Object.fromEntries(Array.from({ length: 20 }, (_, field) => [`field${field}`, field]))
    const values = [{ count: 1 }, { count: 'many' }, { user: 'text where an object is' }, wide, { count: 2 }]
    for (const [offset, value] of values.entries()) sink.add(record(offset, value))
    await sink.flush(10_000)
    expect(sinks.rejections.map(({ record: { offset }, code }) => [offset, code])).toEqual([
      [1, 'DOCUMENT_REFUSED'],
      [2, 'DOCUMENT_REFUSED'],
      [3, 'DOCUMENT_REFUSED'],
    ])
    expect(sinks.rejections[0]?.reason).toMatch(/^400 \w*parsing_exception: /)
    expect((await api.documents(`${prefix}-*`)).map(({ id }) => id).sort()).toEqual(['logs-3-0', 'logs-3-4'])
  }, 20_000)

  test('a day that ILM made read-only rejects its late documents', async () => {
    await api.request('PUT', `/${prefix}-2026.01.31`, { settings: { 'index.blocks.write': true } })
    const sink = await openSink()
    sink.add(record(0, { message: 'late' }))
    await sink.flush(10_000)
    expect(sinks.rejections.map(({ code }) => code)).toEqual(['INDEX_READ_ONLY'])
  })

  test('a request that is too large is halved, and only the document that is too large alone is rejected', async () => {
    proxy.maxBodyBytes = 2000
    const sink = await openSink({ gzip: false })
    for (let offset = 0; offset < 64; offset++)
      sink.add(record(offset, { text: 'x'.repeat(offset === 40 ? 3000 : 100) }))
    await sink.flush(20_000)
    expect(sinks.rejections.map(({ record: { offset }, code }) => [offset, code])).toEqual([[40, 'DOCUMENT_TOO_LARGE']])
    expect(await api.count(`${prefix}-*`)).toBe(63)
  }, 30_000)

  test('operation index overwrites what has the same id', async () => {
    const sink = await openSink({ operation: 'index', documentId: ({ key }) => String(key) })
    sink.add(record(0, { state: 'old' }, { key: 'user "1"' }))
    await sink.flush(10_000)
    sink.add(record(1, { state: 'new' }, { key: 'user "1"' }))
    await sink.flush(10_000)
    expect((await api.documents(`${prefix}-*`)).map(({ id, source }) => [id, source.state])).toEqual([
      ['user "1"', 'new'],
    ])
  })

  test('an id that the server would refuse is rejected, and the others of its request are written', async () => {
    const sink = await openSink({ documentId: ({ key }) => String(key) })
    for (const [offset, key] of ['', 'x'.repeat(513), 'x'.repeat(512)].entries()) sink.add(record(offset, {}, { key }))
    await sink.flush(10_000)
    expect(sinks.rejections.map(({ code }) => code)).toEqual(['DOCUMENT_ID_INVALID', 'DOCUMENT_ID_INVALID'])
    expect(await api.count(`${prefix}-*`)).toBe(1)
  })

  test('its templates give a new index shards, refresh and mappings; a higher stored version stays', async () => {
    const mappings = { date_detection: false, properties: { level: { type: 'keyword' } } }
    const setup = {
      shards: 3,
      replicas: 0,
      mappings,
      lifecycle: dailyLifecycle({ warmAfterDays: 7, coldAfterDays: 30, deleteAfterDays: 90 }),
    }
    const index = `${prefix}-2026.01.31`
    const newer = await openSink({ setup: { ...setup, version: 5 } })
    newer.add(record(0, { level: 'error' }))
    await newer.flush(10_000)
    await api.request('DELETE', `/${index}`)
    const older = await openSink({ setup: { ...setup, shards: 9, version: 4 } })
    older.add(record(1, { level: 'error' }))
    await older.flush(10_000)
    const settings = (await api.request('GET', `/${index}/_settings?flat_settings=true`)).body as Record<
      string,
      { settings: unknown }
    >
    expect(settings[index]?.settings).toMatchObject({
      'index.number_of_shards': '3',
      'index.refresh_interval': '1000ms',
    })
    const mapped = (await api.request('GET', `/${index}/_mapping`)).body as Record<string, { mappings: unknown }>
    expect(mapped[index]?.mappings).toMatchObject({ properties: { level: { type: 'keyword' } } })
    await api.request('DELETE', `/_index_template/${prefix}`)
    await api.request('DELETE', `/_component_template/${prefix}-settings,${prefix}-mappings`)
  }, 20_000)

  test('a server that nobody runs is named when the sink is opened', async () => {
    const sink = await openSink({ node: 'http://127.0.0.1:9' })
    sink.add(record(0, { level: 'error' }))
    await expect(sink.flush(300)).rejects.toThrow('http://127.0.0.1:9')
    expect(sink.status?.()).toMatchObject({ state: 'delayed', lastErrorCode: 'SINK_UNREACHABLE' })
  })
})

async function flushAtLast(sink: Sink, patienceMs: number): Promise<void> {
  const startedMs = performance.now()
  for (;;) {
    try {
      return await sink.flush(1000)
    } catch (error) {
      if (performance.now() - startedMs > patienceMs) throw error
    }
  }
}
