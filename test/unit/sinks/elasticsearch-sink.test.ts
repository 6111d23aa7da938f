import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { ManualClock } from '../../../src/core/clock.ts'
import { noHeaders } from '../../../src/core/headers.ts'
import { type Logger, silentLogger } from '../../../src/core/logger.ts'
import { elasticsearchSink } from '../../../src/sinks/elasticsearch/elasticsearch-sink.ts'
import type { ElasticsearchSinkOptions } from '../../../src/sinks/elasticsearch/elasticsearch-options.ts'
import type { Sink, SinkRecord } from '../../../src/sinks/port.ts'
import { OpenSinks } from '../../support/open-sinks.ts'
import { type BulkFault, BulkServer } from '../../support/bulk-server.ts'
import { hurriedClock } from '../../support/hurried-clock.ts'
import { RecordingLogger } from '../../support/recording-logger.ts'
import { flushAtLast } from '../../support/sink-patience.ts'
import { until } from '../../support/until.ts'

const bad = 'BAD'

describe('the Elasticsearch sink, by answers that a server does not give when it is asked to', () => {
  let server: BulkServer
  let sinks: OpenSinks

  beforeEach(async () => {
    server = new BulkServer()
    await server.start()
    sinks = new OpenSinks()
  })

  afterEach(async () => {
    await sinks.close()
    await server.stop()
  })

  function openSink(options: Partial<ElasticsearchSinkOptions> = {}): Promise<Sink> {
    return sinks.open(elasticsearchSink({ name: 'search', node: server.url, index: 'logs', ...options }))
  }

  function add(sink: Sink, count: number, textOf: (offset: number) => string = () => 'good'): void {
    for (let offset = 0; offset < count; offset++) sink.add(record(offset, { text: textOf(offset) }))
  }

  describe('one bad document costs one document, whatever it is answered with', () => {
    // Deadlines stay those of a slow machine: half a minute.
    const hurried = { batch: { maxRecords: 8 }, clock: hurriedClock(20), requestTimeoutMs: 600_000 }

    test.each<[string, BulkFault]>([
      ['400 as HTML', { kind: 'html', status: 400 }],
      ['403 as HTML', { kind: 'html', status: 403 }],
      ['500 as HTML', { kind: 'html', status: 500 }],
      ['200 as HTML', { kind: 'html', status: 200 }],
      ['404', { kind: 'answer', status: 404 }],
      ['a connection that is cut', { kind: 'drop-connection' }],
    ])(
      '%s for the whole request',
      async (_name, fault) => {
        const sink = await openSink(hurried)
        server.failBy((text) => (text.includes(bad) ? fault : undefined))
        add(sink, 40, (offset) => (offset === 5 ? bad : 'good'))
        sink.pump(0)
        await until(() => server.documents.length === 39)
        await flushAtLast(sink, 40_000)
        expect(sinks.rejections.map(({ record: { offset } }) => offset)).toEqual([5])
      },
      60_000,
    )

    test.each<[string, Extract<BulkFault, { kind: 'items' }>]>([
      ['404 no such index', { kind: 'items', status: 404, type: 'index_not_found_exception' }],
      ['500', { kind: 'items', status: 500 }],
      ['403 no right', { kind: 'items', status: 403, type: 'security_exception' }],
      ['400 closed index', { kind: 'items', status: 400, type: 'index_closed_exception' }],
      ['400 mapping', { kind: 'items', status: 400, type: 'document_parsing_exception' }],
    ])(
      'item %s',
      async (_name, fault) => {
        const sink = await openSink(hurried)
        server.itemFaultOf = ({ source }) => (source.includes(bad) ? fault : undefined)
        add(sink, 40, (offset) => (offset === 5 ? bad : 'good'))
        sink.pump(0)
        await until(() => server.documents.length === 39)
        await flushAtLast(sink, 40_000)
        expect(sinks.rejections.map(({ record: { offset } }) => offset)).toEqual([5])
      },
      60_000,
    )
  })

  describe('answers after which a person has to act', () => {
    test.each([401, 403, 404, 405])(
      '%i to everything pauses the sink, which goes on when it is well',
      async (status) => {
        const sink = await openSink()
        server.failAlways({ kind: 'answer', status })
        add(sink, 30)
        sink.pump(0)
        await expect(sink.flush(300)).rejects.toMatchObject({ code: 'SINK_BACKPRESSURE' })
        expect(sink.status?.()).toMatchObject({
          state: 'paused',
          lastErrorCode: 'SINK_MISCONFIGURED',
          bufferedRecords: 30,
        })
        server.failAlways(undefined)
        await flushAtLast(sink)
        expect([server.documents.length, sinks.rejections.length]).toEqual([30, 0])
        expect(sink.status?.().state).toBe('open')
      },
    )

    test.each([401, 403, 404])('%i at the start as well', async (status) => {
      server.otherStatus = status
      const sink = await openSink()
      add(sink, 3)
      await until(() => sink.status?.().state === 'paused')
      server.otherStatus = 200
      await flushAtLast(sink)
      expect(server.documents).toHaveLength(3)
    })

    test('a mapping that refuses everything pauses the sink before the topic is empty', async () => {
      const sink = await openSink({ batch: { maxRecords: 10 } })
      server.itemFaultOf = () => ({ kind: 'items', status: 400, type: 'document_parsing_exception' })
      add(sink, 200)
      sink.pump(0)
      await until(() => sink.status?.().lastErrorCode === 'SINK_REFUSES')
      expect(sinks.rejections.length).toBeLessThan(60)
      server.itemFaultOf = () => undefined
      await flushAtLast(sink, 40_000)
      expect(server.documents.length + sinks.rejections.length).toBe(200)
    }, 60_000)
  })

  test.each([429, 500, 0])('"errors: false" is not accepted when a document has status %i', async (status) => {
    const sink = await openSink({ clock: hurriedClock(20), requestTimeoutMs: 600_000 })
    server.fail({ kind: 'well-said', status })
    add(sink, 4)
    await flushAtLast(sink)
    expect(server.documents).toHaveLength(4)
  })

  describe('answers that never end', () => {
    test('a byte now and then is no answer: the request has a deadline as a whole', async () => {
      const sink = await openSink({ requestTimeoutMs: 4000, clock: hurriedClock(10) })
      server.fail({ kind: 'trickle', everyMs: 50 }, 4)
      add(sink, 4)
      await flushAtLast(sink)
      expect(server.documents).toHaveLength(4)
    })

    test('no more than a bound of an answer is read', async () => {
      const sink = await openSink({ batch: { maxRecords: 100 } })
      server.fail({ kind: 'flood' })
      add(sink, 4)
      await flushAtLast(sink)
      expect(server.documents).toHaveLength(4)
      expect(server.floodedBytes).toBeLessThan(32 * 1024 * 1024)
    })

    test('nor is one unpacked that is small on its way', async () => {
      const logger = new RecordingLogger()
      const sink = await openSink({ batch: { maxRecords: 100 }, logger })
      server.fail({ kind: 'unpacks', mebibytes: 64 })
      add(sink, 4)
      await flushAtLast(sink)
      expect(server.documents).toHaveLength(4)
      expect(JSON.stringify(logger.lines)).toContain('is bigger than the maximum allowed buffer')
    })

    test.each(['3600', '99999999', 'Fri, 31 Dec 9999 23:59:59 GMT'])(
      'Retry-After: %s is told, and waited for a minute at most',
      async (asked) => {
        const warned: Readonly<Record<string, unknown>>[] = []
        const logger: Logger = { ...silentLogger, warn: (fields) => void warned.push(fields), child: () => logger }
        const clock = new ManualClock()
        const sink = await openSink({ logger, clock })
        server.fail({ kind: 'answer', status: 429, headers: { 'retry-after': asked } })
        add(sink, 1)
        const flushed = sink.flush(200).catch((error: unknown) => error)
        await until(() => warned.length > 0)
        clock.advance(200)
        expect(await flushed).toMatchObject({ code: 'SINK_BACKPRESSURE' })
        expect(warned).toEqual([
          expect.objectContaining({ code: 'SINK_UNAVAILABLE', retryAfterMs: expect.any(Number) }),
        ])
        expect(sink.status?.()).toMatchObject({ state: 'delayed', failedTries: 1 })
        clock.advance(60_000)
        await until(() => server.documents.length === 1)
      },
    )

    test.each(['-1', 'soon', ''])('Retry-After: "%s" asks for nothing', async (asked) => {
      const sink = await openSink()
      server.fail({ kind: 'answer', status: 429, headers: { 'retry-after': asked } })
      add(sink, 1)
      await flushAtLast(sink)
      expect(server.documents).toHaveLength(1)
    })
  })

  describe('an index that is no plain one', () => {
    test.each<[string, unknown]>([
      ['an alias of several indices', { 'logs-a': aliased(), 'logs-b': aliased() }],
      ['an alias that names its write index', { one: { aliases: { logs: { is_write_index: true } } } }],
      ['an alias that was named for rollover', { 'logs-000001': aliased() }],
      ['a data stream', { '.ds-logs-2026.01.01-000001': { data_stream: 'logs' } }],
      [
        'a lifecycle that rolls it over',
        { one: { ...aliased(), settings: { index: { lifecycle: { rollover_alias: 'logs' } } } } },
      ],
    ])('%s is refused before anything is written', async (_name, answer) => {
      server.special.set('logs', answer)
      const sink = await openSink()
      add(sink, 3)
      await until(() => sink.status?.().state === 'paused')
      expect(sink.status?.().lastError).toContain('after a rollover would exist twice')
      expect([server.documents.length, sinks.rejections.length]).toEqual([0, 0])
    })

    test('is refused too where a function names it', async () => {
      server.special.set('logs', { one: aliased(), two: aliased() })
      const sink = await openSink({ index: () => 'logs' })
      add(sink, 3)
      sink.pump(0)
      await expect(sink.flush(300)).rejects.toThrow('after a rollover would exist twice')
      expect(server.documents).toEqual([])
    })

    test('is refused when it becomes one with its first document', async () => {
      const sink = await openSink()
      add(sink, 1)
      await flushAtLast(sink)
      server.special.set('logs', { '.ds-logs-000001': { data_stream: 'logs' } })
      sink.add(record(1, { text: 'second' }))
      await expect(sink.flush(300)).rejects.toThrow('is a data stream')
      expect(server.documents).toHaveLength(1)
    })

    test('is taken where that does no harm', async () => {
      server.special.set('logs', { one: aliased(), two: aliased() })
      const sink = await openSink({ acceptsRollover: true })
      add(sink, 3)
      await flushAtLast(sink)
      expect(server.documents).toHaveLength(3)
    })

    test('an alias of one index is an index', async () => {
      server.special.set('logs', { 'logs-v2': aliased() })
      const sink = await openSink()
      add(sink, 3)
      await flushAtLast(sink)
      expect(server.documents).toHaveLength(3)
    })
  })

  test('a read-only index is asked whether the documents are there before they become dead letters', async () => {
    const first = await openSink()
    add(first, 30)
    await flushAtLast(first)
    server.itemFaultOf = () => ({
      kind: 'items',
      status: 403,
      type: 'cluster_block_exception',
      reason: 'FORBIDDEN/8/index write',
    })
    const second = await openSink()
    add(second, 31)
    await flushAtLast(second)
    expect(sinks.rejections.map(({ record: { offset }, code }) => [offset, code])).toEqual([[30, 'INDEX_READ_ONLY']])
  })

  test('a full disk is no read-only index', async () => {
    const sink = await openSink()
    const reason = 'index [logs] blocked by: [FORBIDDEN/12/index read-only / allow delete (api)]'
    server.fail({ kind: 'items', status: 403, type: 'cluster_block_exception', reason })
    add(sink, 3)
    await flushAtLast(sink)
    expect([server.documents.length, sinks.rejections.length]).toEqual([3, 0])
  })
})

function aliased() {
  return { aliases: { logs: {} } }
}

function record(offset: number, value: unknown): SinkRecord {
  const place = { topic: 'in', partition: 0, offset, sequence: 0, timestamp: 1_700_000_000_000 }
  return { ...place, key: null, value, headers: noHeaders }
}
