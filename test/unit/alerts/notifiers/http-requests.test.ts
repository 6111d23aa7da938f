import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { opsgenieNotifier } from '../../../../src/alerts/notifiers/opsgenie/opsgenie-notifier.ts'
import { pagerDutyNotifier } from '../../../../src/alerts/notifiers/pagerduty/pagerduty-notifier.ts'
import { slackNotifier } from '../../../../src/alerts/notifiers/slack/slack-notifier.ts'
import { signatureHeaders } from '../../../../src/alerts/notifiers/webhook/signature.ts'
import { webhookNotifier, type WebhookOptions } from '../../../../src/alerts/notifiers/webhook/webhook-notifier.ts'
import type { SinkFactory } from '../../../../src/sinks/port.ts'
import { noticeOf, noticeRecord } from '../../../support/notices.ts'
import { OpenSinks } from '../../../support/open-sinks.ts'
import { type ServiceRequest, ServiceServer } from '../../../support/service-server.ts'
import { flushAtLast } from '../../../support/sink-patience.ts'
import { until } from '../../../support/until.ts'

let server: ServiceServer
let sinks: OpenSinks

beforeEach(async () => {
  server = new ServiceServer()
  await server.start()
  sinks = new OpenSinks()
})

afterEach(async () => {
  await sinks.close()
  await server.stop()
})

async function requestOf(factory: SinkFactory, notice = noticeOf()): Promise<ServiceRequest> {
  const sink = await sinks.open(factory)
  sink.add(noticeRecord(0, notice))
  await flushAtLast(sink)
  return server.taken[0] as ServiceRequest
}

function webhook(more: Partial<WebhookOptions> = {}): SinkFactory {
  return webhookNotifier({ name: 'hook', url: `${server.url}/hook?a=1`, ...more })
}

test('a webhook posts the whole notice, under a key that names it', async () => {
  const notice = noticeOf()
  const { path, headers, body } = await requestOf(webhook(), notice)
  expect([path, JSON.parse(body)]).toEqual(['/hook?a=1', notice])
  expect(headers).toMatchObject({
    'content-type': 'application/json',
    'idempotency-key': 'payments@1:fire:0',
    'webhook-id': 'payments@1:fire:0',
  })
  expect(headers).not.toHaveProperty('webhook-signature')
})

test('a webhook with a secret has a signature that the receiver can verify', async () => {
  const { headers, body } = await requestOf(webhook({ secret: 'shared' }))
  const sentMs = Number(headers['webhook-timestamp']) * 1000
  expect(Math.abs(Date.now() - sentMs)).toBeLessThan(60_000)
  expect(headers).toMatchObject(signatureHeaders({ id: String(headers['webhook-id']), body }, 'shared', sentMs))
})

test('a webhook sends the body of its template, and headers of its own', async () => {
  const factory = webhook({ body: '{"text": "{{title}}"}', headers: { Authorization: 'Bearer t' } })
  const { headers, body } = await requestOf(factory)
  expect([body, headers.authorization]).toEqual(['{"text": "error-rate on payments"}', 'Bearer t'])
})

test('an id that a header cannot hold is sent as its hash', async () => {
  const { headers } = await requestOf(webhook(), noticeOf({ id: 'größe\r\nx: y' }))
  expect(headers['idempotency-key']).toMatch(/^[0-9a-f]{64}$/)
})

test('Slack gets the message at the address of the webhook', async () => {
  const { path, body } = await requestOf(slackNotifier({ name: 'chat', url: `${server.url}/services/T/B/x` }))
  expect([path, JSON.parse(body)]).toMatchObject(['/services/T/B/x', { text: '[high] error-rate on payments' }])
})

test('PagerDuty gets events at v2/enqueue', async () => {
  const { path, body } = await requestOf(pagerDutyNotifier({ name: 'pager', url: server.url, routingKey: 'key' }))
  expect([path, JSON.parse(body)]).toMatchObject(['/v2/enqueue', { routing_key: 'key' }])
})

test('a routing key that PagerDuty does not know pauses the sink, and costs no notice', async () => {
  const sink = await sinks.open(pagerDutyNotifier({ name: 'pager', url: server.url, routingKey: 'key' }))
  const body = '{"status":"invalid event","message":"Event object is invalid","errors":["Invalid routing key"]}'
  server.failAlways({ kind: 'answer', status: 400, body })
  sink.add(noticeRecord(0, noticeOf()))
  await until(() => sink.status?.().state === 'paused')
  expect(sinks.rejections).toEqual([])
})

test('Opsgenie gets its key in a header', async () => {
  const { path, headers } = await requestOf(opsgenieNotifier({ name: 'ops', url: server.url, apiKey: 'key' }))
  expect([path, headers.authorization]).toEqual(['/v2/alerts', 'GenieKey key'])
})

test('an alert that Opsgenie does not have any more counts as closed', async () => {
  const sink = await sinks.open(opsgenieNotifier({ name: 'ops', url: server.url, apiKey: 'key' }))
  server.fail({ kind: 'answer', status: 404, body: '{"message":"Alert does not exist"}' })
  sink.add(noticeRecord(0, noticeOf({ kind: 'resolve' })))
  await flushAtLast(sink)
  expect([server.requests, sinks.rejections]).toEqual([1, []])
})
