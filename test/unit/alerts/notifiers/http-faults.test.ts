import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { Notice } from '../../../../src/alerts/index.ts'
import { pagerDutyNotifier } from '../../../../src/alerts/notifiers/pagerduty/pagerduty-notifier.ts'
import { opsgenieNotifier } from '../../../../src/alerts/notifiers/opsgenie/opsgenie-notifier.ts'
import { webhookNotifier } from '../../../../src/alerts/notifiers/webhook/webhook-notifier.ts'
import { systemClock } from '../../../../src/core/clock.ts'
import type { Sink, SinkFactory } from '../../../../src/sinks/port.ts'
import { hurriedClock } from '../../../support/hurried-clock.ts'
import { noticeOf, noticeRecord, numberedNotice, numberIn } from '../../../support/notices.ts'
import { OpenSinks } from '../../../support/open-sinks.ts'
import { RecordingLogger } from '../../../support/recording-logger.ts'
import { type ServiceFault, ServiceServer } from '../../../support/service-server.ts'
import { flushAtLast } from '../../../support/sink-patience.ts'
import { until } from '../../../support/until.ts'

let server: ServiceServer
let sinks: OpenSinks
let logger: RecordingLogger

beforeEach(async () => {
  server = new ServiceServer()
  await server.start()
  sinks = new OpenSinks()
  logger = new RecordingLogger()
})

afterEach(async () => {
  await sinks.close()
  await server.stop()
})

/** Its deadline of 10 s is over after one. */
function webhook(url = server.url): SinkFactory {
  const clock = hurriedClock(10)
  return webhookNotifier({
    name: 'hook',
    url: `${url}/secret-path-of-hook`,
    ratePerMinute: 6000,
    clock,
    logger,
  })
}

function add(sink: Sink, notices: readonly Notice[]): void {
  for (const [offset, notice] of notices.entries()) sink.add(noticeRecord(offset, notice))
}

function takenNumbers(): readonly number[] {
  return server.taken.map(({ body }) => numberIn(body))
}

describe('a notice that the service did not take is sent again', () => {
  test.each<[string, ServiceFault]>([
    ['408 timeout', { kind: 'answer', status: 408 }],
    ['425 too early', { kind: 'answer', status: 425 }],
    ['429 too many requests', { kind: 'answer', status: 429 }],
    ['500 server error', { kind: 'answer', status: 500 }],
    ['502 bad gateway', { kind: 'answer', status: 502 }],
    ['503 unavailable', { kind: 'answer', status: 503 }],
    ['504 gateway timeout', { kind: 'answer', status: 504 }],
    ['501 with half a text', { kind: 'half-answer', status: 501 }],
    ['503 with a text without end', { kind: 'trickle', status: 503 }],
    ['connection reset', { kind: 'drop-connection' }],
    ['no answer', { kind: 'hang' }],
    ['401 until somebody corrects the key', { kind: 'answer', status: 401 }],
    ['403 until somebody grants it', { kind: 'answer', status: 403 }],
    ['404 until somebody corrects the address', { kind: 'answer', status: 404 }],
    ['410 until somebody makes the channel again', { kind: 'answer', status: 410 }],
    ['302 until somebody corrects the address', { kind: 'answer', status: 302, headers: { location: '/other' } }],
  ])('%s', async (_, fault) => {
    const sink = await sinks.open(webhook())
    server.fail(fault, 2)
    add(sink, [numberedNotice(1)])
    await flushAtLast(sink)
    expect([takenNumbers(), server.requests, sinks.rejections]).toEqual([[1], 3, []])
  })
})

test('a notice whose answer was lost is sent again under the same key', async () => {
  const sink = await sinks.open(webhook())
  server.fail({ kind: 'lose-answer' })
  add(sink, [numberedNotice(1)])
  await flushAtLast(sink)
  expect(server.taken.map(({ headers }) => headers['idempotency-key'])).toEqual(['key-1:fire:0', 'key-1:fire:0'])
})

describe('a success is a success, whatever becomes of its text', () => {
  test.each<[string, ServiceFault]>([
    ['the connection ends in the middle of the text', { kind: 'half-answer', status: 200 }],
    ['the text comes a byte at a time and never ends', { kind: 'trickle', status: 200 }],
    ['the text has no end', { kind: 'flood' }],
  ])('%s', async (_, fault) => {
    const sink = await sinks.open(webhook())
    server.fail(fault)
    add(sink, [numberedNotice(1), numberedNotice(2)])
    await flushAtLast(sink)
    expect(takenNumbers()).toEqual([1, 2])
  })
})

test('429 waits as long as the service asks', async () => {
  const factory = webhookNotifier({ name: 'hook', url: server.url, logger })
  const sink = await sinks.open(factory)
  server.fail({ kind: 'answer', status: 429, headers: { 'retry-after': '1' } })
  const startedMs = systemClock.monotonicMs()
  add(sink, [numberedNotice(1)])
  await flushAtLast(sink)
  expect(systemClock.monotonicMs() - startedMs).toBeGreaterThanOrEqual(990)
  expect(logger.at('warn').map(({ fields }) => fields.retryAfterMs)).toEqual([1000])
})

test('a notice that is refused becomes a dead letter, and the others are delivered', async () => {
  const sink = await sinks.open(webhook())
  server.fail({ kind: 'answer', status: 400, body: 'no such field' })
  add(sink, [numberedNotice(1), numberedNotice(2)])
  await flushAtLast(sink)
  expect(takenNumbers()).toEqual([2])
  expect(sinks.rejections).toMatchObject([
    { code: 'DOCUMENT_REFUSED', record: { offset: 0 }, reason: `${server.url} answers 400 (no such field)` },
  ])
})

test('a notice that is too large for the service becomes a dead letter', async () => {
  const sink = await sinks.open(webhook())
  server.fail({ kind: 'answer', status: 413 })
  add(sink, [numberedNotice(1)])
  await flushAtLast(sink)
  expect(sinks.rejections).toMatchObject([{ code: 'DOCUMENT_TOO_LARGE' }])
})

test('a record that is no notice becomes a dead letter that says what is missing', async () => {
  const sink = await sinks.open(webhook())
  add(sink, [{ ...numberedNotice(1), severity: 'urgent' } as unknown as Notice])
  await flushAtLast(sink)
  expect(sinks.rejections[0]?.reason).toContain('its severity cannot be used')
})

test.each([401, 402, 403, 404, 405, 410])('%i pauses the sink until a person acts', async (status) => {
  const sink = await sinks.open(webhook())
  server.failAlways({ kind: 'answer', status })
  add(sink, [numberedNotice(1)])
  await until(() => sink.status?.().state === 'paused')
  expect(sink.status?.()).toMatchObject({ lastErrorCode: 'SINK_MISCONFIGURED', bufferedRecords: 1 })
  expect(logger.at('error')[0]?.message).toBe('sink paused: needs manual action')
  server.failAlways(undefined)
  await flushAtLast(sink)
  expect(takenNumbers()).toEqual([1])
})

test('a service that cannot be reached is waited for', async () => {
  const port = Number(new URL(server.url).port)
  await server.stop()
  const sink = await sinks.open(webhook())
  add(sink, [numberedNotice(1)])
  await until(() => sink.status?.().lastErrorCode === 'SINK_UNREACHABLE')
  await server.start(port)
  await flushAtLast(sink)
  expect(takenNumbers()).toEqual([1])
})

test('a receiver that fails does not hold up another', async () => {
  const other = new ServiceServer()
  await other.start()
  const [failing, working] = [await sinks.open(webhook()), await sinks.open(webhook(other.url))]
  server.failAlways({ kind: 'hang' })
  for (const sink of [failing, working]) add(sink, [numberedNotice(1)])
  await flushAtLast(working)
  expect([takenNumbers(), other.taken.length]).toEqual([[], 1])
  await other.stop()
})

test('a service that takes nothing is given a few notices, and no more of them', async () => {
  const sink = await sinks.open(webhook())
  server.failAlways({ kind: 'answer', status: 500 })
  let added = 0
  const endMs = systemClock.monotonicMs() + 3000
  while (systemClock.monotonicMs() < endMs) {
    if (!sink.isFull) sink.add(noticeRecord(++added, numberedNotice(added)))
    await sink.flush(20).catch(() => {})
  }
  expect(added).toBeGreaterThan(1)
  expect(added).toBeLessThanOrEqual(5)
})

test('a receiver that does not answer holds up a commit for half a second', async () => {
  const sink = await sinks.open(webhookNotifier({ name: 'hook', url: server.url, logger }))
  server.failAlways({ kind: 'hang' })
  add(sink, [numberedNotice(1)])
  const startedMs = systemClock.monotonicMs()
  await expect(sink.flush(30_000)).rejects.toThrow('SINK_BACKPRESSURE')
  expect(systemClock.monotonicMs() - startedMs).toBeLessThan(1000)
})

test('a notice that always fails is rejected after others were delivered', async () => {
  const sink = await sinks.open(webhook())
  server.failByBody((body) => (body.includes('number 1"') ? { kind: 'answer', status: 500 } : undefined))
  add(sink, [numberedNotice(1)])
  for (let number = 2; sinks.rejections.length === 0; number++) {
    // As tasks do.
    await until(() => !sink.isFull, 30_000)
    sink.add(noticeRecord(number, numberedNotice(number)))
    await sink.flush(200).catch(() => {})
  }
  expect(sinks.rejections).toMatchObject([{ code: 'DOCUMENT_REFUSED', record: { offset: 0 } }])
  expect(takenNumbers()).not.toContain(1)
})

test('a resolve never passes the firing of its key, while other keys do', async () => {
  const sink = await sinks.open(webhook())
  let failures = 0
  server.failByBody((body) =>
    body.includes('number 1"') && ++failures <= 4 ? { kind: 'answer', status: 500 } : undefined,
  )
  add(sink, [
    numberedNotice(1, { dedupKey: 'episode' }),
    numberedNotice(2, { dedupKey: 'episode', kind: 'resolve' }),
    numberedNotice(3),
  ])
  await flushAtLast(sink)
  expect([takenNumbers(), sinks.rejections]).toEqual([[3, 1, 2], []])
})

describe('no secret is in an error, a log line, the status or a dead letter', () => {
  const faults: readonly [string, ServiceFault][] = [
    ['an answer that repeats the request', { kind: 'echo', status: 403 }],
    ['a refusal that repeats the request', { kind: 'echo', status: 400 }],
    ['a failure that repeats the request', { kind: 'echo', status: 500 }],
    ['a connection that ends', { kind: 'drop-connection' }],
    ['no answer', { kind: 'hang' }],
  ]
  const clock = hurriedClock(10)
  const common = { name: 'receiver', ratePerMinute: 6000, clock }
  const receivers: readonly [string, (url: string) => SinkFactory][] = [
    [
      'webhook',
      (url) =>
        webhookNotifier({
          ...common,
          url: `${url}/hooks/secret-of-path?token=secret-of-query`,
          secret: 'secret-of-signature',
          headers: { authorization: 'Bearer secret-of-header' },
          logger,
        }),
    ],
    ['PagerDuty', (url) => pagerDutyNotifier({ ...common, url, routingKey: 'secret-of-routing', logger })],
    ['Opsgenie', (url) => opsgenieNotifier({ ...common, url, apiKey: 'secret-of-api', logger })],
  ]
  const cases = receivers.flatMap(([receiver, factory]) =>
    faults.map(([what, fault]) => [receiver, what, factory, fault] as const),
  )
  test.each(cases)('%s: %s', async (_receiver, _what, factory, fault) => {
    const sink = await sinks.open(factory(server.url))
    server.failAlways(fault)
    add(sink, [noticeOf()])
    await until(() => sink.status?.().lastError !== undefined || sinks.rejections.length > 0)
    const said = JSON.stringify([logger.lines, sink.status?.(), sinks.rejections.map(({ reason }) => reason)])
    expect(said).toContain('127.0.0.1')
    expect(said).not.toContain('secret-of')
  })
})
