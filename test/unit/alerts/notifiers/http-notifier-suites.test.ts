import { afterAll, beforeAll, describe, test } from '@jest/globals'
import { opsgenieNotifier } from '../../../../src/alerts/notifiers/opsgenie/opsgenie-notifier.ts'
import { pagerDutyNotifier } from '../../../../src/alerts/notifiers/pagerduty/pagerduty-notifier.ts'
import { slackNotifier } from '../../../../src/alerts/notifiers/slack/slack-notifier.ts'
import { teamsNotifier } from '../../../../src/alerts/notifiers/teams/teams-notifier.ts'
import { webhookNotifier } from '../../../../src/alerts/notifiers/webhook/webhook-notifier.ts'
import type { SinkFactory, SinkRecord } from '../../../../src/sinks/port.ts'
import { type SinkBench, sinkSuite, suiteBatch } from '../../../../src/testing/sink-suite.ts'
import { numberedNotice, numberIn } from '../../../support/notices.ts'
import { ServiceServer, type ServiceRequest } from '../../../support/service-server.ts'

const poison = 'refused by the service'

interface Service {
  readonly name: string
  readonly success: { readonly status: number; readonly body: string }
  readonly refusal: number
  readonly factory: (url: string) => SinkFactory
  /** What the service recognizes a message by that it has already; undefined: it does not. */
  readonly keyOf?: (request: ServiceRequest) => unknown
}

const common = { name: 'receiver', batch: suiteBatch, ratePerMinute: 6000, notice: noticeOfRecord }

const services: readonly Service[] = [
  {
    name: 'webhook',
    success: { status: 204, body: '' },
    refusal: 422,
    factory: (url) => webhookNotifier({ ...common, url: `${url}/hook`, secret: 'shared secret' }),
    keyOf: ({ headers }) => headers['idempotency-key'],
  },
  {
    name: 'Slack',
    success: { status: 200, body: 'ok' },
    refusal: 400,
    factory: (url) => slackNotifier({ ...common, url: `${url}/services/T0/B0/secret` }),
  },
  {
    name: 'PagerDuty',
    success: { status: 202, body: '{"status":"success","message":"Event processed","dedup_key":"key"}' },
    refusal: 400,
    factory: (url) => pagerDutyNotifier({ ...common, url, routingKey: 'key' }),
    keyOf: ({ body }) => (JSON.parse(body) as { dedup_key: string }).dedup_key,
  },
  {
    name: 'Opsgenie',
    success: { status: 202, body: '{"result":"Request will be processed","took":0.1,"requestId":"1"}' },
    refusal: 422,
    factory: (url) => opsgenieNotifier({ ...common, url, apiKey: 'key' }),
    keyOf: ({ body }) => (JSON.parse(body) as { alias: string }).alias,
  },
  {
    name: 'Teams',
    success: { status: 202, body: '' },
    refusal: 400,
    factory: (url) => teamsNotifier({ ...common, url: `${url}/workflows/1/triggers/manual?sig=secret` }),
  },
]

for (const service of services) {
  sinkSuite(
    `the ${service.name} notifier`,
    { describe, test, beforeAll, afterAll },
    {
      createBench: async () => {
        const server = new ServiceServer(service.success, ({ body }) =>
          body.includes(poison) ? { kind: 'answer', status: service.refusal, body: 'not a good notice' } : undefined,
        )
        await server.start()
        return new ServiceBench(server, service)
      },
      poison: (number) => ({ number, isPoison: true }),
      isIdempotent: service.keyOf !== undefined,
    },
  )
}

class ServiceBench implements SinkBench {
  readonly factory: SinkFactory
  readonly #server: ServiceServer
  readonly #service: Service

  constructor(server: ServiceServer, service: Service) {
    this.#server = server
    this.#service = service
    this.factory = service.factory(server.url)
  }

  async written(): Promise<number[]> {
    const { keyOf } = this.#service
    const { taken } = this.#server
    const known = new Set<unknown>()
    const isNew = (key: unknown): boolean => !known.has(key) && Boolean(known.add(key))
    const first = keyOf === undefined ? taken : taken.filter((request) => isNew(keyOf(request)))
    return first.map(({ body }) => numberIn(body))
  }

  async breakTarget(): Promise<void> {
    this.#server.failAlways({ kind: 'answer', status: 503 })
  }

  async healTarget(): Promise<void> {
    this.#server.failAlways(undefined)
  }

  close(): Promise<void> {
    return this.#server.stop()
  }
}

function noticeOfRecord({ value }: SinkRecord): unknown {
  const { number, isPoison } = value as { number?: number; isPoison?: boolean }
  if (number === undefined) return value
  return numberedNotice(number, isPoison === true ? { title: `number ${number} ${poison}` } : {})
}
