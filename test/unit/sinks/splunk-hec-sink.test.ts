import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { noHeaders } from '../../../src/core/headers.ts'
import type { Sink, SinkRecord } from '../../../src/sinks/port.ts'
import type { SplunkHecSinkOptions } from '../../../src/sinks/splunk-hec/splunk-hec-options.ts'
import { splunkHecSink } from '../../../src/sinks/splunk-hec/splunk-hec-sink.ts'
import { OpenSinks } from '../../support/open-sinks.ts'
import { hurriedClock } from '../../support/hurried-clock.ts'
import { flushAtLast } from '../../support/sink-patience.ts'
import { until } from '../../support/until.ts'
import { type HecFault, HecServer, type HecServerOptions } from '../../support/hec-server.ts'

describe('the Splunk HEC sink', () => {
  let server: HecServer
  let sinks: OpenSinks

  beforeEach(async () => {
    server = new HecServer({ token: 'secret' })
    await server.start()
    sinks = new OpenSinks()
  })

  afterEach(async () => {
    await sinks.close()
    await server.stop()
  })

  function openSink(options: Partial<SplunkHecSinkOptions> = {}): Promise<Sink> {
    return sinks.open(splunkHecSink({ name: 'splunk', url: server.url, token: 'secret', ...options }))
  }

  test('an event carries its time in seconds, its metadata and the id of its record', async () => {
    const sink = await openSink({
      index: 'fastmcp_logs',
      sourcetype: 'fastmcp:json',
      source: 'fastmcp-server',
      host: 'h1',
    })
    sink.add(record(12, { message: 'hello' }, { timestamp: 1_700_000_000_123 }))
    await sink.flush(5000)
    expect(server.events).toEqual([
      {
        time: 1_700_000_000.123,
        host: 'h1',
        index: 'fastmcp_logs',
        sourcetype: 'fastmcp:json',
        source: 'fastmcp-server',
        event: { message: 'hello' },
        fields: { event_id: 'audit-2-12' },
      },
    ])
  })

  test('text with quotes, braces and line breaks arrives as it was', async () => {
    const sink = await openSink({ gzip: false })
    const text = 'a "quoted" {brace}\nnext line \\ end'
    sink.add(record(0, text))
    sink.add(record(1, { text }))
    await sink.flush(5000)
    expect(server.events.map(({ event }) => event)).toEqual([text, { text }])
  })

  test('1000 events make a batch', async () => {
    const sink = await openSink()
    for (let offset = 0; offset < 2500; offset++) sink.add(record(offset, { offset }))
    await sink.flush(5000)
    expect([server.events.length, server.requests]).toEqual([2500, 3])
  })

  describe('answers after which the same events are sent again', () => {
    test.each<[string, HecFault]>([
      ['8 internal error', { kind: 'code', status: 500, code: 8 }],
      ['9 busy', { kind: 'code', status: 503, code: 9 }],
      ['10 channel missing', { kind: 'code', status: 400, code: 10 }],
      ['11 channel invalid', { kind: 'code', status: 400, code: 11 }],
      ['18 queues full', { kind: 'code', status: 503, code: 18 }],
      ['19 acknowledgement unavailable', { kind: 'code', status: 503, code: 19 }],
      ['20 both', { kind: 'code', status: 503, code: 20 }],
      ['23 shutting down', { kind: 'code', status: 503, code: 23 }],
      ['26 queue at capacity', { kind: 'code', status: 429, code: 26 }],
      ['27 acknowledgements at capacity', { kind: 'code', status: 429, code: 27 }],
      ['502 of a proxy', { kind: 'html', status: 502 }],
      ['400 of a proxy', { kind: 'html', status: 400 }],
      ['a success that is not Splunk’s', { kind: 'html', status: 200 }],
      ['no answer', { kind: 'drop-connection' }],
    ])('%s', async (_name, fault) => {
      const sink = await openSink()
      server.fail(fault)
      sink.add(record(0, { message: 'again' }))
      await sink.flush(5000)
      expect(server.events.map(({ event }) => event)).toEqual([{ message: 'again' }])
      expect(sinks.rejections).toEqual([])
    })
  })

  describe('successes', () => {
    test.each([0, 24, 25])('code %i takes the events', async (code) => {
      const sink = await openSink()
      server.fail({ kind: 'code', status: 200, code })
      sink.add(record(0, { message: 'once' }))
      await sink.flush(5000)
      expect(server.events).toHaveLength(1)
    })
  })

  describe('answers that name a bad event', () => {
    test.each([6, 7, 12, 13, 15])('code %i takes it out and sends the others', async (code) => {
      const sink = await openSink({ index: () => 'logs' })
      server.fail({ kind: 'code', status: 400, code, invalidEvent: 1 })
      for (let offset = 0; offset < 3; offset++) sink.add(record(offset, { offset }))
      await sink.flush(5000)
      expect(sinks.rejections.map(({ record: { offset } }) => offset)).toEqual([1])
      expect(server.events.map(({ event }) => event)).toEqual([{ offset: 0 }, { offset: 2 }])
    })

    test('where the answer does not say which, halving finds it', async () => {
      server.options = { token: 'secret', indexes: ['good'] }
      const sink = await openSink({ index: ({ offset }) => (offset === 5 ? 'bad' : 'good') })
      server.fail({ kind: 'code', status: 400, code: 6 }, 2)
      for (let offset = 0; offset < 8; offset++) sink.add(record(offset, { offset }))
      await sink.flush(5000)
      expect(sinks.rejections.map(({ record: { offset } }) => offset)).toEqual([5])
      expect(server.events).toHaveLength(7)
    })
  })

  describe('answers after which a person has to act', () => {
    test.each<[string, HecFault]>([
      ['1 token disabled', { kind: 'code', status: 403, code: 1 }],
      ['2 token required', { kind: 'code', status: 401, code: 2 }],
      ['3 invalid authorization', { kind: 'code', status: 401, code: 3 }],
      ['4 invalid token', { kind: 'code', status: 403, code: 4 }],
      ['5 no data', { kind: 'code', status: 400, code: 5 }],
      ['14 acknowledgement disabled', { kind: 'code', status: 400, code: 14 }],
      ['16 query authorization', { kind: 'code', status: 400, code: 16 }],
      ['21 invalid token', { kind: 'code', status: 400, code: 21 }],
      ['22 token disabled', { kind: 'code', status: 400, code: 22 }],
      ['404', { kind: 'html', status: 404 }],
      ['415', { kind: 'html', status: 415 }],
      ['401 of a proxy', { kind: 'html', status: 401 }],
      ['403 of a proxy', { kind: 'html', status: 403 }],
    ])('%s pauses the sink, which continues when the target is healthy', async (_name, fault) => {
      const sink = await openSink()
      server.failAlways(fault)
      sink.add(record(0, { message: 'kept' }))
      await expect(sink.flush(300)).rejects.toMatchObject({ code: 'SINK_BACKPRESSURE', consequence: 'retriable' })
      expect(sink.status?.()).toMatchObject({
        state: 'paused',
        lastErrorCode: 'SINK_MISCONFIGURED',
        lastError: expect.stringContaining('check url, token and index'),
      })
      server.failAlways(undefined)
      await flushAtLast(sink)
      expect(server.events.map(({ event }) => event)).toEqual([{ message: 'kept' }])
      expect(sinks.rejections).toEqual([])
      expect(sink.status?.()).toMatchObject({ state: 'open', lastErrorCode: undefined })
    })

    test('7 where the index is a setting pauses the sink', async () => {
      server.options = { token: 'secret', indexes: ['logs'] }
      const sink = await openSink({ index: 'lgos' })
      sink.add(record(0, { message: 'kept' }))
      await expect(sink.flush(300)).rejects.toMatchObject({ code: 'SINK_BACKPRESSURE' })
      expect(sink.status?.()).toMatchObject({ state: 'paused', lastErrorCode: 'SINK_MISCONFIGURED' })
    })

    test('the wait is reported with its reason', async () => {
      const sink = await openSink()
      server.failAlways({ kind: 'code', status: 403, code: 4 })
      sink.add(record(0, { message: 'kept' }))
      await expect(sink.flush(300)).rejects.toThrow('the token is invalid')
    })
  })

  describe('one bad event costs one event, whatever it is answered with', () => {
    const bad = 'BAD'
    // Deadlines stay those of a slow machine: half a minute.
    const hurried = { batch: { maxRecords: 8 }, clock: hurriedClock(20), requestTimeoutMs: 600_000 }

    test.each<[string, HecFault]>([
      ['400 as HTML', { kind: 'html', status: 400 }],
      ['500 as HTML', { kind: 'html', status: 500 }],
      ['403 as HTML', { kind: 'html', status: 403 }],
      ['code 6 that names no event', { kind: 'code', status: 400, code: 6 }],
      ['code 8', { kind: 'code', status: 500, code: 8 }],
      ['a connection that is cut', { kind: 'drop-connection' }],
    ])(
      '%s',
      async (_name, fault) => {
        const sink = await openSink({ gzip: false, ...hurried })
        server.failByBody((body) => (body.includes(bad) ? fault : undefined))
        for (let offset = 0; offset < 40; offset++) sink.add(record(offset, { text: offset === 5 ? bad : 'good' }))
        sink.pump(0)
        // The others do not wait for it.
        await until(() => server.events.length === 39)
        await flushAtLast(sink, 40_000)
        expect(sinks.rejections.map(({ record: { offset }, code }) => [offset, code])).toEqual([
          [5, 'DOCUMENT_REFUSED'],
        ])
      },
      60_000,
    )
  })

  describe('answers that refuse every event', () => {
    test.each([6, 12, 13, 15])(
      'code %i: the sink is paused before the topic is empty',
      async (code) => {
        const sink = await openSink({ batch: { maxRecords: 50 } })
        server.failAlways({ kind: 'code', status: 400, code })
        for (let offset = 0; offset < 300; offset++) sink.add(record(offset, { offset }))
        sink.pump(0)
        await until(() => sink.status?.().lastErrorCode === 'SINK_REFUSES')
        expect(sinks.rejections.length).toBeLessThan(25)
        expect(sink.status?.()).toMatchObject({ state: 'paused' })
        server.failAlways(undefined)
        await flushAtLast(sink, 30_000)
        expect(server.events.length + sinks.rejections.length).toBe(300)
      },
      60_000,
    )

    test('unless all may be refused', async () => {
      const sink = await openSink({ maxRefusedShare: 1 })
      server.failAlways({ kind: 'code', status: 400, code: 6 })
      for (let offset = 0; offset < 60; offset++) sink.add(record(offset, { offset }))
      await flushAtLast(sink)
      expect(sinks.rejections).toHaveLength(60)
    })
  })

  describe('answers that never end', () => {
    test('a byte now and then is no answer: the request has a deadline as a whole', async () => {
      const sink = await openSink({ requestTimeoutMs: 400 })
      server.failBy(() => (sink.status?.().failedTries === 0 ? { kind: 'trickle', everyMs: 50 } : undefined))
      sink.add(record(0, { message: 'kept' }))
      await flushAtLast(sink)
      expect(server.events.at(-1)?.event).toEqual({ message: 'kept' })
    })

    test('no more than a megabyte of an answer is read', async () => {
      const sink = await openSink()
      server.fail({ kind: 'flood' })
      sink.add(record(0, { message: 'kept' }))
      await flushAtLast(sink)
      expect(server.floodedBytes).toBeLessThan(32 * 1024 * 1024)
      expect(sinks.rejections).toEqual([])
    })
  })

  test('a request that is too large is halved, and only the event that is too large alone is rejected', async () => {
    server.options = { token: 'secret', maxContentLength: 1500 }
    const sink = await openSink({ gzip: false })
    for (let offset = 0; offset < 16; offset++) sink.add(record(offset, { text: 'x'.repeat(offset === 9 ? 2000 : 50) }))
    await sink.flush(5000)
    expect(sinks.rejections.map(({ record: { offset }, code }) => [offset, code])).toEqual([[9, 'DOCUMENT_TOO_LARGE']])
    expect(server.events).toHaveLength(15)
  })

  test('a lost answer doubles the events, and event_id distinguishes them', async () => {
    const sink = await openSink()
    server.fail({ kind: 'lose-answer' })
    sink.add(record(4, { message: 'twice' }))
    await sink.flush(5000)
    expect(server.events.map(({ fields }) => fields?.event_id)).toEqual(['audit-2-4', 'audit-2-4'])
  })

  test('a blank event is rejected before it is sent', async () => {
    const sink = await openSink()
    for (const [offset, event] of ['', null, undefined].entries()) sink.add(record(offset, event))
    await sink.flush(5000)
    expect(sinks.rejections.map(({ code }) => code)).toEqual(Array(3).fill('DOCUMENT_INVALID'))
    expect(server.requests).toBe(0)
  })

  test('another receiver takes over from one that is busy', async () => {
    const other = new HecServer({ token: 'secret' })
    await other.start()
    const sink = await openSink({ url: [server.url, other.url] })
    server.failAlways({ kind: 'code', status: 503, code: 9 })
    sink.add(record(0, { message: 'over there' }))
    await sink.flush(5000)
    expect([server.events.length, other.events.length]).toEqual([0, 1])
    await other.stop()
  })

  test('requests that find a receiver busy together leave it for the next one, not for the one after', async () => {
    const other = new HecServer({ token: 'secret' })
    await other.start()
    const sink = await openSink({ url: [server.url, other.url], batch: { maxRecords: 1 }, inFlight: 2 })
    server.failAlways({ kind: 'code', status: 503, code: 9 })
    sink.add(record(0, { message: 'over' }))
    sink.add(record(1, { message: 'there' }))
    await sink.flush(5000)
    // The second may come so late that it goes to the next one at once.
    expect(server.requests).toBeLessThanOrEqual(2)
    expect(other.events).toHaveLength(2)
    await other.stop()
  })

  test('a token that asks for acknowledgements is served', async () => {
    server.options = { token: 'secret', acknowledges: true }
    const sink = await openSink()
    sink.add(record(0, { message: 'acknowledged' }))
    await sink.flush(5000)
    expect(server.events).toHaveLength(1)
  })

  describe('opening', () => {
    test.each<[string, HecServerOptions, string]>([
      ['a wrong token', { token: 'other' }, 'SINK_MISCONFIGURED'],
      ['a disabled token', { token: 'secret', tokenIsDisabled: true }, 'SINK_MISCONFIGURED'],
      ['full queues', { token: 'secret', health: 18 }, 'SINK_UNREACHABLE'],
      ['a server that shuts down', { token: 'secret', health: 23 }, 'SINK_UNREACHABLE'],
    ])('%s is reported immediately, without the token', async (_name, options, code) => {
      server.options = options
      const sink = await openSink()
      await until(() => sink.status?.().state !== 'open')
      const status = sink.status?.()
      expect(status).toMatchObject({
        state: code === 'SINK_MISCONFIGURED' ? 'paused' : 'delayed',
        lastErrorCode: code,
        lastError: expect.stringContaining(server.url),
      })
      expect(JSON.stringify(status)).not.toContain('secret')
    })

    test('does not need the server: what is added waits for it, up to the bound', async () => {
      const { url } = server
      const port = Number(new URL(url).port)
      await server.stop()
      const sink = await openSink({ url, batch: { maxBufferedRecords: 3 } })
      await until(() => sink.status?.().state === 'delayed')
      expect(sink.status?.()).toMatchObject({
        lastErrorCode: 'SINK_UNREACHABLE',
        lastError: expect.stringContaining(`${url} accepts no events now`),
      })
      for (let offset = 0; offset < 3; offset++) sink.add(record(offset, { offset }))
      expect(sink.isFull).toBe(true)
      await server.start(port)
      await flushAtLast(sink)
      expect(server.events).toHaveLength(3)
    })

    test('one receiver of several is enough', async () => {
      const sink = await openSink({ url: ['http://127.0.0.1:9', server.url] })
      sink.add(record(0, { message: 'taken' }))
      await sink.flush(5000)
      expect(server.events).toHaveLength(1)
    })
  })
})

function record(offset: number, value: unknown, more: Partial<SinkRecord> = {}): SinkRecord {
  const place = { topic: 'audit', partition: 2, offset, sequence: 0, timestamp: 1_700_000_000_000 }
  return { ...place, key: null, value, headers: noHeaders, ...more }
}
