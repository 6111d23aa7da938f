import { gzipSync } from 'node:zlib'
import { request } from 'node:http'
import { expect, test } from '@jest/globals'
import { MillraceError } from '../../../src/index.ts'
import { until } from '../../support/until.ts'
import { field } from './protobuf.ts'
import { post, scene } from './scene.ts'

const http = { port: 0 }

test('lines become records, packed or not, with the key of the request', async () => {
  const here = await scene({ http }, 3)
  const plain = await post(here, '/ingest?key=web-1', '{"a":1}\n{"b":12345678901234567890}\n')
  expect([plain.status, await plain.json()]).toEqual([200, { ok: true, accepted: 2, refused: 0 }])
  const headers = { 'content-type': 'text/plain', 'content-encoding': 'gzip' }
  const packed = await post(here, '/ingest?key=web-1', gzipSync('a line\n'), headers)
  expect([packed.status, await packed.json()]).toEqual([200, { ok: true, accepted: 1, refused: 0 }])
  expect(here.values()).toEqual(['{"a":1}', '{"b":12345678901234567890}', 'a line'])
  expect(here.keys()).toEqual(['web-1', 'web-1', 'web-1'])
  expect(here.collector.status()).toMatchObject({ inputs: { http: { accepted: 3, refused: {} } }, pendingBytes: 0 })
})

test('lines that cannot be taken are named, counted and logged, and the others are stored', async () => {
  const here = await scene({ http })
  const answer = await post(here, '/ingest', '{"a":1}\n{"a":\n{"b":2}\n')
  expect([answer.status, await answer.json()]).toEqual([
    200,
    {
      ok: false,
      accepted: 2,
      refused: 1,
      refusals: [{ record: 2, reason: 'not-json', text: 'not JSON: it ends too early' }],
    },
  ])
  expect(here.values()).toEqual(['{"a":1}', '{"b":2}'])
  expect(here.collector.status().inputs.http).toEqual({ accepted: 2, refused: { 'not-json': 1 } })
  expect(here.logger.at('warn').map(({ fields, message }) => [message, fields.reason, fields.count])).toEqual([
    ['refused by an input', 'not-json', 1],
  ])
  expect((await post(here, '/ingest', 'nothing\n')).status).toBe(400)
})

test('logs of OTLP become records, as JSON and as protobuf', async () => {
  const here = await scene({ http })
  const log = { body: { stringValue: 'one' } }
  const json = JSON.stringify({ resourceLogs: [{ scopeLogs: [{ logRecords: [log, log] }] }] })
  const first = await post(here, '/v1/logs', json, { 'content-type': 'application/json' })
  expect([first.status, await first.json()]).toEqual([200, {}])
  const protobuf = field.bytes(1, field.bytes(2, field.bytes(2, field.bytes(5, field.bytes(1, 'two')))))
  const headers = { 'content-type': 'application/x-protobuf', 'content-encoding': 'gzip' }
  const second = await post(here, '/v1/logs', gzipSync(protobuf), headers)
  expect([second.status, second.headers.get('content-type'), (await second.arrayBuffer()).byteLength]).toEqual([
    200,
    'application/x-protobuf',
    0,
  ])
  expect(here.values()).toHaveLength(3)
  expect(here.values()[2]).toContain('"body":{"stringValue":"two"}')
  const broken = await post(here, '/v1/logs', 'no protobuf', { 'content-type': 'application/x-protobuf' })
  expect(broken.status).toBe(400)
  expect(here.collector.status().inputs.otlp).toEqual({ accepted: 3, refused: { malformed: 1 } })
})

test('the answer counts logs of OTLP that are too large', async () => {
  const here = await scene({ http, recordBytesMax: 200 })
  const logs = ['short', 'x'.repeat(300)].map((text) => ({ body: { stringValue: text } }))
  const json = JSON.stringify({ resourceLogs: [{ scopeLogs: [{ logRecords: logs }] }] })
  const answer = await post(here, '/v1/logs', json, { 'content-type': 'application/json' })
  expect([answer.status, await answer.json()]).toEqual([
    200,
    { partialSuccess: { rejectedLogRecords: '1', errorMessage: expect.stringContaining('at most 200') } },
  ])
  expect(here.values()).toHaveLength(1)
})

test.each([
  ['another path', '/other', {}, 'x', 404],
  ['another type', '/ingest', { 'content-type': 'application/xml' }, 'x', 415],
  ['another encoding', '/ingest', { 'content-type': 'text/plain', 'content-encoding': 'br' }, 'x', 415],
  ['what is not packed', '/ingest', { 'content-type': 'text/plain', 'content-encoding': 'gzip' }, 'x', 400],
  ['a large body', '/ingest', { 'content-type': 'text/plain' }, 'x'.repeat(1001), 413],
  ['a web page', '/ingest', { 'content-type': 'text/plain', origin: 'http://example.com' }, 'x', 403],
  ['another host', '/ingest', { 'content-type': 'text/plain', host: 'example.com' }, 'x', 403],
  ['an empty key', '/ingest?key=', { 'content-type': 'text/plain' }, 'x', 400],
])('%s is refused', async (_, path, headers, body, status) => {
  const here = await scene({ http: { port: 0, bodyBytesMax: 1000 } })
  expect(await statusOf(here.collector.ports.http ?? 0, path, headers, body)).toBe(status)
  expect([here.values(), here.collector.status().pendingBytes]).toEqual([[], 0])
})

test('a body that is large only when it is unpacked is refused', async () => {
  const here = await scene({ http: { port: 0, bodyBytesMax: 100_000 } })
  const headers = { 'content-type': 'text/plain', 'content-encoding': 'gzip' }
  const answer = await post(here, '/ingest', gzipSync(Buffer.alloc(50_000_000, 'a')), headers)
  expect([answer.status, here.collector.status().pendingBytes]).toEqual([413, 0])
})

test('with a token, only requests that carry it are answered', async () => {
  const here = await scene({ http: { port: 0, token: 'secret' } })
  const headers = { 'content-type': 'text/plain' }
  expect((await post(here, '/ingest', 'x', headers)).status).toBe(401)
  expect((await post(here, '/ingest', 'x', { ...headers, authorization: 'Bearer other' })).status).toBe(401)
  expect((await post(here, '/ingest', 'x', { ...headers, authorization: 'Bearer secret' })).status).toBe(200)
  expect(JSON.stringify(here.logger.lines)).not.toContain('secret')
})

test('while too much waits for Kafka, senders are asked to come again', async () => {
  const here = await scene({ http: { port: 0, bodyBytesMax: 1000 }, pendingBytesMax: 1000 })
  here.kafka.cluster.faults.silence('collector', 'cut')
  const headers = { 'content-type': 'text/plain' }
  const waiting = post(here, '/ingest', 'a'.repeat(900), headers)
  await until(() => here.collector.status().pendingBytes === 900)
  const second = await post(here, '/ingest', 'b'.repeat(200), headers)
  expect([second.status, second.headers.get('retry-after')]).toEqual([429, '1'])
  here.kafka.cluster.faults.hear('collector')
  expect((await waiting).status).toBe(200)
  expect((await post(here, '/ingest', 'b'.repeat(200), headers)).status).toBe(200)
  expect(here.collector.status()).toMatchObject({ throttledRequests: 1, pendingBytes: 0 })
})

test('a request whose records Kafka does not acknowledge is answered with 503, and may come again', async () => {
  const here = await scene({ http })
  here.kafka.cluster.faults.failNextSend(new MillraceError('DELIVERY_TIMEOUT', 'retriable', 'it took too long'))
  const first = await post(here, '/ingest', '{"a":1}')
  expect([first.status, first.headers.get('retry-after')]).toEqual([503, '1'])
  expect(here.logger.at('error').map(({ message }) => message)).toEqual(['records cannot be stored'])
  expect((await post(here, '/ingest', '{"a":1}')).status).toBe(200)
  expect(here.values()).toEqual(['{"a":1}'])
})

test('a record that the topic finds too large is refused by itself from then on', async () => {
  const here = await scene({ http })
  const error = new MillraceError('MESSAGE_TOO_LARGE', 'record', 'the topic takes less')
  here.kafka.cluster.faults.failNextSend(error)
  const large = JSON.stringify({ a: 'x'.repeat(500) })
  expect((await post(here, '/ingest', large)).status).toBe(503)
  const again = await post(here, '/ingest', `${large}\n{"a":1}`)
  expect([again.status, await again.json()]).toEqual([200, expect.objectContaining({ accepted: 1, refused: 1 })])
  expect(here.values()).toEqual(['{"a":1}'])
})

test('a close answers the request that has begun', async () => {
  const here = await scene({ http })
  here.kafka.cluster.faults.silence('collector', 'cut')
  const waiting = post(here, '/ingest', '{"a":1}')
  await until(() => here.collector.status().pendingBytes > 0)
  const closed = here.collector.close()
  here.kafka.cluster.faults.hear('collector')
  expect((await waiting).status).toBe(200)
  await closed
  expect(here.values()).toEqual(['{"a":1}'])
})

/** With any header, which `fetch` would not send. */
function statusOf(port: number, path: string, headers: object, body: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const sent = request({ port, path, method: 'POST', headers: { ...headers } }, (response) => {
      response.resume()
      resolve(response.statusCode)
    })
    sent.on('error', reject)
    sent.end(body)
  })
}
